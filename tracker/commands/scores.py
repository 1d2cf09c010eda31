"""Adjusting a posted score: another value beside it, with a reason; the newest counts."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from events.event import PendingEvent
from events.log.store import identity_conflict, same_content
from events.refusals.errors import Refused
from events.streams.scores import MONTHLY, AdjustScore, ScoreState, decide, evolve, score_identity
from events.values import FEN, FrozenModel, Identity, Money, Reason
from projections.scores.outcomes import posted_score

if TYPE_CHECKING:
    from events.event import Metadata
    from events.log.store import Store
    from projections.organizations.directory import OrganizationEntry

LARGEST = 105 * FEN
"""The largest score in hundredths: 100 and the bonus that may pass it.

Source: docs/semantics.md, section 6.
"""


class ScoreAdjustment(FrozenModel):
    """What the department puts beside a posted score; ``new`` has at most two decimals."""

    adjustment_id: Identity
    period: str
    kind: str = MONTHLY
    new: Money
    reason: Reason


def adjust(
    store: Store, entry: OrganizationEntry, command: ScoreAdjustment, metadata: Metadata
) -> bool:
    """Put another value beside a posted score; False where it counts already.

    Repeated under its identity it changes nothing. ``Refused`` where no score was posted, and for
    a value above 105.
    """
    if command.new > LARGEST:
        raise Refused(
            "score_too_large", field="new", new=_text(command.new), largest=_text(LARGEST)
        )
    identity = f"adjustment/{command.adjustment_id}"
    with store.append() as log:
        log.lock([entry.stream])
        posted = posted_score(log, entry.stream, command.kind, command.period)
        if posted is None:
            raise Refused("score_not_posted", period=command.period)
        scope = posted.scope
        subject = score_identity(command.kind, scope, command.period)
        state = reduce(evolve, log.subject(entry.stream, subject), ScoreState())
        wanted = AdjustScore(
            command.kind, scope, command.period, _text(command.new), command.reason
        )
        standing = log.known([(entry.stream, identity)]).get((entry.stream, identity))
        if standing is not None:
            before = ScoreState(posted=True, value=standing.data.get("old"))
            again = [
                PendingEvent(entry.stream, identity, one, metadata)
                for one in decide(wanted, before)
            ]
            texts = log.texts_of([standing])
            if not any(same_content(standing, one, texts) for one in again):
                raise identity_conflict(command.adjustment_id)
            return False
        events = decide(wanted, state)
        return bool(
            log.append([PendingEvent(entry.stream, identity, one, metadata) for one in events])
        )


def _text(hundredths: int) -> str:
    return f"{hundredths // FEN}.{hundredths % FEN:02}"
