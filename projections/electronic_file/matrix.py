"""A year of one organization: months by criteria, each cell with its status and credit.

The history is loaded once and every month is assessed over it. Derived figures are as of the day
asked, or as known at a past instant; where a month was inspected, its cells also show what the
check changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.periods import Period, instant_text, local_date
from events.streams.scores import MONTHLY
from projections.compliance.evaluation import histories
from projections.documents.in_force import DistrictFacts, book
from projections.scoring.assessment import Assessment, assess
from projections.scoring.figures import exact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from events.documents.schemes import Scheme, Text
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.scoring.history import History
    from projections.scoring.scheme_book import SchemeBook

MONTHS = 12
JUDGED = frozenset({"met", "partial", "missed"})


@dataclass(frozen=True, slots=True)
class MatrixQuery:
    """A year, today's date, and the past instant as known at which to assess it, if any."""

    year: int
    today: date
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MatrixMonth:
    """A month of the matrix: its derived score, and the inspected one where a sheet was handed in.

    ``scheme`` and ``version`` are those in force, None without one; ``pending`` counts the criteria
    that are still open.
    """

    period: str
    derived: str | None
    inspected: str | None
    scheme: str | None
    version: int | None
    states_points: bool
    pending: int


@dataclass(frozen=True, slots=True)
class CriterionCell:
    """A criterion in a month: status and credit (exact) as derived.

    ``inspected`` is the status after the check where the check changed the credit, else None.
    """

    status: str
    credit: str | None
    inspected: str | None


@dataclass(frozen=True, slots=True)
class SectionCell:
    """A section in a month: how many of the judged criteria are met."""

    met: int
    judged: int


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section with the number of its criteria in the matrix, and a cell for each month."""

    code: str
    text: Text
    criteria: int
    cells: list[SectionCell]
    kind: str = "section"


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion with a cell for each month, None where the month's version does not have it."""

    section: str
    code: str
    text: Text
    item: Text
    optional: bool
    cells: list[CriterionCell | None]
    kind: str = "criterion"


@dataclass(frozen=True, slots=True)
class YearMatrix:
    """The months of a year that have begun, in order, and the rows of every criterion in them.

    Rows are sections, each followed by its criteria, in the order of the newest scheme.
    """

    year: int
    months: list[MatrixMonth]
    rows: list[SectionRow | CriterionRow]


MonthFigures = tuple[Assessment, Assessment | None]
"""The derived figure of a month, and the one with its findings where a sheet was handed in."""


def year_matrix(
    reader: Reader, entry: OrganizationEntry, district: DistrictFacts, asked: MatrixQuery
) -> YearMatrix:
    """Return the matrix of an organization's year."""
    year = Period(asked.year * MONTHS, MONTHS)
    history = histories(reader, [entry.stream], district, year, asked.known_at)[entry.stream]
    history.code = entry.code
    until = None if asked.known_at is None else instant_text(asked.known_at)
    schemes = book(reader, until)
    day = asked.today
    if asked.known_at is not None:
        day = local_date(asked.known_at, district.zone)
    months = [month for month in year.each_month() if month.first_day <= day]
    figures = [_assess_month(history, schemes, month, day, district) for month in months]
    versions: dict[tuple[str, int], Scheme] = {}
    for derived, _ in figures:
        if derived.scheme is not None and derived.version is not None:
            key = (derived.scheme, derived.version)
            versions.setdefault(key, schemes.version(*key))
    return YearMatrix(
        asked.year,
        [
            MatrixMonth(
                str(month),
                derived.score_text,
                None if checked is None else checked.score_text,
                derived.scheme,
                derived.version,
                derived.states_points,
                derived.pending,
            )
            for month, (derived, checked) in zip(months, figures, strict=True)
        ],
        _rows(list(reversed(versions.values())), figures),
    )


def _assess_month(
    history: History, schemes: SchemeBook, month: Period, day: date, district: DistrictFacts
) -> MonthFigures:
    """Assess a month without its own findings, and with them where a sheet was handed in."""

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


def _rows(schemes: list[Scheme], figures: list[MonthFigures]) -> list[SectionRow | CriterionRow]:
    """Return the rows in document order, those of the newest version first; each code once."""
    cells = _cells(figures)
    rows: list[SectionRow | CriterionRow] = []
    seen: set[str] = set()
    for scheme in schemes:
        for section in scheme.all_sections():
            members = [
                (item, criterion)
                for item in section.items
                for criterion in item.criteria
                if criterion.code in cells and criterion.code not in seen
            ]
            if members:
                columns = zip(*(cells[criterion.code] for _, criterion in members), strict=True)
                sums = [_sum_cells(column) for column in columns]
                rows.append(SectionRow(section.code, section.title, len(members), sums))
            for item, criterion in members:
                seen.add(criterion.code)
                rows.append(
                    CriterionRow(
                        section=section.code,
                        code=criterion.code,
                        text=criterion.text,
                        item=item.title,
                        optional=criterion.optional,
                        cells=cells[criterion.code],
                    )
                )
    return rows


def _cells(figures: list[MonthFigures]) -> dict[str, list[CriterionCell | None]]:
    """Return the cells of each criterion, one for each month."""
    cells: dict[str, list[CriterionCell | None]] = {}
    for place, (derived, checked) in enumerate(figures):
        after = {} if checked is None else {result.code: result for result in checked.criteria}
        for result in derived.criteria:
            row = cells.setdefault(result.code, [None] * len(figures))
            other = after.get(result.code)
            row[place] = CriterionCell(
                result.status,
                None if result.credit is None else exact(result.credit),
                other.status if other and other.credit != result.credit else None,
            )
    return cells


def _sum_cells(cells: Sequence[CriterionCell | None]) -> SectionCell:
    """Count the criteria of a section that are met in a month, of those that were judged."""
    shown = [cell.inspected or cell.status for cell in cells if cell is not None]
    judged = [status for status in shown if status in JUDGED]
    return SectionCell(judged.count("met"), len(judged))
