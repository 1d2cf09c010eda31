"""The problems of a document in the user's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.wording.refusals import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.refusals.errors import Problem
    from tracker.wording.refusals import Language


def problem_answers(problems: Iterable[Problem], language: Language) -> list[dict[str, str]]:
    """Return the problems as the API answers them, each at its place, in the language."""
    return [
        {
            "place": problem.place,
            "problem": say(problem.message, language),
            "severity": problem.severity,
        }
        for problem in problems
    ]
