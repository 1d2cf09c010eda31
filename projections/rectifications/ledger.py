"""The rectification ledger (整改台账): every order with its replies and its state.

Orders are rows of ``projections.scores.outcomes``; replies are rows here, and so is whether an
order was answered and by which day it is due: an index finds what is open or overdue, however many
orders were answered in ten years.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from events.log.texts import texts_in_field
from events.streams.rectifications import RectificationOrdered, RectificationReplied
from projections.organizations.scope import Scope
from projections.scores.outcomes import inspection_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.contract import Statement

OPEN = "open"
OVERDUE = "overdue"
REPLIED = "replied"
STATES = (OPEN, OVERDUE, REPLIED)
INSERT_REPLY = (
    "INSERT INTO rectification_replies (stream, version, rectification_id, done_on, actor,"
    " replied_at, evidence) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
INSERT_STATE = (
    "INSERT INTO rectification_states (stream, rectification_id, version, due_on, answered)"
    " VALUES (?, ?, ?, ?, 0) ON CONFLICT (stream, rectification_id) DO NOTHING"
)
UPDATE_STATE = (
    "UPDATE rectification_states SET answered = 1, replied_at = ?"
    " WHERE stream = ? AND rectification_id = ?"
)


class RectificationLedger:
    """The read model of replies, and of the state of every order."""

    name = "rectification_ledger"
    version = 2
    tables = ("rectification_replies", "rectification_states")
    create = (
        """CREATE TABLE IF NOT EXISTS rectification_replies (stream text NOT NULL,
        version integer NOT NULL, rectification_id text NOT NULL, done_on text NOT NULL,
        actor text NOT NULL, replied_at text NOT NULL, evidence text NOT NULL,
        PRIMARY KEY (stream, version))""",
        """CREATE TABLE IF NOT EXISTS rectification_states (stream text NOT NULL,
        rectification_id text NOT NULL, version integer NOT NULL, due_on text NOT NULL,
        answered integer NOT NULL, replied_at text, PRIMARY KEY (stream, rectification_id))""",
        """CREATE INDEX IF NOT EXISTS rectification_states_due
        ON rectification_states (answered, due_on)""",
    )
    types = frozenset({RectificationOrdered.TYPE, RectificationReplied.TYPE})

    def plan(self, _reader: Reader, events: Sequence[RecordedEvent], _zone: str) -> list[Statement]:
        """Plan a row for each order and reply; of an order given twice the first counts."""
        ordered = [event for event in events if event.type == RectificationOrdered.TYPE]
        replied = [event for event in events if event.type == RectificationReplied.TYPE]
        rows = [
            (event.stream, event.version, event.data["rectification_id"], event.data["done_on"],
             event.actor, event.recorded_at,
             orjson.dumps(event.data.get("evidence") or [], option=orjson.OPT_SORT_KEYS).decode())
            for event in replied
        ]  # fmt: skip
        states = [
            (event.stream, event.data["rectification_id"], event.version, event.data["due"])
            for event in ordered
        ]
        answers = [
            (event.recorded_at, event.stream, event.data["rectification_id"]) for event in replied
        ]
        return [(INSERT_REPLY, rows), (INSERT_STATE, states), (UPDATE_STATE, answers)]


def state_of(due_on: str, replied: bool, today: date) -> str:  # noqa: FBT001 - a fact, not a switch
    """Return the state of an order: replied, overdue after its last day, else open."""
    if replied:
        return REPLIED
    return OVERDUE if due_on < today.isoformat() else OPEN


class RectificationOrder(NamedTuple):
    """One order with its organization and its state on the day asked.

    ``version`` is that of its event in ``stream``; ``due`` is a date, ``ordered_at`` and
    ``replied_at`` (of the newest reply) are instants, as ISO texts. ``problem`` is None where it
    was erased. ``state`` is open, overdue or replied.
    """

    stream: str
    organization: str
    name: str
    category: str
    rectification_id: str
    period: str
    criterion: str
    due: str
    ordered_at: str
    version: int
    problem: str | None
    replied_at: str | None
    state: str

    def place(self) -> tuple[int, str, str, str]:
        """Return the place among other orders, see ``place_of``."""
        return place_of(self.replied_at, self.due, self.organization, self.rectification_id)


class OrderEvent(NamedTuple):
    """An order with the account that ordered it and the hash (hex) of its event."""

    order: RectificationOrder
    actor: str
    hash: str


class RectificationReply(NamedTuple):
    """One reply: what was done, on which day, by which account, with which evidence.

    ``measures`` is None where it was erased; ``evidence`` lists kinds with their files, as the
    event holds them.
    """

    measures: str | None
    done_on: str
    actor: str
    replied_at: str
    evidence: list[dict[str, str]]


_ORDERS = (
    "SELECT q.stream, q.version, o.code, o.name, o.category, q.rectification_id, r.period,"
    " r.criterion, q.due_on, r.ordered_at, q.replied_at FROM {first} JOIN {second}"
    " ON o.stream = q.stream JOIN rectifications r"
    " ON r.stream = q.stream AND r.version = q.version WHERE "
)
_STATE_TESTS = {
    OPEN: "{answered} = 0 AND q.due_on >= ?",
    OVERDUE: "{answered} = 0 AND q.due_on < ?",
    REPLIED: "{answered} = 1",
}
_UNANSWERED_FIRST = "q.answered, q.due_on, o.code, q.rectification_id"


def read_orders(  # noqa: PLR0913 - one argument for each filter
    reader: Reader,
    scope: Scope,
    today: date,
    state: str | None = None,
    limit: int = 200,
    *,
    category: str | None = None,
    offset: int = 0,
    under: str | None = None,
    after: Sequence[Any] | None = None,
) -> list[RectificationOrder]:
    """Return the orders of a scope, those without a reply first, by their last day.

    So overdue orders come first. ``state``, ``category`` and ``under`` (a stream) filter where they
    are not None; ``after`` is the place of the last order that was seen.
    """
    condition, values = scope.condition()
    day = today.isoformat()
    if category is not None:
        condition += " AND o.category = ?"
        values.append(category)
    if under is not None:
        condition += (
            " AND o.stream IN (SELECT u.stream FROM closure u"
            " WHERE u.ancestor = ? AND u.to_on IS NULL)"
        )
        values.append(under)
    tests = [condition]
    if state is not None:
        tests.append(_STATE_TESTS[state].format(answered=_answered(scope)))
        values += [] if state == REPLIED else [day]
    if after is not None:
        tests.append(f"({_UNANSWERED_FIRST}) > (?, ?, ?, ?)")
        values += after
    sql = _select_orders(reader, scope) + " AND ".join(tests)
    rows = reader.rows(f"{sql} ORDER BY {_UNANSWERED_FIRST} LIMIT ? OFFSET ?",
                       [*values, limit, offset])  # fmt: skip
    return _orders(reader, rows, today)


def _select_orders(reader: Reader, scope: Scope) -> str:
    """Return the query: by due days where the scope is broad, else from its organizations.

    SQLite keeps the order of tables in a CROSS JOIN, which is the faster one here; the planner of
    PostgreSQL finds it by its statistics.
    """
    tables = ["rectification_states q", "organizations o"]
    first, second = tables if _is_broad(scope) else tables[::-1]
    return _ORDERS.format(first=first if reader.postgres else f"{first} CROSS", second=second)


def _is_broad(scope: Scope) -> bool:
    """Return whether a scope is the district, perhaps only some of its categories."""
    return any(part.ancestor is None for part in scope.parts)


def _answered(scope: Scope) -> str:
    """Return the column to filter by; ``+ 0`` hides it from the index of due days.

    That index helps where most orders are read and misleads SQLite where few are.
    """
    return "q.answered" if _is_broad(scope) else "q.answered + 0"


def place_of(
    replied_at: str | None, due: str, organization: str, rectification_id: str
) -> tuple[int, str, str, str]:
    """Return the sorting key of an order.

    A reply only moves an order back, so that no page skips one.
    """
    return int(replied_at is not None), due, organization, rectification_id


def read_order(
    reader: Reader, stream: str, rectification_id: str, today: date
) -> OrderEvent | None:
    """Return one order of an organization, or None."""
    sql = _select_orders(reader, Scope(streams=frozenset({stream})))
    rows = reader.rows(f"{sql}q.stream = ? AND q.rectification_id = ?", [stream, rectification_id])
    if not rows:
        return None
    (order,) = _orders(reader, rows, today)
    (event,) = reader.stream(stream, order.version - 1, 1)
    return OrderEvent(order, event.actor, event.hash.hex())


def inspectors_of(reader: Reader, stream: str, period: str) -> list[str]:
    """Return the ids of who inspected an organization for a period, empty where nobody did."""
    inspection = inspection_in(reader, stream, period)
    return [] if inspection is None else list(inspection.inspectors)


def _orders(reader: Reader, rows: Sequence[Any], today: date) -> list[RectificationOrder]:
    """Make orders of rows of ``_ORDERS``, with their texts and states."""
    places = [(stream, version) for stream, version, *_ in rows]
    problems = texts_in_field(reader, places, "problem")
    return [
        RectificationOrder(
            stream, organization, name, category, rectification_id, period, criterion, due,
            ordered_at, version, problems.get((stream, version)), replied_at,
            state_of(due, replied_at is not None, today),
        )
        for stream, version, organization, name, category, rectification_id, period, criterion, due,
            ordered_at, replied_at in rows
    ]  # fmt: skip


def count_orders(reader: Reader, scope: Scope, today: date) -> dict[str, int]:
    """Count the orders of a scope that are open, overdue and replied."""
    condition, values = scope.condition()
    within = "" if scope.whole else " JOIN organizations o ON o.stream = q.stream"
    rows = reader.rows(
        "SELECT q.answered, CASE WHEN q.due_on < ? THEN 1 ELSE 0 END, count(*)"
        f" FROM rectification_states q{within} WHERE {condition} GROUP BY 1, 2",
        [today.isoformat(), *values],
    )
    counts = dict.fromkeys(STATES, 0)
    for replied, passed, count in rows:
        counts[REPLIED if replied else OVERDUE if passed else OPEN] += count
    return counts


def read_replies(reader: Reader, stream: str) -> dict[str, list[RectificationReply]]:
    """Return the replies of an organization by rectification, oldest first."""
    rows = reader.rows(
        "SELECT rectification_id, version, done_on, actor, replied_at, evidence"
        " FROM rectification_replies WHERE stream = ? ORDER BY version",
        [stream],
    )
    versions = [(stream, version) for _, version, *_ in rows]
    texts = texts_in_field(reader, versions, "measures")
    by_order: dict[str, list[RectificationReply]] = {}
    for rectification_id, version, done_on, actor, replied_at, evidence in rows:
        measures = texts.get((stream, version))
        by_order.setdefault(rectification_id, []).append(
            RectificationReply(measures, done_on, actor, replied_at, orjson.loads(evidence))
        )
    return by_order
