"""Bulletin."""

from __future__ import annotations

from typing import Any

from events.periods import Period
from events.reading import Reader


def bulletin(reader: Reader, scope: str, period: Period) -> dict[str, Any]:
    """The bulletin of a closed month; ``scope`` is the root's code."""
    raise NotImplementedError


def text(found: dict[str, Any]) -> str:
    """The bulletin as plain Chinese text."""
    raise NotImplementedError
