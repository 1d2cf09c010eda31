"""A scope holds what was granted, in a query as for one organization, on both databases."""

import random  # noqa: TID251  # seeded
from collections.abc import Iterator
from datetime import date

import pytest

from events.streams.organizations import (
    OrganizationClosed,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRecategorized,
    stream_of,
)
from projections.organizations.directory import entries_of
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from tests.support.small_district import SmallDistrict

COMMUNITY = frozenset({"community"})
VILLAGE = frozenset({"village"})
CODES = ("r", "a", "a1", "a2", "b", "b1", "z")
R, A, A1, A2, B, B1, Z = (stream_of(code) for code in CODES)


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Root ``r`` with ``a`` over ``a1``, ``a2`` and ``b`` over ``b1``; another root ``z``."""
    small = SmallDistrict(database_url)
    small.register("r", category="county")
    for code, category in (("a", "street"), ("b", "street")):
        small.register(code, "r", category)
    small.register("a1", "a")
    small.register("a2", "a", "village")
    small.register("b1", "b")
    small.register("z", category="county")
    yield small
    small.dispose()


def held(district: SmallDistrict, scope: Scope) -> set[str]:
    """The streams that a scope holds, asked in all three ways, which agree."""
    streams = [stream_of(code) for code in CODES]
    condition, values = scope.condition("x")
    with district.read() as reader:
        rows = reader.rows(f"SELECT x.stream FROM organizations x WHERE {condition}", values)
        found = {row[0] for row in rows}
        assert scope.streams_among(reader, streams) == found
        entries = entries_of(reader, streams)
        assert {one for one in streams if scope.covers(reader, entries[one])} == found
    return found


@pytest.mark.parametrize(
    ("scope", "streams"),
    [
        (Scope(), set()),
        (EVERYTHING, {R, A, A1, A2, B, B1, Z}),
        (Scope((ScopePart(R),)), {R, A, A1, A2, B, B1}),
        (Scope((ScopePart(A),)), {A, A1, A2}),
        (Scope((ScopePart(A1),)), {A1}),
        (Scope((ScopePart(A, COMMUNITY),)), {A1}),
        (Scope((ScopePart(None, COMMUNITY),)), {A1, B1}),
        (Scope((ScopePart(A, VILLAGE), ScopePart(B, COMMUNITY))), {A2, B1}),
        (Scope((ScopePart(B),), frozenset({A2})), {A2, B, B1}),
        (Scope((), frozenset({A1, Z})), {A1, Z}),
        (Scope((ScopePart("organization-gone"),)), set()),
    ],
)
def test_holds(district: SmallDistrict, scope: Scope, streams: set[str]) -> None:
    """An organization and all under it, of some categories, and single ones: nothing else."""
    assert held(district, scope) == streams


def test_follows_the_tree_as_it_stands(district: SmallDistrict) -> None:
    """Who moves away is held no more; who comes, or changes category, is."""
    scope = Scope((ScopePart(A, COMMUNITY),))
    on = date(2026, 1, 3)
    district.tell(B1, OrganizationMoved(on=on, parent="a"))
    assert held(district, scope) == {A1, B1}
    district.tell(A1, OrganizationMoved(on=on, parent="b"))
    district.tell(A2, OrganizationRecategorized(on=on, category="community"))
    assert held(district, scope) == {A2, B1}


def test_who_took_an_organization_over_holds_it(district: SmallDistrict) -> None:
    """Merged organizations, at any remove, and what was closed below them: only where asked."""
    on = date(2026, 1, 4)
    merged = Scope((ScopePart(B, merged=True),))
    assert held(district, merged) == {B, B1}
    district.tell(A1, OrganizationMerged(on=on, into="b1"))
    assert held(district, Scope((ScopePart(B),))) == {B, B1}
    assert held(district, merged) == {A1, B, B1}
    assert held(district, Scope((ScopePart(B1, merged=True),))) == {A1, B1}
    assert held(district, Scope((ScopePart(A),))) == {A, A1, A2}
    district.tell(A2, OrganizationClosed(on=on))
    district.tell(A, OrganizationMerged(on=on, into="b"))
    assert held(district, merged) == {A, A1, A2, B, B1}
    district.tell(B1, OrganizationMerged(on=on, into="z"))
    assert held(district, Scope((ScopePart(Z, merged=True),))) == {A1, B1, Z}
    assert held(district, Scope((ScopePart(Z, VILLAGE, merged=True),))) == set()
    assert held(district, Scope((ScopePart(B, VILLAGE, merged=True),))) == {A2}


def test_what_lives_below_a_merged_organization_stays_out(district: SmallDistrict) -> None:
    """Nobody acts for an organization that is not closed but who holds it."""
    district.tell(A, OrganizationMerged(on=date(2026, 1, 4), into="b"))
    assert held(district, Scope((ScopePart(B, merged=True),))) == {A, B, B1}


def test_any_union_is_asked_alike(district: SmallDistrict) -> None:
    """Whatever parts and single ones are joined, the three ways of asking agree."""
    rng = random.Random(17)
    streams = [stream_of(code) for code in CODES]
    for _ in range(30):
        parts = tuple(
            ScopePart(rng.choice([None, *streams]), rng.choice([None, COMMUNITY, VILLAGE]))
            for _ in range(rng.randrange(3))
        )
        held(district, Scope(parts, frozenset(rng.sample(streams, rng.randrange(3)))))


def test_whole_and_nothing() -> None:
    """Only everything without a limit is whole; only no part and no single one is nothing."""
    assert EVERYTHING.whole
    assert not Scope((ScopePart(None, COMMUNITY),)).whole
    assert not Scope((ScopePart(R),)).whole
    assert Scope().nothing
    assert not Scope((ScopePart(R),)).nothing
    assert not Scope((), frozenset({A})).nothing


def test_a_key_is_shared_by_equal_scopes_alone() -> None:
    """However their parts are ordered; scopes that differ in anything differ in it."""
    first, second = ScopePart(A, COMMUNITY), ScopePart(B)
    assert Scope((first, second)).key() == Scope((second, first)).key()
    scopes = [
        Scope(),
        EVERYTHING,
        Scope((ScopePart(A),)),
        Scope((ScopePart(A, merged=True),)),
        Scope((ScopePart(None, COMMUNITY),)),
        Scope((ScopePart(A, COMMUNITY),)),
        Scope((ScopePart(A, COMMUNITY | VILLAGE),)),
        Scope((ScopePart(A), ScopePart(None, COMMUNITY))),
        Scope((), frozenset({A})),
        Scope((), frozenset({A, B})),
    ]
    assert len({one.key() for one in scopes}) == len(scopes)
