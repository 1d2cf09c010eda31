"""Organizations of a list with their parents' names and newest posted scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from projections.organizations.directory import entries_of, streams_of
from projections.scores.ranking import current_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from projections.organizations.search import FoundOrganization


class ScoredOrganization(NamedTuple):
    """One line of a list of organizations, with the score of the newest closed month.

    ``period`` is that month, None before the first; ``score`` the score that counts in it, as
    printed, None where there is none.
    """

    code: str
    name: str
    category: str
    closed_on: str | None
    parent: str | None
    parent_name: str | None
    period: str | None
    score: str | None


def with_scores(
    reader: Reader, rows: Sequence[FoundOrganization], month: str | None
) -> list[ScoredOrganization]:
    """Add the parent's name and the score of ``month`` to organizations that were searched.

    ``month`` is the newest closed one, None before the first.
    """
    codes = {row.code for row in rows} | {row.parent for row in rows if row.parent}
    streams = streams_of(reader, sorted(codes))
    entries = entries_of(reader, sorted(set(streams.values())))
    scores = (
        {} if month is None else current_scores(reader, [streams[row.code] for row in rows], month)
    )
    return [
        ScoredOrganization(
            row.code,
            row.name,
            row.category,
            row.closed_on,
            row.parent,
            entries[streams[row.parent]].name if row.parent else None,
            month,
            scores[streams[row.code]].score if streams[row.code] in scores else None,
        )
        for row in rows
    ]
