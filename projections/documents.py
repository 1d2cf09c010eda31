"""The documents in force: the district, its schemes as a book, its policy, its vocabulary.

They are few events, found by their type; what was read is kept until one more is appended.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from events.districts import STREAM as DISTRICT
from events.errors import Kind, Refused
from events.periods import Period, parse_month
from events.policies import DistrictPolicy, PolicyPublished
from events.policies import from_document as policy_from_document
from events.reading import COLUMNS, recorded
from events.scheme_checks import from_document
from events.schemes import Scheme, SchemeClosed, SchemePublished
from events.vocabulary import BUILT_IN, Vocabulary
from projections.rules import SchemeBook

if TYPE_CHECKING:
    from events.event import RecordedEvent
    from events.reading import Reader

LOCK = "documents"
"""The stream whose head is locked when a document is published and when a cycle pins them."""


@dataclass(frozen=True, slots=True)
class DistrictFacts:
    """The zone of business dates and the first assessed month."""

    zone: ZoneInfo
    first_month: Period


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The district policy with its version; version 0 are the defaults that nobody published."""

    version: int
    policy: DistrictPolicy


def district(reader: Reader) -> DistrictFacts:
    """The district; ``Refused`` before ``tracker init``."""
    events = reader.stream(DISTRICT)
    if not events:
        raise Refused(
            "no_district",
            "the database has no district yet; create it with: tracker init",
            kind=Kind.NOT_FOUND,
        )
    return DistrictFacts(
        ZoneInfo(events[0].data["zone"]), parse_month(events[0].data["first_month"])
    )


def of_type(reader: Reader, kind: str) -> list[RecordedEvent]:
    """All events of one type in reading order."""
    return [
        recorded(row)
        for row in reader.rows(
            f"SELECT {COLUMNS} FROM events WHERE type = ? ORDER BY position", [kind]
        )
    ]


def _newest(reader: Reader, kind: str) -> tuple[str, int]:
    rows = reader.rows(
        "SELECT stream, version FROM events WHERE type = ? ORDER BY position DESC LIMIT 1", [kind]
    )
    return (rows[0][0], rows[0][1]) if rows else ("", 0)


def published(reader: Reader) -> list[tuple[RecordedEvent, Scheme]]:
    """Every published scheme version with the event that published it."""
    return [(event, _scheme(event)) for event in of_type(reader, SchemePublished.TYPE)]


def _scheme(event: RecordedEvent) -> Scheme:
    return from_document(event.data["document"] | {"effective_from": event.data["effective_from"]})


def closings(reader: Reader) -> list[RecordedEvent]:
    """The events that closed schemes."""
    return of_type(reader, SchemeClosed.TYPE)


_BOOKS: dict[object, SchemeBook] = {}
BOOKS_KEPT = 8


def book(reader: Reader, until: str | None = None) -> SchemeBook:
    """The schemes as a book, all of them or those known at an instant (its text)."""
    key = (
        str(reader.connection.engine.url),
        _newest(reader, SchemePublished.TYPE),
        _newest(reader, SchemeClosed.TYPE),
        _digest(reader),
        until,
    )
    found = _BOOKS.get(key)
    if found is None:
        known = [
            scheme
            for event, scheme in published(reader)
            if until is None or event.recorded_at <= until
        ]
        closed = {
            event.data["scheme"]: event.data["closed_from"]
            for event in closings(reader)
            if until is None or event.recorded_at <= until
        }
        while len(_BOOKS) >= BOOKS_KEPT:
            _BOOKS.pop(next(iter(_BOOKS)))
        found = _BOOKS[key] = SchemeBook(known, closed)
    return found


def _digest(reader: Reader) -> tuple[bytes, ...]:
    """The hashes of the newest documents: what makes a kept book the right one."""
    return tuple(
        bytes(row[0])
        for kind in (SchemePublished.TYPE, SchemeClosed.TYPE)
        for row in reader.rows(
            "SELECT hash FROM events WHERE type = ? ORDER BY position DESC LIMIT 1", [kind]
        )
    )


_VOCABULARIES: dict[object, Vocabulary] = {}


def vocabulary(reader: Reader) -> Vocabulary:
    """The words in force: the built-in ones and what every published scheme adds, oldest first."""
    key = (
        str(reader.connection.engine.url),
        _newest(reader, SchemePublished.TYPE),
        _digest(reader),
    )
    found = _VOCABULARIES.get(key)
    if found is None:
        found = BUILT_IN.extended(scheme for _, scheme in published(reader))
        while len(_VOCABULARIES) >= BOOKS_KEPT:
            _VOCABULARIES.pop(next(iter(_VOCABULARIES)))
        _VOCABULARIES[key] = found
    return found


def policy(reader: Reader) -> PolicyInForce:
    """The district policy in force."""
    events = of_type(reader, PolicyPublished.TYPE)
    if not events:
        return PolicyInForce(0, DistrictPolicy())
    return PolicyInForce(
        events[-1].data["version"], policy_from_document(events[-1].data["document"])
    )


@lru_cache(maxsize=8)
def zone_of(name: str) -> ZoneInfo:
    """The zone of a name."""
    return ZoneInfo(name)
