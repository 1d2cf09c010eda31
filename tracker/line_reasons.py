"""Why a line of a file was refused, in the language of who sent it.

What a decision refuses brings its Chinese sentence along; the form of lines is told in English
where it is read, and looked up here by its sentence (``texts/line_reasons.yaml``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.sentences import chinese

if TYPE_CHECKING:
    from tracker.intake_lines import LineFault
    from tracker.refusals import Language

WITHIN_A_FAULT = "[^;]*"
"""What may stand at a place: anything but what separates two faults."""
FIRST_WIDE = 0x2E80
"""The first code point of Chinese writing."""


def told(fault: LineFault, language: Language) -> str:
    """The reason of a fault; in English where there is no Chinese sentence."""
    if language == "en":
        return fault.reason
    if any(ord(sign) >= FIRST_WIDE for sign in fault.zh):
        return fault.zh
    return chinese_reason(fault.reason) or fault.reason


def chinese_reason(reason: str) -> str | None:
    """A reason in Chinese, with what else is wrong with the line behind it; None for a new one."""
    found = _one(reason)
    if found is not None:
        return found
    pieces = reason.split("; ")
    for place in range(len(pieces) - 1, 0, -1):
        first = _one("; ".join(pieces[:place]))
        name, _, rest = "; ".join(pieces[place:]).partition(" ")
        also = chinese_reason(rest) if first is not None else None
        if also is not None:
            return f"{first}；{name} {also}"
    return None


def _one(sentence: str) -> str | None:
    return chinese("line_reasons.yaml", sentence, WITHIN_A_FAULT)
