"""Many organizations by the duties of a month: what is done, due or late, and who owes what.

Every organization of a page is assessed as it is now: one assessment of the month has all of its
windows. That is costly, so a page has few organizations, but it shows what was recorded a moment
ago.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from events.documents.schemes import ActivityRule, ConditionRule, MeasureRule
from events.streams.scores import MONTHLY
from projections.compliance.evaluation import histories
from projections.documents.in_force import DistrictFacts, book, categories
from projections.organizations.directory import COLUMNS, entry_of_row
from projections.scoring.assessment import assess
from projections.scoring.figures import exact
from projections.scoring.history import newest_reports
from projections.scoring.rules import NOT_APPLICABLE

if TYPE_CHECKING:
    from datetime import date

    from events.documents.schemes import Criterion, Rule
    from events.log.reader import Reader
    from events.periods import Period
    from projections.organizations.directory import OrganizationEntry
    from projections.organizations.scope import Scope
    from projections.scoring.assessment import Assessment
    from projections.scoring.credit import Window, WindowResult
    from projections.scoring.history import History
    from projections.scoring.rules import CriterionResult
    from projections.scoring.scheme_book import SchemeBook

DONE, DUE, LATE, RUNNING = "done", "due", "late", "running"
STATES = (LATE, DUE, DONE, RUNNING)
"""Worst first: where several criteria require one duty, the worst state is shown."""
PAGE = 50
"""Organizations that are assessed for one page."""
CONDITIONS, MEASURES = 0, 1
"""The places of conditions and measures in ``newest_reports``."""


@dataclass(frozen=True, slots=True)
class HeatMapQuery:
    """Which organizations: under one (its stream), of a category, a page of them by code.

    ``every`` also shows the duties whose window goes on after the month; those of them whose last
    day has passed are always shown.
    """

    period: Period
    under: str | None = None
    category: str | None = None
    offset: int = 0
    limit: int = PAGE
    every: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """A column: an activity in a window of ``months`` months, due on the last day in time (ISO)."""

    activity: str
    window: str
    due_on: str
    months: int


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A duty of one organization: its state, how much it requires, has and misses (exact).

    ``runs_on`` is whether the window goes on after the month and is not late.
    """

    state: str
    runs_on: bool
    required: int
    counted: str
    missing: str
    due_on: str

    def is_worse_than(self, other: HeatCell) -> bool:
        """Return whether the state is worse, or the same with more missing."""
        return (STATES.index(self.state), -Fraction(self.missing)) < (
            STATES.index(other.state),
            -Fraction(other.missing),
        )


@dataclass(frozen=True, slots=True)
class HeatRow:
    """An organization with a cell for each duty, None where the duty is not required of it.

    ``done`` of ``asked`` counts the month's own duties, ``reported`` of ``to_report`` the
    conditions and measures ever reported; in ``derived`` the ``pending`` criteria are left out.
    """

    organization: str
    name: str
    stream: str
    derived: str | None
    pending: int
    done: int
    asked: int
    reported: int
    to_report: int
    cells: list[HeatCell | None]


@dataclass(frozen=True, slots=True)
class HeatGroup:
    """The organizations of one category, with their duties as columns."""

    category: str
    duties: list[Duty]
    rows: list[HeatRow]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A page of a month's heat map; ``more`` is whether other organizations follow."""

    period: str
    more: bool
    groups: list[HeatGroup]


@dataclass(frozen=True, slots=True)
class OwedDuty:
    """A duty of the month that an organization owes, late or due."""

    organization: str
    name: str
    stream: str
    category: str
    activity: str
    window: str
    state: str
    due_on: str
    required: int
    counted: str
    missing: str


@dataclass(frozen=True, slots=True)
class HeatProgress:
    """A heat map summed up: ``finished`` of ``organizations`` owe nothing, ``done`` of ``asked``.

    ``reported`` of ``to_report`` counts conditions and measures.
    """

    organizations: int
    finished: int
    done: int
    asked: int
    reported: int
    to_report: int


