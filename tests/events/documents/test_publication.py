"""Schemes and policies are published as new versions, for months that nobody assessed yet."""

from typing import Any

import pytest

from events.documents.policies import DistrictPolicy, PolicyPublished, stored_policy
from events.documents.publication import (
    DECIDER,
    CategoryUses,
    CloseScheme,
    FaultyDocument,
    Publications,
    PublishedScheme,
    PublishPolicy,
    PublishScheme,
    valid_scheme,
)
from events.documents.schemes import Scheme, SchemeClosed, SchemePublished, Text
from events.documents.serialization import digest, stored_document
from events.documents.vocabulary import BUILT_IN
from events.refusals.errors import Kind
from events.streams.imports import ImportFinished
from tests.support.given import Given
from tests.support.scheme_parts import criterion, item, scheme

given = Given(DECIDER)
NOTHING: dict[str, frozenset[str]] = {}
OPENED = {"monthly": frozenset({"2026-08", "2026-09"})}
MONTH = "2026-10"
CLOSED = SchemeClosed(scheme="one", closed_from="2026-12")
EARLY = {"policy": "district", "spot_check": {"draws": 5}}


def valid(**fields: Any) -> Scheme:
    """A valid scheme for communities, in force from October."""
    document = scheme(item("1.1", criterion("1.1.1")), effective_from=MONTH) | fields
    return valid_scheme("one.yaml", document, BUILT_IN)


def publish(**fields: Any) -> PublishScheme:
    """The command to publish it."""
    return PublishScheme("one.yaml", valid(**fields))


def published(**fields: Any) -> SchemePublished:
    """The event of its publication."""
    return publication_of(valid(**fields))


def publication_of(new_scheme: Scheme) -> SchemePublished:
    """The event of a scheme's publication."""
    assert new_scheme.effective_from is not None
    stored = stored_document(new_scheme)
    return SchemePublished(
        scheme=new_scheme.scheme,
        version=new_scheme.version,
        purpose=new_scheme.purpose,
        categories=new_scheme.categories,
        effective_from=new_scheme.effective_from,
        document=stored,
        digest=digest(stored),
    )


def policy(version: int, **fields: Any) -> PolicyPublished:
    """The event of a policy's publication."""
    stored = stored_policy(DistrictPolicy.model_validate({"policy": "district"} | fields))
    return PolicyPublished(version=version, document=stored, digest=digest(stored))


def test_a_scheme_is_published_once() -> None:
    """The same version with the same content from the same month changes nothing."""
    given().when(publish(), NOTHING).then(published())
    given(published()).when(publish(), OPENED).then()


@pytest.mark.parametrize(
    "fields", [{"title": {"zh": "另", "en": "other"}}, {"effective_from": "2026-11"}], ids=str
)
def test_a_published_version_is_never_edited(fields: dict[str, Any]) -> None:
    """Other content or another month under the same version is refused with the published month."""
    refused = given(published()).when(publish(**fields), NOTHING).refused("scheme_exists")
    assert refused.kind is Kind.CONFLICT
    assert refused.params == {"file": "one.yaml", "scheme": "one", "version": 1, "month": MONTH}


def test_a_version_is_above_the_newest_of_its_scheme() -> None:
    """A lower version is refused; versions of other schemes do not count."""
    given(published(version="3")).when(publish(version="2"), NOTHING).refused(
        "old_version", version=2, newest=3
    )
    higher = published(scheme="two", version="3", categories=["village"])
    given(higher).when(publish(), NOTHING).then(published())


def test_a_scheme_needs_its_month() -> None:
    """Without a month the file is named."""
    given().when(publish(effective_from=None), NOTHING).refused("no_month", file="one.yaml")


def test_a_month_that_has_opened_takes_no_scheme() -> None:
    """A scheme from a month with an open cycle, or an earlier one, is refused; a later one not."""
    given().when(publish(effective_from="2026-08"), OPENED).refused(
        "month_opened", opened="2026-08", newest="2026-09"
    )
    given().when(publish(), OPENED).then(published())
    given(published()).when(CloseScheme("one", "2026-09"), OPENED).refused(
        "month_opened", file="one", opened="2026-09"
    )


