"""The base class of events: typed fields, a stable name, and the bytes that are hashed.

An event class is a frozen pydantic model with a stable ``TYPE`` (never an import path) and a
``SCHEMA`` version. The log stores one canonical JSON document (the *envelope*): sorted ASCII
keys, no floats, NFC text, integers within ±(2^53 - 1). It holds free text (``TEXTS``) as a salted
commitment; value and salt are in the table ``texts`` and can be deleted
(docs/decisions/0011-stored-bytes.md).
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict

from events.refusals.errors import CorruptError

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMITMENT_PREFIX = "sha256:"
# readers that store JSON numbers as doubles keep integers exact only up to here
LARGEST_INTEGER = 2**53 - 1
EVENT_TYPES: dict[str, type[Event]] = {}
"""Every event class by its ``TYPE``."""


class Event(BaseModel):
    """A fact in the past tense. Subclasses set ``TYPE``, where needed ``SCHEMA`` and ``TEXTS``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    TYPE: ClassVar[str] = ""
    SCHEMA: ClassVar[int] = 1
    OPEN: ClassVar[bool] = False
    """Whether the data holds a free document; ``canonical`` then checks each value."""
    TEXTS: ClassVar[tuple[str, ...]] = ()
    """Paths of free-text fields; ``*`` is every element of a list: ``findings.*.reason``."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Register the class under its ``TYPE``; two classes of one name are ``CorruptError``."""
        super().__pydantic_init_subclass__(**kwargs)
        if cls.TYPE:
            known = EVENT_TYPES.setdefault(cls.TYPE, cls)
            if known is not cls:
                message = f"two event classes are called {cls.TYPE}"
                raise CorruptError(message)

    def subject(self) -> str | None:
        """Return what the event changes inside its stream, e.g. ``record/a-1``; None for the first.

        A decision about one subject folds only the events of that subject.
        """
        return None

    def happened_on(self) -> str | None:
        """Return the business date (ISO) that the audit log shows, or None."""
        day = getattr(self, "occurred_on", None) or getattr(self, "on", None)
        return None if day is None else str(day)

    def data(self) -> dict[str, Any]:
        """Return the event's fields as JSON values; fields that are None are left out."""
        # every append calls this: the serializer directly, without the wrapper ``model_dump``
        fields: dict[str, Any] = self.__pydantic_serializer__.to_python(
            self, mode="json", exclude_none=True
        )
        return fields


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who acts, through which channel, in which unit of work, and what caused it."""

    actor: str
    channel: str = "cli"
    correlation: str = ""
    causation: str | None = None
    source: str | None = None
    """The digest of the imported file, for the channel ``import``."""


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event to append to a stream, with an id that is unique in the stream."""

    stream: str
    event_id: str
    event: Event
    metadata: Metadata
    recorded_on: str | None = None
    """The historical recording date (ISO); only historical imports set it."""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event read from the log; ``data`` is upcast to the newest schema of its type."""

    stream: str
    version: int
    position: int
    event_id: str
    type: str
    data: dict[str, Any]
    actor: str
    channel: str
    correlation: str
    recorded_at: str
    recorded_on: str | None
    occurred_on: str | None
    subject: str | None
    causation: str | None = None
    source: str | None = None
    hash: bytes = b""
    body: bytes = field(default=b"", repr=False)


def canonical(document: dict[str, Any], *, open_data: bool = True) -> bytes:
    """Return the canonical bytes of a JSON document: keys sorted, UTF-8, no white space.

    With ``open_data`` every value is checked; events of closed form were validated when they were
    made. Raise ``CorruptError`` for floats, integers beyond ±(2^53 - 1), keys that are not ASCII
    and text that is not NFC: they have more than one written form.
    """
    body = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    if open_data and not _has_one_form(document):
        message = "an event holds a float, a huge integer or a key that is not ASCII"
        raise CorruptError(message)
    if not body.isascii() and not unicodedata.is_normalized("NFC", body.decode()):
        message = "an event holds text that is not in Unicode normal form C"
        raise CorruptError(message)
    return body


def _has_one_form(value: Any) -> bool:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return abs(int(value)) <= LARGEST_INTEGER
    if kind is dict:
        return all(key.isascii() and _has_one_form(inner) for key, inner in value.items())
    if kind is list or kind is tuple:
        return all(_has_one_form(inner) for inner in value)
    return False


def commitment(salt: bytes, value: str) -> str:
    """Return the salted commitment that an event holds instead of a free text."""
    return COMMITMENT_PREFIX + hashlib.sha256(salt + value.encode()).hexdigest()


def text_places(data: dict[str, Any], paths: tuple[str, ...]) -> Iterator[tuple[str, Any, Any]]:
    """Yield each text in ``data`` as (dotted path, its container, its key in the container)."""
    for path in paths:
        if path.isidentifier():
            if data.get(path) is not None:
                yield path, data, path
        else:
            yield from _walk(data, path.split("."), "")


def _walk(node: Any, steps: list[str], place: str) -> Iterator[tuple[str, Any, Any]]:
    step, rest = steps[0], steps[1:]
    if step == "*":
        keys: list[Any] = list(range(len(node))) if isinstance(node, list) else []
    else:
        keys = [step] if isinstance(node, dict) and node.get(step) is not None else []
    for key in keys:
        path = f"{place}.{key}" if place else str(key)
        if rest:
            yield from _walk(node[key], rest, path)
        else:
            yield path, node, key
