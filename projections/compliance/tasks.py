"""What is due, done and missing now, for one organization, by the rules of its schemes.

The windows and what counts in them come from the scoring itself: each window is asked for as the
period that it is, so that what this page promises is what the closing will judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.documents.schemes import ConditionRule, Criterion, MeasureRule
from events.periods import Length, Period, month_of
from projections.compliance.evaluation import histories
from projections.documents.in_force import DistrictFacts, book
from projections.scoring.assessment import assess
from projections.scoring.figures import exact
from projections.scoring.history import newest_reports
from projections.scoring.rules import NOT_APPLICABLE

if TYPE_CHECKING:
    from datetime import date

    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.scoring.assessment import Assessment
    from projections.scoring.credit import Window, WindowResult
    from projections.scoring.history import History
    from projections.scoring.scheme_book import SchemeBook

DONE = "done"
DUE = "due"
LATE = "late"
MISSING = "missing"


def todo(
    reader: Reader, entry: OrganizationEntry, district: DistrictFacts, today: date
) -> list[dict[str, Any]]:
    """What is due, done and missing on a day: by the last day in time, then by criterion.

    For every activity criterion that is not optional the window in which ``today`` lies, and the
    one before while its grace runs: ``required``, ``counted`` so far, ``missing``, ``due_on`` (the
    last day on which recording is in time), ``by`` (the last day on which it may take place), and
    the state: done, due, or late. Then the conditions and measures that were never reported.
    """
    desk = _Desk(reader, entry, district, today)
    found: list[dict[str, Any]] = []
    for length in Length:
        now = month_of(today).window_around(length)
        for period in (now.previous(), now):
            found.extend(desk.windows(period))
    found.sort(key=lambda one: (one["due_on"], one["criterion"]))
    return found + desk.never_reported(month_of(today))


@dataclass(slots=True)
class _Desk:
    """One organization's facts, as far as they are asked for."""

    reader: Reader
    entry: OrganizationEntry
    district: DistrictFacts
    today: date

    def _assess(self, period: Period) -> tuple[Assessment, History, SchemeBook]:
        stream = self.entry.stream
        history = histories(self.reader, [stream], self.district, period)[stream]
        schemes = book(self.reader)
        found = assess(
            history,
            schemes,
            period,
            asked_on=self.today,
            first_month=self.district.first_month,
        )
        return found, history, schemes

    def _criteria(self, found: Assessment, schemes: SchemeBook) -> dict[str, Criterion]:
        if found.scheme is None or found.version is None:
            return {}
        return schemes.catalogue(schemes.version(found.scheme, found.version)).by_code

    def windows(self, period: Period) -> list[dict[str, Any]]:
        """The activity criteria that ask for this very window, where it can still be met."""
        found, _, schemes = self._assess(period)
        criteria = self._criteria(found, schemes)
        day = self.today.isoformat()
        rows = []
        for one in found.criteria:
            criterion = criteria[one.code]
            if criterion.optional or one.status == NOT_APPLICABLE:
                continue
            for window, result in zip(one.asked or (), one.windows or (), strict=True):
                if window.period == period and (window.last >= day or window.deadline >= day):
                    rows.append(_row(criterion, window, result, day))
        return rows

    def never_reported(self, month: Period) -> list[dict[str, Any]]:
        """The conditions and measures that this month's criteria ask for and nobody reported."""
        found, history, schemes = self._assess(month)
        criteria = self._criteria(found, schemes)
        day = self.today.isoformat()
        conditions, measures = newest_reports(history.reports, day, day)
        rows: list[dict[str, Any]] = []
        seen: set[tuple[str, str]] = set()
        for one in found.criteria:
            criterion = criteria[one.code]
            if criterion.optional or one.status == NOT_APPLICABLE:
                continue
            for kind, name in _asked_for(criterion):
                known = conditions if kind == "condition" else measures
                if name not in known and (kind, name) not in seen:
                    seen.add((kind, name))
                    rows.append(_head(criterion) | {"kind": kind, "name": name, "state": MISSING})
        return rows


def _head(criterion: Criterion) -> dict[str, Any]:
    return {"criterion": criterion.code, "text": criterion.text.zh}


def _asked_for(criterion: Criterion) -> list[tuple[str, str]]:
    """The conditions and measures that a criterion looks at."""
    rule = criterion.rule
    found = [] if criterion.applies is None else [("measure", criterion.applies.measure)]
    if isinstance(rule, ConditionRule):
        found.append(("condition", rule.condition))
    elif isinstance(rule, MeasureRule):
        names = (rule.measure, rule.of, rule.by_measure)
        found += [("measure", name) for name in names if name is not None]
    return found


def _row(criterion: Criterion, window: Window, result: WindowResult, day: str) -> dict[str, Any]:
    missing = Fraction(window.count) - result.counted
    state = DUE if day <= window.deadline else LATE
    return _head(criterion) | {
        "kind": "activity",
        "name": window.activity,
        "window": window.text,
        "required": window.count,
        "counted": exact(result.counted),
        "missing": exact(missing),
        "records": list(result.records),
        "by": window.by or None,
        "due_on": window.deadline,
        "state": state if missing else DONE,
    }
