"""Imports: which file was taken in, by whom, and whether it was finished.

An import that was killed stands started and not finished; its checked lines wait in the spool until
the next start, or the same file, finishes it.
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
    """The stream of one import."""
    return PREFIX + import_id


# facts
class ImportStarted(Event):
    """A file, fully checked, is being appended."""

    TYPE: ClassVar[str] = "ImportStarted"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    digest: str
    lines: int
    historical: bool = False
    reason: str | None = None


class ImportFinished(Event):
    """Every line of the file stands in the log."""

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
    """An import so far."""

    digest: str = ""
    historical: bool = False
    finished: bool = False

    @property
    def underway(self) -> bool:
        """Whether it was started and not finished."""
        return bool(self.digest) and not self.finished


def evolve(state: Import, event: RecordedEvent) -> Import:
    """The import after an event."""
    if event.type == ImportStarted.TYPE:
        return Import(event.data["digest"], historical=event.data["historical"])
    return replace(state, finished=True)


# decide
def decide(command: StartImport | FinishImport, state: Import) -> list[Event]:
    """Start or finish an import; one that is underway or finished already changes nothing.

    A finished import of the same file starts again: the file may bring lines that were refused.
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
