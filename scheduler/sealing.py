"""The seal of the day: a local day without another seal seals what was recorded since the last.

The first tick after midnight seals the day before; a closing's seal counts as that of its day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.periods import local_date, parse_instant
from events.proofs.seals import count_unsealed, newest_seal, seal_log
from projections.documents.in_force import district

if TYPE_CHECKING:
    from events.event import Metadata
    from events.log.store import Store


def seal_day(store: Store, metadata: Metadata) -> bool:
    """Seal the log if today has no seal yet and there are events to seal.

    Return whether a seal was made. A day without a new event gets none: everything is sealed.
    """
    with store.read() as reader:
        zone = district(reader).zone
        day = local_date(store.clock(), zone)
        newest = newest_seal(reader)
        sealed_today = (
            newest is not None and local_date(parse_instant(newest.recorded_at), zone) >= day
        )
        if sealed_today or not count_unsealed(reader):
            return False
    occasion = f"daily/{day}"
    with store.append() as log:
        seal_log(log, metadata, occasion)
    return True
