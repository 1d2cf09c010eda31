"""Organizations found: every filter, every scope, and pages that join without a gap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from events.streams.organizations import OrganizationClosed, OrganizationMerged, OrganizationMoved
from projections.organizations import search as organization_search
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from projections.organizations.search import (
    ALL,
    CLOSED,
    STANDING,
    FoundOrganization,
    OrganizationQuery,
    search_organizations,
)
from tests.support.small_district import SmallDistrict

DAY = "2026-06-01"


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A root with two streets; one community is closed, one merged, one moved."""
    small = SmallDistrict(database_url)
    small.register("r", category="county")
    for street in ("a", "b"):
        small.register(street, "r", "street")
    for code in ("a1", "a2", "b1", "b2"):
        small.register(code, code[0])
    small.register("x_%", "a", "school")
    first = date(2026, 3, 1)
    small.tell("organization-a2", OrganizationClosed(on=first))
    small.tell("organization-b2", OrganizationMerged(on=first, into="b1"))
    small.tell("organization-b1", OrganizationMoved(on=first, parent="a"))
    yield small
    small.dispose()


def codes(small: SmallDistrict, scope: Scope = EVERYTHING, **more: Any) -> list[str]:
    """The codes that are found."""
    with small.read() as reader:
        rows = search_organizations(reader, scope, OrganizationQuery(DAY, **more), None, 100)
    return [row.code for row in rows]


def stream(code: str) -> str:
    """The stream of an organization."""
    return f"organization-{code}"


def test_all(district: SmallDistrict) -> None:
    """Without a filter everybody is found, by code."""
    assert codes(district) == ["a", "a1", "a2", "b", "b1", "b2", "r", "x_%"]


def test_rows(district: SmallDistrict) -> None:
    """A row names the one above, the one merged into, and when it ended."""
    with district.read() as reader:
        rows = search_organizations(reader, EVERYTHING, OrganizationQuery(DAY, text="b2"), None, 9)
    assert rows == [
        FoundOrganization(
            code="b2", name="组织b2", category="community", parent="b",
            registered_on="2026-01-01", closed_on="2026-03-01", merged_into="b1", depth=0,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"text": "组织a"}, ["a", "a1", "a2"]),
        ({"text": "a"}, ["a", "a1", "a2"]),
        ({"text": "_"}, ["x_%"]),
        ({"text": "%"}, ["x_%"]),
        ({"text": "!"}, []),
        ({"category": "school"}, ["x_%"]),
        ({"under": stream("a")}, ["a", "a1", "a2", "b1", "x_%"]),
        ({"under": stream("b")}, ["b", "b2"]),
        ({"parent": stream("a")}, ["a1", "a2", "b1", "x_%"]),
        ({"life": STANDING}, ["a", "a1", "b", "b1", "r", "x_%"]),
        ({"life": CLOSED}, ["a2", "b2"]),
        ({"life": ALL, "category": "street"}, ["a", "b"]),
    ],
)
def test_filters(district: SmallDistrict, more: dict[str, Any], found: list[str]) -> None:
    """Each filter leaves what it says; marks of patterns are letters like others."""
    assert codes(district, **more) == found


@pytest.mark.parametrize("few", [0, 2000])
def test_large_and_small_trees(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """A large tree is walked along the codes and a small one looked up, with the same answer."""
    monkeypatch.setattr(organization_search, "FEW", few)
    assert codes(district, under=stream("a")) == ["a", "a1", "a2", "b1", "x_%"]
    assert codes(district, under=stream("b"), category="community") == ["b2"]


def test_depth_and_past_trees(district: SmallDistrict) -> None:
    """Under an organization rows tell how far below they stand, on the day asked."""
    with district.read() as reader:
        rows = search_organizations(
            reader, EVERYTHING, OrganizationQuery(DAY, under=stream("r")), None, 9
        )
        before = OrganizationQuery("2026-02-01", under=stream("b"))
        past = search_organizations(reader, EVERYTHING, before, None, 9)
    assert {row.code: row.depth for row in rows}["b1"] == 2
    assert [row.code for row in past] == ["b", "b1", "b2"]


def test_scope(district: SmallDistrict) -> None:
    """Nothing beyond the scope is found."""
    assert codes(district, Scope((ScopePart(stream("b")),))) == ["b", "b2"]
    assert codes(district, Scope((ScopePart(None, frozenset({"school"})),))) == ["x_%"]
    assert codes(district, Scope()) == []


def test_pages(district: SmallDistrict) -> None:
    """Pages after the last code join without a gap."""
    seen: list[str] = []
    after = None
    with district.read() as reader:
        while rows := search_organizations(reader, EVERYTHING, OrganizationQuery(DAY), after, 3):
            seen += [row.code for row in rows]
            after = seen[-1]
    assert seen == codes(district)
