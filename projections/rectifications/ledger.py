"""The rectification ledger (整改台账): every order with its newest reply and how it stands.

Orders are rows of the electronic file; the replies are rows here, and so is how each order stands:
what nobody answered is found by its day at once, however many were answered in ten years.
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
    """The read model of replies, and of how every order stands."""

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
        """A row for each order and each reply; of an order ordered twice the first one stands."""
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
    """How an order stands: replied, overdue after its last day, else open."""
    if replied:
        return REPLIED
    return OVERDUE if due_on < today.isoformat() else OPEN


class _OrderRow(NamedTuple):
    """One order with its organization, in the order of ``_ORDERS``; ``due`` is a date (ISO)."""

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
    replied_at: str | None


_ORDERS = (
    "SELECT q.stream, o.code, o.name, o.category, q.rectification_id, r.period, r.criterion,"
    " q.due_on, r.ordered_at, q.version, q.replied_at FROM {first} JOIN {second}"
    " ON o.stream = q.stream JOIN rectifications r"
    " ON r.stream = q.stream AND r.version = q.version WHERE "
)
_STATE_TESTS = {
    OPEN: "{answered} = 0 AND q.due_on >= ?",
    OVERDUE: "{answered} = 0 AND q.due_on < ?",
    REPLIED: "{answered} = 1",
}
_UNANSWERED_FIRST = "q.answered, q.due_on, o.code, q.rectification_id"


def orders(  # noqa: PLR0913 - one argument for each filter
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
) -> list[dict[str, Any]]:
    """The orders of a scope with their states: those not replied to by their last day, then others.

    What is overdue so comes first. ``state``, ``category`` and ``under`` (a stream) None are
    all of them; ``after`` is the ``place_of`` the last one that was seen.
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
    sql = _orders_of(reader, scope) + " AND ".join(tests)
    rows = reader.rows(f"{sql} ORDER BY {_UNANSWERED_FIRST} LIMIT ? OFFSET ?",
                       [*values, limit, offset])  # fmt: skip
    return _shown(reader, rows, today)


def _orders_of(reader: Reader, scope: Scope) -> str:
    """The orders by their days where most are asked for, else from the scope's organizations.

    SQLite keeps to the order of tables that are joined crosswise; PostgreSQL knows better itself.
    """
    found = ["rectification_states q", "organizations o"]
    first, second = found if _broad(scope) else found[::-1]
    return _ORDERS.format(first=first if reader.postgres else f"{first} CROSS", second=second)


def _broad(scope: Scope) -> bool:
    """Whether a scope is the district, perhaps of some categories alone."""
    return any(one.ancestor is None for one in scope.parts)


def _answered(scope: Scope) -> str:
    """The column, so that the index of days is used where most are asked for, and there alone."""
    return "q.answered" if _broad(scope) else "q.answered + 0"


def place_of(order: dict[str, Any]) -> tuple[int, str, str, str]:
    """Where an order stands among others; it moves back alone, so that no page skips one."""
    answered = int(order["replied_at"] is not None)
    return answered, order["due"], order["organization"], order["rectification_id"]


def order_of(
    reader: Reader, stream: str, rectification_id: str, today: date
) -> dict[str, Any] | None:
    """One order of an organization, or None; with who ordered it and when, and its ``version``."""
    sql = _orders_of(reader, Scope(streams=frozenset({stream})))
    rows = reader.rows(f"{sql}q.stream = ? AND q.rectification_id = ?", [stream, rectification_id])
    if not rows:
        return None
    (found,) = _shown(reader, rows, today)
    version = _OrderRow._make(rows[0]).version
    (event,) = reader.stream(stream, version - 1, 1)
    return found | {"version": version, "actor": event.actor, "hash": event.hash.hex()}


def inspectors_of(reader: Reader, stream: str, period: str) -> list[str]:
    """Who inspected an organization for a period, by their ids; empty where nobody was assigned."""
    inspection = inspection_in(reader, stream, period)
    return [] if inspection is None else list(inspection.inspectors)


def _shown(reader: Reader, rows: Sequence[Any], today: date) -> list[dict[str, Any]]:
    orders = [_OrderRow._make(row) for row in rows]
    problems = texts_in_field(reader, [(one.stream, one.version) for one in orders], "problem")
    return [
        {
            "stream": one.stream,
            "organization": one.organization,
            "name": one.name,
            "category": one.category,
            "rectification_id": one.rectification_id,
            "period": one.period,
            "criterion": one.criterion,
            "due": one.due,
            "ordered_at": one.ordered_at,
            "problem": problems.get((one.stream, one.version)),
            "replied_at": one.replied_at,
            "state": state_of(one.due, one.replied_at is not None, today),
        }
        for one in orders
    ]


def counts(reader: Reader, scope: Scope, today: date) -> dict[str, int]:
    """How many orders of a scope are open, overdue and replied."""
    condition, values = scope.condition()
    within = "" if scope.whole else " JOIN organizations o ON o.stream = q.stream"
    rows = reader.rows(
        "SELECT q.answered, CASE WHEN q.due_on < ? THEN 1 ELSE 0 END, count(*)"
        f" FROM rectification_states q{within} WHERE {condition} GROUP BY 1, 2",
        [today.isoformat(), *values],
    )
    found = dict.fromkeys(STATES, 0)
    for replied, passed, count in rows:
        found[REPLIED if replied else OVERDUE if passed else OPEN] += count
    return found


def replies(reader: Reader, stream: str) -> dict[str, list[dict[str, Any]]]:
    """The replies of an organization by rectification, oldest first, texts where they stand."""
    rows = reader.rows(
        "SELECT rectification_id, version, done_on, actor, replied_at, evidence"
        " FROM rectification_replies WHERE stream = ? ORDER BY version",
        [stream],
    )
    versions = [(stream, version) for _, version, *_ in rows]
    texts = texts_in_field(reader, versions, "measures")
    found: dict[str, list[dict[str, Any]]] = {}
    for rectification_id, version, done_on, actor, replied_at, evidence in rows:
        found.setdefault(rectification_id, []).append(
            {
                "measures": texts.get((stream, version)),
                "done_on": done_on,
                "actor": actor,
                "replied_at": replied_at,
                "evidence": orjson.loads(evidence),
            }
        )
    return found
