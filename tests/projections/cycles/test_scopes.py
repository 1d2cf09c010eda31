from datetime import date

import pytest

from events.streams.organizations import OrganizationMoved, stream_of
from projections.cycles.scopes import cycle_scopes, is_cycle_scope, roots_in, scopes_in
from projections.organizations.directory import find
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from tests.support.small_district import SmallDistrict, cycle


def own(*codes: str) -> Scope:
    """Single organizations as a scope."""
    return Scope(streams=frozenset(stream_of(code) for code in codes))


@pytest.fixture
def small(small: SmallDistrict) -> SmallDistrict:
    """The root r with a, b, c; another root q with x."""
    small.publish()
    small.register("r", None, "county")
    small.register("q", None, "county")
    for code in "abc":
        small.register(code, "r")
    small.register("x", "q")
    return small


def test_roots_above_a_scope(small: SmallDistrict) -> None:
    """The whole scope has all roots, a part the roots above it, an empty scope none."""
    with small.read() as reader:
        assert roots_in(reader, EVERYTHING) == [("q", "组织q"), ("r", "组织r")]
        assert roots_in(reader, own("b")) == [("r", "组织r")]
        assert roots_in(reader, Scope((ScopePart(stream_of("q")),))) == [("q", "组织q")]
        village = Scope((ScopePart(None, frozenset({"village"})), ScopePart(stream_of("q"))))
        assert len(roots_in(reader, village)) == 2
        assert roots_in(reader, Scope()) == []
    small.tell(stream_of("b"), OrganizationMoved(on=date(2026, 2, 1), parent="q"))
    with small.read() as reader:
        assert roots_in(reader, own("b")) == [("q", "组织q")]


@pytest.fixture
def former(small: SmallDistrict) -> SmallDistrict:
    """The root r with a cycle came under the new root z; q has no cycle."""
    for stream, event in cycle("2026-03", drawn=False, closed=False):
        small.tell(stream, event)
    small.register("z", None, "county")
    small.tell(stream_of("r"), OrganizationMoved(on=date(2026, 4, 2), parent="z"))
    return small


def test_a_former_root_with_a_cycle_is_a_scope(former: SmallDistrict) -> None:
    """Scopes of cycles are the roots and the former root with a cycle, no other organization."""
    former.tell(stream_of("q"), OrganizationMoved(on=date(2026, 4, 2), parent="z"))
    with former.read() as reader:
        assert [entry.code for entry in cycle_scopes(reader)] == ["r", "z"]
        for code, is_scope in (("r", True), ("z", True), ("q", False), ("a", False)):
            entry = find(reader, code)
            assert entry is not None
            assert is_cycle_scope(reader, entry) is is_scope


def test_the_cycle_of_a_former_root_concerns_those_above_and_below(former: SmallDistrict) -> None:
    """Users of the whole, of the new root and of the former root's tree see the former root."""
    with former.read() as reader:
        assert scopes_in(reader, EVERYTHING)[-1] == ("r", "组织r")
        assert scopes_in(reader, own("b")) == [("z", "组织z"), ("r", "组织r")]
        below = Scope((ScopePart(stream_of("z")),))
        assert scopes_in(reader, below) == [("z", "组织z"), ("r", "组织r")]
        assert scopes_in(reader, own("x")) == [("q", "组织q")]
        assert scopes_in(reader, Scope()) == []