def test_only_cycles_of_its_own_purpose_refuse_a_scheme() -> None:
    """An annual scheme may begin, and end, in months whose monthly cycle has opened."""
    annual = {"purpose": "annual", "effective_from": "2026-01"}
    given().when(publish(**annual), OPENED).then(published(**annual))
    closed = SchemeClosed(scheme="one", closed_from="2026-08")
    given(published(**annual)).when(CloseScheme("one", "2026-08"), OPENED).then(closed)
    year = {"annual": frozenset({"2026-12"})}
    given().when(publish(**annual), year).refused("month_opened", opened="2026-12")
    given().when(publish(effective_from="2026-01"), year).then(published(effective_from="2026-01"))


def test_one_scheme_governs_a_category_from_a_month() -> None:
    """Another scheme is refused for the same category, purpose and month, and only then."""
    refused = given(published()).when(publish(scheme="two"), NOTHING).refused("two_schemes")
    assert (refused.params["other"], refused.params["category"]) == ("one", "community")
    for other in (
        {"effective_from": "2026-11"},
        {"categories": ["village"]},
        {"purpose": "annual"},
    ):
        given(published()).when(publish(scheme="two", **other), NOTHING, MONTH).then(
            published(scheme="two", **other)
        )


def test_a_monthly_scheme_leaves_its_grace_before_the_draw() -> None:
    """The published policy counts; an annual scheme has no draw to wait for."""
    late = {"policy": {"recording_grace_days": 6}}
    refused = given().when(publish(**late), NOTHING).refused("faulty_document")
    assert isinstance(refused, FaultyDocument)
    assert [problem.place for problem in refused.problems] == ["policy.recording_grace_days"]
    drawn_later = policy(1, spot_check={"draws": 7})
    given(drawn_later).when(publish(**late), NOTHING).then(published(**late))
    given().when(publish(purpose="annual", **late), NOTHING, MONTH).then(
        published(purpose="annual", **late)
    )


@pytest.mark.parametrize(
    ("purpose", "month", "begin"),
    [
        ("half_year", "2026-02", "2026-01"),
        ("half_year", "2026-12", "2026-07"),
        ("annual", "2026-02", "2026-01"),
        ("annual", "2026-07", "2026-01"),
    ],
)
def test_a_longer_scheme_begins_with_its_period(purpose: str, month: str, begin: str) -> None:
    """With its half or year, or with the district's first month; else it is refused."""
    fields = {"purpose": purpose, "effective_from": month}
    for first_month in (None, "2026-03"):
        given().when(publish(**fields), NOTHING, first_month).refused(
            "middle_of_period", month=month, begin=begin
        )
    given().when(publish(**fields), NOTHING, month).then(published(**fields))
    begun = fields | {"effective_from": begin}
    given().when(publish(**begun), NOTHING, month).then(published(**begun))


def test_a_half_year_begins_in_july() -> None:
    """July is the first month of a half; a monthly scheme begins with any month."""
    half = {"purpose": "half_year", "effective_from": "2026-07"}
    given().when(publish(**half), NOTHING).then(published(**half))
    given().when(publish(), NOTHING, "2026-03").then(published())


def test_a_scheme_is_closed_once() -> None:
    """From a month on; the same again changes nothing, another month is refused."""
    close = CloseScheme("one", "2026-12")
    given(published()).when(close, NOTHING).then(CLOSED)
    given(published(), CLOSED).when(close, OPENED).then()
    given(published(), CLOSED).when(CloseScheme("one", "2027-01"), NOTHING).refused(
        "scheme_closed", month="2026-12"
    )
    refused = given(published()).when(CloseScheme("two", "2026-12"), NOTHING)
    assert refused.refused("unknown_scheme", name="two").kind is Kind.NOT_FOUND


def test_a_closed_scheme_is_opened_again_by_a_version() -> None:
    """From the closing month on a version opens it again; one from before leaves it closed."""
    later = SchemeClosed(scheme="one", closed_from="2027-01")
    close = CloseScheme("one", "2027-01")
    again = published(version="2", effective_from="2026-12")
    given(published(), CLOSED, again).when(close, NOTHING).then(later)
    before = published(version="2", effective_from="2026-11")
    given(published(), CLOSED, before).when(close, NOTHING).refused("scheme_closed")


