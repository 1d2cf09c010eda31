"""What is wrong with a scheme or policy document, in the language of who sent it.

Faults are told in English where they are found and looked up here by their sentence
(``texts/document_faults.yaml``).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import yaml

from tracker.schemes_shown import problem_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.errors import Problem
    from tracker.refusals import Language

PLACE = re.compile(r"\{(\w+)\}")


def problems_told(problems: Iterable[Problem], language: Language) -> list[dict[str, str]]:
    """Faults at their places, each in the language; in English where there is no Chinese one."""
    found = [problem_answer(one) for one in problems]
    if language == "zh":
        found = [one | {"problem": in_chinese(one["problem"]) or one["problem"]} for one in found]
    return found


def in_chinese(sentence: str) -> str | None:
    """A fault in Chinese, None for a sentence that is not known."""
    for pattern, chinese in _sentences():
        found = pattern.fullmatch(sentence)
        if found is not None:
            return chinese.format(**found.groupdict())
    return None


@cache
def _sentences() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each English sentence as a pattern, with its Chinese one; the first that fits counts."""
    text = (files("tracker") / "texts" / "document_faults.yaml").read_text(encoding="utf-8")
    known: dict[str, str] = yaml.safe_load(text)
    return tuple((re.compile(_pattern(english)), chinese) for english, chinese in known.items())


def _pattern(english: str) -> str:
    """A sentence whose places take anything."""
    pieces = PLACE.split(english)
    return "".join(
        f"(?P<{piece}>.+?)" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)
    )
