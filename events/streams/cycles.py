"""A monthly cycle of one scope: opened, drawn, assigned, reminded, closing, closed.

The stream ``cycle-SCOPE-2026-09`` holds the opening with the versions it pins, the frame, the draw
and the closing (docs/semantics.md, sections 8, 9). ``events.streams.cycle_decisions`` has its
commands and keeps the order of the steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from events.event import Event

if TYPE_CHECKING:
    from events.event import RecordedEvent

PREFIX = "cycle-"
CODES_PER_EVENT = 1000
"""The most organizations in one event of the frame or the sample."""


def cycle_stream(scope: str, period: str) -> str:
    """Return the stream of one scope's cycle of a month."""
    return f"{PREFIX}{scope}-{period}"


# facts
class CycleEvent(Event):
    """Base of the events of a cycle."""

    scope: str
    period: str


class CycleOpened(CycleEvent):
    """The month's cycle opened: versions are pinned, frame and plan committed, nobody is drawn."""

    TYPE: ClassVar[str] = "CycleOpened"
    OPEN: ClassVar[bool] = True

    opened_on: date
    draws_on: date
    reminds_on: date
    closes_on: date
    schemes: tuple[dict[str, Any], ...]
    policy_version: int
    policy: dict[str, Any]
    frame_digest: str
    strata: tuple[dict[str, Any], ...]
    last_seal: str
    randomness_source: str | None = None

    def happened_on(self) -> str:
        """Return the day of the opening."""
        return self.opened_on.isoformat()


class FrameCommitted(CycleEvent):
    """A part of the frame: codes of one stratum with their streams, in the frame's order."""

    TYPE: ClassVar[str] = "FrameCommitted"

    stratum: str
    part: int
    codes: tuple[str, ...]


class OrganizationExcluded(CycleEvent):
    """An organization was excluded from the draw or the assignment (``stage``), for a reason."""

    TYPE: ClassVar[str] = "OrganizationExcluded"

    organization: str
    stage: str
    reason: str


class SampleDrawn(CycleEvent):
    """The public value was recorded and the sample follows from it.

    When an organization was last inspected is counted from the sheets of ``counted_cycles``, which
    were closed, and of ``open_inspections`` (code to month). Who rests follows from
    ``earlier_cycles``: the months of the newest cycles of the scope before this one, newest first,
    as many as the plan rests (None: a draw made when calendar months were counted). With these
    anybody can repeat the draw. A draw later than planned, ``drawn_on``, moves reminder and close
    (None: a draw made when it moved nothing).
    """

    TYPE: ClassVar[str] = "SampleDrawn"
    OPEN: ClassVar[bool] = True

    randomness: str
    drawn_by_system: bool
    seed: str
    strata: tuple[dict[str, Any], ...]
    sample_digest: str
    counted_cycles: tuple[str, ...] = ()
    open_inspections: dict[str, str] = Field(default_factory=dict)
    earlier_cycles: tuple[str, ...] | None = None
    drawn_on: date | None = None


class SampleListed(CycleEvent):
    """A part of the sample, in key order: organization, stratum, key, why drawn, inspectors."""

    TYPE: ClassVar[str] = "SampleListed"
    OPEN: ClassVar[bool] = True

    part: int
    drawn: tuple[dict[str, Any], ...]


class InspectionsAssigned(CycleEvent):
    """Every drawn organization has an assignment or a named exception."""

    TYPE: ClassVar[str] = "InspectionsAssigned"

    assigned: int
    exceptions: int


class InspectorsReminded(CycleEvent):
    """Inspectors with open assignments were reminded, on a local date (None in old events)."""

    TYPE: ClassVar[str] = "InspectorsReminded"

    open_assignments: int
    reminded_on: date | None = None


class DeadlineMoved(CycleEvent):
    """A deadline was moved before it passed, for a reason."""

    TYPE: ClassVar[str] = "DeadlineMoved"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    deadline: str
    to: date
    reason: str


class CycleClosing(CycleEvent):
    """Sheets are no longer accepted; figures are posted as of ``closing_on``."""

    TYPE: ClassVar[str] = "CycleClosing"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    closing_on: date
    uninspected: bool = False
    reason: str | None = None


class CycleClosed(CycleEvent):
    """All figures are posted and the log is sealed."""

    TYPE: ClassVar[str] = "CycleClosed"

    posted: int
    inspected: int
    missed: int
    not_held: int
    seal_root: str


