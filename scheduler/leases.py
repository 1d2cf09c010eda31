"""A lease lets the other schedulers stay idle; it is not what makes them correct.

Source: docs/decisions/0012-the-scheduler-remembers-nothing.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from events.periods import instant_text

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.log.store import Store

LEASE_SECONDS = 180


class Lease(NamedTuple):
    """Who holds a lease, until which instant (ISO text)."""

    name: str
    holder: str
    until: str


def all_leases(reader: Reader) -> list[Lease]:
    """Every lease that was ever taken, by name."""
    rows = reader.rows(f"SELECT {', '.join(Lease._fields)} FROM leases ORDER BY name")
    return [Lease._make(row) for row in rows]


def hold(store: Store, name: str, holder: str, now: datetime) -> bool:
    """Take or keep a lease; False while somebody else's has not run out."""
    until = instant_text(now + timedelta(seconds=LEASE_SECONDS))
    with store.append() as log:
        log.write(
            "INSERT INTO leases (name, holder, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET holder = excluded.holder, until = excluded.until"
            " WHERE leases.holder = excluded.holder OR leases.until < ?",
            [(name, holder, until, instant_text(now))],
        )
        rows = log.rows("SELECT holder FROM leases WHERE name = ?", [name])
    return bool(rows[0][0] == holder)


def release(store: Store, name: str, holder: str) -> None:
    """Give a lease back."""
    with store.append() as log:
        log.write("DELETE FROM leases WHERE name = ? AND holder = ?", [(name, holder)])
