"""A year of one organization: months by criteria, each cell with its status and credit.

The history is loaded once and every month is assessed over it. Derived figures are as of the day
asked, or as known at a past instant; where a month was inspected, its cells show what the check
found beside what was derived.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from events.periods import Period, instant_text, local_date
from events.streams.scores import MONTHLY
from projections.compliance.evaluation import histories
from projections.documents.in_force import DistrictFacts, book
from projections.scoring.assessment import Assessment, assess
from projections.scoring.figures import exact

if TYPE_CHECKING:
    from datetime import date, datetime

    from events.documents.schemes import Scheme
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.scoring.history import History
    from projections.scoring.scheme_book import SchemeBook

MONTHS = 12
JUDGED = frozenset({"met", "partial", "missed"})


@dataclass(frozen=True, slots=True)
class MatrixQuery:
    """Which year is asked for, today's date, and the past instant as known at which, if any."""

    year: int
    today: date
    known_at: datetime | None = None


def year_matrix(
    reader: Reader, entry: OrganizationEntry, district: DistrictFacts, asked: MatrixQuery
) -> dict[str, Any]:
    """The months of a year that have begun, and the rows of every criterion met in them.

    ``months`` are ``{period, derived, score_stated}`` in order; ``rows`` are sections, items and
    criteria in the order of the newest scheme, a criterion with a cell for each month (None where
    the month's version does not hold it): ``{status, credit, inspected}``.
    """
    year = Period(asked.year * MONTHS, MONTHS)
    history = histories(reader, [entry.stream], district, year, asked.known_at)[entry.stream]
    history.code = entry.code
    until = None if asked.known_at is None else instant_text(asked.known_at)
    schemes = book(reader, until)
    day = asked.today
    if asked.known_at is not None:
        day = local_date(asked.known_at, district.zone)
    months = [one for one in year.each_month() if one.first_day <= day]
    found = [_month(history, schemes, one, day, district) for one in months]
    names: dict[tuple[str, int], Scheme] = {}
    for derived, _ in found:
        if derived.scheme is not None and derived.version is not None:
            key = (derived.scheme, derived.version)
            names.setdefault(key, schemes.version(*key))
    return {
        "year": asked.year,
        "months": [
            {
                "period": str(month),
                "derived": derived.score_text,
                "inspected": None if checked is None else checked.score_text,
                "scheme": derived.scheme,
                "version": derived.version,
                "states_points": derived.states_points,
            }
            for month, (derived, checked) in zip(months, found, strict=True)
        ],
        "rows": _rows(list(reversed(names.values())), found),
    }


def _month(
    history: History, schemes: SchemeBook, month: Period, day: date, district: DistrictFacts
) -> tuple[Assessment, Assessment | None]:
    """The derived figure of a month, and the checked one where a sheet was handed in for it."""

    def ask(*, own_check: bool) -> Assessment:
        return assess(
            history,
            schemes,
            month,
            asked_on=day,
            first_month=district.first_month,
            purpose=MONTHLY,
            own_check=own_check,
        )

    checked = any(sheet.period == str(month) for sheet in history.sheets)
    return ask(own_check=False), ask(own_check=True) if checked else None


def _rows(
    schemes: list[Scheme], found: list[tuple[Assessment, Assessment | None]]
) -> list[dict[str, Any]]:
    """Rows in document order, those of the newest version first; each code once."""
    cells: dict[str, list[dict[str, Any] | None]] = {}
    for place, (derived, checked) in enumerate(found):
        after = {} if checked is None else {one.code: one for one in checked.criteria}
        for one in derived.criteria:
            row = cells.setdefault(one.code, [None] * len(found))
            other = after.get(one.code)
            row[place] = {
                "status": one.status,
                "credit": None if one.credit is None else exact(one.credit),
                "inspected": other.status if other and other.credit != one.credit else None,
            }
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    places = range(len(found))
    for scheme in schemes:
        for section in scheme.all_sections():
            mine = [
                (item, criterion)
                for item in section.items
                for criterion in item.criteria
                if criterion.code in cells and criterion.code not in seen
            ]
            if mine:
                held = [cells[criterion.code] for _, criterion in mine]
                rows.append(
                    {
                        "kind": "section",
                        "code": section.code,
                        "text": section.title,
                        "criteria": len(mine),
                        "cells": [_summed([row[place] for row in held]) for place in places],
                    }
                )
            for item, criterion in mine:
                seen.add(criterion.code)
                rows.append(
                    {
                        "kind": "criterion",
                        "section": section.code,
                        "code": criterion.code,
                        "text": criterion.text,
                        "item": item.title,
                        "optional": criterion.optional,
                        "cells": cells[criterion.code],
                    }
                )
    return rows


def _summed(cells: list[dict[str, Any] | None]) -> dict[str, int]:
    """How many criteria of a section are met in a month, of how many that were judged."""
    shown = [one["inspected"] or one["status"] for one in cells if one is not None]
    judged = [status for status in shown if status in JUDGED]
    return {"met": judged.count("met"), "judged": len(judged)}