BULK_TYPES = (FrameCommitted.TYPE, SampleListed.TYPE, OrganizationExcluded.TYPE)
"""The types that list organizations: many events in a large district, and rarely needed."""


# evolve
@dataclass(frozen=True, slots=True)
class Cycle:
    """The state of a cycle."""

    state: str = ""
    """Empty, ``open``, ``drawn``, ``closing`` or ``closed``."""
    scope: str = ""
    period: str = ""
    opened_on: date = date.min
    draws_on: date = date.max
    reminds_on: date = date.max
    closes_on: date = date.max
    schemes: tuple[dict[str, Any], ...] = ()
    policy: dict[str, Any] = field(default_factory=dict)
    frame: dict[str, tuple[str, ...]] = field(default_factory=dict)
    frame_digest: str = ""
    strata: tuple[dict[str, Any], ...] = ()
    last_seal: str = ""
    seed: str | None = None
    randomness: str | None = None
    sample: tuple[dict[str, Any], ...] = ()
    sample_digest: str = ""
    counted_cycles: tuple[str, ...] = ()
    open_inspections: dict[str, str] = field(default_factory=dict)
    earlier_cycles: tuple[str, ...] | None = None
    drawn_by_system: bool = False
    exclusions: tuple[dict[str, str], ...] = ()
    assigned: bool = False
    reminded: bool = False
    reminded_on: date | None = None
    closing_on: date | None = None
    uninspected: bool = False
    randomness_source: str | None = None
    policy_version: int = 0


def evolve(state: Cycle, event: RecordedEvent) -> Cycle:  # noqa: C901 - one case an event
    """Return the cycle after one event."""
    data = event.data
    match event.type:
        case CycleOpened.TYPE:
            return _opened(data)
        case FrameCommitted.TYPE:
            codes = state.frame.get(data["stratum"], ()) + tuple(data["codes"])
            return replace(state, frame=state.frame | {data["stratum"]: codes})
        case OrganizationExcluded.TYPE:
            exclusion = {key: data[key] for key in ("organization", "stage", "reason")}
            return replace(state, exclusions=(*state.exclusions, exclusion))
        case SampleDrawn.TYPE:
            return _drawn(state, data)
        case SampleListed.TYPE:
            return replace(state, sample=state.sample + tuple(data["drawn"]))
        case InspectionsAssigned.TYPE:
            return replace(state, assigned=True)
        case InspectorsReminded.TYPE:
            return replace(state, reminded=True, reminded_on=_day(data, "reminded_on"))
        case DeadlineMoved.TYPE:
            moved: dict[str, Any] = {data["deadline"]: date.fromisoformat(data["to"])}
            return replace(state, **moved)
        case CycleClosing.TYPE:
            return replace(
                state,
                state="closing",
                closing_on=date.fromisoformat(data["closing_on"]),
                uninspected=data["uninspected"],
            )
        case CycleClosed.TYPE:
            return replace(state, state="closed")
        case _:
            return state


def _opened(data: dict[str, Any]) -> Cycle:
    return Cycle(
        state="open",
        scope=data["scope"],
        period=data["period"],
        opened_on=date.fromisoformat(data["opened_on"]),
        draws_on=date.fromisoformat(data["draws_on"]),
        reminds_on=date.fromisoformat(data["reminds_on"]),
        closes_on=date.fromisoformat(data["closes_on"]),
        schemes=tuple(data["schemes"]),
        policy=data["policy"],
        frame_digest=data["frame_digest"],
        strata=tuple(data["strata"]),
        last_seal=data["last_seal"],
        randomness_source=data.get("randomness_source"),
        policy_version=data["policy_version"],
    )


def _drawn(state: Cycle, data: dict[str, Any]) -> Cycle:
    """Return the cycle after its draw; one drawn late keeps its days from draw to close."""
    drawn_on = _day(data, "drawn_on") or state.draws_on
    late = max(drawn_on - state.draws_on, timedelta(0))
    earlier = data.get("earlier_cycles")
    return replace(
        state,
        state="drawn",
        draws_on=state.draws_on + late,
        reminds_on=state.reminds_on + late,
        closes_on=state.closes_on + late,
        seed=data["seed"],
        randomness=data["randomness"],
        strata=tuple(data["strata"]),
        sample_digest=data["sample_digest"],
        counted_cycles=tuple(data["counted_cycles"]),
        open_inspections=data["open_inspections"],
        earlier_cycles=None if earlier is None else tuple(earlier),
        drawn_by_system=data["drawn_by_system"],
    )


def _day(data: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(data[name]) if name in data else None
