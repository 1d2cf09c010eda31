"""Refusals that are expected, problems as values, and corruption that stops the program.

Their sentences are in the catalogue (docs/decisions/0020-one-catalogue-of-refusals.md). To add a
refusal:

1. Add an entry to the file of its subject, e.g. ``events/refusals/records.py``: the code, the
   English sentence, the Chinese one, and the kind if it is not ``INVALID``. Both say what is wrong
   and what to do; the Chinese sentence names no parameter that the English one does not name.
2. Raise it in one line: ``raise Refused("future_date", field="on", day=day, today=today)``.
   ``field`` is the field of the input at fault; the text then begins with it.

If one code needs two sentences, the second is a variant after a dot: ``no_file.folder``. Callers
see only the code. A code in use never changes: clients depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from events.refusals.catalogue import CATALOGUE, Kind

__all__ = ["BadValue", "CorruptError", "DamagedEvent", "Kind", "Message", "Problem", "Refused",
           "WrongExpectedVersion"]  # fmt: skip


class Message:
    """A sentence of the catalogue with its parameters; ``str`` gives the English text.

    A parameter may itself be a message.
    """

    __slots__ = ("key", "params")

    def __init__(self, key: str, /, **params: Any) -> None:
        """Keep key and parameters; a key that is not in the catalogue is an ``AssertionError``."""
        assert key in CATALOGUE, key
        self.key = key
        self.params = params

    def __str__(self) -> str:
        return CATALOGUE[self.key].en.format(**self.params)

    def __repr__(self) -> str:
        return f"Message({self.key!r}, {str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.key, self.params) == (other.key, other.params)

    def __hash__(self) -> int:
        return hash(self.key)


class Refused(Exception):
    """An expected refusal: the catalogue has its code, kind and sentence.

    ``params`` fill the sentence. If ``field`` is one of them, it is the field of the input at
    fault, and the text begins with it. The code is the part of the key before a dot.
    """

    def __init__(self, key: str, /, **params: Any) -> None:
        """Keep the message with its code and kind."""
        self.message = Message(key, **params)
        self.code = key.partition(".")[0]
        self.kind = CATALOGUE[key].kind
        self.params = params
        super().__init__(self._text())

    def _text(self) -> str:
        names_field = self.field is None or "{field}" in CATALOGUE[self.message.key].en
        return str(self.message) if names_field else f"field {self.field}: {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle all attributes, so that a refusal from another process is equal."""
        return _restore, (type(self), self.args, self.__dict__)

    @property
    def field(self) -> str | None:
        """The field of the input at fault, or None."""
        field = self.params.get("field")
        return str(field) if field is not None else None

    def replace(self, **params: Any) -> Refused:
        """Return the same refusal with other or more parameters."""
        return Refused(self.message.key, **self.params | params)


def _restore(kind: type[Refused], args: tuple[Any, ...], state: dict[str, Any]) -> Refused:
    refused = kind.__new__(kind, *args)
    refused.__dict__.update(state)
    return refused


class WrongExpectedVersion(Refused):
    """Somebody else changed the stream after the person read it."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        """Name the stream, the version that the person saw and the current one."""
        super().__init__("wrong_expected_version", stream=stream, expected=expected, actual=actual)


class BadValue(ValueError):
    """A value that a model's validator rejects, with a sentence of the catalogue."""

    def __init__(self, key: str, /, **params: Any) -> None:
        """Keep the message."""
        self.message = Message(key, **params)
        super().__init__(str(self.message))


class CorruptError(Exception):
    """The log contradicts itself: a bug or tampering. Only the outermost layer catches it."""


class DamagedEvent(CorruptError):
    """A stored event whose bytes cannot be read; ``message`` names its stream and version."""

    def __init__(self, stream: str, version: int) -> None:
        """Keep the sentence, which says how to find every fault."""
        self.message = Message("event_damaged", stream=stream, version=version)
        super().__init__(stream, version)

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a document, as a value, so that all problems are shown at once.

    ``place`` is a criterion code, a dotted field or a line.
    """

    place: str
    message: Message
    severity: Literal["error", "warning"] = "error"

    @classmethod
    def error(cls, place: str, key: str, /, **params: Any) -> Problem:
        """Return a problem that prevents the document from being published."""
        return cls(place, Message(key, **params))

    @classmethod
    def warning(cls, place: str, key: str, /, **params: Any) -> Problem:
        """Return a problem that prevents nothing."""
        return cls(place, Message(key, **params), "warning")

    @property
    def problem(self) -> str:
        """The English sentence."""
        return str(self.message)
