"""Response models of documents: schemes and the policy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tracker.api.shapes.figures import Shape


class TextAnswer(Shape):
    """A text in both languages."""

    zh: str
    en: str


class SchemeRow(Shape):
    """A published scheme version of the list, or a built-in draft."""

    scheme: str
    version: int
    status: Literal["draft", "published", "in_force", "closed"]
    effective_from: str | None
    closed_from: str | None
    purpose: str
    categories: list[str]
    title: TextAnswer


class DocumentProblem(Shape):
    """One fault of a document, with its place."""

    place: str
    problem: str
    severity: Literal["error", "warning"]


class SchemeCheckAnswer(Shape):
    """The result of a scheme check, the same as ``tracker scheme check --json``."""

    ok: bool
    points: str | None
    items: int
    criteria: int
    kinds: dict[str, int]
    problems: list[DocumentProblem]


class PolicyCheckAnswer(Shape):
    """The result of a policy check."""

    ok: bool
    problems: list[DocumentProblem]


class PublicationAnswer(Shape):
    """A published document; ``changed`` is false if it was published already."""

    changed: bool
    id: str
    version: int
    effective_from: str | None = Field(description="The first month in force; null for a policy.")


class SchemeClosingAnswer(Shape):
    """A scheme and the first month without it."""

    changed: bool
    id: str
    closed_from: str
