"""What a list of organizations shows beside each: its parent's name, its newest posted score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from projections.organizations.directory import entries_of, streams_of
from projections.scores.ranking import current_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader


def with_scores(
    reader: Reader, rows: Sequence[dict[str, Any]], month: str | None
) -> list[dict[str, Any]]:
    """Rows of ``organization_search`` with ``parent_name``, ``period`` and ``score`` beside.

    ``month`` is the newest closed one (None before the first); ``score`` is what counts of it.
    """
    codes = {one["code"] for one in rows} | {one["parent"] for one in rows if one["parent"]}
    streams = streams_of(reader, sorted(codes))
    entries = entries_of(reader, sorted(set(streams.values())))
    asked = [streams[one["code"]] for one in rows]
    scores = {} if month is None else current_scores(reader, asked, month)
    return [
        one
        | {
            "parent_name": entries[streams[one["parent"]]].name if one["parent"] else None,
            "period": month,
            "score": scores.get(streams[one["code"]], (None, 0))[0],
        }
        for one in rows
    ]
