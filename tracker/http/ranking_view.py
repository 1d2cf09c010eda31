"""How much of a ranking a user sees: all, what the policy publishes, or their own places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.documents.policies import TopPlaces
from projections.documents.in_force import policy
from projections.organizations.directory import entries_of
from projections.organizations.scope import Scope
from projections.scores.standings import Standings, read_standings

if TYPE_CHECKING:
    from datetime import datetime

    from events.log.reader import Reader
    from events.periods import Period
    from tracker.http.context import RequestContext

EVERYTHING_SHOWN = "places"


@dataclass(frozen=True, slots=True)
class RankingView:
    """What of a ranking a user sees: all, the first places, bands, or only their own places.

    ``max_rank`` is the greatest rank that is shown of each category, None if all are.
    """

    shown: str
    """``places``, ``bands`` or ``hidden``."""
    max_rank: int | None = None


def read_ranking_view(context: RequestContext, reader: Reader, under: str | None) -> RankingView:
    """Return what the user sees: all where they may audit all of it, else what is published.

    ``under`` is the stream of the organization under which the ranking is made, None for the whole
    district. A role over some categories only does not show the places of the others.
    """
    audited = context.scope(reader, "audit") if context.may(reader, "audit") else Scope()
    over = Scope(tuple(part for part in audited.parts if part.categories is None))
    if over.whole or (under and over.covers(reader, entries_of(reader, [under])[under])):
        return RankingView(EVERYTHING_SHOWN)
    published = policy(reader).policy.publish_ranking
    if isinstance(published, TopPlaces):
        return RankingView(EVERYTHING_SHOWN, published.top)
    return RankingView(published)


def read_cached_standings(
    context: RequestContext, month: Period, under: str | None
) -> tuple[Standings, datetime]:
    """Return the standings of a month, cached for a minute, and when they were read."""
    cached = context.figures.get(
        f"standings:{month}:{under or ''}", lambda reader: read_standings(reader, month, under)
    )
    return cached.value, cached.made_at
