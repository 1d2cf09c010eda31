"""What is wrong with a scheme or policy document, in the language of who sent it.

Faults are told in English where they are found and looked up here by their sentence
(``texts/document_faults.yaml``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.schemes_shown import problem_answer
from tracker.sentences import chinese

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.errors import Problem
    from tracker.refusals import Language


def problems_told(problems: Iterable[Problem], language: Language) -> list[dict[str, str]]:
    """Faults at their places, each in the language; in English where there is no Chinese one."""
    found = [problem_answer(one) for one in problems]
    if language == "zh":
        found = [one | {"problem": in_chinese(one["problem"]) or one["problem"]} for one in found]
    return found


def in_chinese(sentence: str) -> str | None:
    """A fault in Chinese, None for a sentence that is not known."""
    return chinese("document_faults.yaml", sentence)
