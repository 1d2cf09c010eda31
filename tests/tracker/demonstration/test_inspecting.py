"""Half of the running month is inspected, and both inspectors have something to do."""

from events.periods import parse_month
from tracker.demonstration.inspecting import Assignment, plan_visits
from tracker.demonstration.sheets import raise_one

MONTH = parse_month("2026-10")
ASSIGNMENTS = [
    Assignment("a", ("p-001", "p-009")),
    Assignment("b", ("p-003", "p-004")),
    Assignment("c", ("p-001", "p-002")),
    Assignment("d", ("p-002", "p-008")),
    Assignment("e", ("p-005", "p-006")),
    Assignment("f", ("p-001", "p-007")),
    Assignment("g", ("p-002", "p-004")),
    Assignment("h", ("p-005", "p-006")),
    Assignment("i", ("p-005", "p-006")),
    Assignment("j", ("p-005", "p-006")),
]


def test_half_of_the_sheets_are_handed_in() -> None:
    """Each of the two inspectors has one handed in, one to sign from a colleague, and open ones."""
    handed_in, proposed = plan_visits(ASSIGNMENTS)
    assert [one.organization for one in handed_in] == ["a", "d", "b", "e", "h"]
    assert proposed == [(ASSIGNMENTS[2], "p-002"), (ASSIGNMENTS[6], "p-004")]


def test_few_assignments_are_no_fault() -> None:
    """Without assignments nothing is planned; a single one of an inspector is handed in."""
    assert plan_visits([]) == ([], [])
    assert plan_visits(ASSIGNMENTS[:1]) == ([ASSIGNMENTS[0]], [])


def test_a_proposed_sheet_raises_a_credit() -> None:
    """The first missed criterion that the sheet leaves out is raised, with a reason."""
    criteria = [{"code": "1", "status": "met"}, {"code": "2", "status": "missed"},
                {"code": "3", "status": "partial"}]  # fmt: skip
    sheet = {"findings": [{"criterion": "2", "credit": "0"}]}
    raised = raise_one(sheet, criteria)
    assert [(one["criterion"], one["credit"]) for one in raised["findings"]] == [
        ("2", "0"), ("3", "1"),
    ]  # fmt: skip
    assert raised["findings"][1]["reason"]
    assert raise_one(sheet, criteria[:2]) == sheet
