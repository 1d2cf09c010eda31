"""How much of a ranking somebody sees: all, what the policy publishes, or their own places."""

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
    """What of the ranking somebody sees: all, the first places, bands, or their own alone.

    ``first`` counts the places that are shown of each category, None all of them.
    """

    shown: str
    """``places``, ``bands`` or ``hidden``."""
    first: int | None = None


def view_of(context: RequestContext, reader: Reader, under: str | None) -> RankingView:
    """What who asks sees: all where they watch over it, else what the policy publishes.

    ``under`` is the stream of the part of the tree that the ranking is made over.
    """
    watching = context.scope(reader, "audit") if context.may(reader, "audit") else Scope()
    over = Scope(tuple(one for one in watching.parts if one.categories is None))
    if over.whole or (under and over.covers(reader, entries_of(reader, [under])[under])):
        return RankingView(EVERYTHING_SHOWN)
    published = policy(reader).policy.publish_ranking
    if isinstance(published, TopPlaces):
        return RankingView(EVERYTHING_SHOWN, published.top)
    return RankingView(published)


def kept(context: RequestContext, month: Period, under: str | None) -> tuple[Standings, datetime]:
    """The standings of a month, made anew each minute."""
    made = context.fresh.get(
        f"standings:{month}:{under or ''}", lambda reader: read_standings(reader, month, under)
    )
    return made.value, made.made_at
