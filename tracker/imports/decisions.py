"""Import lines decided in bulk: what each line appends, whether it repeats, why it is refused.

The decider reads in one transaction and holds in memory what earlier lines of the file did. So a
whole file can be decided before anything is recorded, and a page again under the lock of its
streams. The handler of its kind (``tracker.commands``) decides each line, as it does one command.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from events.event import Metadata, PendingEvent, RecordedEvent
from events.refusals.errors import Refused
from events.streams import people, records
from events.streams.organizations import ChangeOrganization
from events.streams.people import RegisterInspector
from events.streams.records import (
    CorrectActivity,
    Record,
    RecordContext,
    ReportCondition,
    ReportMeasure,
    record_subject,
)
from projections.documents.in_force import vocabulary
from tracker.commands.organization_handler import (
    EarlierLine,
    OrganizationTree,
    closes,
    handle_organization,
)
from tracker.commands.person_handler import handle_person, stream_of_person
from tracker.commands.record_handler import handle_record
from tracker.commands.repeats import Earlier, pending_events
from tracker.imports.history import OpenedMonths
from tracker.imports.identities import Key, RecordedIdentities, events_of, read_recorded
from tracker.imports.lines import ACTIVITY, CORRECTION, INSPECTOR, RECUSAL, ImportLine, LineFault
from tracker.imports.organizations import TREE_KINDS
from tracker.imports.superseded import (
    REPORTS,
    NewestReports,
    change_replaced,
    correction_replaced,
    inspector_replaced,
    last_lines,
    superseded_fault,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from events.log.reader import Reader

PAGE = 2000
"""Lines whose identities are looked up together, and that one transaction appends."""
PEOPLE_KINDS = frozenset({INSPECTOR, RECUSAL})
CHANGING_KINDS = frozenset({CORRECTION, "retraction"})
NO_RECORD = Record()
NO_TEXTS: dict[tuple[str, int, str], str] = {}


class Decision(NamedTuple):
    """The decision for one line: events to append (none: unchanged), or its fault."""

    number: int
    kind: str
    stream: str
    pending: list[PendingEvent]
    fault: LineFault | None = None
    resumed: bool = False
    """Whether it is unchanged because the same import recorded it before it was interrupted."""
    superseded: LineFault | None = None
    """Why it was not recorded, where it repeats what is no longer the newest."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The options of one import, the same for every line."""

    today: date
    metadata: Metadata
    resumed_from: str | None = None
    """The start (instant) of the interrupted import that is resumed, else None."""


