"""Deciding import lines: what each line appends, whether it stands already, why it is refused.

A desk reads one transaction and carries in memory what the lines before did, so that a whole file
can be decided before anything is recorded, and a page again under the lock of its streams. A
line's identity decides first: the same content changes nothing (semantics, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from events import people, records
from events.errors import Refused
from events.event import Metadata, Pending, RecordedEvent
from events.organizations import Organization
from events.people import RegisterInspector, person_stream
from events.records import Circumstances, Record, record_subject
from events.store import same_content
from projections.documents import vocabulary
from tracker.import_history import OpenedMonths, refuse_history
from tracker.import_organizations import CATEGORY_NAMES, TREE_KINDS, Tree
from tracker.import_standing import Key, Standing, events_of, standing
from tracker.intake_lines import ACTIVITY, INSPECTOR, Line, LineFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.event import Event
    from events.reading import Reader

PAGE = 2000
"""Lines whose identities are looked up, and that are appended, at once."""
RECUSAL = "recusal"
PEOPLE_KINDS = frozenset({INSPECTOR, RECUSAL})
CHANGING_KINDS = frozenset({"correction", "retraction"})
NO_RECORD = Record()
SOME_RECORD = Record({"occurred_on": "2000-01-01"})
EVER = Organization("*", registered_on=date.min)


class Decision(NamedTuple):
    """What follows from one line: events to append (none: unchanged), or its fault."""

    number: int
    kind: str
    stream: str
    pending: list[Pending]
    fault: LineFault | None = None
    resumed: bool = False
    """Whether it is unchanged because this very import recorded it before it was interrupted."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is the same for every line of one import."""

    today: date
    metadata: Metadata
    resumed_from: str | None = None
    """When an interrupted import that goes on was started (instant), else None."""


