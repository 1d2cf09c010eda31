from collections.abc import Iterator
from datetime import date

import pytest

from events.periods import parse_month
from events.streams.organizations import (
    OrganizationClosed,
    OrganizationMerged,
    OrganizationRecoded,
    stream_of,
)
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from projections.organizations.selection import (
    CodeAbove,
    children_of,
    codes_above,
    codes_of,
    count_children,
    count_open,
    names_of_codes,
    only_root,
    parents_in,
    read_wards,
    streams_alive,
    streams_in,
)
from tests.support.small_district import SmallDistrict

U = Scope((ScopePart(stream_of("u")),))


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A root with two townships; a and b are under t, b closed in January, g and h under u."""
    small = SmallDistrict(database_url)
    small.register("r", None, "county")
    for code in ("t", "u"):
        small.register(code, "r", "township")
    for code in ("a", "b"):
        small.register(code, "t")
    small.register("g", "u")
    small.register("h", "u", on="2026-02-03")
    small.tell(stream_of("b"), OrganizationClosed(on=date(2026, 1, 20)))
    yield small
    small.dispose()


def test_an_organization_acts_for_its_wards(district: SmallDistrict) -> None:
    """For its closed children and what was merged into it, not for a child merged elsewhere."""
    with district.read() as reader:
        assert read_wards(reader, stream_of("t")) == {stream_of("b")}
        assert read_wards(reader, stream_of("u")) == set()
    district.tell(stream_of("a"), OrganizationMerged(on=date(2026, 1, 20), into="g"))
    district.tell(stream_of("g"), OrganizationMerged(on=date(2026, 2, 20), into="h"))
    with district.read() as reader:
        assert read_wards(reader, stream_of("h")) == {stream_of("a"), stream_of("g")}
        assert read_wards(reader, stream_of("t")) == {stream_of("b")}


def test_organizations_alive_are_paged_by_code(district: SmallDistrict) -> None:
    """A month has those of a scope that were registered by its end and not closed before it."""
    january, february = parse_month("2026-01"), parse_month("2026-02")
    with district.read() as reader:
        assert streams_alive(reader, U, january, 10, 0) == [stream_of("g"), stream_of("u")]
        assert streams_alive(reader, U, february, 1, 1) == [stream_of("h")]
        assert stream_of("b") in streams_alive(reader, EVERYTHING, january, 10, 0)
        assert stream_of("b") not in streams_alive(reader, EVERYTHING, february, 10, 0)


def test_a_scope_is_listed_by_code(district: SmallDistrict) -> None:
    """The first few of a scope, with ``open_on`` only those that are not closed before it."""
    with district.read() as reader:
        assert streams_in(reader, U, 2) == [stream_of("g"), stream_of("h")]
        assert stream_of("b") in streams_in(reader, EVERYTHING, 9, "2026-01-20")
        assert stream_of("b") not in streams_in(reader, EVERYTHING, 9, "2026-01-21")
        assert parents_in(reader, EVERYTHING, 9) == [("r", "组织r"), ("t", "组织t"), ("u", "组织u")]
        assert parents_in(reader, EVERYTHING, 1) == [("r", "组织r")]


def test_children_are_counted_while_they_are_open(district: SmallDistrict) -> None:
    """Closed children are listed and not counted; organizations without any are left out."""
    with district.read() as reader:
        children = children_of(reader, [stream_of("t"), stream_of("a")])
        assert children == {stream_of("t"): {stream_of("a"), stream_of("b")}}
        counts = count_children(reader, [stream_of("t"), stream_of("u"), stream_of("b")])
        assert counts == {stream_of("t"): 1, stream_of("u"): 2}
        assert count_open(reader) == 6


def test_the_only_root(district: SmallDistrict) -> None:
    """A district with two roots has no only one."""
    with district.read() as reader:
        assert only_root(reader) == stream_of("r")
    district.register("q", None, "county")
    with district.read() as reader:
        assert only_root(reader) is None


def test_codes_old_and_new(district: SmallDistrict) -> None:
    """An organization keeps its old codes; names are found by present codes only."""
    district.tell(stream_of("u"), OrganizationRecoded(on=date(2026, 3, 1), code="u9"))
    with district.read() as reader:
        assert codes_of(reader, stream_of("u")) == ["u", "u9"]
        assert names_of_codes(reader, ["u", "u9", "g"]) == {"u9": "组织u", "g": "组织g"}
        above = codes_above(reader, [stream_of("h")])
    assert {row.code for row in above} == {"h", "u", "u9", "r"}
    assert CodeAbove(stream_of("h"), "u9", "2026-02-03", None) in above
