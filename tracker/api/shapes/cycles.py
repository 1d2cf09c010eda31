"""The shapes of cycles, sheets and bulletins."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from tracker.api.shapes.figures import AssignmentAnswer, Shape, Stratum


class CycleAnswer(Shape):
    """A cycle of a list, with the inspections within sight by state."""

    scope: str
    period: str
    state: str
    open: int
    scored: int
    missed: int
    not_held: int


class SpotCheckAnswer(Shape):
    """A month's cycle, as ``tracker spot-check show --json`` answers it."""

    period: str
    scope: str
    state: Literal["open", "drawn", "closed"] | None
    closing: bool
    opened_on: str | None
    draws_on: str | None
    closes_on: str | None
    closing_on: str | None
    schemes: list[dict[str, Any]]
    policy_version: int | None
    last_seal: str | None
    randomness: str | None
    drawn_by_system: bool | None
    seed: str | None
    frame_digest: str | None
    strata: list[Stratum]
    sample: list[str]
    exclusions: list[dict[str, Any]]
    assignments: list[AssignmentAnswer]


class CycleStep(SpotCheckAnswer):
    """A cycle after a step was taken, and whether that changed anything."""

    changed: bool | None = Field(description="Null while a long step goes on: ask again later.")


class DrawCheck(Shape):
    """Whether a draw follows from the events."""

    ok: bool
    period: str
    scope: str
    seed: str | None
    sample: list[str]
    problems: list[dict[str, str]]
    checked_at: str


class Bulletin(Shape):
    """The bulletin of a closed month."""

    scope: str
    name: str
    period: str
    opened_on: str
    closing_on: str | None
    uninspected: bool
    unchecked_month: str
    frame_digest: str
    last_seal: str
    randomness: str | None
    drawn_by_system: bool
    seed: str | None
    strata: list[dict[str, Any]]
    exclusions: list[dict[str, Any]]
    inspected: int
    missed: list[dict[str, Any]]
    not_held: list[dict[str, Any]]
    categories: list[dict[str, Any]]
    historical: int


class AssignmentRow(Shape):
    """An inspection that was assigned to who asks."""

    organization: str
    name: str
    category: str
    period: str
    scope: str
    state: Literal["open", "scored", "missed", "not_held"]
    inspectors: list[str]


class SheetTaken(Shape):
    """A sheet that was taken in; the same for a replay."""

    organization: str
    period: str
    sheet_id: str = Field(description="Its identity: the Idempotency-Key where the body has none.")
    state: Literal["submitted", "proposed", "returned"]
