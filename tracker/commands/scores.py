"""Adjustments of posted scores: another value with a reason; the newest one counts."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from events.event import PendingEvent
from events.log.store import identity_conflict
from events.refusals.errors import Refused
from events.streams.scores import MONTHLY, AdjustScore, ScoreState, decide, evolve, score_identity
from events.values import FEN, FrozenModel, Identity, Reason, Score
from projections.documents.in_force import book
from projections.scores.outcomes import posted_score
from tracker.commands.repeats import Earlier, repeats

if TYPE_CHECKING:
    from events.event import Metadata
    from events.log.reader import Reader
    from events.log.store import Store
    from projections.organizations.directory import OrganizationEntry

FULL = 100 * FEN
"""The score without bonus points, in hundredths."""


class ScoreAdjustment(FrozenModel):
    """The department's adjustment; ``new`` is in hundredths, given with at most two decimals."""

    adjustment_id: Identity
    period: str
    kind: str = MONTHLY
    new: Score
    reason: Reason


def adjust_posted_score(
    store: Store, entry: OrganizationEntry, command: ScoreAdjustment, metadata: Metadata
) -> bool:
    """Adjust a posted score; False where the value counts already.

    Repeating it under its identity changes nothing. ``Refused`` where no score was posted, and for
    a value that passes 100 by more than the bonus points of the scheme version that posted it
    (docs/semantics.md, section 6).
    """
    identity = f"adjustment/{command.adjustment_id}"
    with store.append() as log:
        log.lock([entry.stream])
        posted = posted_score(log, entry.stream, command.kind, command.period)
        if posted is None:
            raise Refused("score_not_posted", period=command.period)
        largest = largest_score(log, posted.scheme, posted.scheme_version)
        if command.new > largest:
            raise Refused(
                "score_too_large", field="new", new=_text(command.new), largest=_text(largest)
            )
        scope = posted.scope
        subject = score_identity(command.kind, scope, command.period)
        state = reduce(evolve, log.subject(entry.stream, subject), ScoreState())
        wanted = AdjustScore(
            command.kind, scope, command.period, _text(command.new), command.reason
        )
        recorded = log.known([(entry.stream, identity)]).get((entry.stream, identity))
        if recorded is not None:
            # Compared as decided then: a later adjustment may have changed the old value since.
            before = ScoreState(posted=True, value=recorded.data.get("old"))
            earlier = Earlier(recorded, log.texts_of([recorded]))
            if not any(repeats(earlier, event) for event in decide(wanted, before)):
                raise identity_conflict(command.adjustment_id)
            return False
        events = decide(wanted, state)
        pending = [PendingEvent(entry.stream, identity, event, metadata) for event in events]
        return bool(log.append(pending))


def largest_score(reader: Reader, scheme: str, version: int) -> int:
    """Return the largest score that a scheme version allows, in hundredths.

    It is 100 and the version's ``bonus_cap``.
    """
    policy = book(reader).version(scheme, version).policy
    return FULL + int(policy.bonus_cap * FEN)


def _text(hundredths: int) -> str:
    """Return hundredths as a number with two decimals."""
    return f"{hundredths // FEN}.{hundredths % FEN:02}"
