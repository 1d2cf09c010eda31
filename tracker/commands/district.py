"""Initializing a district, and going live: its time zone and its first month."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from events.event import Metadata, PendingEvent
from events.periods import Period, local_date, month_of, parse_month
from events.refusals.errors import Refused
from events.streams.districts import DECIDER as DISTRICT
from events.streams.districts import STREAM as DISTRICT_STREAM
from events.streams.districts import GoLive, InitializeDistrict
from projections.documents.in_force import district

if TYPE_CHECKING:
    from datetime import datetime

    from events.event import Event
    from events.log.reader import Reader
    from events.log.store import Store


NO_ZONE = "Factory"
"""A name of the IANA database that means a machine whose zone is not set."""


@cache
def _zones() -> frozenset[str]:
    """Return the names of the IANA database, as the package ``tzdata`` lists them.

    The machine's own files do not count: ``localtime`` and ``right/...`` mean something else on
    every machine, and figures would differ with it.
    """
    names = files("tzdata").joinpath("zones").read_text("utf-8").split()
    return frozenset(names) - {NO_ZONE}


def require_zone(zone: str) -> None:
    """Refuse a name that is not a time zone of the IANA database."""
    if zone not in _zones():
        raise Refused("bad_zone", zone=zone)


def initialize_district(
    store: Store, zone: str, first_month: str, metadata: Metadata, *, setup: bool = False
) -> bool:
    """Fix the district's zone and first month; False where they are fixed already.

    With ``setup`` the month is only planned: no cycle opens before ``go_live``.
    """
    require_zone(zone)
    parse_month(first_month)
    with store.append() as log:
        log.lock([DISTRICT_STREAM])
        state = DISTRICT.fold(log.stream(DISTRICT_STREAM))
        events = DISTRICT.decide(InitializeDistrict(zone, first_month, setup), state)
        pending = [
            PendingEvent(DISTRICT_STREAM, "initialized", event, metadata) for event in events
        ]
        return bool(log.append(pending))


def go_live(store: Store, month: Period, metadata: Metadata) -> bool:
    """Make a month the first one of a district that is being set up; False if it is already.

    Raises ``Refused`` for a district that is live from another month, and for a month too far
    ahead.
    """
    with store.append() as log:
        log.lock([DISTRICT_STREAM])
        events = _decide_live(log, month, store.clock())
        pending = [PendingEvent(DISTRICT_STREAM, "went-live", event, metadata) for event in events]
        return bool(log.append(pending))


def is_still_to_go_live(reader: Reader, month: Period, now: datetime) -> bool:
    """Return whether ``go_live`` would change anything now; raises ``Refused`` as it does."""
    return bool(_decide_live(reader, month, now))


def _decide_live(reader: Reader, month: Period, now: datetime) -> list[Event]:
    state = DISTRICT.fold(reader.stream(DISTRICT_STREAM))
    this_month = month_of(local_date(now, district(reader).zone))
    return DISTRICT.decide(GoLive(month, this_month), state)
