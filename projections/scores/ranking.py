"""Ranking: posted monthly scores by category within a scope (docs/semantics.md, section 6).

Higher score first; equal scores share a rank and the next is skipped; the unranked stand last.
Category, parent and scope mean the state on the period's last day.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from events.periods import Length, Period
from events.refusals.errors import Refused
from events.streams.scores import MONTHLY
from projections.documents.in_force import book
from projections.organizations.directory import everybody, find
from projections.organizations.directory import under as entries_under
from projections.scores.outcomes import scores_among

if TYPE_CHECKING:
    from events.documents.policies import DistrictPolicy
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry


def rank(
    reader: Reader, period: Period, category: str | None = None, under: str | None = None
) -> list[dict[str, Any]]:
    """The ranking of a month in the shape of ``tracker rank --json``; ``under`` is a code.

    A month has no band: bands go by the annual score.

    Without ``category`` each category is ranked by itself, one after the other. ``Refused`` for a
    longer period, whose score needs a check of its own, and for a code nobody bears.
    """
    if period.length != Length.MONTH:
        raise Refused("not_a_month", field="period", period=period)
    last = period.last_day.isoformat()
    first = period.first_day.isoformat()
    entries = [
        one
        for one in _asked(reader, under, last)
        if one.registered_on <= last and (one.closed_on is None or one.closed_on >= first)
    ]
    groups: dict[str, list[OrganizationEntry]] = {}
    for one in entries:
        groups.setdefault(one.category_on(last), []).append(one)
    found: list[dict[str, Any]] = []
    for name in sorted(groups):
        if category in (None, name):
            found.extend(_category(reader, period, name, groups[name]))
    return found


def _asked(reader: Reader, under: str | None, day: str) -> list[OrganizationEntry]:
    if under is None:
        return everybody(reader)
    top = find(reader, under)
    if top is None:
        raise Refused("unknown_organization", field="under", code=under)
    return entries_under(reader, top.stream, day)


def _category(
    reader: Reader, period: Period, category: str, entries: list[OrganizationEntry]
) -> list[dict[str, Any]]:
    """One category, ranked; ``entries`` are in the order of their codes."""
    streams = [one.stream for one in entries]
    posted = current_scores(reader, streams, str(period))
    applied = book(reader).in_force(category, MONTHLY, period) is not None
    scored: list[tuple[Decimal, dict[str, Any]]] = []
    unranked: list[dict[str, Any]] = []
    for one in entries:
        score, months = posted.get(one.stream, (None, 0))
        row = {
            "rank": None,
            "organization": one.code,
            "category": category,
            "score": score,
            "posted": one.stream in posted,
            "months_inspected": months,
            "band": None,
            "state": "not_inspected" if one.stream in posted or applied else "not_applied",
        }
        if score is None:
            unranked.append(row)
        else:
            scored.append((Decimal(score), row | {"state": "ranked"}))
    scored.sort(key=lambda one: -one[0])
    ranked: list[dict[str, Any]] = []
    for place, (value, row) in enumerate(scored, start=1):
        same = ranked[-1]["rank"] if place > 1 and scored[place - 2][0] == value else place
        ranked.append(row | {"rank": same})
    return ranked + unranked


def current_scores(
    reader: Reader, streams: list[str], period: str
) -> dict[str, tuple[str | None, int]]:
    """The posted monthly scores of a month as they count now, with the months inspected (0 or 1).

    The newest adjustment counts in the place of what was posted.
    """
    found: dict[str, tuple[str | None, int]] = {}
    for stream, score, inspected, adjustments in scores_among(reader, MONTHLY, period, streams):
        changes = orjson.loads(adjustments)
        current = changes[-1]["new"] if changes else score
        found[stream] = (current, int(inspected is not None))
    return found


def band_of(policy: DistrictPolicy, score: Decimal) -> str:
    """The band of a score, by lower bounds alone; ``none`` below them all."""
    for band in sorted(policy.bands, key=lambda one: -Decimal(one.at_least)):
        if score >= Decimal(band.at_least):
            return band.band
    return "none"
