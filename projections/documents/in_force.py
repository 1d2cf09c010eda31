"""The documents in force: the district, its schemes as a book, its policy, its vocabulary.

They are few events, found by their type; what was read is kept until one more is appended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from events.documents.policies import DistrictPolicy, PolicyPublished, policy_from_document
from events.documents.schemes import Scheme, SchemeClosed, SchemePublished
from events.documents.serialization import from_document
from events.documents.vocabulary import BUILT_IN, Vocabulary
from events.log.reader import COLUMNS, event_from_row
from events.periods import Period, parse_month
from events.refusals.errors import Refused
from events.streams.districts import STREAM as DISTRICT
from projections.documents.marks import newest_mark
from projections.scoring.scheme_book import SchemeBook

if TYPE_CHECKING:
    from events.event import RecordedEvent
    from events.log.reader import Reader

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
    known = _DISTRICTS.get(reader.connection.engine)
    if known is not None:
        return known
    events = reader.stream(DISTRICT)
    if not events:
        raise Refused("no_district")
    found = DistrictFacts(
        ZoneInfo(events[0].data["zone"]), parse_month(events[0].data["first_month"])
    )
    _DISTRICTS[reader.connection.engine] = found
    return found


def events_of_type(reader: Reader, kind: str) -> list[RecordedEvent]:
    """All events of one type in reading order."""
    return [
        event_from_row(row)
        for row in reader.rows(
            f"SELECT {COLUMNS} FROM events WHERE type = ? ORDER BY position", [kind]
        )
    ]


def published_schemes(reader: Reader) -> list[tuple[RecordedEvent, Scheme]]:
    """Every published scheme version with the event that published it."""
    return [(event, _scheme(event)) for event in events_of_type(reader, SchemePublished.TYPE)]


def _scheme(event: RecordedEvent) -> Scheme:
    return from_document(event.data["document"] | {"effective_from": event.data["effective_from"]})


def closings(reader: Reader) -> list[RecordedEvent]:
    """The events that closed schemes."""
    return events_of_type(reader, SchemeClosed.TYPE)


BOOKS_KEPT = 8


@dataclass(slots=True)
class _Kept:
    """What was made of the schemes as marked at one time: books by instant, the vocabulary."""

    newest: str
    books: dict[str | None, SchemeBook] = field(default_factory=dict)
    vocabulary: Vocabulary | None = None


_KEPT: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()
_DISTRICTS: WeakKeyDictionary[Engine, DistrictFacts] = WeakKeyDictionary()


def _kept(reader: Reader, newest: str | None) -> _Kept:
    """What is kept under the marks as they stand.

    A write transaction on PostgreSQL may read the schemes after somebody published one more: who
    makes something keeps it only where the marks are still the same.
    """
    if newest is None:
        newest = newest_mark(reader)
    found = _KEPT.get(reader.connection.engine)
    if found is None or found.newest != newest:
        found = _KEPT[reader.connection.engine] = _Kept(newest)
    return found


def book(reader: Reader, until: str | None = None) -> SchemeBook:
    """The schemes as a book, all of them or those known at an instant (its text)."""
    kept = _kept(reader, None)
    found = kept.books.get(until)
    if found is None:
        known = [
            scheme
            for event, scheme in published_schemes(reader)
            if until is None or event.recorded_at <= until
        ]
        closed = {
            event.data["scheme"]: event.data["closed_from"]
            for event in closings(reader)
            if until is None or event.recorded_at <= until
        }
        found = SchemeBook(known, closed)
        if newest_mark(reader) == kept.newest:
            for old in list(kept.books)[: max(0, len(kept.books) + 1 - BOOKS_KEPT)]:
                kept.books.pop(old, None)
            kept.books[until] = found
    return found


def vocabulary(reader: Reader, newest: str | None = None) -> Vocabulary:
    """The words in force: the built-in ones and what every published scheme adds, oldest first.

    ``newest`` is the answer of ``newest_mark`` where the caller has it already.
    """
    kept = _kept(reader, newest)
    if kept.vocabulary is not None:
        return kept.vocabulary
    found = BUILT_IN.extended(scheme for _, scheme in published_schemes(reader))
    if newest_mark(reader) == kept.newest:
        kept.vocabulary = found
    return found


def policy(reader: Reader) -> PolicyInForce:
    """The district policy in force."""
    events = events_of_type(reader, PolicyPublished.TYPE)
    if not events:
        return PolicyInForce(0, DistrictPolicy())
    return PolicyInForce(
        events[-1].data["version"], policy_from_document(events[-1].data["document"])
    )


@lru_cache(maxsize=8)
def zone_of(name: str) -> ZoneInfo:
    """The zone of a name."""
    return ZoneInfo(name)
