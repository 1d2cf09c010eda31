"""What a monthly cycle can be asked to do: open, draw, assign, remind, close.

``events.streams.cycles`` has the events that these commands lead to, and decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from events.streams.cycles import (
        CycleClosed,
        CycleOpened,
        FrameCommitted,
        OrganizationExcluded,
        SampleDrawn,
        SampleListed,
    )


# commands
@dataclass(frozen=True, slots=True)
class OpenCycle:
    """Open the cycle with the versions and the frame that the runner read."""

    opened: CycleOpened
    frame: tuple[FrameCommitted, ...]


@dataclass(frozen=True, slots=True)
class DrawSample:
    """Record the public value, the sample that follows from it, and who inspects."""

    drawn: SampleDrawn
    listed: tuple[SampleListed, ...]
    exclusions: tuple[OrganizationExcluded, ...]


@dataclass(frozen=True, slots=True)
class FinishAssigning:
    """Record that every assignment of the sample is in its organization's stream."""

    scope: str
    period: str
    assigned: int


@dataclass(frozen=True, slots=True)
class Remind:
    """Remind the inspectors, on a local date."""

    scope: str
    period: str
    open_assignments: int
    reminded_on: date


@dataclass(frozen=True, slots=True)
class BeginClosing:
    """Stop accepting sheets."""

    scope: str
    period: str
    closing_on: date
    uninspected: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FinishClosing:
    """Record that all figures are posted and sealed."""

    closed: CycleClosed


CycleCommand = OpenCycle | DrawSample | FinishAssigning | Remind | BeginClosing | FinishClosing
