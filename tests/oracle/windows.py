"""Activity rules: complete records, windows, and the credits of records in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.oracle.case import Case
from tests.oracle.scheme import Criterion, Scheme, first_month
from tests.oracle.stream import Record
from tests.oracle.time import Span, exact, month_of, number, truth, window_around


@dataclass(frozen=True)
class Window:
    """A window with the version of the criterion that judges it."""

    span: Span
    criterion: Criterion
    scheme: Scheme

    @property
    def required(self) -> int:
        """How many records the window asks for."""
        return int(self.criterion.rule.get("count", "1"))

    def ended(self, asked: date) -> bool:
        """Whether the window and its grace have ended on the day asked."""
        return asked > self.span.last + timedelta(days=self.scheme.grace)


@dataclass(frozen=True)
class Counted:
    """What was counted in a window, and the records that it was counted from."""

    window: Window
    counted: Fraction
    records: tuple[str, ...]

    def answer(self) -> dict[str, Any]:
        """The window as the answer shows it."""
        return {
            "window": self.window.span.name,
            "required": self.window.required,
            "counted": exact(self.counted),
            "records": list(self.records),
        }


def applies(case: Case, criterion: Criterion, day: date) -> tuple[bool, bool]:
    """Whether a criterion applies on a day, and whether the measure for it is missing."""
    if criterion.applies is None:
        return True, False
    value = case.stream.measure(criterion.applies["measure"], case.within_life(day))
    if value is None:
        return True, True
    return value >= number(criterion.applies["at_least"]), False


def belonging(case: Case, code: str) -> list[Window]:
    """The windows that end in the period, each with the version in force in its last month.

    Where that version is of another scheme, or has no activity rule under the code, or asks by
    other lengths, there is no such window.
    """
    scheme = case.scheme()
    windows: list[Window] = []
    for month in case.span.months():
        then = case.governing(month)
        if scheme is None or then is None or then.name != scheme.name:
            continue
        criterion = then.criterion(code)
        if criterion is None or criterion.kind != "activity":
            continue
        span = window_around(month, criterion.rule["per"])
        if month_of(span.last) == month:
            windows.append(Window(span, criterion, then))
    return windows


def is_asked(case: Case, window: Window) -> bool:
    """Whether a window that belongs to the period is asked for."""
    return _asked(case, window, case.stream.closing(), window.span.last)


def will_be_asked(case: Case, window: Window) -> bool:
    """Whether the window in which the period lies will be asked for, as its last day has it."""
    closing = case.stream.closing()
    known = closing if closing is not None and closing <= case.span.last else None
    return _asked(case, window, known, case.span.last)


def _asked(case: Case, window: Window, closing: date | None, day: date) -> bool:
    category = case.stream.category(case.within_life(min(window.span.last, case.span.last)))
    assert category is not None
    if month_of(window.span.first) < first_month(case.schemes, window.scheme.name, category):
        return False
    if len(case.span.months()) >= 6 and month_of(window.span.first) < case.first_month:
        return False
    begin = max(window.span.first, case.stream.registration())
    end = window.span.last if closing is None else min(window.span.last, closing)
    covered = max(0, (end - begin).days + 1)
    if covered * 2 < window.span.days():
        return False
    return applies(case, window.criterion, day)[0]


def surrounding(case: Case, criterion: Criterion) -> Window:
    """The window in which the period lies, by the version of the period."""
    scheme = case.scheme()
    assert scheme is not None
    return Window(window_around(case.span.months()[-1], criterion.rule["per"]), criterion, scheme)


def is_complete(rule: dict[str, Any], fields: dict[str, Any]) -> bool:
    """Whether a record has all that a rule wants of it."""
    if not set(rule.get("evidence", [])) <= set(fields.get("evidence") or []):
        return False
    if "attendance_at_least" in rule:
        attendance = fields.get("attendance") or {}
        present, expected = attendance.get("present"), attendance.get("expected")
        if present is None or expected is None or number(expected) == 0:
            return False
        if number(present) / number(expected) < number(rule["attendance_at_least"]):
            return False
    if truth(rule.get("in_full", "false")):
        return _paid_in_full(fields)
    return True


def _paid_in_full(fields: dict[str, Any]) -> bool:
    money = fields.get("money") or {}
    due, paid = money.get("due"), money.get("paid")
    if due is None:
        return False
    if number(due) == 0:
        return str(fields.get("note") or "").strip() != ""
    return paid is not None and number(paid) >= number(due)


def merit(window: Window, record: Record | None, closing: date | None) -> Fraction:
    """The merit of one state of a record for a window; that of a disallowed one is not asked.

    `closing` is the end of the organization's life as known at the same time as the state.
    """
    rule = window.criterion.rule
    if record is None or record.retracted or record.fields["activity"] != rule["activity"]:
        return Fraction(0)
    if not window.span.first <= record.occurred_on <= window.span.last:
        return Fraction(0)
    if closing is not None and record.occurred_on > closing:
        return Fraction(0)
    return Fraction(1) if is_complete(rule, record.fields) else window.scheme.incomplete


def due_day(window: Window) -> date:
    """The day by which a record has to have taken place: the window's last, or that of `by`."""
    by = window.criterion.rule.get("by")
    if by is None:
        return window.span.last
    return date(window.span.first.year, int(by[:2]), int(by[3:]))


def credit(
    window: Window,
    timely: Record | None,
    newest: Record,
    closing_then: date | None,
    closing: date | None,
) -> Fraction:
    """The credit of a record from its state at the end of the grace and its newest state."""
    in_time = merit(window, timely, closing_then)
    if timely is not None:
        took_place = max(timely.occurred_on, newest.occurred_on)
        if "by" in window.criterion.rule and took_place > due_day(window):
            in_time = Fraction(0)
    now = merit(window, newest, closing)
    return min(now, max(in_time, window.scheme.late * now))


def count(case: Case, window: Window, disallowed: set[str]) -> Counted:
    """Return what a window counts: its n best credits, by default one for each day."""
    deadline = due_day(window) + timedelta(days=window.scheme.grace)
    months = window.span.months()
    timely = case.stream.records(deadline, months)
    closing_then, closing = case.stream.closing(deadline), case.stream.closing()
    rows: list[tuple[Fraction, date, str]] = []
    for name, newest in case.stream.records(case.asked, months).items():
        value = Fraction(0)
        if name not in disallowed:
            value = credit(window, timely.get(name), newest, closing_then, closing)
        if value > 0:
            rows.append((value, newest.occurred_on, name))
    rows.sort(key=lambda row: (-row[0], row[1], row[2]))
    if not truth(window.criterion.rule.get("same_day", "false")):
        days: set[date] = set()
        single: list[tuple[Fraction, date, str]] = []
        for row in rows:
            if row[1] not in days:
                days.add(row[1])
                single.append(row)
        rows = single
    best = rows[: window.required]
    names = [name for _, _, name in sorted(best, key=lambda row: (row[1], row[2]))]
    return Counted(window, sum((row[0] for row in best), Fraction(0)), tuple(names))
