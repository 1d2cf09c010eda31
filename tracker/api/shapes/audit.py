"""The shapes of one event and of the log's verification."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tracker.api.shapes.figures import Shape


class EventShown(Shape):
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
    body: str = Field(description="The stored bytes: canonical JSON, exactly as they were hashed.")
    previous_hash: str
    hash: str
    expected_hash: str = Field(description="Worked out now from the bytes and the hash before.")
    intact: bool


class LogFault(Shape):
    """What is wrong at one place of the log."""

    stream: str
    version: int
    fault: str


class VerificationAnswer(Shape):
    """What a check of the whole log came to."""

    ok: bool
    events: int
    streams: int
    seals: int
    erased_texts: int
    faults: list[LogFault]
    begun_at: str
    ended_at: str


class Verification(Shape):
    """How far the verification is."""

    running_since: str | None
    failed: bool = Field(description="Whether the newest one broke off.")
    newest: VerificationAnswer | None = Field(
        description="Null before the first one since the start."
    )
