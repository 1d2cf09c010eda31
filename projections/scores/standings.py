"""The ranking of a month, kept small: every category in rank order as packed codes and integers.

It answers what ``projections.scores.ranking.rank`` answers, for pages: a hundred thousand
organizations take a few megabytes, a page is a slice of them, and the rank of any score is found by
binary search.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from events.streams.scores import MONTHLY
from projections.documents.in_force import book
from projections.organizations.directory import entries_of
from projections.organizations.tree import category_on
from projections.scores.packed import PackedStrings
from projections.scores.ranking import band_of, current_scores
from projections.scoring.figures import hundredths_of, text_of

if TYPE_CHECKING:
    from events.documents.policies import DistrictPolicy
    from events.log.reader import Reader
    from events.periods import Period

POSTED = 1
INSPECTED = 2


@dataclass(frozen=True, slots=True)
class CategoryStandings:
    """One category in rank order, the unranked last by code.

    ``hundredths`` are the scores of the ranked alone, highest first; ``marks`` of everybody whether
    a figure was posted and whether there was an inspection.
    """

    category: str
    applied: bool
    codes: PackedStrings
    hundredths: array[int]
    marks: bytes

    def rank(self, score: str | None) -> int | None:
        """The rank that a score has here: one more than there are higher ones."""
        if score is None:
            return None
        value = hundredths_of(score)
        low, high = 0, len(self.hundredths)
        while low < high:
            middle = (low + high) // 2
            if self.hundredths[middle] > value:
                low = middle + 1
            else:
                high = middle
        return low + 1

    def row(self, place: int) -> dict[str, Any]:
        """One organization by its place, from 0."""
        scored = place < len(self.hundredths)
        score = text_of(self.hundredths[place]) if scored else None
        mark = self.marks[place]
        return {
            "rank": self.rank(score),
            "organization": self.codes[place],
            "category": self.category,
            "score": score,
            "posted": bool(mark & POSTED),
            "months_inspected": int(bool(mark & INSPECTED)),
            "state": _state(scored=scored, known=bool(mark & POSTED) or self.applied),
        }


def _state(*, scored: bool, known: bool) -> str:
    if scored:
        return "ranked"
    return "not_inspected" if known else "not_applied"


@dataclass(frozen=True, slots=True)
class Standings:
    """The leagues of a month by category, in the order of the ranking."""

    leagues: dict[str, CategoryStandings]

    def chosen(self, category: str | None) -> list[CategoryStandings]:
        """The league of a category, or all."""
        return [one for name, one in self.leagues.items() if category in {None, name}]

    def count(self, category: str | None, first: int | None = None) -> int:
        """How many organizations stand in it; ``first``: those on the first places alone."""
        return sum(_length(one, first) for one in self.chosen(category))

    def rows(
        self, category: str | None, offset: int, limit: int, first: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """A page of the ranking, one category after the other."""
        for league in self.chosen(category):
            length = _length(league, first)
            for place in range(min(offset, length), min(offset + limit, length)):
                yield league.row(place)
            taken = max(0, min(offset + limit, length) - offset)
            offset, limit = max(0, offset - length), limit - taken


def _length(league: CategoryStandings, first: int | None) -> int:
    """How many stand in a league; with ``first`` those whose rank is no greater."""
    if first is None:
        return len(league.codes)
    scores = league.hundredths
    end = min(first, len(scores))
    while 0 < end < len(scores) and scores[end] == scores[end - 1]:
        end += 1
    return end


def standings(reader: Reader, period: Period, under: str | None = None) -> Standings:
    """The ranking of a month among all organizations, or those under one (its stream).

    Category and place in the tree are those of the month's last day, as in ``rank``.
    """
    first, last = period.first_day.isoformat(), period.last_day.isoformat()
    tree, values = "", []
    if under is not None:
        tree = (
            " AND o.stream IN (SELECT u.stream FROM closure u WHERE u.ancestor = ?"
            " AND u.from_on <= ? AND (u.to_on IS NULL OR u.to_on >= ?))"
        )
        values = [under, last, last]
    rows = reader.rows(
        "SELECT o.code, o.categories, s.stream, s.score, s.inspected, s.adjustments"
        " FROM organizations o LEFT JOIN scores s ON s.stream = o.stream AND s.kind = ?"
        " AND s.period = ? WHERE o.registered_on <= ?"
        f" AND (o.closed_on IS NULL OR o.closed_on >= ?){tree}",
        [MONTHLY, str(period), last, first, *values],
    )
    groups: dict[str, list[tuple[int | None, str, int]]] = {}
    for code, categories, posted, score, inspected, adjustments in rows:
        current = score if adjustments in {None, "[]"} else orjson.loads(adjustments)[-1]["new"]
        mark = POSTED * (posted is not None) + INSPECTED * (inspected is not None)
        group = groups.setdefault(category_on(categories, last), [])
        group.append((None if current is None else hundredths_of(current), code, mark))
    schemes = book(reader)
    return Standings(
        {
            name: _league(name, groups[name], applied=_applied(schemes, name, period))
            for name in sorted(groups)
        }
    )


def _applied(schemes: Any, category: str, period: Period) -> bool:
    return schemes.in_force(category, MONTHLY, period) is not None


def _league(
    category: str, found: list[tuple[int | None, str, int]], *, applied: bool
) -> CategoryStandings:
    found.sort(key=lambda one: (one[0] is None, -(one[0] or 0), one[1].encode()))
    return CategoryStandings(
        category,
        applied,
        PackedStrings([one[1] for one in found]),
        array("i", [one[0] for one in found if one[0] is not None]),
        bytes([one[2] for one in found]),
    )


def places(
    reader: Reader, streams: Sequence[str], period: Period, found: Standings
) -> dict[str, dict[str, Any]]:
    """The places of some organizations (their streams) in a month's standings, by stream.

    Who does not stand in them (not alive in the month, elsewhere in the tree) is asked about with
    the category of that month and has a place among its own all the same, if it has a score.
    """
    scores = current_scores(reader, list(streams), str(period))
    last = period.last_day.isoformat()
    answer: dict[str, dict[str, Any]] = {}
    for stream, one in entries_of(reader, list(streams)).items():
        category = one.category_on(last)
        score, months = scores.get(stream, (None, 0))
        league = found.leagues.get(category)
        known = stream in scores or (league is not None and league.applied)
        answer[stream] = {
            "rank": None if league is None else league.rank(score),
            "of": 0 if league is None else len(league.hundredths),
            "organization": one.code,
            "name": one.name,
            "category": category,
            "score": score,
            "posted": stream in scores,
            "months_inspected": months,
            "state": _state(scored=score is not None, known=known),
        }
    return answer


def bands_of(league: CategoryStandings, policy: DistrictPolicy) -> list[tuple[str, int, int]]:
    """The bands of a category's scores: name, first place, the place after the last one.

    They lie by the policy's lower bounds, the highest first; ``none`` is what lies below them.
    """
    found: list[tuple[str, int, int]] = []
    begin = 0
    bounds = sorted((hundredths_of(str(one.at_least)) for one in policy.bands), reverse=True)
    for bound in bounds:
        end = _above(league, bound)
        found.append((band_of(policy, Decimal(bound) / 100), begin, end))
        begin = end
    found.append(("none", begin, len(league.hundredths)))
    return found


def _above(league: CategoryStandings, bound: int) -> int:
    """How many scores reach a bound."""
    return (league.rank(text_of(bound - 1)) or 1) - 1


def with_change(
    rows: Sequence[dict[str, Any]], before: dict[str, dict[str, Any]], streams: dict[str, str]
) -> list[dict[str, Any]]:
    """Rows with the change since the month before: ``rise`` in places, ``gain`` in points.

    ``streams`` are those of the rows' codes. Both are None where either month has no score, and
    ``rise`` where the category is another one.
    """
    found = []
    for row in rows:
        old = before.get(streams.get(row["organization"], ""))
        rise = gain = None
        if old is not None and old["score"] is not None and row["score"] is not None:
            gain = text_of(hundredths_of(row["score"]) - hundredths_of(old["score"]))
            if old["category"] == row["category"] and None not in {old["rank"], row["rank"]}:
                rise = old["rank"] - row["rank"]
        found.append(row | {"rise": rise, "gain": gain})
    return found
