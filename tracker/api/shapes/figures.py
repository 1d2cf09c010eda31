"""The shapes of answers that docs/contracts.md fixes, or that programs build on."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Shape(BaseModel):
    """A JSON object with these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Page(Shape, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next: str | None = Field(description="What to give as ``after`` for the next page, or null.")


class OrganizationRow(Shape):
    """One organization of a list."""

    code: str
    name: str
    category: str
    parent: str | None = Field(description="The code of the one above.")
    registered_on: str
    closed_on: str | None
    merged_into: str | None
    depth: int = Field(description="How far below ``under`` it stands; 0 without it.")


class OrganizationHead(Shape):
    """An organization as it stands."""

    code: str
    name: str
    category: str
    parent: str | None
    registered_on: str
    closed_on: str | None
    merged_into: str | None
    codes: list[str] = Field(description="Every code that it bears or bore.")


class PostedAdjustment(Shape):
    """A posted score was changed: the newest counts."""

    old: str | None
    new: str
    reason: str | None = Field(description="Null where the text was erased.")
    actor: str
    at: str


class ScoreAnswer(Shape):
    """What was posted for a period, and what counts now."""

    period: str
    kind: str
    derived: str | None
    inspected: str | None
    score: str | None
    current: str | None = Field(description="The newest adjustment, else the score.")
    scheme: str
    scheme_version: int
    historical: int
    adjustments: list[PostedAdjustment]
    posted_at: str


class HeadAnswer(Shape):
    """Where the organization's stream stands: what proves the file."""

    version: int
    hash: str


class ElectronicFileAnswer(Shape):
    """The electronic file, as ``tracker file --json`` answers it."""

    organization: OrganizationHead
    scores: list[ScoreAnswer]
    inspections: list[dict[str, Any]]
    rectifications: list[dict[str, Any]]
    activities: list[dict[str, Any]]
    head: HeadAnswer


class WindowAnswer(Shape):
    """One window of an activity criterion."""

    window: str
    required: int
    counted: str = Field(description="Exact: a decimal, or a fraction such as 2/3.")
    records: list[str]


class CriterionAnswer(Shape):
    """One criterion judged for a period; ``windows`` stands at activity rules alone."""

    code: str
    points: str
    status: Literal["met", "partial", "missed", "pending", "unjudged", "not_applicable"]
    credit: str | None
    reason: str | None
    windows: list[WindowAnswer] = Field(default=[])


class Compliance(Shape):
    """Derived figures of one organization, as ``tracker compliance --json`` answers them."""

    organization: str
    period: str
    purpose: str
    scheme: str | None
    version: int | None
    score: str | None
    criteria: list[CriterionAnswer]


class RankedOrganization(Shape):
    """One row of a ranking, as ``tracker rank --json`` answers it."""

    rank: int | None
    organization: str
    category: str
    score: str | None
    posted: bool
    months_inspected: int
    band: str | None
    state: Literal["ranked", "not_inspected", "not_applied", "veto"]


class Stratum(Shape):
    """How many there are, and how many are drawn."""

    stratum: str
    N: int
    n: int


class AssignmentAnswer(Shape):
    """Who inspects an organization, and how far they are."""

    organization: str
    inspectors: list[str]
    state: Literal["open", "scored", "missed", "not_held"]


class LogEntry(Shape):
    """One event, as ``tracker audit log --json`` answers it."""

    cursor: str
    stream: str
    version: int
    type: str
    actor: str
    channel: str
    occurred_on: str | None
    recorded_at: str
    data: dict[str, Any]
    hash: str


class AppendAnswer(Shape):
    """Where an event stands that was appended; a replay answers the same."""

    organization: str
    version: int = Field(description="The event's version in the organization's stream.")


class AppendedRecord(AppendAnswer):
    """Where an event of a record stands."""

    record_id: str


class RefusedLine(Shape):
    """A line that was not recorded."""

    line: int
    field: str
    reason: str


class ImportReport(Shape):
    """What became of lines, as ``tracker import --json`` answers it."""

    lines: int
    recorded: int
    unchanged: int
    refused: list[RefusedLine]


class StepAnswer(Shape):
    """Whether a step changed anything; a step that was done already changes nothing."""

    changed: bool


class Task(Shape):
    """What is due, done or missing: an activity's window, or a self-report that never came."""

    criterion: str
    text: str
    kind: Literal["activity", "condition", "measure"]
    name: str
    state: Literal["done", "due", "late", "missing"]
    window: str | None = Field(default=None)
    required: int | None = Field(default=None)
    counted: str | None = Field(default=None)
    missing: str | None = Field(default=None)
    records: list[str] | None = Field(default=None)
    by: str | None = Field(default=None, description="The last day on which it may take place.")
    due_on: str | None = Field(default=None, description="The last day that is in time.")


class ExplanationAnswer(Shape):
    """Why a figure is what it is; ``checked`` holds the period's own findings too."""

    organization: str
    period: str
    scheme: str | None
    version: int | None
    score: str | None
    checked: str | None
    states_points: bool
    digest: str = Field(description="Of the breakdown: what a posted score commits to.")
    checked_digest: str
    posted: list[dict[str, Any]]
    sums: dict[str, Any]
    checked_sums: dict[str, Any]
    criteria: list[dict[str, Any]]
