"""Ranking: posted monthly scores by category within a scope (docs/semantics.md, section 6).

Higher score first; equal scores share a rank and the next is skipped; the unranked come last.
Category, parent and scope are those of the period's last day, of a closed month as known on its
closing date: a published ranking moves by adjustments alone.
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
from projections.scores.known_month import read_known_month, streams_ranked_under
from projections.scores.outcomes import scores_among

if TYPE_CHECKING:
    from events.documents.policies import DistrictPolicy
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.scores.known_month import KnownMonth

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
    """A posted score as it counts now (None: no figure), and the months inspected (0 or 1).

    ``scope`` is that of the cycle that posted it, None before it is posted.
    """

    score: str | None
    months_inspected: int
    scope: str | None


NOT_POSTED = CurrentScore(None, 0, None)


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
    month = read_known_month(reader, period)
    selected = _select_entries(reader, month, under, last)
    scores = current_scores(reader, [entry.stream for entry in selected], str(period))
    groups: dict[str, list[OrganizationEntry]] = {}
    for now in selected:
        entry = month.entry(now, scores.get(now.stream, NOT_POSTED).scope)
        if entry is not None and entry.lives_between(first, last):
            groups.setdefault(entry.category_on(last), []).append(entry)
    ranking: list[RankedOrganization] = []
    for name in sorted(groups):
        if category in (None, name):
            ranking.extend(_rank_category(reader, period, name, groups[name], scores))
    return ranking


def _select_entries(
    reader: Reader, month: KnownMonth, under: str | None, day: str
) -> list[OrganizationEntry]:
    if under is None:
        return all_entries(reader)
    top = find(reader, under)
    if top is None:
        raise Refused("unknown_organization", field="under", code=under)
    known = streams_ranked_under(reader, month, top.stream)
    if known is None:
        return entries_under(reader, top.stream, day)
    return [entry for entry in all_entries(reader) if entry.stream in known]


def _rank_category(
    reader: Reader,
    period: Period,
    category: str,
    entries: list[OrganizationEntry],
    scores: dict[str, CurrentScore],
) -> list[RankedOrganization]:
    """Rank one category; ``entries`` are in the order of their codes."""
    applied = book(reader).in_force(category, MONTHLY, period) is not None
    scored: list[tuple[Decimal, RankedOrganization]] = []
    unranked: list[RankedOrganization] = []
    for entry in entries:
        score, months, _ = scores.get(entry.stream, NOT_POSTED)
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
    rows = scores_among(reader, MONTHLY, period, streams)
    for stream, scope, score, inspected, adjustments in rows:
        changes = orjson.loads(adjustments)
        current = changes[-1]["new"] if changes else score
        scores[stream] = CurrentScore(current, int(inspected is not None), scope)
    return scores


def band_of(policy: DistrictPolicy, score: Decimal) -> str:
    """Return the band of a score, by lower bounds alone; ``none`` below them all."""
    for band in sorted(policy.bands, key=lambda band: -Decimal(band.at_least)):
        if score >= Decimal(band.at_least):
            return band.band
    return "none"
