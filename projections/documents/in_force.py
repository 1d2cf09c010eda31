"""The documents in force: the district, its schemes as a book, its policy, its vocabulary.

They are few events, selected by their type, and are cached until another one is appended.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from events.documents.policies import STREAM as POLICY
from events.documents.policies import DistrictPolicy, PolicyPublished, policy_from_document
from events.documents.schemes import Scheme, SchemeClosed, SchemePublished, Text
from events.documents.serialization import from_document
from events.documents.vocabulary import BUILT_IN, CATEGORIES, Vocabulary, known_categories
from events.log.reader import COLUMNS, event_from_row
from events.periods import Period, parse_month
from events.refusals.errors import Refused
from events.streams.districts import DECIDER as DISTRICTS
from events.streams.districts import STREAM as DISTRICT
from projections.documents.marks import newest_mark
from projections.scoring.scheme_book import SchemeBook, SchemeEnd, end_versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader

LOCK = "documents"
"""The stream whose head is locked when a document is published and when a cycle pins them."""


@dataclass(frozen=True, slots=True)
class DistrictFacts:
    """The zone of business dates and the first assessed month.

    While the district is not ``live`` the first month is only planned and no cycle opens.
    """

    zone: ZoneInfo
    first_month: Period
    live: bool = True


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The district policy with its version; version 0 are the defaults, before any is published."""

    version: int
    policy: DistrictPolicy


def district(reader: Reader) -> DistrictFacts:
    """Return the district, which never changes once it is live; ``Refused`` before its init."""
    known = _DISTRICTS.get(reader.connection.engine)
    if known is not None:
        return known
    state = DISTRICTS.fold(reader.stream(DISTRICT))
    if not state.zone:
        raise Refused("no_district")
    live = not state.being_set_up
    facts = DistrictFacts(ZoneInfo(state.zone), parse_month(state.first_month), live)
    if live:
        _DISTRICTS[reader.connection.engine] = facts
    return facts


def events_of_type(reader: Reader, kind: str) -> list[RecordedEvent]:
    """Return all events of one type in reading order."""
    return [
        event_from_row(row)
        for row in reader.rows(
            f"SELECT {COLUMNS} FROM events WHERE type = ? ORDER BY position", [kind]
        )
    ]


def published_schemes(reader: Reader) -> list[tuple[RecordedEvent, Scheme]]:
    """Return every published scheme version with the event that published it."""
    return [(event, _scheme(event)) for event in events_of_type(reader, SchemePublished.TYPE)]


def _scheme(event: RecordedEvent) -> Scheme:
    return from_document(event.data["document"] | {"effective_from": event.data["effective_from"]})


def closings(reader: Reader) -> list[RecordedEvent]:
    """Return the events that closed schemes."""
    return events_of_type(reader, SchemeClosed.TYPE)


BOOKS_KEPT = 8
"""Books of past instants in memory; the oldest is dropped first."""


@dataclass(slots=True)
class _SchemeCache:
    """What was made of the schemes under one sum of marks: books by instant, the vocabulary."""

    newest: str
    books: dict[str | None, SchemeBook] = field(default_factory=dict)
    vocabulary: Vocabulary | None = None


_CACHES: WeakKeyDictionary[Engine, _SchemeCache] = WeakKeyDictionary()
_DISTRICTS: WeakKeyDictionary[Engine, DistrictFacts] = WeakKeyDictionary()
_CATEGORIES: WeakKeyDictionary[Engine, tuple[int, Mapping[str, Text]]] = WeakKeyDictionary()
"""The categories under the newest version of the policy that was read, by that version."""


def _cache_of(reader: Reader, newest: str | None) -> _SchemeCache:
    """Return the cache under the present marks.

    A write transaction on PostgreSQL may read schemes that were published after it read the marks:
    callers store a result only where the marks are still the same.
    """
    if newest is None:
        newest = newest_mark(reader)
    cache = _CACHES.get(reader.connection.engine)
    if cache is None or cache.newest != newest:
        cache = _CACHES[reader.connection.engine] = _SchemeCache(newest)
    return cache


def book(reader: Reader, until: str | None = None) -> SchemeBook:
    """Return the schemes as a book, all of them or those known at an instant (its text)."""
    cache = _cache_of(reader, None)
    schemes = cache.books.get(until)
    if schemes is None:
        schemes = _read_book(reader, until)
        if newest_mark(reader) == cache.newest:
            for old in list(cache.books)[: max(0, len(cache.books) + 1 - BOOKS_KEPT)]:
                cache.books.pop(old, None)
            cache.books[until] = schemes
    return schemes


def publication_steps(reader: Reader, until: str | None = None) -> list[Scheme | SchemeEnd]:
    """Return publications and closings in the order of the log, up to an instant (its text)."""
    steps: list[tuple[RecordedEvent, Scheme | SchemeEnd]] = [*published_schemes(reader)]
    steps += [
        (event, SchemeEnd(event.data["scheme"], event.data["closed_from"]))
        for event in closings(reader)
    ]
    steps.sort(key=lambda step: step[0].position)
    return [step for event, step in steps if until is None or event.recorded_at <= until]


def book_of_steps(steps: Sequence[Scheme | SchemeEnd]) -> SchemeBook:
    """Return the book that publications and closings, in the order of the log, lead to."""
    schemes = [step for step in steps if not isinstance(step, SchemeEnd)]
    return SchemeBook(schemes, end_versions(steps))


def _read_book(reader: Reader, until: str | None) -> SchemeBook:
    return book_of_steps(publication_steps(reader, until))


def vocabulary(reader: Reader) -> Vocabulary:
    """Return the words in force, and the categories of the district."""
    words = scheme_words(reader)
    known = categories(reader)
    return words if words.categories is known else replace(words, categories=known)


def scheme_words(reader: Reader, newest: str | None = None) -> Vocabulary:
    """Return the built-in words and those that published schemes add, oldest first.

    The categories are the built-in ones alone. ``newest`` is the result of ``newest_mark`` where
    the caller has read it already.
    """
    cache = _cache_of(reader, newest)
    if cache.vocabulary is not None:
        return cache.vocabulary
    words = BUILT_IN.extended(scheme for _, scheme in published_schemes(reader))
    if newest_mark(reader) == cache.newest:
        cache.vocabulary = words
    return words


def categories(reader: Reader) -> Mapping[str, Text]:
    """Return the categories of organizations: the built-in ones, then the district's own."""
    version = reader.versions([POLICY]).get(POLICY, 0)
    if not version:
        return CATEGORIES
    known = _CATEGORIES.get(reader.connection.engine)
    # What a version of a stream says never changes: an equal version is the same policy.
    if known is not None and known[0] == version:
        return known[1]
    in_force = known_categories(policy(reader).policy.categories)
    _CATEGORIES[reader.connection.engine] = version, in_force
    return in_force


def require_category(reader: Reader, category: str, field: str) -> None:
    """Raise ``Refused`` at a filter's field unless the district has a category."""
    known = categories(reader)
    if category not in known:
        raise Refused("unknown_category.filter", field=field, code=category, known=", ".join(known))


def policy(reader: Reader) -> PolicyInForce:
    """Return the district policy in force."""
    events = events_of_type(reader, PolicyPublished.TYPE)
    if not events:
        return PolicyInForce(0, DistrictPolicy())
    return PolicyInForce(
        events[-1].data["version"], policy_from_document(events[-1].data["document"])
    )


@lru_cache(maxsize=8)
def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of a name."""
    return ZoneInfo(name)
