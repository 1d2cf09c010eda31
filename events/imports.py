"""Imports: which file was taken in, by whom, and whether it was finished.

An import that was killed stands started and not finished; its checked lines wait in the spool until
the next start, or the same file, finishes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

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


# evolve
@dataclass(frozen=True, slots=True)
class Import:
    """An import so far."""

    digest: str = ""
    historical: bool = False
    finished: bool = False


def evolve(state: Import, event: RecordedEvent) -> Import:
    """The import after an event."""
    if event.type == ImportStarted.TYPE:
        return Import(event.data["digest"], historical=event.data["historical"])
    return replace(state, finished=True)
