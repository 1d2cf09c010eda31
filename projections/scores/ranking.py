"""Ranking: posted monthly scores by category within a scope (docs/semantics.md, section 6).

Higher score first; equal scores share a rank and the next is skipped; the unranked come last.
Category, parent and scope are those of the period's last day.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import orjson

from events.periods import Length, Period
from events.refusals.errors import Refused
from events.streams.scores import MONTHLY
from projections.documents.in_force import book
from projections.organizations.directory import all_entries, entries_under, find
from projections.scores.outcomes import scores_among

if TYPE_CHECKING:
    from events.documents.policies import DistrictPolicy
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry

RANKED, NOT_INSPECTED, NOT_APPLIED = "ranked", "not_inspected", "not_applied"


class RankedOrganization(NamedTuple):
    """One organization in the ranking of a month, in the shape of ``tracker rank --json``.

    ``rank`` and ``score`` (as printed) are None where the month has no score. ``state`` is ranked,
    not_inspected, or not_applied where no scheme applies. ``band`` is always None: bands go by the
    annual score.
    """

    rank: int | None
    organization: str
    category: str
    score: str | None
    posted: bool
    months_inspected: int
    band: str | None
    state: str


class CurrentScore(NamedTuple):
    """A posted score as it counts now (None: no figure), and the months inspected (0 or 1)."""

    score: str | None
    months_inspected: int


NOT_POSTED = CurrentScore(None, 0)


def rank_organizations(
    reader: Reader, period: Period, category: str | None = None, under: str | None = None
) -> list[RankedOrganization]:
    """Rank the organizations of a month, all or those under a code.

    Without ``category`` each category is ranked by itself, one after the other. ``Refused`` for a
    longer period, whose score needs its own check, and for an unknown code.
    """
    if period.length != Length.MONTH:
        raise Refused("not_a_month", field="period", period=period)
    last = period.last_day.isoformat()
    first = period.first_day.isoformat()
    groups: dict[str, list[OrganizationEntry]] = {}
    for entry in _select_entries(reader, under, last):
        if entry.registered_on <= last and (entry.closed_on is None or entry.closed_on >= first):
            groups.setdefault(entry.category_on(last), []).append(entry)
    ranking: list[RankedOrganization] = []
    for name in sorted(groups):
        if category in (None, name):
            ranking.extend(_rank_category(reader, period, name, groups[name]))
    return ranking


def _select_entries(reader: Reader, under: str | None, day: str) -> list[OrganizationEntry]:
    if under is None:
        return all_entries(reader)
    top = find(reader, under)
    if top is None:
        raise Refused("unknown_organization", field="under", code=under)
    return entries_under(reader, top.stream, day)


def _rank_category(
    reader: Reader, period: Period, category: str, entries: list[OrganizationEntry]
) -> list[RankedOrganization]:
    """Rank one category; ``entries`` are in the order of their codes."""
    streams = [entry.stream for entry in entries]
    scores = current_scores(reader, streams, str(period))
    applied = book(reader).in_force(category, MONTHLY, period) is not None
    scored: list[tuple[Decimal, RankedOrganization]] = []
    unranked: list[RankedOrganization] = []
    for entry in entries:
        score, months = scores.get(entry.stream, NOT_POSTED)
        posted = entry.stream in scores
        # Until a score gives a rank below: a month without a score was not inspected, and a month
        # that was posted had a scheme, even if none applies to the category any more.
        state = NOT_INSPECTED if posted or applied else NOT_APPLIED
        row = RankedOrganization(None, entry.code, category, score, posted, months, None, state)
        if score is None:
            unranked.append(row)
        else:
            scored.append((Decimal(score), row))
    scored.sort(key=lambda pair: -pair[0])
    ranked: list[RankedOrganization] = []
    before, shared = None, 0
    for place, (value, row) in enumerate(scored, start=1):
        if value != before:
            before, shared = value, place
        ranked.append(row._replace(rank=shared, state=RANKED))
    return ranked + unranked


def current_scores(reader: Reader, streams: list[str], period: str) -> dict[str, CurrentScore]:
    """Return the posted scores of a month as they count now, by stream.

    The newest adjustment counts instead of what was posted. Organizations without a posted score
    are left out.
    """
    scores: dict[str, CurrentScore] = {}
    for stream, score, inspected, adjustments in scores_among(reader, MONTHLY, period, streams):
        changes = orjson.loads(adjustments)
        current = changes[-1]["new"] if changes else score
        scores[stream] = CurrentScore(current, int(inspected is not None))
    return scores


def band_of(policy: DistrictPolicy, score: Decimal) -> str:
    """Return the band of a score, by lower bounds alone; ``none`` below them all."""
    for band in sorted(policy.bands, key=lambda band: -Decimal(band.at_least)):
        if score >= Decimal(band.at_least):
            return band.band
    return "none"
