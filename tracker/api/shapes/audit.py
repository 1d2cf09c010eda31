"""Response models of one event and of the log's verification."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tracker.api.shapes.figures import Shape


class EventAnswer(Shape):
    """One event with what it changed and its proof."""

    stream: str
    version: int
    type: str
    actor: str
    channel: str
    occurred_on: str | None
    recorded_at: str
    recorded_on: str | None
    data: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    changed: list[str]
    body: str = Field(description="The stored bytes: canonical JSON, exactly as hashed.")
    previous_hash: str
    hash: str
    expected_hash: str = Field(description="Computed now from the bytes and the previous hash.")
    intact: bool


class LogFault(Shape):
    """One fault of the log, at its place."""

    stream: str
    version: int
    fault: str


class EvidenceCounts(Shape):
    """Evidence files compared with their SHA-256."""

    files: int
    missing: int
    altered: int


class VerificationAnswer(Shape):
    """The result of one verification of the whole log."""

    ok: bool
    events: int
    streams: int
    seals: int
    erased_texts: int
    evidence: EvidenceCounts
    faults: list[LogFault]
    begun_at: str
    ended_at: str


class VerificationStateAnswer(Shape):
    """The state of the verification."""

    running_since: str | None
    failed: bool = Field(description="Whether the newest verification ended with an error.")
    newest: VerificationAnswer | None = Field(
        description="Null until a verification has completed since the server started."
    )
