"""Many organizations × the duties of a month: what is done, due, late; who owes what.

Every organization of a page is evaluated as it stands now, by the scoring itself: one assessment of
the month tells of all its windows. So a page holds few organizations, and shows what was recorded
a moment ago.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.documents.schemes import ActivityRule, ConditionRule, MeasureRule
from events.documents.vocabulary import CATEGORIES
from events.streams.scores import MONTHLY
from projections.compliance.evaluation import histories
from projections.documents.in_force import DistrictFacts, book
from projections.organizations.directory import COLUMNS, entry_of_row
from projections.scoring.assessment import assess
from projections.scoring.figures import exact
from projections.scoring.history import newest_reports
from projections.scoring.rules import NOT_APPLICABLE

if TYPE_CHECKING:
    from datetime import date

    from events.documents.schemes import Criterion
    from events.log.reader import Reader
    from events.periods import Period
    from projections.organizations.directory import OrganizationEntry
    from projections.organizations.scope import Scope
    from projections.scoring.credit import Window, WindowResult
    from projections.scoring.history import History
    from projections.scoring.rules import CriterionResult
    from projections.scoring.scheme_book import SchemeBook

DONE, DUE, LATE, RUNNING = "done", "due", "late", "running"
STATES = (LATE, DUE, DONE, RUNNING)
"""Worst first: where several criteria ask for one duty, the worst is shown."""
PAGE = 50
"""Organizations that are evaluated at once for one page."""


@dataclass(frozen=True, slots=True)
class HeatMapQuery:
    """Which organizations: under one (its stream), of a category, from a place of their codes on.

    ``every`` shows the duties too whose window goes on after the month; those of them whose last
    day has passed are always shown.
    """

    period: Period
    under: str | None = None
    category: str | None = None
    offset: int = 0
    limit: int = PAGE
    every: bool = False


def entries_asked(reader: Reader, scope: Scope, asked: HeatMapQuery) -> list[OrganizationEntry]:
    """The organizations of a scope alive in the month with a scheme in force, by code.

    One more than ``limit`` where there are more.
    """
    schemes = book(reader)
    governed = [
        name
        for name in CATEGORIES
        if asked.category in {None, name} and schemes.in_force(name, MONTHLY, asked.period)
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
) -> dict[str, Any]:
    """The organizations asked for, in groups of one category, each with its duties as columns.

    ``more`` tells that others follow. A cell is None where the duty is not asked of that
    organization. ``done`` of ``asked`` counts the month's own duties, ``reported`` of ``to_report``
    the conditions and measures that are known at all; ``derived`` is the score as it stands.
    """
    entries = entries_asked(reader, scope, asked)
    groups: dict[str, _Group] = {}
    schemes = book(reader)
    shown = entries[: asked.limit]
    facts = histories(reader, [one.stream for one in shown], district, asked.period)
    for one in shown:
        history = facts[one.stream]
        history.code = one.code
        group = groups.setdefault(one.category, _Group(one.category, asked))
        group.add(one, history, schemes, district, today)
    return {
        "period": str(asked.period),
        "more": len(entries) > asked.limit,
        "groups": [groups[name].as_json() for name in CATEGORIES if name in groups],
    }


Need = tuple[Any, frozenset[tuple[int, str]]]
"""The rule of a criterion, and the conditions (0) and measures (1) that it needs reported."""


@dataclass(slots=True)
class _Group:
    """The organizations of one category."""

    category: str
    asked: HeatMapQuery
    duties: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    rules: dict[tuple[str, int], dict[str, Need]] = field(default_factory=dict)
    rows: list[tuple[dict[str, Any], dict[tuple[str, str], dict[str, Any]]]] = field(
        default_factory=list
    )

    def add(
        self,
        one: OrganizationEntry,
        history: History,
        schemes: SchemeBook,
        district: DistrictFacts,
        today: date,
    ) -> None:
        """Evaluate one organization; without a scheme in force it is left out."""
        found = assess(
            history,
            schemes,
            self.asked.period,
            asked_on=today,
            first_month=district.first_month,
        )
        if found.scheme is None or found.version is None:
            return
        rules = self._rules(schemes, found.scheme, found.version)
        day = today.isoformat()
        known = newest_reports(history.reports, day, day)
        reports: set[tuple[int, str]] = set()
        cells: dict[tuple[str, str], dict[str, Any]] = {}
        for result in found.criteria:
            if result.code not in rules or result.status == NOT_APPLICABLE:
                continue
            rule, needed = rules[result.code]
            reports |= needed
            if result.asked:
                assert isinstance(rule, ActivityRule)
                self._duty(rule, result, cells, day)
        own = [cell for cell in cells.values() if not cell["runs_on"]]
        row = {
            "organization": one.code,
            "name": one.name,
            "stream": one.stream,
            "derived": found.score_text,
            "done": sum(cell["state"] == DONE for cell in own),
            "asked": len(own),
            "reported": sum(name in known[kind] for kind, name in reports),
            "to_report": len(reports),
        }
        self.rows.append((row, cells))

    def _rules(self, schemes: SchemeBook, scheme: str, version: int) -> dict[str, Need]:
        """What each criterion of a version that is not optional asks for, worked out once."""
        if (scheme, version) not in self.rules:
            catalogue = schemes.catalogue(schemes.version(scheme, version))
            self.rules[scheme, version] = {
                one.code: (one.rule, _reports(one))
                for one in catalogue.criteria
                if not one.optional
            }
        return self.rules[scheme, version]

    def _duty(
        self,
        rule: ActivityRule,
        result: CriterionResult,
        cells: dict[tuple[str, str], dict[str, Any]],
        day: str,
    ) -> None:
        """Put the windows of an activity criterion into their cells."""
        for window, gained in zip(result.asked or (), result.windows or (), strict=True):
            runs_on = window.period.last_month != self.asked.period.last_month
            cell = _cell(window, gained, day, runs_on=runs_on)
            if cell["runs_on"] and not self.asked.every:
                continue
            key = (window.activity, window.text)
            self.duties.setdefault(
                key,
                {"activity": window.activity, "window": window.text, "due_on": window.deadline,
                 "months": rule.per.months},
            )  # fmt: skip
            if key not in cells or _worse(cell, cells[key]):
                cells[key] = cell

    def as_json(self) -> dict[str, Any]:
        """The group with its columns: shorter windows first, then by the vocabulary's order."""
        keys = sorted(self.duties, key=lambda key: (self.duties[key]["months"], key))
        return {
            "category": self.category,
            "duties": [self.duties[key] for key in keys],
            "rows": [row | {"cells": [cells.get(key) for key in keys]} for row, cells in self.rows],
        }