class ImportDecider:
    """Decides lines against one transaction and what earlier lines of the file do."""

    def __init__(self, reader: Reader, options: ImportOptions) -> None:
        """Read the vocabulary; everything else when lines need it."""
        self.reader = reader
        self.tree = OrganizationTree(reader, options.today)
        self._options = options
        words = vocabulary(reader)
        self._categories = tuple(words.categories)
        self._context = RecordContext(
            today=options.today,
            activities=frozenset(words.activities),
            conditions=frozenset(words.conditions),
            measures=frozenset(words.measures),
        )
        self._historical: dict[tuple[date, frozenset[str]], RecordContext] = {}
        self._opened = OpenedMonths(reader, self.tree)
        self._lines: dict[Key, PendingEvent] = {}
        self._tree_lines: dict[Key, EarlierLine] = {}
        self._records: dict[Key, Record] = {}
        self._people: dict[str, people.Person] = {}
        self._watched: set[Key] = set()
        self._reports = NewestReports(reader)
        self._last: set[int] = set()

    def decide(self, lines: list[ImportLine]) -> Iterator[Decision]:
        """Yield a decision for each line: the tree's first, then people's, then records by stream.

        Lines about organizations come in the order of ``imports.organizations.order_lines``, those
        that close one last and the lowest in the tree first, after their children have left; all
        others keep the order of the file within their stream. The list is emptied on the way, to
        free the memory of large files: no line is needed twice.
        """
        tree = [line for line in lines if line.kind in TREE_KINDS]
        staff = [line for line in lines if line.kind == INSPECTOR]
        staff += [line for line in lines if line.kind == RECUSAL]
        rest = [line for line in lines if line.kind not in TREE_KINDS | PEOPLE_KINDS]
        self._last = last_lines(lines)
        lines.clear()
        if tree:
            commands: list[Any] = [line.command for line in tree]
            self.tree.load_named(commands)
            closing: list[ImportLine] = []
            staying: list[tuple[ImportLine, str]] = []
            for line, command in zip(tree, commands, strict=True):
                if closes(command):
                    closing.append(line)
                else:
                    staying.append((line, self._tree_stream(line)))
            yield from self._pages(staying)
            ending = [(line, self._tree_stream(line)) for line in closing]
            ending.sort(key=lambda pair: -self.tree.depth(pair[1]))
            yield from self._pages(ending)
        if staff:
            yield from self._pages([(line, _person_stream(line)) for line in staff])
        if rest:
            yield from self._pages(self._by_stream(rest))

    def _by_stream(self, lines: list[ImportLine]) -> list[tuple[ImportLine, str]]:
        self.tree.load({_organization(line) for line in lines})
        placed = [(line, self.tree.codes.get(_organization(line), "")) for line in lines]
        placed.sort(key=lambda pair: pair[1])
        self._watched = {
            (stream, _record_id(line)) for line, stream in placed if line.kind in CHANGING_KINDS
        }
        lines.clear()
        return placed

    def _pages(self, placed: list[tuple[ImportLine, str]]) -> Iterator[Decision]:
        while placed:
            page = placed[:PAGE]
            del placed[:PAGE]
            known = read_recorded(
                self.reader, [(stream, line.identity) for line, stream in page if stream]
            )
            self._load_page(page)
            self._reports.load(
                stream
                for line, stream in page
                if line.number in self._last
                and line.kind in REPORTS
                and (stream, line.identity) in known.events
            )
            for line, stream in page:
                yield self._decision(line, stream, known)

    def _load_page(self, page: list[tuple[ImportLine, str]]) -> None:
        """Read what a page needs: the records that it changes, people, and opened months."""
        kind = page[0][0].kind
        if kind in PEOPLE_KINDS:
            self._load_people(page)
        elif kind not in TREE_KINDS:
            self._load_records(page)
        if any(line.recorded_on is not None for line, _ in page):
            self._opened.load({*self.tree.parents, *(stream for _, stream in page)})

    def _load_people(self, page: list[tuple[ImportLine, str]]) -> None:
        self.tree.load({_organization(line) for line, _ in page})
        streams = sorted({stream for _, stream in page} - self._people.keys())
        for stream, events in self.reader.events_of_streams(streams).items():
            self._people[stream] = people.DECIDER.fold(events)

    def _load_records(self, page: list[tuple[ImportLine, str]]) -> None:
        wanted = [
            (stream, record_subject(_record_id(line)))
            for line, stream in page
            if line.kind in CHANGING_KINDS and (stream, _record_id(line)) not in self._records
        ]
        later = self.reader.events_of_subjects(sorted(set(wanted)))
        for first in events_of(self.reader, sorted(set(wanted))).values():
            events = (first, *later.get((first.stream, first.event_id), ()))
            self._records[(first.stream, first.data["record_id"])] = records.DECIDER.fold(events)

    def _decision(self, line: ImportLine, stream: str, known: RecordedIdentities) -> Decision:
        """Return the decision for a line: its events, none for a repeat, or its fault."""
        key = (stream, line.identity)
        recorded = known.events.get(key)
        try:
            if line.kind in TREE_KINDS:
                pending = self._tree_events(line, key, recorded, known)
            elif line.kind in PEOPLE_KINDS:
                pending = self._person_events(line, key, recorded, known)
            else:
                pending = self._record_events(line, key, recorded, known)
        except Refused as refused:
            fault = LineFault(line.number, refused.field or "", refused.message)
            return Decision(line.number, line.kind, stream, [], fault)
        if recorded is None or pending:
            return Decision(line.number, line.kind, stream, pending)
        resumed = self._is_own(recorded)
        replaced = not resumed and line.number in self._last and self._replaced(line, recorded)
        superseded = superseded_fault(line) if replaced else None
        return Decision(
            line.number, line.kind, stream, pending, resumed=resumed, superseded=superseded
        )

    def _replaced(self, line: ImportLine, recorded: RecordedEvent) -> bool:
        """Return whether a line that repeats ``recorded`` is no longer the newest."""
        command, stream = line.command, recorded.stream
        match command:
            case ReportCondition() | ReportMeasure():
                return self._reports.replaced(stream, command)
            case CorrectActivity():
                record = self._records.get((stream, command.record_id), NO_RECORD)
                return correction_replaced(recorded, record)
            case RegisterInspector():
                return inspector_replaced(command, self._people[stream])
            case ChangeOrganization():
                return change_replaced(self.tree, self.tree.replay(command, recorded), stream)
            case _:
                return False

    def _record_events(
        self, line: ImportLine, key: Key, recorded: RecordedEvent | None, known: RecordedIdentities
    ) -> list[PendingEvent]:
        stream, identity = key
        record_id = _record_id(line)
        command: Any = line.command
        events = handle_record(
            command,
            self.tree.lives.get(stream),
            self._earlier(key, recorded, known),
            NO_RECORD
            if line.kind == ACTIVITY
            else self._records.get((stream, record_id), NO_RECORD),
            self._context
            if line.recorded_on is None
            else self._historical_context(line.recorded_on, stream),
            derived=line.derived,
        )
        if not events:
            return []
        pending = pending_events(stream, identity, events, self._options.metadata, line.recorded_on)
        self._lines[key] = pending[0]
        if isinstance(command, ReportCondition | ReportMeasure):
            self._reports.record(stream, command)
        if self._watched and (stream, record_id) in self._watched:
            record = self._records.get((stream, record_id), NO_RECORD)
            self._records[(stream, record_id)] = records.evolve(record, _as_recorded(pending[0]))
        return pending

    def _person_events(
        self, line: ImportLine, key: Key, recorded: RecordedEvent | None, known: RecordedIdentities
    ) -> list[PendingEvent]:
        stream, identity = key
        command: Any = line.command
        earlier = self._earlier(key, recorded, known)
        events = handle_person(
            command,
            self._people[stream],
            earlier,
            organization_known=_organization(line) in self.tree.codes,
            categories=self._categories,
            today=self._options.today,
            recorded_on=line.recorded_on,
            derived=line.derived,
        )
        metadata, day = self._options.metadata, line.recorded_on
        if earlier is None:
            first = [people.event_from_command(command)]
            self._lines[key] = pending_events(stream, identity, first, metadata, day)[0]
        pending = pending_events(stream, identity, events, metadata, day)
        for event in pending:
            self._people[stream] = people.evolve(self._people[stream], _as_recorded(event))
        return pending

    def _tree_events(
        self, line: ImportLine, key: Key, recorded: RecordedEvent | None, known: RecordedIdentities
    ) -> list[PendingEvent]:
        stream, identity = key
        command: Any = line.command
        historical = line.recorded_on is not None
        earlier: Earlier | EarlierLine | None = self._tree_lines.get(key)
        if recorded is not None:
            earlier = Earlier(recorded, known.texts)
        events = handle_organization(
            command,
            self.tree,
            earlier,
            recorded_on=line.recorded_on,
            opened=self._opened.months_of(self.tree.months_scope(command))
            if historical
            else frozenset(),
            derived=line.derived,
        )
        if earlier is None:
            self._tree_lines[key] = EarlierLine(identity, command, line.recorded_on)
        pending = pending_events(stream, identity, events, self._options.metadata, line.recorded_on)
        self.tree.accept(stream, [_as_recorded(event) for event in pending])
        return pending

    def _earlier(
        self, key: Key, recorded: RecordedEvent | None, known: RecordedIdentities
    ) -> Earlier | None:
        """Return what is recorded under a line's identity, or what an earlier line leads to."""
        if recorded is not None:
            return Earlier(recorded, known.texts)
        pending = self._lines.get(key)
        return None if pending is None else Earlier(pending, NO_TEXTS)

    def _historical_context(self, recorded_on: date, stream: str) -> RecordContext:
        opened = self._opened.months_of(stream)
        context = self._historical.get((recorded_on, opened))
        if context is None:
            context = replace(self._context, recorded_on=recorded_on, opened=opened)
            self._historical[(recorded_on, opened)] = context
        return context

    def _tree_stream(self, line: ImportLine) -> str:
        command: Any = line.command
        return self.tree.stream(command)

    def _is_own(self, event: RecordedEvent) -> bool:
        start = self._options.resumed_from
        own = event.correlation == self._options.metadata.correlation
        return start is not None and own and event.recorded_at >= start


def _organization(line: ImportLine) -> str:
    return str(getattr(line.command, "organization", ""))


def _record_id(line: ImportLine) -> str:
    return str(getattr(line.command, "record_id", ""))


def _person_stream(line: ImportLine) -> str:
    command: Any = line.command
    return stream_of_person(command)


def _as_recorded(pending: PendingEvent) -> RecordedEvent:
    """Return an event as it will be recorded, for folds; versions and times stay empty."""
    event = pending.event
    return RecordedEvent(
        stream=pending.stream,
        version=0,
        position=0,
        event_id=pending.event_id,
        type=event.TYPE,
        data=orjson.loads(orjson.dumps(event.data())),
        actor=pending.metadata.actor,
        channel=pending.metadata.channel,
        correlation=pending.metadata.correlation,
        recorded_at="",
        recorded_on=pending.recorded_on,
        occurred_on=event.happened_on(),
        subject=event.subject(),
    )
