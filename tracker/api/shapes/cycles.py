"""Response models of cycles, sheets and bulletins."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from tracker.api.shapes.figures import AssignmentAnswer, Shape, StratumAnswer


class CycleRow(Shape):
    """A cycle of the list, with the inspections the account may see counted by state."""

    scope: str
    period: str
    state: str
    open: int
    scored: int
    missed: int
    not_held: int


class SpotCheckAnswer(Shape):
    """A month's cycle, the same as ``tracker spot-check show --json``."""

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
    strata: list[StratumAnswer]
    sample: list[str]
    exclusions: list[dict[str, Any]]
    assignments: list[AssignmentAnswer]


class CycleStepAnswer(SpotCheckAnswer):
    """A cycle after a step, and whether the step changed anything."""

    changed: bool | None = Field(description="Null while a long step runs: fetch the cycle later.")


class CycleOpeningAnswer(CycleStepAnswer):
    """A cycle after its opening, and the earlier months that it passed over."""

    passed_over: list[str] = Field(
        description="Earlier months without a cycle; from now on they can be opened by hand only."
    )


class PlannedCycleRow(Shape):
    """A cycle that would open; ``at_once``: at the next tick, because its day has passed."""

    period: str
    scope: str
    opens_on: str
    draws_on: str
    closes_on: str
    at_once: bool


class CategoryReadinessRow(Shape):
    """The open organizations of a category, counted."""

    category: str
    organizations: int
    in_frame: int
    without_scheme: int
    without_account: int = Field(description="No enabled account of a branch.")
    without_facts: int = Field(description="No record, condition or measure.")


class LivePreviewAnswer(Shape):
    """What going live would do, the same as ``tracker go-live --preview --json``."""

    first_month: str
    at_once: list[str] = Field(description="Months that open now; their history is then refused.")
    cycles: list[PlannedCycleRow]
    categories: list[CategoryReadinessRow]


class WentLiveAnswer(Shape):
    """From when on the district is live, and whether this request changed it."""

    changed: bool
    first_month: str


class DrawCheckAnswer(Shape):
    """The result of repeating a draw from the events."""

    ok: bool
    period: str
    scope: str
    seed: str | None
    sample: list[str]
    problems: list[dict[str, str]]
    checked_at: str


class BulletinAnswer(Shape):
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
    not_counted: list[dict[str, Any]] = Field(
        description="Criteria that a sheet judged and that were not applicable at the close."
    )
    adjusted: list[dict[str, Any]] = Field(
        description="Scores adjusted after they were posted; the means are those of now."
    )
    notes: dict[str, bool] = Field(
        description="Whether self-reported figures are mixed in, items weigh the same, or scores "
        "are scaled to 100."
    )


class AssignmentRow(Shape):
    """An inspection assigned to the current user."""

    organization: str
    name: str
    category: str
    period: str
    scope: str
    state: Literal["open", "scored", "missed", "not_held"]
    inspectors: list[str]


class SheetAnswer(Shape):
    """A submitted sheet; the same for a replay."""

    organization: str
    period: str
    sheet_id: str = Field(description="The sheet's identity; default: the Idempotency-Key.")
    state: Literal["submitted", "proposed", "returned"]
