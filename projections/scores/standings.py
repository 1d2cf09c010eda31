"""The ranking of a month in little memory: each category in rank order, as codes and integers.

It has the rows of ``projections.scores.ranking``, for pages: a hundred thousand organizations take
a few megabytes, a page is a slice of them, and the rank of any score is found by binary search.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import orjson

from events.streams.scores import MONTHLY
from projections.documents.in_force import book
from projections.organizations.directory import entries_of
from projections.organizations.tree import category_on
from projections.scores.known_month import read_known_month, streams_ranked_under
from projections.scores.packed import PackedStrings
from projections.scores.ranking import (
    NOT_APPLIED,
    NOT_INSPECTED,
    NOT_POSTED,
    RANKED,
    RankedOrganization,
    band_of,
    current_scores,
)
from projections.scoring.figures import hundredths_of, text_of

if TYPE_CHECKING:
    from events.documents.policies import DistrictPolicy
    from events.log.reader import Reader
    from events.periods import Period
    from projections.organizations.directory import OrganizationEntry
    from projections.scoring.scheme_book import SchemeBook

POSTED = 1
INSPECTED = 2
"""Bits of an organization's flags: its month is posted, its month was inspected."""


@dataclass(frozen=True, slots=True)
class CategoryStandings:
    """One category in rank order, the unranked last, by code.

    ``hundredths`` are the scores of the ranked organizations, highest first; ``flags`` has a byte
    for every organization: the bits ``POSTED`` and ``INSPECTED``. ``applied`` says whether a scheme
    applies to the category.
    """

    category: str
    applied: bool
    codes: PackedStrings
    hundredths: array[int]
    flags: bytes

    def rank(self, score: str | None) -> int | None:
        """Return the rank of a score: one more than the number of higher scores."""
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

    def row(self, place: int) -> RankedOrganization:
        """Return one organization by its place, from 0."""
        scored = place < len(self.hundredths)
        score = text_of(self.hundredths[place]) if scored else None
        flags = self.flags[place]
        posted = bool(flags & POSTED)
        return RankedOrganization(
            self.rank(score),
            self.codes[place],
            self.category,
            score,
            posted,
            int(bool(flags & INSPECTED)),
            None,
            _state(scored=scored, posted=posted, applied=self.applied),
        )


def _state(*, scored: bool, posted: bool, applied: bool) -> str:
    if scored:
        return RANKED
    return NOT_INSPECTED if posted or applied else NOT_APPLIED


@dataclass(frozen=True, slots=True)
class Standings:
    """The standings of a month by category, in the order of the ranking."""

    categories: dict[str, CategoryStandings]

    def select(self, category: str | None) -> list[CategoryStandings]:
        """Return the standings of a category, or of all."""
        return [rows for name, rows in self.categories.items() if category in {None, name}]

    def count(self, category: str | None, max_rank: int | None = None) -> int:
        """Count the organizations; with ``max_rank`` only those of no greater rank."""
        return sum(_count_up_to(standings, max_rank) for standings in self.select(category))

    def rows(
        self, category: str | None, offset: int, limit: int, max_rank: int | None = None
    ) -> Iterator[RankedOrganization]:
        """Yield a page of the ranking, one category after the other.

        With ``max_rank`` the ranking has only the organizations of no greater rank.
        """
        for standings in self.select(category):
            length = _count_up_to(standings, max_rank)
            for place in range(min(offset, length), min(offset + limit, length)):
                yield standings.row(place)
            taken = max(0, min(offset + limit, length) - offset)
            offset, limit = max(0, offset - length), limit - taken


def _count_up_to(standings: CategoryStandings, max_rank: int | None) -> int:
    """Count the organizations of a category of at most a rank; None counts the unranked too."""
    if max_rank is None:
        return len(standings.codes)
    scores = standings.hundredths
    end = min(max_rank, len(scores))
    while 0 < end < len(scores) and scores[end] == scores[end - 1]:
        end += 1
    return end


