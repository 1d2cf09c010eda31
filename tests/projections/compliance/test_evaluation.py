from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from events.periods import parse_period
from events.streams.organizations import stream_of
from events.streams.records import MeasureReported
from projections.compliance.evaluation import ComplianceQuestion, derive, figures
from projections.documents.in_force import district as district_facts
from tests.support.small_district import SmallDistrict, sheet

JANUARY = parse_period("2026-01")
TODAY = date(2026, 3, 1)


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Two communities; the first met in January and recorded it in time."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("a")
    small.register("b")
    small.record("a", "a-1", "2026-01-03")
    yield small
    small.dispose()


def scores(district: SmallDistrict, question: ComplianceQuestion) -> list[tuple[str, str | None]]:
    """The derived scores of everybody."""
    entries = [district.entry("a"), district.entry("b")]
    with district.read() as reader:
        assessments = derive(reader, entries, district_facts(reader), question)
    return [(row.organization, row.score_text) for row in assessments]


def test_derives_in_the_order_asked(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One answer for each organization, in order, however many fit in a page."""
    question = ComplianceQuestion(JANUARY, "monthly", TODAY)
    wanted = [("a", "50.00"), ("b", "0.00")]
    assert scores(district, question) == wanted
    monkeypatch.setattr("projections.compliance.evaluation.PAGE", 1)
    assert scores(district, question) == wanted


def test_answers_what_was_known_at_an_instant(district: SmallDistrict) -> None:
    """Only events recorded up to the instant count, and the day asked is its local date."""
    district.now = datetime(2026, 2, 20, tzinfo=UTC)
    district.record("b", "b-1", "2026-01-04")
    then = datetime(2026, 2, 10, tzinfo=UTC)
    now = datetime(2026, 2, 25, tzinfo=UTC)
    assert scores(district, ComplianceQuestion(JANUARY, "monthly", TODAY, then))[1] == ("b", "0.00")
    assert scores(district, ComplianceQuestion(JANUARY, "monthly", TODAY, now))[1] == ("b", "25.00")
    before = datetime(2026, 1, 1, tzinfo=UTC)
    assert scores(district, ComplianceQuestion(JANUARY, "monthly", TODAY, before))[1][1] is None


def test_figures_are_those_of_the_closing_date(district: SmallDistrict) -> None:
    """What a closing posts counts the sheet, the pinned version and what was known by its date."""
    district.record("a", "old", "2026-01-04", recorded_on="2026-01-05")
    district.tell(stream_of("a"), sheet("2026-01", "s-1"))
    streams = {stream_of("a"): "a", stream_of("b"): "b"}
    pinned = {"community": ("community-test", 1)}
    with district.read() as reader:
        posted = figures(
            reader, streams, district_facts(reader), JANUARY, date(2026, 2, 10), pinned,
            frozenset({stream_of("a")}),
        )  # fmt: skip
    a, b = posted[stream_of("a")], posted[stream_of("b")]
    assert a.inspected is not None
    assert (a.derived.score_text, a.inspected.score_text) == ("50.00", "25.00")
    assert (a.stream_version, a.historical) == (4, 1)
    assert (b.inspected, b.derived.score_text, b.historical) == (None, "0.00", 0)


def test_a_finding_that_is_no_longer_applicable_counts_nothing(district: SmallDistrict) -> None:
    """A criterion that a measure reported after the sheet takes out is named with the figure."""
    found = sheet("2026-01", "s-1").model_copy(
        update={"findings": ({"criterion": "h", "credit": "0"}, {"criterion": "m", "credit": "0"})}
    )
    district.tell(stream_of("a"), found)
    district.tell(
        stream_of("a"), MeasureReported(measure="members", value="2", on=date(2026, 1, 9))
    )
    with district.read() as reader:
        posted = figures(
            reader, {stream_of("a"): "a"}, district_facts(reader), JANUARY, date(2026, 2, 10),
            {"community": ("community-test", 1)}, frozenset({stream_of("a")}),
        )  # fmt: skip
    assert posted[stream_of("a")].not_counted == ("h",)
