"""When the cycles of months opened for organizations with historical records.

Their ``recorded_on`` counts only in windows of months whose cycle had not opened when they came
(docs/semantics.md, section 10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.streams.cycles import CycleOpened
from projections.organizations.selection import codes_above

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.log.reader import Reader
    from projections.scoring.history import History

EVER = "9999"
"""After every month."""


def load_openings(reader: Reader, histories: Mapping[str, History]) -> None:
    """Set the openings of the organizations (by stream) that have historical records.

    An opening counts where the organization was in the scope in the month that opened.
    """
    historical = [
        stream
        for stream, history in histories.items()
        if any(entry.came_at for record in history.records.values() for entry in record.entries)
    ]
    if not historical:
        return
    months: dict[str, dict[str, str]] = {}
    for event in reader.events_of_type_since(CycleOpened.TYPE, ""):
        months.setdefault(event.data["scope"], {})[event.data["period"]] = event.recorded_at
    for place in codes_above(reader, historical):
        first, until = place.from_on[:7], (place.to_on or EVER)[:7]
        openings = histories[place.stream].openings
        for month, opened_at in months.get(place.code, {}).items():
            if first <= month <= until:
                openings[month] = min(openings.get(month, EVER), opened_at)
