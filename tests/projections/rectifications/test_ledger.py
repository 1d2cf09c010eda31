from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from events.event import Metadata
from events.streams.organizations import stream_of
from events.streams.rectifications import RectificationOrdered, RectificationReplied
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from projections.rebuild import compare
from projections.rectifications.ledger import (
    RectificationOrder,
    RectificationReply,
    count_orders,
    inspectors_of,
    read_order,
    read_orders,
    read_replies,
    state_of,
)
from tests.support.small_district import SmallDistrict, assigned

TODAY = date(2026, 5, 10)
FILE = "a" * 64


def ordered(number: int, due: str) -> RectificationOrdered:
    """An order of the sheet ``s``."""
    return RectificationOrdered(
        rectification_id=f"s/{number}", period="2026-03", criterion="m",
        problem=f"问题{number}", due=date.fromisoformat(due),
    )  # fmt: skip


def replied(number: int, reply: str = "w-1", **more: Any) -> RectificationReplied:
    """A reply to it."""
    return RectificationReplied(
        rectification_id=f"s/{number}", reply_id=reply, measures="改了", done_on=date(2026, 5, 5),
        **more,
    )  # fmt: skip


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Orders of a community and a village: open, overdue, replied, and one due today."""
    small = SmallDistrict(database_url)
    small.register("r", category="county")
    small.register("a", "r")
    small.register("v", "r", "village")
    small.now = datetime(2026, 4, 8, 2, 0, tzinfo=UTC)
    small.tell(stream_of("a"), assigned("2026-03"))
    small.tell(
        stream_of("a"), ordered(1, "2026-05-20"), ordered(2, "2026-05-09"),
        ordered(3, "2026-05-01"), metadata=Metadata("p-1"),
    )  # fmt: skip
    small.tell(stream_of("v"), ordered(1, "2026-05-10"))
    small.now = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
    small.tell(
        stream_of("a"),
        replied(3, evidence=({"kind": "photo", "file": FILE}, {"kind": "minutes"})),
        replied(3, "w-2"),
        metadata=Metadata("a-7", "web"),
    )
    yield small
    small.dispose()


def brief(rows: list[RectificationOrder]) -> list[tuple[str, str, str]]:
    """Organization, number and state."""
    return [(order.organization, order.rectification_id, order.state) for order in rows]


ALL = [
    ("a", "s/2", "overdue"),
    ("v", "s/1", "open"),
    ("a", "s/1", "open"),
    ("a", "s/3", "replied"),
]


def test_overdue_first_then_by_day_then_replied(district: SmallDistrict) -> None:
    """The last day itself is still in time."""
    with district.read() as reader:
        rows = read_orders(reader, EVERYTHING, TODAY)
    assert brief(rows) == ALL
    assert rows[0] == RectificationOrder(
        stream="organization-a", organization="a", name="组织a", category="community",
        rectification_id="s/2", period="2026-03", criterion="m", due="2026-05-09",
        ordered_at=rows[0].ordered_at, version=4, problem="问题2", replied_at=None,
        state="overdue",
    )  # fmt: skip
    assert rows[0].ordered_at.startswith("2026-04-08T02:00")
    assert (rows[3].replied_at or "").startswith("2026-05-06T02:00")


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"state": "overdue"}, ALL[:1]),
        ({"state": "open"}, ALL[1:3]),
        ({"state": "replied"}, ALL[3:]),
        ({"category": "village"}, ALL[1:2]),
        ({"category": "community", "state": "open"}, ALL[2:3]),
        ({"limit": 2, "offset": 1}, ALL[1:3]),
        ({"under": "organization-v"}, ALL[1:2]),
        ({"under": "organization-r", "state": "replied"}, ALL[3:]),
    ],
)
def test_filters_and_pages(
    district: SmallDistrict, asked: dict[str, Any], wanted: list[tuple[str, str, str]]
) -> None:
    """By state and category, from a place on, so many."""
    with district.read() as reader:
        assert brief(read_orders(reader, EVERYTHING, TODAY, **asked)) == wanted


def test_each_page_begins_after_the_last_one_seen(district: SmallDistrict) -> None:
    """Also where one that was seen is answered meanwhile: no page skips an order."""
    with district.read() as reader:
        seen = read_orders(reader, EVERYTHING, TODAY, limit=1)
    district.tell(stream_of("a"), replied(2))
    with district.read() as reader:
        rest = read_orders(reader, EVERYTHING, TODAY, after=seen[0].place())
    assert brief(rest) == [*ALL[1:3], ("a", "s/3", "replied"), ("a", "s/2", "replied")]


def test_only_what_is_in_scope(district: SmallDistrict) -> None:
    """Rows and counts alike; nothing to see is nothing to count."""
    villages = Scope((ScopePart("organization-r", frozenset({"village"})),))
    with district.read() as reader:
        assert brief(read_orders(reader, villages, TODAY)) == ALL[1:2]
        assert brief(read_orders(reader, villages, TODAY, "open")) == ALL[1:2]
        everywhere = Scope((ScopePart(None, frozenset({"community"})),))
        assert brief(read_orders(reader, everywhere, TODAY, "open")) == ALL[2:3]
        assert count_orders(reader, villages, TODAY) == {"open": 1, "overdue": 0, "replied": 0}
        assert count_orders(reader, EVERYTHING, TODAY) == {"open": 2, "overdue": 1, "replied": 1}
        assert count_orders(reader, Scope(), TODAY) == {"open": 0, "overdue": 0, "replied": 0}
        assert read_orders(reader, Scope(), TODAY) == []


def test_of_an_order_ordered_twice_the_first_stands(district: SmallDistrict) -> None:
    """One row, with its first day; a rebuild makes the same rows."""
    district.tell(stream_of("v"), ordered(1, "2026-05-30"))
    with district.read() as reader:
        assert brief(read_orders(reader, EVERYTHING, TODAY)) == ALL
        found = read_order(reader, "organization-v", "s/1", TODAY)
    assert found is not None
    assert found.order.due == "2026-05-10"
    assert compare(district.engine) == []


def test_one_order_with_who_ordered_it(district: SmallDistrict) -> None:
    """Its place in the log too; an unknown one, or another organization's, is None."""
    with district.read() as reader:
        found = read_order(reader, "organization-a", "s/1", TODAY)
        assert read_order(reader, "organization-a", "s/9", TODAY) is None
        assert read_order(reader, "organization-v", "s/2", TODAY) is None
        event = reader.stream("organization-a")[2]
    assert found is not None
    order, actor, hashed = found
    assert (actor, order.version, hashed) == ("p-1", 3, event.hash.hex())
    assert (order.problem, order.state, order.due) == ("问题1", "open", "2026-05-20")


