"""A sheet is taken from those assigned, while it may be, and only where it makes sense."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from events.documents.schemes import Addition, Cause, Grade, Text
from events.refusals.errors import Kind, Refused
from events.streams.findings import (
    DECIDER,
    DerivedCriterion,
    FindingsSubmitted,
    Inspection,
    InspectionAssigned,
    InspectionMissed,
    InspectionNotHeld,
    SheetContext,
    SubmitFindings,
    decide,
    sheet_faults,
)
from events.streams.imports import ImportFinished
from events.streams.rectifications import RectificationOrdered
from tests.support.given import Given

TODAY = date(2026, 10, 8)
OF: dict[str, Any] = {"scope": "ROOT", "period": "2026-09"}
WORD = Text(zh="一", en="one")
CAUSES = {
    "fixed": Cause(code="fixed", text=WORD, take=Decimal("0.5")),
    "range": Cause(code="range", text=WORD, between=(Decimal("0.5"), Decimal(1))),
    "whole": Cause(code="whole", text=WORD, all=True),
}


def judged(status: str, credit: Any, kind: str = "judgement", **fields: Any) -> DerivedCriterion:
    """A criterion of two points as an interface knows it."""
    return DerivedCriterion(status, credit, Fraction(fields.pop("points", 2)), kind, **fields)


CONTEXT = SheetContext(
    scope="ROOT",
    today=TODAY,
    criteria={
        "met": judged("met", Fraction(1)),
        "half": judged("partial", Fraction(1, 2)),
        "unjudged": judged("unjudged", None),
        "pending": judged("pending", None),
        "away": judged("not_applicable", None),
        "weightless": judged("met", Fraction(1), points=0),
        "pointless": judged("met", Fraction(1), states_points=False),
        "deduction": judged("met", Fraction(1), "deduction", causes=CAUSES),
    },
    records=frozenset({"a-1"}),
    cycle_state="drawn",
)
given = Given(DECIDER)
CODES = {
    "is not a criterion": "sheet_unknown_criterion",
    "is pending": "sheet_not_judged",
    "is not_applicable": "sheet_not_judged",
    "needs one of": "sheet_one_of",
    "give a reason": "sheet_no_reason",
    "has only 2 points": "sheet_points_above",
    "has no points": "sheet_no_points",
    "is not a deduction": "sheet_no_deduction",
    "has no cause new": "sheet_unknown_cause",
    "needs points": "sheet_cause_points",
    "deducts 0.5 to 1 points": "sheet_cause_between",
    "deducts fixed points": "sheet_cause_fixed",
}
"""The code of each fault of a finding, by words of its sentence."""
ASSIGNED = InspectionAssigned(**OF, inspectors=("p1", "p2"), why="key")


def within(**fields: Any) -> SheetContext:
    """A context with other fields."""
    return replace(CONTEXT, **fields)


def sheet(*findings: dict[str, Any], **fields: Any) -> SubmitFindings:
    """The joint sheet of both inspectors."""
    return SubmitFindings.model_validate(
        {
            "period": "2026-09",
            "organization": "A1",
            "inspectors": ["p1", "p2"],
            "sheet_id": "s1",
            "findings": findings,
        }
        | fields
    )


def submitted(*findings: dict[str, Any], **fields: Any) -> FindingsSubmitted:
    """The event of that sheet."""
    return FindingsSubmitted.model_validate(
        OF
        | {"kind": "monthly", "sheet_id": "s1", "inspectors": ("p1", "p2"), "disallow": ()}
        | {"findings": findings}
        | fields
    )


@pytest.mark.parametrize(
    "finding",
    [
        {"criterion": "met", "credit": "1"},
        {"criterion": "met", "points": "2"},
        {"criterion": "half", "credit": "0.25", "reason": "half of it is missing"},
        {"criterion": "half", "points": "2", "reason": "found in the drawer"},
        {"criterion": "unjudged", "credit": "1", "reason": "seen"},
        {"criterion": "weightless", "credit": "1"},
        {"criterion": "deduction", "causes": [{"cause": "fixed", "count": 2}], "reason": "r"},
        {
            "criterion": "deduction",
            "causes": [{"cause": "range", "count": 1, "points": "0.75"}],
            "reason": "r",
        },
        {"criterion": "deduction", "causes": [{"cause": "whole", "count": 3}], "reason": "r"},
    ],
    ids=str,
)
def test_a_finding_is_taken_as_it_was_made(finding: dict[str, Any]) -> None:
    """Credit, points or causes stand in the event as they stood on the sheet."""
    given(ASSIGNED).when(sheet(finding), CONTEXT).then(submitted(finding))


@pytest.mark.parametrize(
    ("finding", "fault"),
    [
        ({"criterion": "none", "credit": "1"}, "is not a criterion"),
        ({"criterion": "pending", "credit": "1"}, "is pending"),
        ({"criterion": "away", "credit": "1"}, "is not_applicable"),
        ({"criterion": "met"}, "needs one of"),
        ({"criterion": "met", "credit": "1", "points": "2"}, "needs one of"),
        ({"criterion": "met", "credit": "0.5"}, "give a reason"),
        ({"criterion": "unjudged", "credit": "1"}, "give a reason"),
        ({"criterion": "met", "points": "2.5"}, "has only 2 points"),
        ({"criterion": "weightless", "points": "1"}, "has no points"),
        ({"criterion": "pointless", "points": "1"}, "has no points"),
        ({"criterion": "met", "causes": [{"cause": "fixed"}]}, "is not a deduction"),
        ({"criterion": "deduction", "causes": [{"cause": "new"}]}, "has no cause new"),
        ({"criterion": "deduction", "causes": [{"cause": "range"}]}, "needs points"),
        (
            {"criterion": "deduction", "causes": [{"cause": "range", "points": "1.5"}]},
            "deducts 0.5 to 1 points",
        ),
        (
            {"criterion": "deduction", "causes": [{"cause": "range", "points": "0.25"}]},
            "deducts 0.5 to 1 points",
        ),
        (
            {"criterion": "deduction", "causes": [{"cause": "fixed", "points": "1"}]},
            "deducts fixed points",
        ),
        ({"criterion": "deduction", "causes": [{"cause": "whole"}]}, "give a reason"),
    ],
    ids=str,
)
def test_a_faulty_finding_is_refused(finding: dict[str, Any], fault: str) -> None:
    """The refusal names the criterion and what is wrong with it."""
    refused = given(ASSIGNED).when(sheet(finding), CONTEXT).refused(CODES[fault], field="findings")
    assert finding["criterion"] in str(refused)
    assert fault in str(refused)


@pytest.mark.parametrize(
    ("causes", "credit"),
    [
        ([("fixed", 1, None)], "0.75"),
        ([("fixed", 3, None)], "0.25"),
        ([("fixed", 1, None), ("range", 1, "1")], "0.25"),
        ([("range", 2, "0.5")], "0.5"),
        ([("fixed", 9, None)], "0"),
        ([("whole", 1, None), ("fixed", 1, None)], "0"),
    ],
)
def test_causes_take_their_points_until_nothing_is_left(
    causes: list[tuple[str, int, str | None]], credit: str
) -> None:
    """What they come to needs no reason just where it equals the derived credit."""
    finding = {
        "criterion": "d",
        "causes": [
            {"cause": cause, "count": count} | ({"points": points} if points else {})
            for cause, count, points in causes
        ],
    }
    equal = {"d": judged("partial", Fraction(credit), "deduction", causes=CAUSES)}
    given(ASSIGNED).when(sheet(finding), within(criteria=equal)).then(submitted(finding))
    other = {"d": judged("partial", Fraction(1, 3), "deduction", causes=CAUSES)}
    given(ASSIGNED).when(sheet(finding), within(criteria=other)).refused("sheet_no_reason")


def test_raising_a_credit_needs_every_signature() -> None:
    """One inspector alone may lower a credit, and judge what was unjudged, but not raise it."""
    raised = {"criterion": "half", "credit": "1", "reason": "r"}
    alone = sheet(raised, inspectors=["p1"])
    assert "all assigned inspectors must sign" in str(
        given(ASSIGNED).when(alone, CONTEXT).refused("sheet_raised")
    )
    for allowed in (
        {"criterion": "met", "credit": "0", "reason": "r"},
        {"criterion": "unjudged", "credit": "1", "reason": "r"},
    ):
        given(ASSIGNED).when(sheet(allowed, inspectors=["p1"]), CONTEXT).then(
            submitted(allowed, inspectors=("p1",))
        )


def test_only_those_assigned_sign() -> None:
    """A stranger is refused by name, and so is one person twice."""
    stranger = (
        given(ASSIGNED).when(sheet(inspectors=["p1", "p9"]), CONTEXT).refused("wrong_inspector")
    )
    assert (stranger.kind, stranger.params["people"]) == (Kind.FORBIDDEN, "p9")
    twice = given(ASSIGNED).when(sheet(inspectors=["p1", "p1"]), CONTEXT).refused("wrong_inspector")
    assert twice.params["people"] == "p1, p1"


def test_records_are_disallowed_once() -> None:
    """Those of the organization, each once, for a reason."""
    disallowed = {"record_id": "a-1", "reason": "not held"}
    given(ASSIGNED).when(sheet(disallow=[disallowed]), CONTEXT).then(
        submitted(disallow=(disallowed,))
    )
    unknown = [{"record_id": "a-2", "reason": "r"}]
    for wrong, code in (
        (unknown, "sheet_unknown_record"),
        ([disallowed, disallowed], "sheet_twice"),
    ):
        given(ASSIGNED).when(sheet(disallow=wrong), CONTEXT).refused(code, field="disallow")


def test_a_criterion_is_once_on_a_sheet() -> None:
    """Twice is refused by name."""
    finding = {"criterion": "met", "credit": "1"}
    given(ASSIGNED).when(sheet(finding, finding), CONTEXT).refused("sheet_twice", name="met")


def test_a_sheet_orders_rectifications() -> None:
    """They follow the sheet, numbered, and name a criterion and a day to come."""
    asked = {"criterion": "met", "problem": "no minutes", "due": "2026-10-20"}
    given(ASSIGNED).when(sheet(rectify=[asked, asked]), CONTEXT).then(
        submitted(),
        *(
            RectificationOrdered(
                rectification_id=f"s1/{number}",
                period="2026-09",
                criterion="met",
                problem="no minutes",
                due=date(2026, 10, 20),
            )
            for number in (1, 2)
        ),
    )
    unknown = sheet(rectify=[asked | {"criterion": "none"}])
    given(ASSIGNED).when(unknown, CONTEXT).refused(
        "sheet_unknown_criterion", field="rectify", name="none"
    )
    late = sheet(rectify=[asked | {"due": "2026-10-07"}])
    given(ASSIGNED).when(late, CONTEXT).refused("due_passed", field="rectify", name="met")


def test_all_faults_of_a_sheet_are_reported_at_once() -> None:
    """The person who fills a sheet in sees every place that needs a change."""
    command = sheet(
        {"criterion": "met", "credit": "0"},
        {"criterion": "half", "credit": "1", "reason": "r"},
        {"criterion": "none", "credit": "1"},
        disallow=[{"record_id": "a-9", "reason": "r"}],
        rectify=[{"criterion": "met", "problem": "p", "due": "2026-10-01"}],
    )
    faults = [(fault.code, fault.params["field"], fault.params["name"])
             for fault in sheet_faults(command, CONTEXT, everybody=False)]  # fmt: skip
    assert faults == [
        ("sheet_no_reason", "findings", "met"),
        ("sheet_raised", "findings", "half"),
        ("sheet_unknown_criterion", "findings", "none"),
        ("sheet_unknown_record", "disallow", "a-9"),
        ("due_passed", "rectify", "met"),
    ]


@pytest.mark.parametrize("state", ["", "open", "closing", "closed"])
def test_sheets_are_taken_between_draw_and_closing(state: str) -> None:
    """In every other state of the cycle the sheet is refused."""
    refused = given(ASSIGNED).when(sheet(), within(cycle_state=state)).refused("cycle_not_drawn")
    assert (refused.kind, refused.params["state"]) == (Kind.CONFLICT, state or "not opened")


def test_only_a_drawn_organization_is_inspected() -> None:
    """Without an assignment there is nothing to hand in."""
    assert given().when(sheet(), CONTEXT).refused("not_assigned").kind is Kind.NOT_FOUND


def test_a_later_sheet_keeps_the_earlier_one() -> None:
    """Both are known; an inspection that was missed or not held says so."""
    later = submitted().model_copy(update={"sheet_id": "s2"})
    other = ImportFinished(recorded=0, unchanged=0)
    state = given(ASSIGNED, submitted(), other, later).state
    assert state == Inspection("scored", ("p1", "p2"), frozenset({"s1", "s2"}))
    missed = InspectionMissed(**OF, inspectors=("p1", "p2"))
    assert given(ASSIGNED, missed).state.state == "missed"
    assert given(ASSIGNED, InspectionNotHeld(**OF, inspectors=())).state.state == "not_held"
    assert ASSIGNED.subject() == "inspection/ROOT/2026-09"


def test_a_cause_is_counted_at_least_once() -> None:
    """A count of 0 is refused when the sheet is read."""
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        sheet({"criterion": "deduction", "causes": [{"cause": "fixed", "count": 0}]})


def test_a_grade_gives_its_credit() -> None:
    """A judgement with grades is found by one of them, and the event has grade and credit."""
    grades = {
        "good": Grade(code="good", text=WORD, credit=Decimal(1)),
        "fair": Grade(code="fair", text=WORD, credit=Decimal("0.5")),
    }
    plus = Addition(code="plus", text=WORD, add=Decimal(2))
    context = replace(
        CONTEXT,
        criteria={
            "graded": judged("unjudged", None, grades=grades),
            "half": CONTEXT.criteria["half"],
        },
        additions={("1", "plus"): plus},
    )
    state = Inspection("open", ("p-1",))

    def submitted(finding: dict[str, Any]) -> FindingsSubmitted:
        whole = {"period": "2026-09", "organization": "421102", "inspectors": ["p-1"],
                 "sheet_id": "s-1", "findings": [finding | {"reason": "seen"}],
                 "additions": [{"item": "1", "addition": "plus", "reason": "praised"}]}  # fmt: skip
        (event,) = decide(SubmitFindings.model_validate(whole), state, context)
        assert isinstance(event, FindingsSubmitted)
        return event

    event = submitted({"criterion": "graded", "grade": "fair"})
    assert event.findings == (
        {"criterion": "graded", "grade": "fair", "reason": "seen", "credit": "0.5"},
    )
    assert event.additions == ({"item": "1", "addition": "plus", "count": 1, "reason": "praised"},)
    for wrong, code in [
        ({"criterion": "graded", "grade": "bad"}, "sheet_unknown_grade"),
        ({"criterion": "graded", "credit": "1"}, "sheet_grade"),
        ({"criterion": "graded", "grade": "good", "credit": "1"}, "sheet_one_of"),
        ({"criterion": "half", "grade": "good"}, "sheet_unknown_grade"),
    ]:
        with pytest.raises(Refused) as refused:
            submitted(wrong)
        assert refused.value.code == code
