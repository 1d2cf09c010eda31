"""What a refusal says to a person, in their language, and the HTTP status that goes with it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from events.errors import Kind, Refused

Language = Literal["zh", "en"]

STATUS = {
    Kind.INVALID: 422,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.NOT_NOW: 409,
    Kind.FORBIDDEN: 403,
    Kind.BUSY: 503,
}
"""The HTTP status of each kind of refusal."""


@cache
def chinese() -> dict[str, str]:
    """The Chinese sentences by code."""
    text = (files("tracker") / "texts" / "refusals.yaml").read_text(encoding="utf-8")
    found: dict[str, str] = yaml.safe_load(text)
    return found


def say(refused: Refused, language: Language) -> str:
    """A refusal in one sentence; in English where there is no Chinese one."""
    template = chinese().get(refused.code) if language == "zh" else None
    if template is None:
        return str(refused)
    try:
        return template.format(**refused.params)
    except (KeyError, IndexError):
        return str(refused)
