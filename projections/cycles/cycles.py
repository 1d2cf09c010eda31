"""Read model of cycles: scope, month and state of each, for calendar and historical import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.periods import month_of, parse_month
from events.streams.cycles import CycleClosed, CycleClosing, CycleOpened, SampleDrawn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from events.periods import Period
    from projections.contract import Statement

STATES = {
    CycleOpened.TYPE: "open",
    SampleDrawn.TYPE: "drawn",
    CycleClosing.TYPE: "closing",
    CycleClosed.TYPE: "closed",
}


@dataclass(frozen=True, slots=True)
class CycleRow:
    """One cycle: its stream, scope (first code of the root), month and state."""

    stream: str
    scope: str
    period: str
    state: str


class Cycles:
    """The read model of cycles."""

    name = "cycles"
    version = 1
    tables = ("cycles",)
    create = (
        """CREATE TABLE IF NOT EXISTS cycles (stream text PRIMARY KEY, scope text NOT NULL,
        period text NOT NULL, state text NOT NULL)""",
    )
    types = frozenset(STATES)

    def plan(self, _reader: Reader, events: Sequence[RecordedEvent], _zone: str) -> list[Statement]:
        """Return one row for each cycle, with its newest state."""
        newest: dict[str, tuple[str, str, str, str]] = {}
        for event in events:
            newest[event.stream] = (
                event.stream,
                event.data["scope"],
                event.data["period"],
                STATES[event.type],
            )
        return [
            (
                (
                    "INSERT INTO cycles (stream, scope, period, state) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (stream) DO UPDATE SET state = excluded.state"
                ),
                list(newest.values()),
            )
        ]


def all_cycles(reader: Reader) -> list[CycleRow]:
    """Return all cycles, ordered by scope and month."""
    rows = reader.rows("SELECT stream, scope, period, state FROM cycles ORDER BY scope, period")
    return [CycleRow(*row) for row in rows]


def opened_months(reader: Reader) -> dict[str, frozenset[str]]:
    """Return the months whose cycle has been opened, by scope."""
    months: dict[str, set[str]] = {}
    for row in all_cycles(reader):
        months.setdefault(row.scope, set()).add(row.period)
    return {scope: frozenset(opened) for scope, opened in months.items()}


def closed_months(reader: Reader, limit: int) -> list[str]:
    """Return the months closed in at least one scope, newest first, at most ``limit``."""
    rows = reader.rows(
        "SELECT DISTINCT period FROM cycles WHERE state = 'closed' ORDER BY period DESC LIMIT ?",
        [limit],
    )
    return [period for (period,) in rows]


def newest_closed_month(reader: Reader) -> str | None:
    """Return the newest month closed in at least one scope, or None before the first close."""
    return next(iter(closed_months(reader, 1)), None)


def newest_complete_month(reader: Reader, today: date) -> Period:
    """Return the newest closed month; before the first close, the month before today's."""
    month = newest_closed_month(reader)
    return parse_month(month) if month is not None else month_of(today).previous()


def cycle_states(reader: Reader, period: str) -> frozenset[str]:
    """Return the states that the cycles of a month are in."""
    rows = reader.rows("SELECT DISTINCT state FROM cycles WHERE period = ?", [period])
    return frozenset(state for (state,) in rows)
