"""English sentences with places in them, looked up in a file of their Chinese ones.

A file of ``texts`` maps each English sentence to its Chinese one; ``{name}`` stands in both for
whatever is put there.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

PLACE = re.compile(r"\{(\w+)\}")


def chinese(file: str, sentence: str, gap: str = ".+?") -> str | None:
    """A sentence in Chinese by a file of ``texts``; None for one that is not known.

    ``gap`` is what may stand at a place, as a regular expression; the first sentence that fits
    counts.
    """
    for pattern, told in _known(file, gap):
        found = pattern.fullmatch(sentence)
        if found is not None:
            return told.format(**found.groupdict())
    return None


@cache
def _known(file: str, gap: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    text = (files("tracker") / "texts" / file).read_text(encoding="utf-8")
    known: dict[str, str] = yaml.safe_load(text)
    return tuple((re.compile(_pattern(english, gap)), told) for english, told in known.items())


def _pattern(sentence: str, gap: str) -> str:
    pieces = PLACE.split(sentence)
    return "".join(
        f"(?P<{piece}>{gap})" if place % 2 else re.escape(piece)
        for place, piece in enumerate(pieces)
    )