class Desk:
    """Decides lines against one transaction and what earlier lines of the file do."""

    def __init__(self, reader: Reader, terms: Terms) -> None:
        """Read the vocabulary; everything else when lines need it."""
        self.reader = reader
        self.tree = Tree(reader, terms.today)
        self._terms = terms
        words = vocabulary(reader)
        self._plain = Circumstances(
            today=terms.today,
            activities=frozenset(words.activities),
            conditions=frozenset(words.conditions),
            measures=frozenset(words.measures),
        )
        self._historical: dict[tuple[date, frozenset[str]], Circumstances] = {}
        self._opened = OpenedMonths(reader, self.tree)
        self._seen: dict[Key, Line] = {}
        self._activities: dict[Key, Pending] = {}
        self._records: dict[Key, Record] = {}
        self._people: dict[str, people.Person] = {}
        self._watched: set[Key] = set()

    def decide(self, lines: list[Line]) -> Iterator[Decision]:
        """A decision for each line: the tree's first, then people's, then records by stream.

        Lines about organizations come in the order of ``import_organizations.in_order``; all
        others keep the order of the file within their stream. The list is emptied on the way:
        lines are many, and none is needed twice.
        """
        tree = [line for line in lines if line.kind in TREE_KINDS]
        staff = [line for line in lines if line.kind == INSPECTOR]
        staff += [line for line in lines if line.kind == RECUSAL]
        rest = [line for line in lines if line.kind not in TREE_KINDS | PEOPLE_KINDS]
        lines.clear()
        if tree:
            self.tree.load_lines(tree)
            yield from self._pages([(line, self.tree.stream(line)) for line in tree])
        if staff:
            yield from self._pages([(line, _person(line)) for line in staff])
        if rest:
            yield from self._pages(self._by_stream(rest))

    def _by_stream(self, lines: list[Line]) -> list[tuple[Line, str]]:
        self.tree.load({_organization(line) for line in lines})
        found = [(line, self.tree.codes.get(_organization(line), "")) for line in lines]
        found.sort(key=lambda one: one[1])
        self._watched = {
            (stream, _record_id(line)) for line, stream in found if line.kind in CHANGING_KINDS
        }
        lines.clear()
        return found

    def _pages(self, found: list[tuple[Line, str]]) -> Iterator[Decision]:
        while found:
            page = found[:PAGE]
            del found[:PAGE]
            known = standing(
                self.reader, [(stream, line.identity) for line, stream in page if stream]
            )
            self._load_page(page)
            for line, stream in page:
                yield self._decision(line, stream, known)

    def _load_page(self, page: list[tuple[Line, str]]) -> None:
        """Read the records that are changed again, the people, and the months that opened."""
        kind = page[0][0].kind
        if kind in PEOPLE_KINDS:
            self._load_people(page)
        elif kind not in TREE_KINDS:
            self._load_records(page)
        if any(line.recorded_on is not None for line, _ in page):
            self._opened.load({*self.tree.parents, *(stream for _, stream in page)})

    def _load_people(self, page: list[tuple[Line, str]]) -> None:
        self.tree.load({_organization(line) for line, _ in page})
        streams = sorted({stream for _, stream in page} - self._people.keys())
        for stream, events in self.reader.of_streams(streams).items():
            self._people[stream] = people.DECIDER.fold(events)

    def _load_records(self, page: list[tuple[Line, str]]) -> None:
        wanted = [
            (stream, record_subject(_record_id(line)))
            for line, stream in page
            if line.kind in CHANGING_KINDS and (stream, _record_id(line)) not in self._records
        ]
        again = self.reader.subjects(sorted(set(wanted)))
        for first in events_of(self.reader, sorted(set(wanted))).values():
            record = NO_RECORD
            for event in (first, *again.get((first.stream, first.event_id), ())):
                record = records.evolve(record, event)
            self._records[(first.stream, first.data["record_id"])] = record

    def one(self, line: Line) -> Decision:
        """The decision for a single line about an organization or a person, or ``Refused``."""
        if line.kind in TREE_KINDS:
            self.tree.load_lines([line])
            stream = self.tree.stream(line)
        else:
            stream = _person(line)
        known = standing(self.reader, [(stream, line.identity)])
        self._load_page([(line, stream)])
        return self._decided(line, stream, known)

    def _decided(self, line: Line, stream: str, known: Standing) -> Decision:
        """The decision for a line, or ``Refused``."""
        if line.kind != ACTIVITY or not stream:
            self._known_names(line)
        event = known.events.get((stream, line.identity))
        if event is not None:
            self._same_event(line, event, known)
            return Decision(line.number, line.kind, stream, [], resumed=self._own(event))
        if self._repeats(line, stream):
            return Decision(line.number, line.kind, stream, [])
        return Decision(line.number, line.kind, stream, self._fresh(line, stream))

    def _decision(self, line: Line, stream: str, known: Standing) -> Decision:
        try:
            return self._decided(line, stream, known)
        except Refused as refused:
            fault = LineFault(line.number, refused.field or "", refused.message)
            return Decision(line.number, line.kind, stream, [], fault)

    def _repeats(self, line: Line, stream: str) -> bool:
        """Whether an earlier line of the file did the same; other content is refused."""
        key = (stream, line.identity)
        if line.kind == ACTIVITY:
            before = self._activities.get(key)
            if before is None:
                return False
            meant = self._meant(line, None)[0]
            same = before.event == meant and before.recorded_on == _iso(line.recorded_on)
        else:
            earlier = self._seen.get(key)
            if earlier is None:
                return False
            same = (earlier.kind, earlier.command, earlier.recorded_on) == (
                line.kind,
                line.command,
                line.recorded_on,
            )
        if not same:
            raise _conflict(line)
        return True

    def _fresh(self, line: Line, stream: str) -> list[Pending]:
        """The events of a line that nobody recorded yet."""
        day, metadata = _iso(line.recorded_on), self._terms.metadata
        events = self._events(line, stream)
        if line.kind == ACTIVITY:
            one = Pending(stream, line.identity, events[0], metadata, day)
            self._activities[(stream, line.identity)] = one
            if self._watched and (stream, _record_id(line)) in self._watched:
                self._accept(line, stream, [one])
            return [one]
        names = [line.identity, *(f"{line.identity}#{place}" for place in range(2, 9))]
        pending = [
            Pending(stream, name, event, metadata, day)
            for name, event in zip(names, events, strict=False)
        ]
        self._seen[(stream, line.identity)] = line
        self._accept(line, stream, pending)
        return pending

    def _events(self, line: Line, stream: str) -> list[Event]:
        command: Any = line.command
        if line.kind == ACTIVITY:
            around = self._around(line.recorded_on, stream)
            return records.decide(command, NO_RECORD, self.tree.lives[stream], around)
        if line.kind in TREE_KINDS:
            events = self.tree.decide(line)
            refuse_history(line, self._terms.today, self._opened.of(self._scope(line, stream)))
            return events
        if line.kind in PEOPLE_KINDS:
            refuse_history(line, self._terms.today, frozenset())
            return people.decide(command, self._people[stream])
        around = self._around(line.recorded_on, stream)
        record = self._records.get((stream, _record_id(line)), NO_RECORD)
        return records.decide(command, record, self.tree.lives[stream], around)

    def _around(self, recorded_on: date | None, stream: str) -> Circumstances:
        if recorded_on is None:
            return self._plain
        opened = self._opened.of(stream)
        found = self._historical.get((recorded_on, opened))
        if found is None:
            found = replace(self._plain, recorded_on=recorded_on, opened=opened)
            self._historical[(recorded_on, opened)] = found
        return found

    def _scope(self, line: Line, stream: str) -> str:
        """The stream whose months count for a line of the tree: a new organization's parent's."""
        if stream in self.tree.lives:
            return stream
        return self.tree.codes.get(getattr(line.command, "parent", None) or "", stream)

    def _accept(self, line: Line, stream: str, pending: list[Pending]) -> None:
        """Remember what a line does, for the lines after it."""
        events = [_as_recorded(one) for one in pending]
        if line.kind in TREE_KINDS:
            self.tree.accept(stream, events)
        elif line.kind in PEOPLE_KINDS:
            for event in events:
                self._people[stream] = people.evolve(self._people[stream], event)
        elif _record_id(line):
            key = (stream, _record_id(line))
            for event in events:
                self._records[key] = records.evolve(self._records.get(key, NO_RECORD), event)

    def _known_names(self, line: Line) -> None:
        """Refuse a line of records or people that names an unknown organization or category."""
        if line.kind in TREE_KINDS:
            return
        code = _organization(line)
        if self.tree.codes.get(code) is None:
            raise Refused("unknown_organization", field="organization", code=code)
        if isinstance(line.command, RegisterInspector):
            unknown = [one for one in line.command.categories if one not in CATEGORY_NAMES]
            if unknown:
                raise Refused("unknown_category", field="categories", code=unknown[0])

    def _same_event(self, line: Line, event: RecordedEvent, known: Standing) -> None:
        """Refuse a repeated identity whose content is not the one that was first recorded."""
        if line.derived:
            return
        day = _iso(line.recorded_on)
        if line.kind in TREE_KINDS and not self.tree.stands(line, event):
            raise _conflict(line)
        for meant in self._meant(line, event)[:1]:
            candidate = Pending(event.stream, event.event_id, meant, self._terms.metadata, day)
            if same_content(event, candidate, known.texts):
                return
        raise _conflict(line)

    def _meant(self, line: Line, first: RecordedEvent | None) -> list[Event]:
        """The events that a line means, whatever stands today."""
        command: Any = line.command
        if first is not None and line.kind in TREE_KINDS:
            return self.tree.meant(line, first)
        if line.kind in PEOPLE_KINDS:
            return people.decide(command, people.Person(getattr(command, "inspector", "")))
        around = Circumstances(
            date.max,
            frozenset({getattr(command, "activity", ""), _changed_activity(command)}),
            frozenset({getattr(command, "condition", "")}),
            frozenset({getattr(command, "measure", "")}),
        )
        return records.decide(command, SOME_RECORD, EVER, around)

    def _own(self, event: RecordedEvent) -> bool:
        start = self._terms.resumed_from
        own = event.correlation == self._terms.metadata.correlation
        return start is not None and own and event.recorded_at >= start


def _changed_activity(command: Any) -> str:
    changes = getattr(command, "changes", None)
    return (changes.activity or "") if changes is not None else ""


def _organization(line: Line) -> str:
    return str(getattr(line.command, "organization", ""))


def _record_id(line: Line) -> str:
    return str(getattr(line.command, "record_id", ""))


def _person(line: Line) -> str:
    command: Any = line.command
    return person_stream(command.id if line.kind == INSPECTOR else command.inspector)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _conflict(line: Line) -> Refused:
    name = "record_id" if line.kind == ACTIVITY else "id"
    return Refused("identity_conflict.line", field=name, identity=line.identity.split("/", 1)[1])


def _as_recorded(one: Pending) -> RecordedEvent:
    """An event as it will stand, for the folds: what is not yet known is left empty."""
    event = one.event
    return RecordedEvent(
        stream=one.stream,
        version=0,
        position=0,
        event_id=one.event_id,
        type=event.TYPE,
        data=orjson.loads(orjson.dumps(event.data())),
        actor=one.metadata.actor,
        channel=one.metadata.channel,
        correlation=one.metadata.correlation,
        recorded_at="",
        recorded_on=one.recorded_on,
        occurred_on=event.happened_on(),
        subject=event.subject(),
    )
