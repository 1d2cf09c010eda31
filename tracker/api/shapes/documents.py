"""The shapes of documents: schemes and the policy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tracker.api.shapes.figures import Shape


class TextShown(Shape):
    """A text in both languages."""

    zh: str
    en: str


class SchemeRow(Shape):
    """A scheme version of the list, or a built-in draft."""

    scheme: str
    version: int
    status: Literal["draft", "published", "in_force", "closed"]
    effective_from: str | None
    closed_from: str | None
    purpose: str
    categories: list[str]
    title: TextShown


class FaultOfDocument(Shape):
    """One fault of a document, with its place."""

    place: str
    problem: str
    severity: Literal["error", "warning"]


class SchemeChecked(Shape):
    """What a check found, as ``tracker scheme check --json`` answers it."""

    ok: bool
    points: str | None
    items: int
    criteria: int
    kinds: dict[str, int]
    problems: list[FaultOfDocument]


class PolicyChecked(Shape):
    """What a check of a policy found."""

    ok: bool
    problems: list[FaultOfDocument]


class PublishedDocument(Shape):
    """A document that is published; ``changed`` is false where it stood already."""

    changed: bool
    id: str
    version: int
    effective_from: str | None = Field(description="The first month, for schemes.")


class SchemeEnded(Shape):
    """A scheme that is closed from a month on."""

    changed: bool
    id: str
    closed_from: str
