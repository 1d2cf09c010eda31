"""The reasons and exact numbers of an explanation, in words."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from tracker.web.page.rendering import PageWords

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.wording.refusals import Language

CHECK = "from the check of "
PLACES = 4
"""Decimals that a page shows after a fraction."""
MISSING = re.compile("measure ([a-z0-9_]+) was never reported")


def format_decimal(exact: str) -> str:
    """Return an exact number; a fraction is followed by its value to four decimals."""
    if "/" not in exact:
        return exact
    near = round(Fraction(exact), PLACES)
    whole, rest = divmod(abs(int(near * 10**PLACES)), 10**PLACES)
    return f"{exact}（≈{whole}.{rest:0{PLACES}}）"


def make_reason_filter(language: Language, words: PageWords | None = None) -> Callable[[str], str]:
    """Return a filter that words the reason of a criterion's result in a language.

    Without ``words`` a measure is shown by its identifier.
    """

    def missing(match: re.Match[str]) -> str:
        name = match[1] if words is None else words.word("measures", match[1])
        return f"数据“{name}”从未填报"

    def shown(text: str) -> str:
        if language == "en":
            return text
        parts = []
        for part in text.split("; "):
            if part.startswith(CHECK):
                parts.append(f"取自{part.removeprefix(CHECK)}的检查")
            else:
                parts.append(MISSING.sub(missing, part))
        return "；".join(parts)

    return shown
