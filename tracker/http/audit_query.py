"""Audit queries from text filters, for pages and the API: actors by name, within a scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

from events.periods import parse_date
from events.refusals.errors import Refused
from projections.audit.trail import AuditEntry, AuditQuery, search
from tracker.accounts.credentials import accounts_named

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from tracker.http.context import RequestContext

    Convert = Callable[[Reader, Sequence[AuditEntry]], Sequence[Sequence[Any]]]

WALKED = 1000
"""Events that are read at once while a file of the log is sent."""
FILTERS = (
    "organization",
    "under",
    "type",
    "actor",
    "from",
    "to",
    "occurred_from",
    "occurred_to",
)
"""The names of the filters, the same as the options of ``tracker audit log``."""


def read_audit_query(
    reader: Reader, scope: Scope, filters: Mapping[str, str], limit: int, after: str | None
) -> AuditQuery:
    """Return the query that the filters describe, within what the user may see; blank ones are off.

    ``actor`` is an actor's id, or the name or log-in name of an account. ``Refused`` names the
    filter that is not valid.
    """
    texts = {name: text.strip() for name, text in filters.items() if text.strip()}
    return AuditQuery(
        organization=texts.get("organization"),
        under=texts.get("under"),
        type=texts.get("type"),
        recorded_from=_read_day(texts, "from"),
        recorded_to=_read_day(texts, "to"),
        occurred_from=_read_day(texts, "occurred_from"),
        occurred_to=_read_day(texts, "occurred_to"),
        limit=limit,
        after=after,
        scope=scope,
        actors=_find_actors(reader, texts["actor"]) if "actor" in texts else (),
    )


def read_rows(
    context: RequestContext, query: AuditQuery, convert: Convert
) -> Iterator[Sequence[Any]]:
    """Return the rows of all events that a query finds, however many; ``convert`` makes them.

    The first page is read at once, so that ``Refused`` comes before anything was sent. Each page
    has its own short transaction: a client may take long, and a cursor skips nothing that commits
    meanwhile.
    """
    pages = _read_pages(context, replace(query, limit=WALKED), convert)
    return chain.from_iterable(chain([next(pages)], pages))


def _read_pages(
    context: RequestContext, query: AuditQuery, convert: Convert
) -> Iterator[Sequence[Sequence[Any]]]:
    more = True
    while more:
        with context.read() as reader:
            entries = search(reader, query)
            rows = convert(reader, entries)
        more = len(entries) == query.limit
        if more:
            query = replace(query, after=entries[-1].cursor)
        yield rows


def _read_day(texts: Mapping[str, str], name: str) -> date | None:
    if name not in texts:
        return None
    try:
        return parse_date(texts[name])
    except Refused as refused:
        raise refused.replace(field=name) from None


def _find_actors(reader: Reader, text: str) -> tuple[str, ...]:
    """Return the actors that a text may mean: the id itself, and accounts of that name."""
    return tuple(sorted({text, *accounts_named(reader, text)}))


def unknown_event(stream: str, version: int) -> Refused:
    """Return the refusal of an event that does not exist or that the user may not see: one text."""
    return Refused("unknown_event", stream=stream, version=version)
