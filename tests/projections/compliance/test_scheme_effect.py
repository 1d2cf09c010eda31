import copy
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from events.documents.schemes import Scheme
from events.documents.serialization import from_document
from events.periods import parse_month
from events.streams.organizations import OrganizationClosed, stream_of
from projections.compliance.scheme_effect import effect
from projections.documents.in_force import district
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from tests.support.small_district import SCHEME, SmallDistrict

MARCH = parse_month("2026-03")
TODAY = date(2026, 4, 20)


@pytest.fixture
def small(sqlite_url: str) -> Iterator[SmallDistrict]:
    """Four communities, of which ``c`` met in March, and a village."""
    small = SmallDistrict(sqlite_url)
    small.publish()
    small.register("r", category="county")
    for code in ("a", "b", "c", "d"):
        small.register(code, "r")
    small.register("v", "r", category="village")
    small.now = datetime(2026, 3, 3, tzinfo=UTC)
    small.record("c", "m-1", "2026-03-02")
    small.tell(stream_of("d"), OrganizationClosed(on=date(2026, 2, 10)))
    yield small
    small.dispose()


def candidate(**changed: Any) -> Scheme:
    """The next version, in which the meeting is worth much more."""
    document = copy.deepcopy(SCHEME) | {"version": 2, "effective_from": None} | changed
    document["sections"][0]["items"][0]["criteria"][0]["points"] = "20"
    document["sections"][0]["items"][0]["points"] = document["points"] = "24"
    return from_document({name: one for name, one in document.items() if one is not None})


def test_tells_who_would_rise_and_fall(small: SmallDistrict) -> None:
    """Who met rises, who did not falls; the closed and the foreign categories are left out."""
    with small.read() as reader:
        change = effect(reader, district(reader), candidate(), MARCH, TODAY, EVERYTHING)
    assert (change.period, change.among, change.asked) == ("2026-03", 3, 3)
    by_code = {one.code: one for one in change.largest}
    assert by_code["c"].change is not None
    assert by_code["c"].change > 0
    assert {(one.code, one.after) for one in change.largest if one.code != "c"} <= {("a", "0.00")}
    assert (change.rise, change.fall, change.same) == (1, 0, 2)
    assert change.largest[0].name == "组织c"
    assert sum(count for _, count in change.before) == 3
    assert dict(change.after)["90–100"] + dict(change.after)["80–90"] == 1
    assert float(change.mean_after or 0) > float(change.mean_before or 0)


def test_takes_a_sample_that_is_spread_evenly(small: SmallDistrict) -> None:
    """Every second of three where two may be asked, within the scope alone."""
    with small.read() as reader:
        some = effect(reader, district(reader), candidate(), MARCH, TODAY, EVERYTHING, 2)
        own = Scope((ScopePart(stream_of("a")),))
        alone = effect(reader, district(reader), candidate(), MARCH, TODAY, own)
    assert (some.among, some.asked) == (3, 2)
    assert some.rise == 1
    assert (alone.among, alone.asked, alone.rise) == (1, 1, 0)


def test_a_new_scheme_counts_from_the_first_month(small: SmallDistrict) -> None:
    """For a category without a scheme there is nothing before, and figures after."""
    new = candidate(scheme="village-test", version=1, categories=["village"])
    with small.read() as reader:
        change = effect(reader, district(reader), new, MARCH, TODAY, EVERYTHING)
    assert (change.among, change.mean_before, change.mean_after) == (1, None, "0.00")
    assert (change.rise, change.fall, change.same, change.largest) == (0, 0, 0, ())


def test_nobody_has_no_mean(small: SmallDistrict) -> None:
    """Where the scheme is for nobody every figure is empty."""
    nobody = candidate(scheme="x", categories=["school"])
    with small.read() as reader:
        change = effect(reader, district(reader), nobody, MARCH, TODAY, EVERYTHING)
    assert (change.among, change.asked, change.mean_before, change.mean_after) == (0, 0, None, None)


def test_a_scheme_of_judgements_leaves_no_figure(small: SmallDistrict) -> None:
    """Where nothing can be derived any more there is a score before and none after."""
    document = copy.deepcopy(SCHEME) | {"version": 2}
    del document["effective_from"]
    for item in document["sections"][0]["items"]:
        for criterion in item["criteria"]:
            criterion["rule"] = {"kind": "judgement"}
    with small.read() as reader:
        change = effect(reader, district(reader), from_document(document), MARCH, TODAY, EVERYTHING)
    assert change.mean_before is not None
    assert (change.mean_after, sum(count for _, count in change.after)) == (None, 0)
    assert (change.rise, change.fall, change.same) == (0, 0, 0)