def entries_asked(reader: Reader, scope: Scope, asked: HeatMapQuery) -> list[OrganizationEntry]:
    """Return the organizations of a scope that existed in the month, by code.

    Only those of categories with a scheme in force. One more than ``limit`` where there are more.
    """
    schemes = book(reader)
    governed = [
        category
        for category in categories(reader)
        if asked.category in {None, category} and schemes.in_force(category, MONTHLY, asked.period)
    ]
    if not governed:
        return []
    condition, values = scope.condition()
    if asked.under is not None:
        condition += (
            " AND o.stream IN (SELECT u.stream FROM closure u"
            " WHERE u.ancestor = ? AND u.to_on IS NULL)"
        )
        values.append(asked.under)
    marks = ", ".join("?" * len(governed))
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM organizations o WHERE {condition} AND o.category IN ({marks})"
        " AND o.registered_on <= ? AND (o.closed_on IS NULL OR o.closed_on >= ?)"
        " ORDER BY o.code LIMIT ? OFFSET ?",
        [
            *values,
            *governed,
            asked.period.last_day.isoformat(),
            asked.period.first_day.isoformat(),
            asked.limit + 1,
            asked.offset,
        ],
    )
    return [entry_of_row(row) for row in rows]


def heat_map(
    reader: Reader, scope: Scope, district: DistrictFacts, today: date, asked: HeatMapQuery
) -> HeatMap:
    """Return a page of organizations by their duties, in groups of one category each."""
    entries = entries_asked(reader, scope, asked)
    groups: dict[str, _Group] = {}
    schemes = book(reader)
    shown = entries[: asked.limit]
    facts = histories(
        reader, [organization.stream for organization in shown], district, asked.period
    )
    for organization in shown:
        history = facts[organization.stream]
        history.code = organization.code
        assessment = assess(
            history, schemes, asked.period, asked_on=today, first_month=district.first_month
        )
        group = groups.setdefault(organization.category, _Group(organization.category, asked))
        group.add(organization, assessment, history, schemes, today.isoformat())
    return HeatMap(
        str(asked.period),
        len(entries) > asked.limit,
        [groups[category].finish() for category in categories(reader) if category in groups],
    )


Need = tuple["Rule", frozenset[tuple[int, str]]]
"""The rule of a criterion, and the reports that it needs: (CONDITIONS or MEASURES, name)."""
DutyKey = tuple[str, str]
"""What makes a column: activity and window."""


@dataclass(slots=True)
class _Group:
    """The organizations of one category, while they are assessed one by one."""

    category: str
    asked: HeatMapQuery
    duties: dict[DutyKey, Duty] = field(default_factory=dict)
    needs: dict[tuple[str, int], dict[str, Need]] = field(default_factory=dict)
    rows: list[tuple[HeatRow, dict[DutyKey, HeatCell]]] = field(default_factory=list)

    def add(
        self,
        organization: OrganizationEntry,
        assessment: Assessment,
        history: History,
        schemes: SchemeBook,
        day: str,
    ) -> None:
        """Add the row of an organization; without a scheme in force it is left out."""
        if assessment.scheme is None or assessment.version is None:
            return
        needs = self._needs(schemes, assessment.scheme, assessment.version)
        known = newest_reports(history.reports, day, day)
        reports: set[tuple[int, str]] = set()
        cells: dict[DutyKey, HeatCell] = {}
        for result in assessment.criteria:
            if result.code not in needs or result.status == NOT_APPLICABLE:
                continue
            rule, needed = needs[result.code]
            reports |= needed
            if result.asked:
                assert isinstance(rule, ActivityRule)
                self._add_cells(rule, result, cells, day)
        own = [cell for cell in cells.values() if not cell.runs_on]
        row = HeatRow(
            organization=organization.code,
            name=organization.name,
            stream=organization.stream,
            derived=assessment.score_text,
            pending=assessment.pending,
            done=sum(cell.state == DONE for cell in own),
            asked=len(own),
            reported=sum(name in known[kind] for kind, name in reports),
            to_report=len(reports),
            cells=[],
        )
        self.rows.append((row, cells))

    def _needs(self, schemes: SchemeBook, scheme: str, version: int) -> dict[str, Need]:
        """Return what each criterion of a version that is not optional needs, computed once."""
        if (scheme, version) not in self.needs:
            catalogue = schemes.catalogue(schemes.version(scheme, version))
            self.needs[scheme, version] = {
                criterion.code: (criterion.rule, _needed_reports(criterion))
                for criterion in catalogue.criteria
                if not criterion.optional
            }
        return self.needs[scheme, version]

    def _add_cells(
        self,
        rule: ActivityRule,
        result: CriterionResult,
        cells: dict[DutyKey, HeatCell],
        day: str,
    ) -> None:
        """Add the windows of an activity criterion to the cells of an organization."""
        for window, gained in zip(result.asked or (), result.windows or (), strict=True):
            runs_on = window.period.last_month != self.asked.period.last_month
            cell = _cell(window, gained, day, runs_on=runs_on)
            if cell.runs_on and not self.asked.every:
                continue
            key = (window.activity, window.text)
            if key not in self.duties:
                self.duties[key] = Duty(*key, window.deadline, rule.per.months)
            if key not in cells or cell.is_worse_than(cells[key]):
                cells[key] = cell

    def finish(self) -> HeatGroup:
        """Return the group; shorter windows come first, then columns are ordered by key."""
        keys = sorted(self.duties, key=lambda key: (self.duties[key].months, key))
        return HeatGroup(
            self.category,
            [self.duties[key] for key in keys],
            [replace(row, cells=[cells.get(key) for key in keys]) for row, cells in self.rows],
        )


