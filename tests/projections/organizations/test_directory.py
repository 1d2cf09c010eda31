from collections.abc import Iterator
from datetime import date

import pytest

from events.streams.organizations import (
    OrganizationClosed,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRecategorized,
    OrganizationRecoded,
    OrganizationRenamed,
    stream_of,
)
from projections.organizations.directory import (
    all_entries,
    ancestors_of,
    entries_of,
    entries_under,
    find,
    makes_circle,
    roots,
    scope_of,
    streams_of,
)
from tests.support.small_district import SmallDistrict, registration


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A root with two townships; ``a`` is under the first, ``b`` under ``a``."""
    small = SmallDistrict(database_url)
    small.register("r", None, "county")
    small.register("t1", "r", "township")
    small.register("t2", "r", "township")
    small.register("a", "t1")
    small.register("b", "a")
    yield small
    small.dispose()


def move(district: SmallDistrict, code: str, parent: str, on: str) -> None:
    """Hang an organization elsewhere from a date on."""
    district.tell(stream_of(code), OrganizationMoved(on=date.fromisoformat(on), parent=parent))


def below(district: SmallDistrict, code: str, day: str) -> list[str]:
    """The codes of an organization and all under it on a date."""
    with district.read() as reader:
        return [one.code for one in entries_under(reader, stream_of(code), day)]


def test_answers_who_stood_under_whom_on_a_past_day(district: SmallDistrict) -> None:
    """A move takes everything below along from its date on, and the days before stay."""
    move(district, "a", "t2", "2026-03-01")
    assert below(district, "t1", "2026-02-28") == ["a", "b", "t1"]
    assert below(district, "t1", "2026-03-01") == ["t1"]
    assert below(district, "t2", "2026-03-01") == ["a", "b", "t2"]
    assert below(district, "r", "2026-03-01") == ["a", "b", "r", "t1", "t2"]
    with district.read() as reader:
        chain = ancestors_of(reader, [stream_of("b")], "2026-02-01")[stream_of("b")]
        assert [one.removeprefix("organization-") for one, _ in chain] == ["b", "a", "t1", "r"]
        assert scope_of(reader, stream_of("b"), "2026-04-01") == stream_of("r")
        assert scope_of(reader, "nobody", "2026-04-01") == "nobody"


def test_a_move_dated_back_is_a_move_at_its_date(district: SmallDistrict) -> None:
    """Moves of different organizations recorded out of order leave the tree of their dates."""
    move(district, "t1", "t2", "2026-06-01")
    move(district, "a", "t2", "2026-03-01")
    assert below(district, "t1", "2026-02-01") == ["a", "b", "t1"]
    assert below(district, "t1", "2026-03-01") == ["t1"]
    assert below(district, "t2", "2026-03-01") == ["a", "b", "t2"]
    assert below(district, "t2", "2026-06-01") == ["a", "b", "t1", "t2"]


def test_one_registered_after_a_move_has_the_past_of_its_parent(district: SmallDistrict) -> None:
    """A child whose registration lies before its parent's move stood under both in turn."""
    move(district, "a", "t2", "2026-03-01")
    district.register("c", "a", on="2026-02-01")
    assert "c" in below(district, "t1", "2026-02-10")
    assert "c" not in below(district, "t1", "2026-01-10")
    assert "c" in below(district, "t2", "2026-03-10")


def test_a_move_on_the_day_of_registration_leaves_no_trace(district: SmallDistrict) -> None:
    """An organization that moves on its first day never was under its first parent."""
    move(district, "b", "t2", "2026-01-01")
    assert below(district, "a", "2026-01-01") == ["a"]
    assert below(district, "t2", "2026-01-01") == ["b", "t2"]


def test_knows_circles_on_any_day(district: SmallDistrict) -> None:
    """A parent below the organization on any day since makes a circle, also in the past alone."""
    move(district, "b", "t2", "2026-05-01")
    with district.read() as reader:
        a, b = stream_of("a"), stream_of("b")
        assert makes_circle(reader, a, a, "2026-06-01")
        assert makes_circle(reader, a, b, "2026-04-30")
        assert not makes_circle(reader, a, b, "2026-05-01")
        assert makes_circle(reader, stream_of("r"), b, "2026-05-01")


def test_keeps_an_organization_as_it_stands(district: SmallDistrict) -> None:
    """Name, category, codes and closing follow the events; old codes still find it."""
    on = date(2026, 2, 1)
    stream = stream_of("a")
    district.tell(
        stream,
        OrganizationRenamed(on=on, name="新名"),
        OrganizationRecategorized(on=on, category="village"),
        OrganizationRecoded(on=on, code="a2"),
        OrganizationMoved(on=on, parent="t2"),
        OrganizationMerged(on=date(2026, 3, 1), into="b"),
    )
    district.tell(stream_of("t1"), OrganizationClosed(on=date(2026, 3, 2)))
    found = district.entry("a")
    assert found == district.entry("a2")
    assert (found.name, found.code, found.category) == ("新名", "a2", "village")
    assert [found.category_on(day) for day in ("2026-01-31", "2026-02-01")] == [
        "community",
        "village",
    ]
    assert [found.parent_on(day) for day in ("2026-01-31", "2026-02-01")] == [
        stream_of("t1"),
        stream_of("t2"),
    ]
    assert (found.closed_on, found.merged_into) == ("2026-03-01", stream_of("b"))
    assert [found.alive(day) for day in ("2025-12-31", "2026-03-01", "2026-03-02")] == [
        False,
        True,
        False,
    ]
    assert district.entry("t1").closed_on == "2026-03-02"
    with district.read() as reader:
        assert find(reader, "zz") is None
        assert streams_of(reader, ["a", "a2", "zz"]) == {"a": stream, "a2": stream}
        assert [one.code for one in roots(reader)] == ["r"]
        assert [one.code for one in all_entries(reader)] == ["a2", "b", "r", "t1", "t2"]
        assert entries_of(reader, []) == {}


def test_takes_a_child_before_its_parent_in_one_batch(district: SmallDistrict) -> None:
    """In one transaction the order of different organizations' events does not matter."""
    district.tell_many(
        [
            (stream_of("y"), registration("y", "x")),
            (stream_of("x"), registration("x", "t1")),
            (stream_of("b"), OrganizationMoved(on=date(2026, 2, 1), parent="y")),
            (stream_of("z"), registration("z", "b")),
        ]
    )
    assert below(district, "x", "2026-02-01") == ["b", "x", "y", "z"]
    assert below(district, "a", "2026-01-31") == ["a", "b", "z"]
