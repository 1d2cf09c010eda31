"""Replies to rectification orders, idempotent, each in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.event import Metadata, PendingEvent
from events.periods import local_date
from events.streams.rectifications import DECIDER, ReplyRectification, rectification_subject
from projections.documents.in_force import district
from projections.organizations.directory import find
from tracker.commands.records import RecordResult
from tracker.commands.repeats import Earlier, refuse_other_content, unknown_organization
from tracker.storage import evidence

if TYPE_CHECKING:
    from events.log.store import Store


def record_reply(
    store: Store, code: str, command: ReplyRectification, metadata: Metadata
) -> RecordResult:
    """Record an organization's reply; ``code`` is its code, ``reply_id`` identifies repeats.

    Raises ``Refused`` naming the field: an unknown order, a day in the future, a file that was
    never stored, or the same ``reply_id`` with other content.
    """
    with store.append() as log:
        entry = find(log, code)
        if entry is None:
            raise unknown_organization(code)
        stream, event_id = entry.stream, f"reply/{command.reply_id}"
        log.lock([stream])
        history = log.subject(stream, rectification_subject(command.rectification_id))
        today = local_date(store.clock(), district(log).zone)
        (event,) = DECIDER.decide(command, DECIDER.fold(history), today)
        first = log.known([(stream, event_id)]).get((stream, event_id))
        if first is not None:
            refuse_other_content(Earlier(first, log.texts_of([first])), event, field="reply_id")
            return RecordResult(stream, first.version, changed=False)
        evidence.require_stored(log, evidence.named_files(command.evidence))
        (done,) = log.append([PendingEvent(stream, event_id, event, metadata)])
        return RecordResult(stream, done.version, changed=True)
