"""Response models of organizations, files, compliance, rankings and imports.

Those that docs/contracts.md defines keep their fields.
"""

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
    next: str | None = Field(description="The cursor to pass as `after`; null on the last page.")


class OrganizationRow(Shape):
    """An organization of the list."""

    code: str
    name: str
    category: str
    parent: str | None = Field(description="The code of the parent organization.")
    registered_on: str
    closed_on: str | None
    merged_into: str | None
    depth: int = Field(description="Levels below `under`; 0 without that filter.")


class OrganizationSummary(Shape):
    """An organization with its current facts."""

    code: str
    name: str
    category: str
    parent: str | None
    registered_on: str
    closed_on: str | None
    merged_into: str | None
    codes: list[str] = Field(description="Its current and former codes.")


class AdjustmentEntry(Shape):
    """One adjustment of a posted score; the newest counts."""

    old: str | None
    new: str
    reason: str | None = Field(description="Null if the text was erased.")
    actor: str
    at: str


class ScoreAnswer(Shape):
    """The score posted for a period, and the one that counts now."""

    period: str
    kind: str
    derived: str | None
    inspected: str | None
    score: str | None
    current: str | None = Field(description="The newest adjustment, else the score.")
    scheme: str
    scheme_version: int
    historical: int
    adjustments: list[AdjustmentEntry]
    posted_at: str


class HeadAnswer(Shape):
    """The head of the organization's stream, which proves the file."""

    version: int
    hash: str


class ElectronicFileAnswer(Shape):
    """The electronic file, the same as ``tracker file --json``."""

    organization: OrganizationSummary
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
    """One criterion judged for a period; only activity rules have ``windows``."""

    code: str
    points: str
    status: Literal["met", "partial", "missed", "pending", "unjudged", "not_applicable"]
    credit: str | None
    reason: str | None
    windows: list[WindowAnswer] = Field(default=[])


class ComplianceAnswer(Shape):
    """Derived compliance of one organization, the same as ``tracker compliance --json``."""

    organization: str
    period: str
    purpose: str
    scheme: str | None
    version: int | None
    score: str | None
    criteria: list[CriterionAnswer]


class RankingRow(Shape):
    """One row of a ranking, the same as ``tracker rank --json``."""

    rank: int | None
    organization: str
    category: str
    score: str | None
    posted: bool
    months_inspected: int
    band: str | None
    # "veto" belongs to the contract of annual rankings; a month's ranking has no vetoes.
    state: Literal["ranked", "not_inspected", "not_applied", "veto"]


class StratumAnswer(Shape):
    """A stratum of a draw: N organizations, of which n are drawn."""

    stratum: str
    N: int
    n: int


class AssignmentAnswer(Shape):
    """The inspectors of an organization, and the state of their inspection."""

    organization: str
    inspectors: list[str]
    state: Literal["open", "scored", "missed", "not_held"]


class LogEntry(Shape):
    """One event, the same as ``tracker audit log --json``."""

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
    """An appended event; the same for a replay."""

    organization: str
    version: int = Field(description="The event's version in the organization's stream.")


class RecordAppendAnswer(AppendAnswer):
    """An appended event of a record."""

    record_id: str


class RefusedLine(Shape):
    """A line that was refused."""

    line: int
    field: str
    reason: str


class ImportAnswer(Shape):
    """The result of an import, the same as ``tracker import --json``."""

    lines: int
    recorded: int
    unchanged: int
    superseded: list[RefusedLine] = Field(
        description="Lines that repeat what is no longer the newest: not recorded, they need an id."
    )
    roots: int = Field(
        description="How many of the recorded lines register an organization without a parent."
    )
    refused: list[RefusedLine]


class StepAnswer(Shape):
    """Whether a step changed anything; repeating a step changes nothing."""

    changed: bool


class TaskRow(Shape):
    """What is due, done or missing: an activity's window, or a self-report that was not made."""

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
    due_on: str | None = Field(
        default=None, description="The last day on which recording it is in time."
    )


class AdditionRow(Shape):
    """An addition that the sheet found; points as exact decimal text."""

    item: str
    addition: str
    text: str
    count: int
    points: str
    total: str
    counts: bool = Field(description="False where only the highest of its item counts.")


class AdditionsAnswer(Shape):
    """The additions of a figure; it is 100 x ``points`` / ``scheme_points`` higher."""

    points: str
    scheme_points: str
    lines: list[AdditionRow]


class ExplanationAnswer(Shape):
    """The explanation of a figure; ``checked`` also counts the period's own findings."""

    organization: str
    period: str
    scheme: str | None
    version: int | None
    score: str | None
    checked: str | None
    states_points: bool
    digest: str = Field(description="The digest of the breakdown, to which a posted score commits.")
    checked_digest: str
    posted: list[dict[str, Any]]
    sums: dict[str, Any]
    checked_sums: dict[str, Any]
    additions: AdditionsAnswer | None = Field(
        description="The additions of the inspected figure, null where there are none."
    )
    criteria: list[dict[str, Any]]
