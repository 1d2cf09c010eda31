"""The days of inspection: joint sheets handed in, some left open, one waiting for a signature."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from events.periods import Period
from events.streams.findings import SubmitFindings
from projections.cycles.reading import read_cycle
from projections.organizations.directory import find
from scheduler.drawing import assignments_of
from tracker.demonstration.accounts import VISITORS, Staff
from tracker.demonstration.branches import ROOT
from tracker.demonstration.sheets import make_sheet, raise_one
from tracker.inspections.sheets import read_sheet_basis, record_sheet
from tracker.inspections.signatures import SheetDraft, propose_sheet

if TYPE_CHECKING:
    from tracker.app import App

RECTIFICATION_DAYS = 15
MISSED_MONTH = 3
"""The month (counted from 1) whose first assignment gets no sheet."""
FIRST_VISITS, LATER_VISITS = 7, 9
"""The days of the month on which inspectors hand in the sheets of a closed month."""


class Assignment(NamedTuple):
    """Whom two people inspect."""

    organization: str
    inspectors: tuple[str, ...]


class Order(NamedTuple):
    """A rectification that a sheet ordered."""

    organization: str
    rectification_id: str
    due: date


def read_assignments(app: App, month: Period) -> list[Assignment]:
    """Return the assignments of a month in the order of the draw; none before the draw."""
    with app.store.read() as reader:
        drawn = assignments_of(read_cycle(reader, ROOT, str(month)))
    return [Assignment(row["organization"], tuple(row["inspectors"])) for row in drawn]


def inspect_closed(app: App, staff: Staff, month: Period, number: int, day: date) -> list[Order]:
    """Hand in the sheets of a day for the month with a number; return what they order.

    All assignments get one, half of them on each day, but for the first of ``MISSED_MONTH``.
    """
    assignments = read_assignments(app, month)
    half = assignments[0 if day.day == FIRST_VISITS else 1 :: 2]
    if number == MISSED_MONTH and assignments[0] in half:
        half = half[1:]
    return [order for one in half for order in _hand_in(app, staff, month, one, day)]


def inspect_running(app: App, staff: Staff, month: Period, day: date) -> list[Order]:
    """Hand in half of a month's sheets, and propose one to each of the two inspectors.

    Each of them has a sheet handed in, one to sign and the others still to fill in.
    """
    handed_in, proposed = plan_visits(read_assignments(app, month))
    orders = [order for one in handed_in for order in _hand_in(app, staff, month, one, day)]
    for one, person in proposed:
        sheet, criteria = _fill_in(app, staff, month, one, day)
        raised = SubmitFindings.model_validate(raise_one(sheet, criteria))
        propose_sheet(app.store, SheetDraft(raised), person)
    return orders


def plan_visits(
    assignments: Sequence[Assignment],
) -> tuple[list[Assignment], list[tuple[Assignment, str]]]:
    """Return the assignments whose sheets are handed in, and those proposed, with by whom."""
    visitors = [account.person for account in VISITORS if account.person is not None]
    handed_in: list[Assignment] = []
    proposed: list[tuple[Assignment, str]] = []
    left = list(assignments)
    for person in visitors:
        own = [one for one in left if person in one.inspectors]
        for one in own:
            left.remove(one)
        handed_in += own[:1]
        for one in own[1:2]:
            colleague = next(name for name in one.inspectors if name != person)
            proposed.append((one, colleague))
    half = max(0, len(assignments) // 2 - len(handed_in))
    return handed_in + left[:half], proposed


def _hand_in(
    app: App, staff: Staff, month: Period, assignment: Assignment, day: date
) -> list[Order]:
    """Hand in the sheet of one assignment, signed by all its inspectors."""
    document, _ = _fill_in(app, staff, month, assignment, day)
    sheet = SubmitFindings.model_validate(document)
    by = staff.by(staff.inspectors[assignment.inspectors[0]], work=sheet.sheet_id)
    record_sheet(app.store, sheet, by)
    return [
        Order(assignment.organization, f"{sheet.sheet_id}/{number}", asked.due)
        for number, asked in enumerate(sheet.rectify, start=1)
    ]


def _fill_in(
    app: App, staff: Staff, month: Period, assignment: Assignment, day: date
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the sheet of an assignment, and the criteria that the inspectors saw."""
    with app.store.read() as reader:
        entry = find(reader, assignment.organization)
        assert entry is not None
        cycle = read_cycle(reader, ROOT, str(month))
        basis = read_sheet_basis(reader, entry, cycle, day)
    assert basis.scheme is not None
    criteria = basis.assessment.to_json()["criteria"]
    sheet = make_sheet(
        month,
        assignment.organization,
        assignment.inspectors,
        criteria,
        basis.scheme,
        due=day + timedelta(days=RECTIFICATION_DAYS),
        seed=staff.seed,
    )
    return sheet, criteria