def test_an_erased_problem_is_none(district: SmallDistrict) -> None:
    """And so are erased measures."""
    district.tamper("DELETE FROM texts")
    with district.read() as reader:
        assert {order.problem for order in read_orders(reader, EVERYTHING, TODAY)} == {None}
        assert [reply.measures for reply in read_replies(reader, "organization-a")["s/3"]] == [
            None
        ] * 2


def test_replies_by_order_oldest_first(district: SmallDistrict) -> None:
    """With what was done, on which day, by whom, with which evidence."""
    with district.read() as reader:
        found = read_replies(reader, "organization-a")
        assert read_replies(reader, "organization-v") == {}
    assert list(found) == ["s/3"]
    first, second = found["s/3"]
    assert first == RectificationReply(
        measures="改了", done_on="2026-05-05", actor="a-7", replied_at=first.replied_at,
        evidence=[{"kind": "photo", "file": FILE}, {"kind": "minutes"}],
    )  # fmt: skip
    assert second.evidence == []


def test_who_inspected(district: SmallDistrict) -> None:
    """For the period that orders come from."""
    with district.read() as reader:
        assert inspectors_of(reader, "organization-a", "2026-03") == ["p-1", "p-2"]
        assert inspectors_of(reader, "organization-a", "2026-02") == []


@pytest.mark.parametrize(
    ("due", "answered", "state"),
    [
        ("2026-05-10", False, "open"),
        ("2026-05-09", False, "overdue"),
        ("2026-05-09", True, "replied"),
    ],
)
def test_state_of(due: str, answered: bool, state: str) -> None:
    """A reply settles it, whenever it came."""
    assert state_of(due, answered, TODAY) == state
