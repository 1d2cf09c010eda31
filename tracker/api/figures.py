"""Figures: derived compliance of one or many, summed up, and the ranking of a month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from events.errors import Refused
from events.periods import parse_instant, parse_period
from projections.compliance import Question, derive
from projections.directory import entries_of, streams_of
from projections.organization_search import Wanted, organizations
from tracker.api.asking import Code, Under, seen, seen_stream
from tracker.api.lists import FILES, Listing, Paged, listed
from tracker.api.problems import READING
from tracker.api.shapes import Compliance
from tracker.http.here import Asked

if TYPE_CHECKING:
    from events.periods import Period
    from events.reading import Reader
    from projections.directory import Entry
    from tracker.http.here import Here

router = APIRouter(prefix="/api/v1", tags=["figures"], responses=READING)
MOST_DERIVED = 500
"""Organizations whose figures one file of them holds: each is worked out when it is asked for."""

PeriodText = Annotated[str, Query(max_length=10, description="2026-09, 2026-Q3, 2026-H2 or 2026.")]
Purpose = Annotated[
    Literal["monthly", "half_year", "annual"], Query(description="Which scheme judges.")
]
KnownAt = Annotated[
    str | None,
    Query(max_length=40, description="As known at this instant, with its offset."),
]
FIGURES = Listing(
    "达标情况",
    "Compliance",
    (
        ("organization", "代码", "code"),
        ("period", "期间", "period"),
        ("purpose", "用途", "purpose"),
        ("scheme", "评价标准", "scheme"),
        ("version", "版本", "version"),
        ("score", "推算得分", "derived score"),
        ("met", "达标", "met"),
        ("partial", "部分", "partial"),
        ("missed", "未达标", "missed"),
        ("pending", "未到期", "pending"),
        ("unjudged", "待评判", "unjudged"),
    ),
    lambda row: [row["organization"]],
    bare=True,
)


@router.get("/compliance", response_model=list[Compliance], responses=FILES)
def compliance(
    here: Asked,
    paging: Paged,
    period: PeriodText,
    organization: Code = None,
    under: Under = None,
    purpose: Purpose = "monthly",
    known_at: KnownAt = None,
) -> Response:
    """Derived compliance from the events alone, for any period, by code.

    A bare list as the contracts fix it; the header ``Link`` names the next page. A file holds the
    first 500 organizations, one line each with its criteria counted by status.
    """
    asked = parse_period(period)
    instant = None if known_at is None else parse_instant(known_at)
    if organization is not None and under is not None:
        raise Refused("two_selections", "give organization or under, not both")
    with here.read() as reader:
        question = Question(asked, purpose, here.today(reader), instant)
        limit = MOST_DERIVED if paging.whole else paging.wanted
        entries = _selected(here, reader, organization, under, asked, paging.code, limit)
        found = derive(reader, entries, here.district(reader), question)
        rows = [one.to_json() for one in found]
        if paging.whole:
            rows = [row | _counted(row) for row in rows]
        return listed(here, reader, paging, FIGURES, rows)


def _selected(
    here: Here,
    reader: Reader,
    code: str | None,
    under: str | None,
    period: Period,
    after: str | None,
    limit: int,
) -> list[Entry]:
    """The organizations that a question is about, as many as a page has."""
    one = seen(here, reader, code, "see_file")
    if one is not None:
        return [one]
    above = seen_stream(here, reader, under, "see_file")
    wanted = Wanted(period.last_day.isoformat(), under=above)
    rows = organizations(reader, here.scope(reader, "see_file"), wanted, after, limit)
    streams = streams_of(reader, [row["code"] for row in rows])
    entries = entries_of(reader, sorted(streams.values()))
    return [entries[streams[row["code"]]] for row in rows]


def _counted(row: dict[str, Any]) -> dict[str, int]:
    """How many criteria have which status."""
    statuses = [one["status"] for one in row["criteria"]]
    return {name: statuses.count(name) for name in dict.fromkeys(statuses)}