def read_standings(reader: Reader, period: Period, under: str | None = None) -> Standings:
    """Return the ranking of a month among all organizations, or those under one (its stream).

    Category and place in the tree are those of the month's last day, of a closed month as known on
    its closing date.
    """
    first, last = period.first_day.isoformat(), period.last_day.isoformat()
    month = read_known_month(reader, period)
    members = None if under is None else streams_ranked_under(reader, month, under)
    tree, values = "", []
    if under is not None and members is None:
        tree = (
            " WHERE o.stream IN (SELECT u.stream FROM closure u WHERE u.ancestor = ?"
            " AND u.from_on <= ? AND (u.to_on IS NULL OR u.to_on >= ?))"
        )
        values = [under, last, last]
    rows = reader.rows(
        "SELECT o.stream, o.code, o.categories, o.registered_on, o.closed_on, s.scope, s.score,"
        " s.inspected, s.adjustments FROM organizations o LEFT JOIN scores s"
        f" ON s.stream = o.stream AND s.kind = ? AND s.period = ?{tree}",
        [MONTHLY, str(period), *values],
    )
    changed = {scope: month.changed_for(scope) for scope in (None, *month.closings)}
    nothing: dict[str, OrganizationEntry | None] = {}
    groups: dict[str, list[tuple[int | None, str, int]]] = {}
    for stream, code, categories, registered_on, closed_on, scope, *posted in rows:
        if members is not None and stream not in members:
            continue
        since = changed.get(scope, nothing)
        if stream in since:
            entry = since[stream]
            if entry is None or not entry.lives_between(first, last):
                continue
            category = entry.category_on(last)
        elif registered_on > last or (closed_on is not None and closed_on < first):
            continue
        else:
            category = category_on(categories, last)
        score, inspected, adjustments = posted
        current = score if adjustments in {None, "[]"} else orjson.loads(adjustments)[-1]["new"]
        flags = POSTED * (scope is not None) + INSPECTED * (inspected is not None)
        hundredths = None if current is None else hundredths_of(current)
        groups.setdefault(category, []).append((hundredths, code, flags))
    schemes = book(reader)
    return Standings(
        {
            name: _pack_category(name, groups[name], applied=_applied(schemes, name, period))
            for name in sorted(groups)
        }
    )


def _applied(schemes: SchemeBook, category: str, period: Period) -> bool:
    return schemes.in_force(category, MONTHLY, period) is not None


def _pack_category(
    category: str, rows: list[tuple[int | None, str, int]], *, applied: bool
) -> CategoryStandings:
    """Pack one category; a row is a score in hundredths or None, a code, its flags."""
    rows.sort(key=lambda row: (row[0] is None, -(row[0] or 0), row[1].encode()))
    return CategoryStandings(
        category,
        applied,
        PackedStrings([code for _, code, _ in rows]),
        array("i", [hundredths for hundredths, _, _ in rows if hundredths is not None]),
        bytes([flags for _, _, flags in rows]),
    )


class OrganizationPlace(NamedTuple):
    """One organization's line of a ranking, its name, and how many of its category are ranked."""

    line: RankedOrganization
    name: str
    ranked: int


def places_of(
    reader: Reader, streams: Sequence[str], period: Period, month: Standings
) -> dict[str, OrganizationPlace]:
    """Return the places of some organizations (their streams) in a month's standings, by stream.

    An organization that is not in them (not alive in the month, elsewhere in the tree) is compared
    by its category in that month, and has a rank if it has a score.
    """
    scores = current_scores(reader, list(streams), str(period))
    known = read_known_month(reader, period)
    by_stream: dict[str, OrganizationPlace] = {}
    for stream, entry in entries_of(reader, list(streams)).items():
        score, months, scope = scores.get(stream, NOT_POSTED)
        category = known.category(entry, scope)
        peers = month.categories.get(category)
        posted = stream in scores
        line = RankedOrganization(
            None if peers is None else peers.rank(score),
            entry.code,
            category,
            score,
            posted,
            months,
            None,
            _state(
                scored=score is not None,
                posted=posted,
                applied=peers is not None and peers.applied,
            ),
        )
        ranked = 0 if peers is None else len(peers.hundredths)
        by_stream[stream] = OrganizationPlace(line, entry.name, ranked)
    return by_stream


class BandPlaces(NamedTuple):
    """The places of a category that are in one band: from ``first`` to before ``end``, from 0."""

    band: str
    first: int
    end: int


def bands_of(standings: CategoryStandings, policy: DistrictPolicy) -> list[BandPlaces]:
    """Return which places of a category are in which band of the policy, the highest first.

    Bands begin at the policy's lower bounds; ``none`` is what is below all of them.
    """
    bands: list[BandPlaces] = []
    begin = 0
    bounds = sorted((hundredths_of(str(band.at_least)) for band in policy.bands), reverse=True)
    for bound in bounds:
        end = _count_reaching(standings, bound)
        bands.append(BandPlaces(band_of(policy, Decimal(bound) / 100), begin, end))
        begin = end
    bands.append(BandPlaces("none", begin, len(standings.hundredths)))
    return bands


def _count_reaching(standings: CategoryStandings, bound: int) -> int:
    """Count the scores that reach a bound (hundredths)."""
    return (standings.rank(text_of(bound - 1)) or 1) - 1


class RankingChange(NamedTuple):
    """The change of an organization since the month before; None where there is none to show.

    ``rise`` is in places, up positive, and needs the same category in both months; ``gain`` is in
    points, as printed, and needs a score in both.
    """

    rise: int | None
    gain: str | None


def change_since(line: RankedOrganization, before: RankedOrganization | None) -> RankingChange:
    """Compare an organization's line of a ranking with its line of the month before."""
    if before is None or before.score is None or line.score is None:
        return RankingChange(None, None)
    gain = text_of(hundredths_of(line.score) - hundredths_of(before.score))
    if before.category != line.category or before.rank is None or line.rank is None:
        return RankingChange(None, gain)
    return RankingChange(before.rank - line.rank, gain)
