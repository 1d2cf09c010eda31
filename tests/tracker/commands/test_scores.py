from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from events.event import Metadata
from events.refusals.errors import Kind, Refused
from events.streams.organizations import stream_of
from projections.electronic_file.file import scores_of
from tests.support.small_district import SCHEME, SmallDistrict, posted
from tracker.commands.scores import ScoreAdjustment, adjust_posted_score

A = stream_of("a")
BY = Metadata("d-1", "web")


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A community whose March was posted with 80.00."""
    found = SmallDistrict(database_url)
    found.publish()
    found.register("r", category="county")
    found.register("a", "r")
    found.tell(A, posted("2026-03", "80.00"), posted("2026-04", None))
    yield found
    found.dispose()


def told(identity: str = "f-1", **more: str) -> ScoreAdjustment:
    """What a form sends."""
    given = {"adjustment_id": identity, "period": "2026-03", "new": "82.5", "reason": "复核有误"}
    return ScoreAdjustment.model_validate(given | more)


def standing(district: SmallDistrict, period: str = "2026-03") -> list[tuple[str | None, ...]]:
    """The adjustments of a month: old, new, reason, who."""
    with district.read() as reader:
        (score,) = [row for row in scores_of(reader, A) if row.period == period]
    return [(row.old, row.new, row.reason, row.actor) for row in score.adjustments]


def test_stands_beside_what_was_posted(district: SmallDistrict) -> None:
    """An adjustment keeps the old value, the new one with two decimals, the reason and who."""
    assert adjust_posted_score(district.store, district.entry("a"), told(), BY)
    assert standing(district) == [("80.00", "82.50", "复核有误", "d-1")]
    with district.read() as reader:
        score = scores_of(reader, A)[0]
    assert (score.score, score.current) == ("80.00", "82.50")


def test_the_newest_counts(district: SmallDistrict) -> None:
    """A second adjustment begins where the first ended; one where nothing counted begins empty."""
    adjust_posted_score(district.store, district.entry("a"), told(), BY)
    adjust_posted_score(district.store, district.entry("a"), told("f-2", new="79"), BY)
    assert [one[:2] for one in standing(district)] == [("80.00", "82.50"), ("82.50", "79.00")]
    adjust_posted_score(
        district.store, district.entry("a"), told("f-3", period="2026-04", new="0"), BY
    )
    assert [one[:2] for one in standing(district, "2026-04")] == [(None, "0.00")]


def test_the_same_form_twice_is_once(district: SmallDistrict) -> None:
    """Sent again a form changes nothing, also after another adjustment came in between."""
    assert adjust_posted_score(district.store, district.entry("a"), told(), BY)
    assert not adjust_posted_score(district.store, district.entry("a"), told(), BY)
    adjust_posted_score(district.store, district.entry("a"), told("f-2", new="79"), BY)
    assert not adjust_posted_score(district.store, district.entry("a"), told(), BY)
    assert len(standing(district)) == 2


def test_the_same_identity_with_other_content(district: SmallDistrict) -> None:
    """An identity that was used for another adjustment is refused."""
    adjust_posted_score(district.store, district.entry("a"), told(), BY)
    for other in (told(new="83"), told(reason="别的理由")):
        with pytest.raises(Refused) as refused:
            adjust_posted_score(district.store, district.entry("a"), other, BY)
        assert refused.value.code == "identity_conflict"
    assert len(standing(district)) == 1


def test_the_value_that_counts_already(district: SmallDistrict) -> None:
    """An adjustment to what counts already is none."""
    assert not adjust_posted_score(district.store, district.entry("a"), told(new="80.00"), BY)
    assert standing(district) == []


def test_a_month_that_was_never_posted(district: SmallDistrict) -> None:
    """What was never posted cannot be adjusted."""
    with pytest.raises(Refused) as refused:
        adjust_posted_score(district.store, district.entry("a"), told(period="2026-02"), BY)
    assert (refused.value.code, refused.value.kind) == ("score_not_posted", Kind.NOT_FOUND)


def test_the_largest_value(district: SmallDistrict) -> None:
    """Without a stated cap 105 is the largest score; above it field and limit are named."""
    assert adjust_posted_score(district.store, district.entry("a"), told(new="105"), BY)
    with pytest.raises(Refused) as refused:
        adjust_posted_score(district.store, district.entry("a"), told("f-2", new="105.01"), BY)
    assert (refused.value.code, refused.value.field) == ("score_too_large", "new")
    assert refused.value.message.params["largest"] == "105.00"


@pytest.mark.parametrize(
    ("cap", "least", "above"), [("12.5", "112.50", "112.51"), ("0", "100.00", "100.01")]
)
def test_the_bonus_cap_of_the_version_that_posted(
    district: SmallDistrict, cap: str, least: str, above: str
) -> None:
    """The limit is 100 and the cap of the version that posted the score, whatever is in force."""
    second = SCHEME | {"version": 2, "effective_from": "2026-05", "policy": {"bonus_cap": cap}}
    district.publish(second)
    district.tell(A, posted("2026-05", "80.00", scheme_version=2))
    entry = district.entry("a")
    with pytest.raises(Refused) as refused:
        adjust_posted_score(district.store, entry, told("f-2", period="2026-05", new=above), BY)
    assert refused.value.message.params["largest"] == least
    assert adjust_posted_score(district.store, entry, told("f-3", period="2026-05", new=least), BY)
    with pytest.raises(Refused, match=r"105\.00"):
        adjust_posted_score(district.store, entry, told("f-4", new="106"), BY)


@pytest.mark.parametrize(
    ("field", "value"),
    [("new", "-1"), ("new", "80.123"), ("new", "八十"), ("new", ""), ("reason", ""),
     ("reason", "  "), ("adjustment_id", "")],
)  # fmt: skip
def test_what_is_no_adjustment(field: str, value: str) -> None:
    """A value that is no score, and a reason that is empty, are refused at their fields."""
    with pytest.raises(ValidationError) as error:
        told(**{field: value})
    assert error.value.errors()[0]["loc"] == (field,)
