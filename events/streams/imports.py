"""Imports: which file was imported, by whom, and whether the import finished.

A killed import is started and not finished. Its validated lines wait in the spool until the next
start of the service, or a new import of the same file, finishes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from events.decider import Decider
from events.event import Event

if TYPE_CHECKING:
    from events.event import RecordedEvent

PREFIX = "import-"


def import_stream(import_id: str) -> str:
    """Return the stream of one import."""
    return PREFIX + import_id


# facts
class ImportStarted(Event):
    """A file was validated completely and is being appended."""

    TYPE: ClassVar[str] = "ImportStarted"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    digest: str
    lines: int
    historical: bool = False
    reason: str | None = None


class ImportFinished(Event):
    """Every line of the file is in the log."""

    TYPE: ClassVar[str] = "ImportFinished"

    recorded: int
    unchanged: int


# commands
@dataclass(frozen=True, slots=True)
class StartImport:
    """Start to append the lines of a validated file."""

    digest: str
    lines: int
    historical: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FinishImport:
    """Record that every line of the file is in the log."""

    recorded: int
    unchanged: int


# evolve
@dataclass(frozen=True, slots=True)
class Import:
    """The state of an import."""

    digest: str = ""
    historical: bool = False
    finished: bool = False

    @property
    def underway(self) -> bool:
        """Whether the import was started and not finished."""
        return bool(self.digest) and not self.finished


def evolve(state: Import, event: RecordedEvent) -> Import:
    """Return the import after one event."""
    if event.type == ImportStarted.TYPE:
        return Import(event.data["digest"], historical=event.data["historical"])
    return replace(state, finished=True)


# decide
def decide(command: StartImport | FinishImport, state: Import) -> list[Event]:
    """Return the start or the finish; none if the import is underway or finished already.

    A finished import of the same file starts again: lines that were refused may now be accepted.
    """
    if isinstance(command, StartImport):
        if state.underway:
            return []
        return [
            ImportStarted(
                digest=command.digest,
                lines=command.lines,
                historical=command.historical,
                reason=command.reason,
            )
        ]
    if state.finished:
        return []
    return [ImportFinished(recorded=command.recorded, unchanged=command.unchanged)]


DECIDER = Decider(Import(), evolve, decide)