def _needed_reports(criterion: Criterion) -> frozenset[tuple[int, str]]:
    """Return the conditions and measures that a criterion needs reported."""
    rule = criterion.rule
    needed = set() if criterion.applies is None else {(MEASURES, criterion.applies.measure)}
    if isinstance(rule, ConditionRule):
        needed.add((CONDITIONS, rule.condition))
    elif isinstance(rule, MeasureRule):
        names = (rule.measure, rule.of, rule.by_measure)
        needed |= {(MEASURES, name) for name in names if name is not None}
    return frozenset(needed)


def _cell(window: Window, gained: WindowResult, day: str, *, runs_on: bool) -> HeatCell:
    """Return a cell; a window that goes on after the month is late once its deadline has passed."""
    missing = window.count - gained.counted
    if not missing:
        state = DONE
    elif window.deadline < day:
        state = LATE
    else:
        state = RUNNING if runs_on else DUE
    return HeatCell(
        state=state,
        runs_on=runs_on and state != LATE,
        required=window.count,
        counted=exact(gained.counted),
        missing=exact(missing),
        due_on=window.deadline,
    )


def owed(heat: HeatMap) -> list[OwedDuty]:
    """Return who owes what of a heat map's own duties: late first, then by the last day in time.

    Ties are ordered by how much is missing, most first, then by code.
    """
    duties = [
        OwedDuty(
            organization=row.organization,
            name=row.name,
            stream=row.stream,
            category=group.category,
            activity=duty.activity,
            window=duty.window,
            state=cell.state,
            due_on=cell.due_on,
            required=cell.required,
            counted=cell.counted,
            missing=cell.missing,
        )
        for group in heat.groups
        for row in group.rows
        for duty, cell in zip(group.duties, row.cells, strict=True)
        if cell is not None and cell.state in {LATE, DUE}
    ]
    return sorted(
        duties,
        key=lambda duty: (
            duty.state != LATE,
            duty.due_on,
            -Fraction(duty.missing),
            duty.organization.encode(),
            duty.activity,
        ),
    )


def progress(heat: HeatMap) -> HeatProgress:
    """Sum up the rows of a heat map."""
    rows = [row for group in heat.groups for row in group.rows]
    return HeatProgress(
        organizations=len(rows),
        finished=sum(row.done == row.asked for row in rows),
        done=sum(row.done for row in rows),
        asked=sum(row.asked for row in rows),
        reported=sum(row.reported for row in rows),
        to_report=sum(row.to_report for row in rows),
    )
