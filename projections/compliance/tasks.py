"""What is due, done and missing now, for one organization, by the rules of its schemes.

Windows and what counts in them come from the scoring itself: each window is assessed as the period
that it is, so this list and the figures of the close always agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from events.periods import Length, Period, month_of
from projections.compliance.evaluation import histories
from projections.compliance.sources import words_of
from projections.documents.in_force import DistrictFacts, book
from projections.scoring.assessment import assess
from projections.scoring.figures import exact
from projections.scoring.history import newest_reports
from projections.scoring.rules import NOT_APPLICABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from events.documents.schemes import Criterion
    from events.log.reader import Reader
    from projections.documents.rule_words import Language
    from projections.organizations.directory import OrganizationEntry
    from projections.scoring.assessment import Assessment
    from projections.scoring.credit import Window, WindowResult
    from projections.scoring.history import History
    from projections.scoring.rules import CriterionResult
    from projections.scoring.scheme_book import SchemeBook

DONE = "done"
DUE = "due"
LATE = "late"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ReportTask:
    """A condition or measure (``name`` of ``kind``) that was never reported; always missing."""

    criterion: str
    text: str
    kind: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class WindowTask:
    """A window of an activity criterion: how much it requires, has, and misses (exact texts).

    ``by`` is the last day on which the activity may take place, None where the window ends it;
    ``due_on`` the last day on which recording is in time (ISO). ``state`` is done, due or late;
    ``records`` are the ids that count.
    """

    criterion: str
    text: str
    kind: str
    name: str
    window: str
    required: int
    counted: str
    missing: str
    records: list[str]
    by: str | None
    due_on: str
    state: str


Task = WindowTask | ReportTask


def list_tasks(
    reader: Reader,
    entry: OrganizationEntry,
    district: DistrictFacts,
    today: date,
    language: Language = "zh",
) -> list[Task]:
    """Return what is due, done and missing on a day: by ``due_on``, then by criterion.

    For every activity criterion that is not optional: the window in which ``today`` lies, and the
    one before while its grace runs. Then the conditions and measures that were never reported. The
    texts of criteria are in ``language``.
    """
    duties = _Duties(reader, entry, district, today, language)
    tasks: list[WindowTask] = []
    for length in Length:
        now = month_of(today).window_around(length)
        for period in (now.previous(), now):
            tasks.extend(duties.window_tasks(period))
    tasks.sort(key=lambda task: (task.due_on, task.criterion))
    return [*tasks, *duties.report_tasks(month_of(today))]


@dataclass(slots=True)
class _Duties:
    """The duties of one organization on a day."""

    reader: Reader
    entry: OrganizationEntry
    district: DistrictFacts
    today: date
    language: Language

    def window_tasks(self, period: Period) -> Iterator[WindowTask]:
        """Return the windows that are this very period, where they can still be filled."""
        assessment, _, schemes = self._assess(period)
        day = self.today.isoformat()
        for criterion, result in _required(assessment, schemes):
            for window, gained in zip(result.asked or (), result.windows or (), strict=True):
                if window.period == period and (window.last >= day or window.deadline >= day):
                    yield _window_task(criterion, window, gained, day, self.language)

    def report_tasks(self, month: Period) -> list[ReportTask]:
        """Return the conditions and measures that this month's criteria need and nobody reported.

        One that several criteria need is named once.
        """
        assessment, history, schemes = self._assess(month)
        day = self.today.isoformat()
        conditions, measures = newest_reports(history.reports, day, day)
        missing: dict[tuple[str, str], ReportTask] = {}
        for criterion, _ in _required(assessment, schemes):
            for kind, name in words_of(criterion):
                reported = conditions if kind == "condition" else measures
                if name not in reported:
                    text = criterion.text.in_language(self.language)
                    task = ReportTask(criterion.code, text, kind, name, MISSING)
                    missing.setdefault((kind, name), task)
        return list(missing.values())

    def _assess(self, period: Period) -> tuple[Assessment, History, SchemeBook]:
        stream = self.entry.stream
        history = histories(self.reader, [stream], self.district, period)[stream]
        schemes = book(self.reader)
        assessment = assess(
            history,
            schemes,
            period,
            asked_on=self.today,
            first_month=self.district.first_month,
        )
        return assessment, history, schemes


def _required(
    assessment: Assessment, schemes: SchemeBook
) -> Iterator[tuple[Criterion, CriterionResult]]:
    """Return the criteria that apply and are not optional, with their results."""
    if assessment.scheme is None or assessment.version is None:
        return
    version = schemes.version(assessment.scheme, assessment.version)
    criteria = schemes.catalogue(version).by_code
    for result in assessment.criteria:
        criterion = criteria[result.code]
        if not criterion.optional and result.status != NOT_APPLICABLE:
            yield criterion, result


def _window_task(
    criterion: Criterion, window: Window, gained: WindowResult, day: str, language: Language
) -> WindowTask:
    missing = Fraction(window.count) - gained.counted
    state = DUE if day <= window.deadline else LATE
    return WindowTask(
        criterion=criterion.code,
        text=criterion.text.in_language(language),
        kind="activity",
        name=window.activity,
        window=window.text,
        required=window.count,
        counted=exact(gained.counted),
        missing=exact(missing),
        records=list(gained.records),
        by=window.by or None,
        due_on=window.deadline,
        state=state if missing else DONE,
    )
