"""Eras of positions: a log brought from another database goes on above what it brought along.

Source: docs/decisions/0003-positions.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from events.log.reader import POSITION_BITS

if TYPE_CHECKING:
    from events.log.reader import Reader

INSERT_ERA = "INSERT INTO position_eras (era, first_transaction, first_ordinal)"


class BroughtEvents(NamedTuple):
    """The events that a SQLite database brought along: their number and their newest position."""

    total: int
    newest: int


def begin_era(reader: Reader) -> None:
    """Begin a new era above every event, in an open write transaction.

    On PostgreSQL the next transaction gets the first ordinal above all of them. On SQLite the
    positions that were brought along may have gaps: their number and the newest one are noted, so
    that verification still finds a missing event.
    """
    if reader.postgres:
        # The oldest running transaction, not this one: what is settled is never below the era.
        reader.rows(
            f"{INSERT_ERA} SELECT COALESCE(max(era), 0) + 1,"
            " pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1,"
            f" (SELECT COALESCE(max(position), 0) >> {POSITION_BITS} FROM events)"
            " FROM position_eras RETURNING era"
        )
        return
    reader.write("DELETE FROM position_eras WHERE 1 = ?", [(1,)])
    reader.rows(
        f"{INSERT_ERA} SELECT 1, count(*), COALESCE(max(position), 0) FROM events RETURNING era"
    )


def is_behind(reader: Reader) -> bool:
    """Return whether PostgreSQL would give a new event a position that is not above all others.

    That is so after a dump was restored on another server, whose transactions count from below.
    """
    if not reader.postgres:
        return False
    ((behind,),) = reader.rows(
        f"SELECT COALESCE((SELECT max(position) >> {POSITION_BITS} FROM events)"
        " >= (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        " - first_transaction + first_ordinal FROM position_eras ORDER BY era DESC LIMIT 1), false)"
    )
    return bool(behind)


def brought_events(reader: Reader) -> BroughtEvents:
    """Return what a SQLite database brought along; zeros where it was always there."""
    rows = reader.rows("SELECT first_transaction, first_ordinal FROM position_eras")
    return next((BroughtEvents(count, newest) for count, newest in rows), BroughtEvents(0, 0))
