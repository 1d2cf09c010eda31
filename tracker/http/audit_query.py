"""Audit queries from text filters, for pages and the API: actors by name, within a scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from events.periods import parse_date
from events.refusals.errors import Refused
from projections.audit.trail import AuditQuery
from tracker.accounts.credentials import accounts_named

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope

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
