"""Replying to a rectification order: one transaction, and the same reply twice is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.errors import Refused
from events.event import Metadata, Pending
from events.periods import local_date
from events.rectifications import DECIDER, Reply, ReplyRectification, rectification_subject
from events.store import same_content
from projections.directory import find
from projections.documents import district
from tracker import evidence
from tracker.recording import Recorded

if TYPE_CHECKING:
    from events.store import Store


def reply(store: Store, code: str, command: ReplyRectification, metadata: Metadata) -> Recorded:
    """Take the reply of the organization ``code`` in; its ``reply_id`` tells repeats.

    Raises ``Refused`` naming the field: an order that never was, a day in the future, a file that
    was never stored, or the same ``reply_id`` with other content.
    """
    with store.append() as log:
        entry = find(log, code)
        if entry is None:
            raise Refused("unknown_organization", field="organization", code=code)
        stream, event_id = entry.stream, f"reply/{command.reply_id}"
        log.lock([stream])
        told = log.subject(stream, rectification_subject(command.rectification_id))
        state = DECIDER.fold(told)
        today = local_date(store.clock(), district(log).zone)
        (event,) = DECIDER.decide(Reply(command, today), state)
        pending = Pending(stream, event_id, event, metadata)
        standing = log.known([(stream, event_id)]).get((stream, event_id))
        if standing is not None:
            if not same_content(standing, pending, log.texts_of([standing])):
                used = command.reply_id
                raise Refused("identity_conflict.line", field="reply_id", identity=used)
            return Recorded(stream, standing.version, changed=False)
        evidence.require(log, evidence.files_of(command.evidence))
        (done,) = log.append([pending])
        return Recorded(stream, done.version, changed=True)
