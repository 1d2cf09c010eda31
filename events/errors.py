"""The three kinds of no: expected refusals, problems as values, corruption that stops loudly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Why something was refused; one table at the doors maps it to an exit or HTTP status."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    NOT_NOW = "not_now"
    FORBIDDEN = "forbidden"
    BUSY = "busy"


class Refused(Exception):
    """An expected no. ``code`` is its stable name, the text is the default English sentence.

    ``params`` fill the sentence and let a page say the same in another language.
    """

    def __init__(
        self, code: str, text: str, /, *, kind: Kind = Kind.INVALID, **params: Any
    ) -> None:
        """Keep code, sentence and parameters; the message is the filled sentence."""
        super().__init__(text.format(**params) if params else text)
        self.code = code
        self.kind = kind
        self.params = params

    def __reduce__(self) -> tuple[Any, ...]:
        """A refusal comes unchanged out of another process."""
        return _again, (type(self), self.args, self.__dict__)

    @property
    def field(self) -> str | None:
        """The field of the input that is at fault, where one is."""
        found = self.params.get("field")
        return str(found) if found is not None else None


def _again(kind: type[Refused], args: tuple[Any, ...], state: dict[str, Any]) -> Refused:
    found = kind.__new__(kind, *args)
    found.__dict__.update(state)
    return found


class WrongExpectedVersion(Refused):
    """Somebody else changed the stream since the person looked."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        """Name the stream, the version that was seen and the one that stands."""
        super().__init__(
            "wrong_expected_version",
            "{stream} was changed meanwhile (version {actual}, you saw {expected}); look again",
            kind=Kind.CONFLICT,
            stream=stream,
            expected=expected,
            actual=actual,
        )


class CorruptError(Exception):
    """The log contradicts itself: a bug or tampering. Nothing below the doors catches it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a document, as a value, so that all faults can be shown at once.

    ``place`` is a criterion code, a dotted field or a line; ``severity`` is ``error`` or
    ``warning``.
    """

    place: str
    problem: str
    severity: str = "error"
