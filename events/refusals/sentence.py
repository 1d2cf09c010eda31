"""One sentence of the catalogue, in English and Chinese, and the kinds of refusal."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Why something was refused; one table at the doors maps it to an exit or HTTP status."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    NOT_NOW = "not_now"
    FORBIDDEN = "forbidden"
    BUSY = "busy"


class Sentence(NamedTuple):
    """What is said in both languages; ``{name}`` is filled where it is raised.

    The Chinese sentence names no parameter that the English one does not name.
    """

    en: str
    zh: str
    kind: Kind = Kind.INVALID
