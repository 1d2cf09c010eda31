"""The reasons and numbers of an explanation as a page words them."""

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
"""Decimals of a fraction that a page shows beside it."""
MISSING = re.compile("measure ([a-z0-9_]+) was never reported")


def decimal_of(exact: str) -> str:
    """An exact number as people read it: a fraction with its decimals, at most four places."""
    if "/" not in exact:
        return exact
    near = round(Fraction(exact), PLACES)
    whole, rest = divmod(abs(int(near * 10**PLACES)), 10**PLACES)
    return f"{exact}（≈{whole}.{rest:0{PLACES}}）"


def reason_words(language: Language, words: PageWords | None = None) -> Callable[[str], str]:
    """A function: the reason of a criterion's result in words of the language.

    Without ``words`` a measure stays the identifier that it is.
    """

    def missing(found: re.Match[str]) -> str:
        name = found[1] if words is None else words.word("measures", found[1])
        return f"数据“{name}”从未填报"

    def shown(text: str) -> str:
        if language == "en":
            return text
        found = []
        for part in text.split("; "):
            if part.startswith(CHECK):
                found.append(f"取自{part.removeprefix(CHECK)}的检查")
            else:
                found.append(MISSING.sub(missing, part))
        return "；".join(found)

    return shown