def test_a_policy_is_published_as_the_next_version() -> None:
    """The same as the newest changes nothing; an older one again is a new version."""
    twenty = PublishPolicy("policy.yaml", {"policy": "district", "appeal_days": 20})
    first, second = policy(1, appeal_days=20), policy(2, appeal_days=25)
    given().when(twenty, NOTHING).then(first)
    given(first).when(twenty, NOTHING).then()
    given(first, second).when(twenty, NOTHING).then(policy(3, appeal_days=20))


HOSPITAL = {"hospital": {"zh": "医院", "en": "Hospital"}}
WITHOUT = {"policy": "district", "appeal_days": 20}


def test_a_category_without_uses_may_be_left_out() -> None:
    """Nothing uses it: the next version goes without it."""
    given(policy(1, categories=HOSPITAL)).when(PublishPolicy("p.yaml", WITHOUT), NOTHING).then(
        policy(2, appeal_days=20)
    )


@pytest.mark.parametrize(
    ("uses", "categories"),
    [
        (CategoryUses(organizations=2), ["village"]),
        (CategoryUses(inspectors=1), ["village"]),
        (CategoryUses(roles=1), ["village"]),
        (CategoryUses(), ["village", "hospital"]),
    ],
    ids=str,
)
def test_a_used_category_is_not_left_out(uses: CategoryUses, categories: list[str]) -> None:
    """Organizations, inspectors, roles and schemes keep a category; the refusal counts them."""
    words = BUILT_IN.with_categories({"hospital": Text(zh="医院")})
    document = scheme(item("1.1", criterion("1.1.1")), effective_from=MONTH, categories=categories)
    event = publication_of(valid_scheme("one.yaml", document, words))
    before = given(policy(1, categories=HOSPITAL), event)
    command = PublishPolicy("p.yaml", WITHOUT, {"hospital": uses})
    refused = before.when(command, NOTHING).refused("faulty_document")
    assert isinstance(refused, FaultyDocument)
    (problem,) = refused.problems
    assert (problem.place, problem.message.key) == ("categories.hospital", "category_in_use")
    assert problem.message.params["schemes"] == ("hospital" in categories)
    kept = PublishPolicy("p.yaml", WITHOUT | {"categories": HOSPITAL}, {"hospital": uses})
    assert len(before.when(kept, NOTHING).decide()) == 1


def test_a_faulty_policy_is_refused_with_every_fault() -> None:
    """What has no form, and a draw within the grace of a published monthly scheme."""
    unknown = PublishPolicy("policy.yaml", {"policy": "district", "x": 1})
    assert "policy.yaml: x" in str(given().when(unknown, NOTHING).refused("faulty_document"))
    early = PublishPolicy("policy.yaml", EARLY)
    refused = given(published()).when(early, NOTHING).refused("faulty_document")
    assert isinstance(refused, FaultyDocument)
    assert "spot_check.draws" in {problem.place for problem in refused.problems}


def test_a_faulty_scheme_is_reported_with_every_fault() -> None:
    """Each error is a line of the message, braces and all."""
    with pytest.raises(FaultyDocument) as caught:
        valid(points="{9}", categories=["hamlet"])
    errors = [problem for problem in caught.value.problems if problem.severity == "error"]
    assert len(str(caught.value).splitlines()) == len(errors) > 1


def test_the_publications_are_all_documents() -> None:
    """Versions with their digests, closings, the newest policy; other events change nothing."""
    event, newest = published(), policy(1, appeal_days=25)
    state = given(event, CLOSED, newest, ImportFinished(recorded=0, unchanged=0)).state
    assert state.schemes == {("one", 1): PublishedScheme(valid(), event.digest)}
    assert state.closed == {"one": "2026-12"}
    assert (state.policies, state.policy.appeal_days) == (1, 25)
    assert given().state == Publications()
    assert given().state.policy == DistrictPolicy()