def _reports(criterion: Criterion) -> frozenset[tuple[int, str]]:
    """What a criterion needs to be reported: conditions are 0, measures 1, as reports are kept."""
    rule = criterion.rule
    found = set() if criterion.applies is None else {(1, criterion.applies.measure)}
    if isinstance(rule, ConditionRule):
        found.add((0, rule.condition))
    elif isinstance(rule, MeasureRule):
        names = (rule.measure, rule.of, rule.by_measure)
        found |= {(1, name) for name in names if name is not None}
    return frozenset(found)


def _cell(window: Window, gained: WindowResult, day: str, *, runs_on: bool) -> dict[str, Any]:
    """One cell; a window that goes on after the month and whose own last day has passed is owed."""
    missing = window.count - gained.counted
    if not missing:
        state = DONE
    elif window.deadline < day:
        state = LATE
    else:
        state = RUNNING if runs_on else DUE
    return {
        "state": state,
        "runs_on": runs_on and state != LATE,
        "required": window.count,
        "counted": exact(gained.counted),
        "missing": exact(missing),
        "due_on": window.deadline,
    }


def _worse(cell: dict[str, Any], other: dict[str, Any]) -> bool:
    return (STATES.index(cell["state"]), -Fraction(cell["missing"])) < (
        STATES.index(other["state"]),
        -Fraction(other["missing"]),
    )


def owed(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Who owes what of a heat map's own duties: what is late first, then by the last day in time.

    Among equals who owes more stands first, then by code.
    """
    rows = [
        {
            "organization": row["organization"],
            "name": row["name"],
            "stream": row["stream"],
            "category": group["category"],
            "activity": duty["activity"],
            "window": duty["window"],
            **cell,
        }
        for group in found["groups"]
        for row in group["rows"]
        for duty, cell in zip(group["duties"], row["cells"], strict=True)
        if cell is not None and cell["state"] in {LATE, DUE}
    ]
    return sorted(
        rows,
        key=lambda one: (
            one["state"] != LATE,
            one["due_on"],
            -Fraction(one["missing"]),
            one["organization"].encode(),
            one["activity"],
        ),
    )


def progress(found: dict[str, Any]) -> dict[str, int]:
    """The self-check of a heat map summed up: organizations, those that owe nothing, duties done.

    ``done`` of ``asked`` duties, ``reported`` of ``to_report`` conditions and measures.
    """
    rows = [row for group in found["groups"] for row in group["rows"]]
    names = ("done", "asked", "reported", "to_report")
    return {
        "organizations": len(rows),
        "finished": sum(row["done"] == row["asked"] for row in rows),
        **{name: sum(row[name] for row in rows) for name in names},
    }
