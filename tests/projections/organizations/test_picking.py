"""Organizations picked by code, name, part of it or initials, within a scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from events.streams.organizations import (
    OrganizationClosed,
    OrganizationRecoded,
    OrganizationRegistered,
    stream_of,
)
from projections.organizations.picking import (
    PickQuery,
    clean_text,
    find_candidates,
    resolve_organization,
)
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from tests.support.small_district import SmallDistrict

DAY = "2026-06-01"
NAMES = {
    "r": ("江北区委", None),
    "r-1": ("东城街道", "r"),
    "r-2": ("西城街道", "r"),
    "r-1-1": ("红星社区", "r-1"),
    "r-1-2": ("红星社区第二支部（退休）", "r-1"),
    "r-1-3": ("河西社区", "r-1"),
    "r-2-1": ("河东社区", "r-2"),
    "r-2-2": ("东风社区", "r-2"),
    "r-2-3": ("东风社区", "r-2"),
    "r-2-4": ("旧院社区", "r-2"),
}
EAST = Scope((ScopePart(stream_of("r-1")),))


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Two streets with communities, two of one name, one closed, one with a new code."""
    small = SmallDistrict(database_url)
    for code, (name, parent) in NAMES.items():
        small.tell(
            stream_of(code),
            OrganizationRegistered(
                code=code, name=name, category="community", parent=parent,
                registered_on=date(2026, 1, 1),
            ),
        )  # fmt: skip
    small.tell(stream_of("r-2-4"), OrganizationClosed(on=date(2026, 3, 1)))
    small.tell(stream_of("r-2-1"), OrganizationRecoded(code="new-1", on=date(2026, 3, 1)))
    yield small
    small.dispose()


def meant(
    small: SmallDistrict, text: str, scope: Scope = EVERYTHING, open_on: str | None = None
) -> list[str]:
    """The codes that a typed text means."""
    with small.read() as reader:
        query = PickQuery(scope, clean_text(text), open_on)
        return [one.code for one in resolve_organization(reader, query, 5)]


def offered(
    small: SmallDistrict, text: str, limit: int = 5, open_on: str | None = None
) -> list[str]:
    """The codes that are offered while a text is typed."""
    with small.read() as reader:
        query = PickQuery(EVERYTHING, clean_text(text), open_on)
        return [one.code for one in find_candidates(reader, query, limit)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("r-1-1", ["r-1-1"]),
        (" ｒ-1-1　", ["r-1-1"]),
        ("r-2-1", ["new-1"]),
        ("红星社区", ["r-1-1"]),
        ("红星社区（r-1-1）", ["r-1-1"]),
        ("Hongxing (r-1-1)", ["r-1-1"]),
        ("红星社区第二支部（退休）", ["r-1-2"]),
        ("红星社区第二支部（退休）（r-1-2）", ["r-1-2"]),
        ("红星社区（nowhere）", []),
        ("退休", ["r-1-2"]),
        ("东风社区", ["r-2-2", "r-2-3"]),
        ("河", ["r-1-3", "new-1"]),
        ("HX", ["r-1-1", "r-1-2", "r-1-3"]),
        ("jbq", ["r"]),
        ("jbo", ["r"]),
        ("r-1-", ["r-1-1", "r-1-2", "r-1-3"]),
        ("xyz", []),
        ("", []),
        ("%", []),
        ("*", []),
        ("旧院社区", ["r-2-4"]),
    ],
)
def test_what_a_text_means(district: SmallDistrict, text: str, codes: list[str]) -> None:
    """A whole code or name is decided; everything else is what may be meant, by code."""
    assert sorted(meant(district, text)) == sorted(codes)


def test_only_the_scope_is_known(district: SmallDistrict) -> None:
    """Outside the scope a code, a name and initials mean nothing; inside they mean one alone."""
    assert meant(district, "r-2-2", EAST) == []
    assert meant(district, "东风社区", EAST) == []
    assert meant(district, "hd", EAST) == []
    assert meant(district, "河", EAST) == ["r-1-3"]
    assert meant(district, "r-1-3", Scope()) == []


def test_closed_ones_are_known_by_code_alone(district: SmallDistrict) -> None:
    """Where only open ones are asked for, the name of a closed one means nothing."""
    assert meant(district, "旧院社区", open_on=DAY) == []
    assert meant(district, "旧院社区", open_on="2026-03-01") == ["r-2-4"]
    assert meant(district, "r-2-4", open_on=DAY) == ["r-2-4"]
    assert offered(district, "jy", open_on=DAY) == []
    assert offered(district, "jy") == ["r-2-4"]


def test_the_likeliest_are_offered_first(district: SmallDistrict) -> None:
    """Code before name, a whole name before a part of it, initials last; as many as asked for."""
    assert offered(district, "红星社区") == ["r-1-1", "r-1-2"]
    assert offered(district, "r") == ["r", "r-1", "r-1-1", "r-1-2", "r-1-3"]
    assert offered(district, "社区", 2) == ["new-1", "r-1-1"]
    assert offered(district, "dc") == ["r-1"]
    assert offered(district, "") == []


def test_a_candidate_says_what_tells_it_apart(district: SmallDistrict) -> None:
    """Name, category, the parent's name and the last day come with each candidate."""
    with district.read() as reader:
        (closed,) = resolve_organization(reader, PickQuery(EVERYTHING, "r-2-4"), 5)
        (root,) = resolve_organization(reader, PickQuery(EVERYTHING, "r"), 5)
    assert (closed.name, closed.above, closed.closed_on) == ("旧院社区", "西城街道", "2026-03-01")
    assert (root.stream, root.above, root.category) == (stream_of("r"), None, "community")


@pytest.mark.parametrize(
    ("typed", "clean"),
    [("　Ａ１ 村 ", "A1 村"), ("村（东）", "村（东）"), ("x" * 300, "x" * 200), ("", "")],
)
def test_a_typed_text_is_cleaned(typed: str, clean: str) -> None:
    """Full-width letters and digits are read as plain ones; signs of names stay."""
    assert clean_text(typed) == clean
