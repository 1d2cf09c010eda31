from collections.abc import Iterator

import pytest

from events.streams.organizations import stream_of
from projections.cycles.bulletin_lists import adjusted_scores, uncounted_findings
from projections.organizations.scope import EVERYTHING, Scope
from tests.support.small_district import SmallDistrict, adjusted, posted


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Communities a and b, posted by the scope r with findings that count nothing."""
    small = SmallDistrict(database_url)
    small.register("r", None, "county")
    for code in "ab":
        small.register(code, "r")
        small.tell(stream_of(code), posted("2026-03", "80.00", not_counted=("h",)))
    yield small
    small.dispose()


def test_lists_name_what_the_scope_may_see(district: SmallDistrict) -> None:
    """Each list is by code, and of a scope only its own organizations."""
    changes = [adjusted("2026-03", "80.00", "81.00"), adjusted("2026-03", "81.00", "82.00")]
    for code in "ba":
        district.tell(stream_of(code), *changes)
    own = Scope(streams=frozenset({stream_of("b")}))
    with district.read() as reader:
        assert [
            [row.organization for row in uncounted_findings(reader, scope, "r", "2026-03")]
            for scope in (EVERYTHING, own)
        ] == [["a", "b"], ["b"]]
        assert [
            [
                (row.organization, row.posted, row.current)
                for row in adjusted_scores(reader, scope, "r", "2026-03")
            ]
            for scope in (EVERYTHING, own)
        ] == [[("a", "80.00", "82.00"), ("b", "80.00", "82.00")], [("b", "80.00", "82.00")]]
        assert adjusted_scores(reader, EVERYTHING, "another", "2026-03") == []


def test_what_a_sheet_left_as_it_is_is_not_listed(district: SmallDistrict) -> None:
    """A score without an adjustment, and one that names no criteria, are in no list."""
    district.register("c", "r")
    district.tell(stream_of("c"), posted("2026-03", "80.00"))
    with district.read() as reader:
        codes = [row.organization for row in uncounted_findings(reader, EVERYTHING, "r", "2026-03")]
        assert (codes, adjusted_scores(reader, EVERYTHING, "r", "2026-03")) == (["a", "b"], [])
