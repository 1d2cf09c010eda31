"""Lines that repeat what is no longer the newest: A, B and A again without an ``id``.

Their derived identity is known, so recording them again is impossible, and dropping them in silence
would lose the newest report. They are named instead, with the advice to give the line an ``id``
(docs/semantics.md, section 3). A line that a later line of the same file replaces is unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.refusals.errors import Message
from events.streams import people, records
from events.streams.people import RegisterInspector
from events.streams.records import ReportCondition, ReportMeasure
from projections.records.facts import newest_values
from tracker.imports.lines import LineFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from events.event import Event, RecordedEvent
    from events.log.reader import Reader
    from events.streams.people import Person
    from events.streams.records import Record
    from tracker.commands.organization_handler import OrganizationTree
    from tracker.imports.lines import ImportLine

REPORTS = frozenset({"condition", "measure"})
"""The kinds of line that report a state."""
Subject = tuple[Any, ...]
"""What a line says something about: two lines about one of them replace each other."""


def superseded_fault(line: ImportLine) -> LineFault:
    """Return why a line was not recorded, and what to do instead.

    The ``id`` of an inspector is the person, so such a line cannot be given another one.
    """
    command: Any = line.command
    message = (
        Message("line_superseded.inspector", id=command.id)
        if line.kind == "inspector"
        else Message("line_superseded")
    )
    return LineFault(line.number, "id", message)


def subject_of(line: ImportLine) -> Subject | None:
    """Return what a line says something about; None for kinds that nothing replaces."""
    command: Any = line.command
    match line.kind:
        case "condition":
            return line.kind, command.organization, command.condition, command.on
        case "measure":
            return line.kind, command.organization, command.measure, command.on
        case "correction":
            return line.kind, command.organization, command.record_id
        case "inspector":
            return line.kind, command.id
        case "organization_change":
            return line.kind, command.code, command.on
        case _:
            return None


def last_lines(lines: Iterable[ImportLine]) -> set[int]:
    """Return the numbers of the lines with a derived identity that no later line replaces."""
    last: dict[Subject, int] = {}
    for line in lines:
        subject = subject_of(line)
        if subject is not None:
            last[subject] = line.number if line.derived else 0
    return set(last.values())


class NewestReports:
    """The newest condition or measure of each organization, name and date."""

    def __init__(self, reader: Reader) -> None:
        """Read through an open transaction, when organizations are loaded."""
        self._reader = reader
        self._newest: dict[Subject, str] = {}
        self._loaded: set[str] = set()

    def load(self, streams: Iterable[str]) -> None:
        """Read the reports of organizations, once each."""
        new = sorted(set(streams) - self._loaded)
        self._loaded.update(new)
        self._newest = newest_values(self._reader, new) | self._newest

    def record(self, stream: str, command: ReportCondition | ReportMeasure) -> None:
        """Take a report that a line of this file makes."""
        key, value = _report(stream, command)
        self._newest[key] = value

    def replaced(self, stream: str, command: ReportCondition | ReportMeasure) -> bool:
        """Return whether the newest report says something else."""
        key, value = _report(stream, command)
        return self._newest.get(key, value) != value


def _report(stream: str, command: ReportCondition | ReportMeasure) -> tuple[Subject, str]:
    data = records.event_from_command(command).data()
    kind = "condition" if isinstance(command, ReportCondition) else "measure"
    return (stream, kind, data[kind], data["on"]), str(data.get("state", data.get("value")))


def correction_replaced(correction: RecordedEvent, record: Record) -> bool:
    """Return whether a record has other content now than a correction of it left."""
    if record.fields is None or record.retracted:
        return False
    changes = correction.data["changes"]
    names = {*changes, *(correction.data.get("cleared") or ())}
    return any(record.fields.get(name) != changes.get(name) for name in names)


def inspector_replaced(command: RegisterInspector, person: Person) -> bool:
    """Return whether an inspector is registered otherwise now."""
    return bool(people.decide(command, person))


def change_replaced(tree: OrganizationTree, meant: Sequence[Event], stream: str) -> bool:
    """Return whether a change of the same day and kind says something else than ``meant``."""
    for event in meant:
        data = {name: value for name, value in event.data().items() if name != "reason"}
        newest = tree.newest_change(stream, event.TYPE, str(data["on"]))
        if newest is not None and newest != data:
            return True
    return False
