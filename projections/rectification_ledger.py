"""The rectification ledger (整改台账): every order with its newest reply and how it stands.

Orders are rows of the electronic file; the replies are rows here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from events.rectifications import RectificationReplied

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from events.event import RecordedEvent
    from events.reading import Reader
    from projections.projection import Statement
    from projections.scope import Scope

OPEN = "open"
OVERDUE = "overdue"
REPLIED = "replied"
STATES = (OPEN, OVERDUE, REPLIED)
INSERT_REPLY = (
    "INSERT INTO rectification_replies (stream, version, rectification_id, done_on, actor,"
    " replied_at, evidence) VALUES (?, ?, ?, ?, ?, ?, ?)"
)


class RectificationLedger:
    """The read model of replies."""

    name = "rectification_ledger"
    version = 1
    tables = ("rectification_replies",)
    create = (
        """CREATE TABLE IF NOT EXISTS rectification_replies (stream text NOT NULL,
        version integer NOT NULL, rectification_id text NOT NULL, done_on text NOT NULL,
        actor text NOT NULL, replied_at text NOT NULL, evidence text NOT NULL,
        PRIMARY KEY (stream, version))""",
    )
    types = frozenset({RectificationReplied.TYPE})

    def plan(self, _reader: Reader, events: Sequence[RecordedEvent], _zone: str) -> list[Statement]:
        """A row for each reply."""
        rows = [
            (event.stream, event.version, event.data["rectification_id"], event.data["done_on"],
             event.actor, event.recorded_at,
             orjson.dumps(event.data.get("evidence") or [], option=orjson.OPT_SORT_KEYS).decode())
            for event in events
        ]  # fmt: skip
        return [(INSERT_REPLY, rows)]


def state_of(due_on: str, replied: bool, today: date) -> str:  # noqa: FBT001 - a fact, not a switch
    """How an order stands: replied, overdue after its last day, else open."""
    if replied:
        return REPLIED
    return OVERDUE if due_on < today.isoformat() else OPEN


_ORDERS = (
    "SELECT r.stream, o.code, o.name, o.category, r.rectification_id, r.period, r.criterion,"
    " r.due_on, r.ordered_at, r.version,"
    " (SELECT max(p.replied_at) FROM rectification_replies p WHERE p.stream = r.stream"
    " AND p.rectification_id = r.rectification_id) AS replied_at"
    " FROM rectifications r JOIN organizations o ON o.stream = r.stream WHERE "
)
_STATE_TESTS = {
    OPEN: "q.replied_at IS NULL AND q.due_on >= ?",
    OVERDUE: "q.replied_at IS NULL AND q.due_on < ?",
    REPLIED: "q.replied_at IS NOT NULL",
}
_UNANSWERED_FIRST = (
    "CASE WHEN q.replied_at IS NULL THEN 0 ELSE 1 END, q.due_on, q.code, q.rectification_id"
)


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
    tests: list[str] = []
    if state is not None:
        tests.append(_STATE_TESTS[state])
        values += [] if state == REPLIED else [day]
    if after is not None:
        tests.append(f"({_UNANSWERED_FIRST}) > (?, ?, ?, ?)")
        values += after
    sql = f"SELECT * FROM ({_ORDERS}{condition}) q"
    if tests:
        sql += f" WHERE {' AND '.join(tests)}"
    rows = reader.rows(f"{sql} ORDER BY {_UNANSWERED_FIRST} LIMIT ? OFFSET ?",
                       [*values, limit, offset])  # fmt: skip
    return _shown(reader, rows, today)


def place_of(order: dict[str, Any]) -> tuple[int, str, str, str]:
    """Where an order stands among others; it moves back alone, so that no page skips one."""
    answered = int(order["replied_at"] is not None)
    return answered, order["due"], order["organization"], order["rectification_id"]


def order_of(
    reader: Reader, stream: str, rectification_id: str, today: date
) -> dict[str, Any] | None:
    """One order of an organization, or None; with who ordered it and when, and its ``version``."""
    rows = reader.rows(f"{_ORDERS}r.stream = ? AND r.rectification_id = ? ORDER BY r.version",
                       [stream, rectification_id])  # fmt: skip
    if not rows:
        return None
    (found,) = _shown(reader, rows[:1], today)
    version = rows[0][9]
    (event,) = reader.rows(
        "SELECT actor, hash FROM events WHERE stream = ? AND version = ?", [stream, version]
    )
    return found | {"version": version, "actor": event[0], "hash": bytes(event[1]).hex()}


def inspectors_of(reader: Reader, stream: str, period: str) -> list[str]:
    """Who inspected an organization for a period, by their ids; empty where nobody was assigned."""
    rows = reader.rows(
        "SELECT inspectors FROM inspections WHERE stream = ? AND period = ? ORDER BY assigned_at",
        [stream, period],
    )
    return list(orjson.loads(rows[0][0])) if rows else []


def _shown(reader: Reader, rows: Sequence[Any], today: date) -> list[dict[str, Any]]:
    texts = reader.select_pairs(
        "SELECT stream, version, value FROM texts WHERE field = 'problem' AND (stream, version)",
        [(row[0], row[9]) for row in rows],
    )
    problems = {(row[0], row[1]): row[2] for row in texts}
    return [
        {
            "stream": row[0],
            "organization": row[1],
            "name": row[2],
            "category": row[3],
            "rectification_id": row[4],
            "period": row[5],
            "criterion": row[6],
            "due": row[7],
            "ordered_at": row[8],
            "problem": problems.get((row[0], row[9])),
            "replied_at": row[10],
            "state": state_of(row[7], row[10] is not None, today),
        }
        for row in rows
    ]


def counts(reader: Reader, scope: Scope, today: date) -> dict[str, int]:
    """How many orders of a scope are open, overdue and replied."""
    condition, values = scope.condition()
    rows = reader.rows(
        "SELECT q.replied_at IS NOT NULL, q.due_on < ?, count(*)"
        f" FROM ({_ORDERS}{condition}) q GROUP BY 1, 2",
        [today.isoformat(), *values],
    )
    found = dict.fromkeys(STATES, 0)
    for replied, passed, count in rows:
        found[REPLIED if replied else OVERDUE if passed else OPEN] += count
    return found


def replies(reader: Reader, stream: str) -> dict[str, list[dict[str, Any]]]:
    """The replies of an organization by rectification, oldest first, texts where they stand."""
    rows = reader.rows(
        "SELECT r.rectification_id, r.version, r.done_on, r.actor, r.replied_at, r.evidence,"
        " t.value FROM rectification_replies r LEFT JOIN texts t ON t.stream = r.stream"
        " AND t.version = r.version AND t.field = 'measures'"
        " WHERE r.stream = ? ORDER BY r.version",
        [stream],
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for rectification_id, _, done_on, actor, replied_at, evidence, measures in rows:
        found.setdefault(rectification_id, []).append(
            {
                "measures": measures,
                "done_on": done_on,
                "actor": actor,
                "replied_at": replied_at,
                "evidence": orjson.loads(evidence),
            }
        )
    return found
