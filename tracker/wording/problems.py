"""What is wrong with a document, in the language of who sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.wording.refusals import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.refusals.errors import Problem
    from tracker.wording.refusals import Language


def problems_told(problems: Iterable[Problem], language: Language) -> list[dict[str, str]]:
    """Faults at their places, each in the language."""
    return [
        {"place": one.place, "problem": say(one.message, language), "severity": one.severity}
        for one in problems
    ]
