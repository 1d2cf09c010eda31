"""The seal of the day: once a local day everything that was recorded since the last seal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.periods import local_date
from events.proofs.seals import STREAM, count_unsealed, seal_log
from projections.documents.in_force import district

if TYPE_CHECKING:
    from events.event import Metadata
    from events.log.store import Store


def seal_day(store: Store, metadata: Metadata) -> bool:
    """Seal the log if today has no seal of the scheduler yet and there are events to seal.

    Return whether a seal was made. A day without a new event gets none: everything is sealed.
    """
    with store.read() as reader:
        day = local_date(store.clock(), district(reader).zone)
        occasion = f"daily/{day}"
        if reader.has_event(STREAM, occasion) or not count_unsealed(reader):
            return False
    with store.append() as log:
        seal_log(log, metadata, occasion)
    return True
