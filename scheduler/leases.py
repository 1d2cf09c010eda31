"""Leases that let the other schedulers stay idle; correctness does not depend on them.

Two schedulers that tick at once both try a step; the identity of its event lets it happen once.
Source: docs/decisions/0012-the-scheduler-remembers-nothing.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from events.periods import instant_text
from scheduler.clock_check import CLOCK_SECONDS

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.log.store import Store

LEASE_SECONDS = 180
"""Three ticks of the clock: one slow or missed tick does not lose the lease."""


class Lease(NamedTuple):
    """Who holds a lease, until which instant (ISO text)."""

    name: str
    holder: str
    until: str


def read_leases(reader: Reader) -> list[Lease]:
    """Return every lease that was taken and not released, by name."""
    rows = reader.rows(f"SELECT {', '.join(Lease._fields)} FROM leases ORDER BY name")
    return [Lease._make(row) for row in rows]


def hold_lease(store: Store, name: str, holder: str, now: datetime) -> bool:
    """Take or renew a lease; return False while another holder's has not expired.

    A lease that a clock ahead of this one left in the future is void.
    """
    until = instant_text(now + timedelta(seconds=LEASE_SECONDS))
    with store.append() as log:
        log.write(
            "INSERT INTO leases (name, holder, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET holder = excluded.holder, until = excluded.until"
            " WHERE leases.holder = excluded.holder OR leases.until < ? OR leases.until > ?",
            [(name, holder, until, instant_text(now), latest_end(now))],
        )
        rows = log.rows("SELECT holder FROM leases WHERE name = ?", [name])
    return bool(rows[0][0] == holder)


def latest_end(now: datetime) -> str:
    """Return the latest instant (ISO text) until which a valid lease can be taken by now."""
    return instant_text(now + timedelta(seconds=LEASE_SECONDS + CLOCK_SECONDS))


def release_lease(store: Store, name: str, holder: str) -> None:
    """Release a lease; nothing happens if another holder has it."""
    with store.append() as log:
        log.write("DELETE FROM leases WHERE name = ? AND holder = ?", [(name, holder)])
