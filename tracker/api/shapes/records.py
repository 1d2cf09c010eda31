"""Response models of records, evidence files and rectifications."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from tracker.api.shapes.figures import Shape


class AttendanceAnswer(Shape):
    """How many people were present, and how many were expected."""

    present: int
    expected: int


class MoneyAnswer(Shape):
    """Amounts in yuan with two decimals."""

    due: str | None = Field(default=None)
    paid: str | None = Field(default=None)


class EvidenceAnswer(Shape):
    """A kind of evidence, and its stored file if there is one."""

    kind: str
    file: str | None = Field(description="The SHA-256 of the stored file.")


class RecordFields(Shape):
    """A record's current fields; a text that was erased is null."""

    activity: str
    occurred_on: str
    title: str | None
    place: str | None
    attendance: AttendanceAnswer | None
    money: MoneyAnswer | None
    evidence: list[EvidenceAnswer]
    note: str | None


class ListedRecord(RecordFields):
    """A record of the list."""

    record_id: str
    state: Literal["standing", "corrected", "disallowed", "retracted"]
    late: bool = Field(description="Recorded after the grace period of its month.")
    known_on: str = Field(description="The date on which it counts as recorded.")
    evidence_kinds: list[str]


class RecordStep(Shape):
    """One event of a record."""

    kind: Literal["recorded", "corrected", "retracted", "disallowed"]
    version: int
    hash: str
    actor: str
    channel: str
    recorded_at: str
    recorded_on: str | None
    reason: str | None
    changed: list[str]
    before: dict[str, Any]
    after: dict[str, Any]


class RecordDocument(RecordFields):
    """One record with its history."""

    organization: str
    record_id: str
    state: Literal["standing", "corrected", "disallowed", "retracted"]
    known_on: str
    history: list[RecordStep]


class FileUse(Shape):
    """A use of a file; all null if the account may not see the organization."""

    organization: str | None
    name: str | None
    record_id: str | None
    occurred_on: str | None


class StoredFileAnswer(Shape):
    """A stored file, and its earlier uses."""

    file: str = Field(description="The SHA-256, by which evidence names the file.")
    media_type: str
    size: int
    name: str
    used: list[FileUse]


class OrderRow(Shape):
    """A rectification order with its state today."""

    organization: str
    name: str
    category: str
    rectification_id: str
    period: str
    criterion: str
    problem: str | None
    due: str
    ordered_at: str
    replied_at: str | None
    state: Literal["open", "overdue", "replied"]


class ReplyAnswer(Shape):
    """A reply to an order."""

    measures: str | None
    done_on: str
    actor: str
    replied_at: str
    evidence: list[EvidenceAnswer]


class OrderDocument(OrderRow):
    """One order with its replies, oldest first."""

    version: int
    hash: str
    actor: str
    inspectors: list[str]
    replies: list[ReplyAnswer]


class ReplyAppendAnswer(Shape):
    """A recorded reply; the same for a replay."""

    organization: str
    rectification_id: str
    reply_id: str
    version: int
