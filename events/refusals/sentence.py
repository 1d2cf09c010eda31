"""The type of a catalogue entry: one sentence in English and Chinese, with a kind."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Why a command was refused; ``tracker`` maps it to an exit status and an HTTP status."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    NOT_NOW = "not_now"
    FORBIDDEN = "forbidden"
    BUSY = "busy"


class Sentence(NamedTuple):
    """One sentence in both languages; parameters such as ``{name}`` are filled when it is raised.

    The Chinese sentence names no parameter that the English one does not name.
    """

    en: str
    zh: str
    kind: Kind = Kind.INVALID
