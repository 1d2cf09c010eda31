"""What the log is asked at every door: filters as text, actors by name, within a scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from events.periods import parse_date
from events.refusals.errors import Refused
from projections.audit.trail import AuditQuery
from tracker.accounts.credentials import accounts_called

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
"""The names of the filters, as ``tracker audit log`` has them."""


def query_of(
    reader: Reader, scope: Scope, asked: Mapping[str, str], limit: int, after: str | None
) -> AuditQuery:
    """The question that filters make, within what somebody may see.

    ``actor`` is an actor's id, or the name or log-in name of an account. ``Refused`` names the
    filter that is none.
    """
    given = {name: value.strip() for name, value in asked.items() if value.strip()}
    return AuditQuery(
        organization=given.get("organization"),
        under=given.get("under"),
        type=given.get("type"),
        recorded_from=_day(given, "from"),
        recorded_to=_day(given, "to"),
        occurred_from=_day(given, "occurred_from"),
        occurred_to=_day(given, "occurred_to"),
        limit=limit,
        after=after,
        scope=scope,
        actors=_actors(reader, given["actor"]) if "actor" in given else (),
    )


def _day(given: Mapping[str, str], name: str) -> date | None:
    if name not in given:
        return None
    try:
        return parse_date(given[name])
    except Refused as refused:
        raise refused.replace(field=name) from None


def _actors(reader: Reader, text: str) -> tuple[str, ...]:
    """The actors that a text may mean: the id itself, and accounts of that name."""
    return tuple(sorted({text, *accounts_called(reader, text)}))


def unknown_event(stream: str, version: int) -> Refused:
    """The refusal of an event that is not there, or not for who asks: the same words."""
    return Refused("unknown_event", stream=stream, version=version)
