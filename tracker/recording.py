"""Recording one line as it happens: the path of pages and programs, one transaction each.

The same deciders as the import's, and two statements on PostgreSQL: one finds, locks and reads, one
writes the log and the read models.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from events import organizations
from events.errors import Refused
from events.event import Metadata, Pending, RecordedEvent
from events.organizations import Organization
from events.periods import local_date
from events.reading import COLUMNS, recorded
from events.records import (
    Circumstances,
    CorrectActivity,
    Record,
    RecordActivity,
    RecordCommand,
    RetractActivity,
    decide,
    evolve,
    record_subject,
)
from events.store import LOCKED, same_content
from projections.documents import district, vocabulary
from projections.marks import NEWEST

if TYPE_CHECKING:
    from events.store import Append, Store

FIND = (
    "SELECT c.stream, o.code, o.name, o.category, o.registered_on, o.closed_on,"
    f" CASE WHEN p.stale IS NULL THEN p.version END, ({NEWEST}), {{locked}}, {{known}}"
    " FROM codes c JOIN heads h ON h.stream = c.stream"
    " LEFT JOIN organizations o ON o.stream = c.stream"
    " LEFT JOIN checkpoints p ON p.stream = c.stream"
    " LEFT JOIN events k ON k.stream = c.stream AND k.event_id = ? WHERE c.code = ?"
)
KNOWN = ", ".join(f"k.{name.strip()}" for name in COLUMNS.split(","))
HEAD_FROM, KNOWN_FROM = 8, 14
"""Where in a row of ``FIND`` the head begins, and where the event that stands already."""
SQL = {
    "sqlite": FIND.format(locked=LOCKED["sqlite"], known=KNOWN),
    "postgresql": FIND.format(locked=LOCKED["postgresql"], known=KNOWN) + " FOR UPDATE OF h",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording came to: where the event stands, and whether it is new."""

    stream: str
    version: int
    changed: bool


def record(
    store: Store,
    command: RecordCommand,
    metadata: Metadata,
    *,
    identity: str | None = None,
    seen: int | None = None,
) -> Recorded:
    """Record one line. ``identity`` tells repeats of lines that have no ``record_id`` of their own.

    The same identity with the same content changes nothing. ``seen`` is the stream version of the
    newest event of the record that a person saw: where somebody changed it since, it is refused.
    Raises ``Refused`` naming the field.
    """
    event_id = _identity(command, identity)
    with store.append() as log:
        found = log.rows(SQL[log.connection.dialect.name], [event_id, command.organization])
        if not found:
            raise Refused("unknown_organization", field="organization", code=command.organization)
        row = found[0]
        stream = row[0]
        log.adopt(stream, row[HEAD_FROM:KNOWN_FROM])
        if row[1] is None or log.heads[stream].version != row[6]:
            life, standing = _again(log, stream, event_id)
        else:
            life = Organization(row[1], row[2], row[3], None, _day(row[4]), row[5] and _day(row[5]))
            standing = recorded(row[KNOWN_FROM:]) if row[KNOWN_FROM] is not None else None
        if standing is not None:
            return _repeated(log, command, event_id, standing)
        words = vocabulary(log, row[7] or "")
        around = Circumstances(
            today=local_date(store.clock(), district(log).zone),
            activities=words.activities.keys(),
            conditions=words.conditions.keys(),
            measures=words.measures.keys(),
        )
        told = _of_record(log, stream, command)
        if seen is not None and told and told[-1].version != seen:
            raise Refused("record_changed", field="record_id")
        events = decide(command, reduce(evolve, told, Record()), life, around)
        done = log.append([Pending(stream, event_id, one, metadata) for one in events])
        return Recorded(stream, done[-1].version, changed=True)


def _identity(command: RecordCommand, given: str | None) -> str:
    if isinstance(command, RecordActivity):
        return record_subject(command.record_id)
    if given is None:
        raise Refused("no_identity", field="id")
    return f"line/{given}"


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _of_record(log: Append, stream: str, command: RecordCommand) -> list[RecordedEvent]:
    """The events of the record that is corrected or retracted; none for other commands."""
    if not isinstance(command, CorrectActivity | RetractActivity):
        return []
    subject = record_subject(command.record_id)
    first = log.known([(stream, subject)]).get((stream, subject))
    later = log.subject(stream, subject)
    return [first, *later] if first is not None else later


def _again(log: Append, stream: str, event_id: str) -> tuple[Organization, RecordedEvent | None]:
    """Life and standing event from the log: the read model is behind, or somebody just wrote."""
    life = reduce(organizations.evolve, log.subject(stream, organizations.SUBJECT), Organization())
    return life, log.known([(stream, event_id)]).get((stream, event_id))


def _repeated(
    log: Append, command: RecordCommand, event_id: str, standing: RecordedEvent
) -> Recorded:
    """The answer to a repeat: what stands, or ``Refused`` where the content is another."""
    everything = _Everything()
    around = Circumstances(date.max, everything, everything, everything)
    first = Record({"occurred_on": date.min.isoformat()})
    life = Organization(command.organization, "", "", None, date.min)
    (event,) = decide(command, first, life, around)
    candidate = Pending(standing.stream, event_id, event, Metadata(""))
    if not same_content(standing, candidate, log.texts_of([standing])):
        raise Refused(
            "identity_conflict.line",
            field="record_id" if isinstance(command, RecordActivity) else "id",
            identity=event_id.partition("/")[2],
        )
    return Recorded(standing.stream, standing.version, changed=False)


class _Everything(frozenset[str]):
    """A vocabulary that holds every word: what was recorded once is not judged again."""

    def __contains__(self, word: object) -> bool:
        """Yes."""
        return True
