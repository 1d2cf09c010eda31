"""Initializing a district: its time zone and its first month."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from events.event import Metadata, PendingEvent
from events.periods import parse_month
from events.refusals.errors import Refused
from events.streams.districts import DECIDER as DISTRICT
from events.streams.districts import STREAM as DISTRICT_STREAM
from events.streams.districts import InitializeDistrict

if TYPE_CHECKING:
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


def initialize_district(store: Store, zone: str, first_month: str, metadata: Metadata) -> bool:
    """Fix the district's zone and first month; False where they are fixed already."""
    require_zone(zone)
    parse_month(first_month)
    with store.append() as log:
        log.lock([DISTRICT_STREAM])
        state = DISTRICT.fold(log.stream(DISTRICT_STREAM))
        events = DISTRICT.decide(InitializeDistrict(zone, first_month), state)
        pending = [
            PendingEvent(DISTRICT_STREAM, "initialized", event, metadata) for event in events
        ]
        return bool(log.append(pending))
