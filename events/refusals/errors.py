"""The three kinds of no: expected refusals, problems as values, corruption that stops loudly.

What they say is looked up by its code in the catalogue of ``events.refusals.catalogue``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from events.refusals.catalogue import CATALOGUE, Kind

__all__ = ["BadValue", "CorruptError", "Kind", "Message", "Problem", "Refused",
           "WrongExpectedVersion"]  # fmt: skip


class Message:
    """A sentence of the catalogue with the parameters that fill it; its text is English.

    A parameter may itself be a message.
    """

    __slots__ = ("key", "params")

    def __init__(self, key: str, /, **params: Any) -> None:
        """Look the key up; ``KeyError`` for one that is not in the catalogue."""
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
    """An expected no: its code, kind and sentence are those of the catalogue.

    ``params`` fill the sentence; ``field`` among them names the field of the input at fault, and
    then leads the text. A key with a variant (``no_file.folder``) has the code before the dot.
    """

    def __init__(self, key: str, /, **params: Any) -> None:
        """Keep the message and what the catalogue says of it."""
        self.message = Message(key, **params)
        self.code = key.partition(".")[0]
        self.kind = CATALOGUE[key].kind
        self.params = params
        super().__init__(self._text())

    def _text(self) -> str:
        names_field = self.field is None or "{field}" in CATALOGUE[self.message.key].en
        return str(self.message) if names_field else f"field {self.field}: {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        """A refusal comes unchanged out of another process."""
        return _restore, (type(self), self.args, self.__dict__)

    @property
    def field(self) -> str | None:
        """The field of the input that is at fault, where one is."""
        found = self.params.get("field")
        return str(found) if found is not None else None

    def replace(self, **params: Any) -> Refused:
        """Return the same refusal with other or more parameters."""
        return Refused(self.message.key, **self.params | params)


def _restore(kind: type[Refused], args: tuple[Any, ...], state: dict[str, Any]) -> Refused:
    refused = kind.__new__(kind, *args)
    refused.__dict__.update(state)
    return refused


class WrongExpectedVersion(Refused):
    """Somebody else changed the stream since the person looked."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        """Name the stream, the version that was seen and the current one."""
        super().__init__("wrong_expected_version", stream=stream, expected=expected, actual=actual)


class BadValue(ValueError):
    """A value that a model's validator rejects, with its sentence of the catalogue."""

    def __init__(self, key: str, /, **params: Any) -> None:
        """Keep the message."""
        self.message = Message(key, **params)
        super().__init__(str(self.message))


class CorruptError(Exception):
    """The log contradicts itself: a bug or tampering. Nothing below the doors catches it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a document, as a value, so that all faults can be shown at once.

    ``place`` is a criterion code, a dotted field or a line.
    """

    place: str
    message: Message
    severity: Literal["error", "warning"] = "error"

    @classmethod
    def error(cls, place: str, key: str, /, **params: Any) -> Problem:
        """Return a fault that forbids to publish the document."""
        return cls(place, Message(key, **params))

    @classmethod
    def warning(cls, place: str, key: str, /, **params: Any) -> Problem:
        """Return a fault that forbids nothing."""
        return cls(place, Message(key, **params), "warning")

    @property
    def problem(self) -> str:
        """The English sentence."""
        return str(self.message)
