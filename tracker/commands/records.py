"""One record from a page or a program, recorded in a transaction.

The import uses the same handler (``tracker.commands.record_handler``). On PostgreSQL it takes two
statements: one finds, locks and reads, one writes the log and the read models.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from events.log.reader import COLUMNS, event_from_row
from events.log.store import LOCKED_HEAD_COLUMNS
from events.periods import local_date
from events.refusals.errors import Refused
from events.streams import organizations
from events.streams.organizations import Organization
from events.streams.records import (
    DECIDER,
    CorrectActivity,
    RecordActivity,
    RecordContext,
    RetractActivity,
    record_subject,
)
from projections.documents.in_force import district, scheme_words
from projections.documents.marks import NEWEST
from tracker.commands.record_handler import handle_record
from tracker.commands.repeats import Earlier, pending_events, unknown_organization

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import Metadata, RecordedEvent
    from events.log.store import Append, Store
    from events.streams.records import RecordCommand

FIND = (
    "SELECT c.stream, o.code, o.name, o.category, o.registered_on, o.closed_on,"
    f" CASE WHEN p.stale IS NULL THEN p.version END, ({NEWEST}), {{locked}}, {{earlier}}"
    " FROM codes c JOIN heads h ON h.stream = c.stream"
    " LEFT JOIN organizations o ON o.stream = c.stream"
    " LEFT JOIN checkpoints p ON p.stream = c.stream"
    " LEFT JOIN events k ON k.stream = c.stream AND k.event_id = ? WHERE c.code = ?"
)
EARLIER = ", ".join(f"k.{name.strip()}" for name in COLUMNS.split(","))
SQL = {
    "sqlite": FIND.format(locked=LOCKED_HEAD_COLUMNS["sqlite"], earlier=EARLIER),
    "postgresql": FIND.format(locked=LOCKED_HEAD_COLUMNS["postgresql"], earlier=EARLIER)
    + " FOR UPDATE OF h",
}
"""Finds an organization by its code, locks its stream and reads the event under an identity.

One statement: on PostgreSQL each further one costs a round trip while the stream is locked.
"""


class RegisteredOrganization(NamedTuple):
    """The first columns of a row of ``SQL``: an organization as the directory has it.

    ``checkpoint`` is the stream version that the directory has read, None where it is stale;
    ``scheme_mark`` says whether the cached vocabulary is still in force.
    """

    stream: str
    code: str | None
    name: str
    category: str
    registered_on: str
    closed_on: str | None
    checkpoint: int | None
    scheme_mark: str | None

    def life(self) -> Organization:
        """Return the organization's life; its parent plays no part in records."""
        closed = None if self.closed_on is None else date.fromisoformat(self.closed_on)
        begun = date.fromisoformat(self.registered_on)
        return Organization(self.code or "", self.name, self.category, None, begun, closed)


HEAD = slice(len(RegisteredOrganization._fields), len(RegisteredOrganization._fields) + 6)
"""The columns of a row of ``SQL`` that ``Append.adopt`` takes; those after it are the event's."""


@dataclass(frozen=True, slots=True)
class RecordResult:
    """The result of recording: the event's version in its stream, and whether it is new."""

    stream: str
    version: int
    changed: bool


def record_line(
    store: Store,
    command: RecordCommand,
    metadata: Metadata,
    *,
    identity: str | None = None,
    seen: int | None = None,
) -> RecordResult:
    """Record one line; the same content again changes nothing.

    ``identity`` identifies lines without a ``record_id``. ``seen`` is the stream version of the
    record's newest event that the user saw: a record that changed since is refused. Raises
    ``Refused`` naming the field.
    """
    event_id = _identity(command, identity)
    with store.append() as log:
        rows = log.rows(SQL[log.connection.dialect.name], [event_id, command.organization])
        if not rows:
            raise unknown_organization(command.organization)
        organization, life, earlier = _lock_organization(log, rows[0], event_id)
        stream = organization.stream
        history = [] if earlier is not None else _record_events(log, stream, command)
        if seen is not None and history and history[-1].version != seen:
            raise Refused("record_changed", field="record_id")
        words = scheme_words(log, organization.scheme_mark or "")
        context = RecordContext(
            today=local_date(store.clock(), district(log).zone),
            activities=words.activities.keys(),
            conditions=words.conditions.keys(),
            measures=words.measures.keys(),
        )
        repeated = None if earlier is None else Earlier(earlier, log.texts_of([earlier]))
        events = handle_record(command, life, repeated, DECIDER.fold(history), context)
        if earlier is not None:
            return RecordResult(stream, earlier.version, changed=False)
        done = log.append(pending_events(stream, event_id, events, metadata))
        return RecordResult(stream, done[-1].version, changed=True)


def _identity(command: RecordCommand, given: str | None) -> str:
    if isinstance(command, RecordActivity):
        return record_subject(command.record_id)
    if given is None:
        raise Refused("no_identity", field="id")
    return f"line/{given}"


def _lock_organization(
    log: Append, row: Sequence[Any], event_id: str
) -> tuple[RegisteredOrganization, Organization, RecordedEvent | None]:
    """Lock the organization of a row of ``SQL``; return it, its life and the identity's event.

    Life and event come from the log where the directory is behind or the stream has just been
    written: on PostgreSQL the locked head is newer than the rest of what the statement read.
    """
    organization = RegisteredOrganization._make(row[: HEAD.start])
    stream = organization.stream
    log.adopt_head(stream, row[HEAD])
    if organization.code is None or log.heads[stream].version != organization.checkpoint:
        life = organizations.DECIDER.fold(log.subject(stream, organizations.SUBJECT))
        return organization, life, log.known([(stream, event_id)]).get((stream, event_id))
    earlier = row[HEAD.stop :]
    return (
        organization,
        organization.life(),
        event_from_row(earlier) if earlier[0] is not None else None,
    )


def _record_events(log: Append, stream: str, command: RecordCommand) -> list[RecordedEvent]:
    """Return the events of the record that is corrected or retracted; none for other commands."""
    if not isinstance(command, CorrectActivity | RetractActivity):
        return []
    subject = record_subject(command.record_id)
    first = log.known([(stream, subject)]).get((stream, subject))
    later = log.subject(stream, subject)
    return [first, *later] if first is not None else later
