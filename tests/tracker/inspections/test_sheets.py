import json
from collections.abc import Iterator
from typing import Any

import pytest

from events.refusals.errors import Kind, Refused
from tests.support.districts import CLERK, SEPTEMBER, District, scheme
from tracker.inspections.sheets import parse_sheet, submit_sheet

EVERYBODY = {"sampling": {"default": {"fraction": 1}}}
SHEET: dict[str, Any] = {
    "period": SEPTEMBER,
    "organization": "c01",
    "inspectors": ["p-1", "p-2"],
    "sheet_id": "s-1",
}
RECTIFY = {"criterion": "m", "problem": "缺记录", "due": "2026-10-25"}


def drawn(url: str) -> District:
    """A district in which c01 and c02 were drawn; c01 held its meeting."""
    district = District(url, size=2, policy=EVERYBODY)
    district.at("2026-09-12 10:00")
    district.meet("c01", "2026-09-12", record_id="a-1")
    district.drawn()
    return district


@pytest.fixture
def district(database_url: str) -> Iterator[District]:
    """That district on each kind of database."""
    found = drawn(database_url)
    yield found
    found.dispose()


@pytest.fixture
def one(sqlite_url: str) -> Iterator[District]:
    """That district on SQLite, for what does not depend on the database."""
    found = drawn(sqlite_url)
    yield found
    found.dispose()


def finding(criterion: str, **more: Any) -> dict[str, Any]:
    """A finding with a reason."""
    return {"criterion": criterion, "reason": "现场查看"} | more


def refused(district: District, code: str = "c01", **more: Any) -> Refused:
    """Why a sheet is refused, after asserting that it left nothing behind."""
    before = len(district.of(code, "FindingsSubmitted"))
    with pytest.raises(Refused) as caught:
        district.submit(code, **more)
    assert len(district.of(code, "FindingsSubmitted")) == before
    assert str(caught.value).startswith("s.json: ")
    return caught.value


def read(document: Any) -> Refused:
    """Why the bytes of a sheet are refused."""
    payload = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(Refused) as caught:
        parse_sheet(payload, "s.json")
    return caught.value


def test_a_sheet_is_read_from_its_file() -> None:
    """The bytes of a sheet give its fields, numbers exactly as they were written."""
    findings = [{"criterion": "m", "credit": "0.5", "reason": "x"}]
    sheet = parse_sheet(json.dumps(SHEET | {"findings": findings}).encode(), "s.json")
    assert (sheet.organization, sheet.inspectors) == ("c01", ("p-1", "p-2"))
    assert sheet.findings[0].credit == "0.5"


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (b"{", "(the whole)"),
        (b"[]", "(the whole)"),
        (b'{"period": "2026-09", "period": "2026-09"}', "period"),
        (SHEET | {"inspectors": []}, "inspectors"),
        (SHEET | {"signature": "x"}, "signature"),
        (SHEET | {"findings": [{"criterion": "m", "credit": "1.5"}]}, "findings.0.credit"),
        (SHEET | {"disallow": [{"record_id": "a-1"}]}, "disallow.0.reason"),
        (SHEET | {"rectify": [RECTIFY | {"due": "soon"}]}, "rectify.0.due"),
        (SHEET | {"period": "2026-H1"}, "period"),
    ],
)
def test_a_bad_sheet_is_refused_at_its_place(document: Any, field: str) -> None:
    """The refusal names the file and the field at fault."""
    found = read(document)
    assert found.code == "bad_sheet"
    assert f"s.json: field {field}: " in str(found)


def test_a_sheet_is_taken_in(district: District) -> None:
    """Findings, disallowed records and rectifications stand in the organization's stream."""
    assert district.submit(
        "c01",
        findings=[finding("m", credit="0")],
        disallow=[{"record_id": "a-1", "reason": "照片不实"}],
        rectify=[RECTIFY],
    )
    (sheet,) = district.of("c01", "FindingsSubmitted")
    assert sheet["findings"][0]["criterion"] == "m"
    assert sheet["disallow"][0]["record_id"] == "a-1"
    (order,) = district.of("c01", "RectificationOrdered")
    assert (order["rectification_id"], order["due"]) == ("s-1/1", "2026-10-25")
    assert district.states() == {"c01": "scored", "c02": "open"}


def test_the_same_sheet_again_changes_nothing(district: District) -> None:
    """A repeated sheet is no event, even after its last day and after the close."""
    more: dict[str, Any] = {"findings": [finding("m", credit="0")], "rectify": [RECTIFY]}
    assert district.submit("c01", **more)
    assert not district.submit("c01", **more)
    district.at("2026-10-11 00:30")
    assert not district.submit("c01", **more)
    district.tick()
    assert not district.submit("c01", **more)
    assert len(district.of("c01", "FindingsSubmitted")) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"findings": [finding("m", credit="0.5")]},
        {"findings": [finding("m", credit="0") | {"reason": "另一个原因"}]},
        {"rectify": [RECTIFY | {"due": "2026-10-26"}]},
        {"rectify": [RECTIFY | {"problem": "另一个问题"}]},
        {"rectify": []},
        {"rectify": [RECTIFY, RECTIFY]},
    ],
)
def test_other_content_under_one_identity_is_a_conflict(
    one: District, other: dict[str, Any]
) -> None:
    """A used sheet_id with another finding, text or rectification is refused."""
    more: dict[str, Any] = {"findings": [finding("m", credit="0")], "rectify": [RECTIFY]}
    one.submit("c01", **more)
    assert refused(one, **more | other).code == "identity_conflict"
    assert len(one.of("c01", "RectificationOrdered")) == 1


def test_rectifications_need_an_identity_of_their_own(sqlite_url: str) -> None:
    """A sheet_id that ordered rectifications for one month orders none for another."""
    district = drawn(sqlite_url)
    district.submit("c01", rectify=[RECTIFY])
    for local in ("2026-11-01 00:30", "2026-11-06 00:30"):
        district.at(local)
        district.tick()
    october: dict[str, Any] = {"period": "2026-10", "rectify": [RECTIFY | {"due": "2026-11-20"}]}
    assert refused(district, **october).code == "sheet_id_used"
    assert district.submit("c01", "2026-10")
    assert not district.submit("c01", "2026-10")
    assert district.submit("c01", **october | {"sheet_id": "s-2"})
    district.dispose()


def test_a_later_sheet_replaces_criterion_by_criterion(one: District) -> None:
    """What the later sheet names counts from it, the rest from the earlier; both stay readable."""
    one.submit("c01", findings=[finding("m", credit="0"), finding("f", credit="1")])
    one.submit("c01", sheet_id="s-2", findings=[finding("m", credit="0.5")])
    assert len(one.of("c01", "FindingsSubmitted")) == 2
    one.at("2026-10-11 00:30")
    one.tick()
    # m 2 x 0.5, q 1 x 0, f 1 x 1, d 2 x 1, h 1 x 0 of 7 points; j is unjudged
    assert one.posted()["c01"]["inspected"] == "57.14"


def test_only_its_inspectors_sign(one: District) -> None:
    """A stranger, or one person twice, cannot sign; one of both may, where nothing is raised."""
    people = one.inspectors("c01")
    stranger = next(f"p-{n}" for n in range(1, 5) if f"p-{n}" not in people)
    found = refused(one, inspectors=[people[0], stranger])
    assert (found.code, found.kind) == ("wrong_inspector", Kind.FORBIDDEN)
    assert refused(one, inspectors=[people[0], people[0]]).code == "wrong_inspector"
    assert one.submit("c01", inspectors=people[:1])


def test_raising_needs_both_signatures(one: District) -> None:
    """A credit above the derived one is taken only when all assigned people sign."""
    raised = [finding("f", credit="1")]
    found = refused(one, inspectors=one.inspectors("c01")[:1], findings=raised)
    assert "is above the derived credit; all assigned inspectors must sign" in str(found)
    assert one.submit("c01", findings=raised)


def test_a_change_needs_a_reason(one: District) -> None:
    """What differs from the derived credit needs a reason, what confirms it does not."""
    found = refused(one, findings=[{"criterion": "m", "credit": "0.5"}])
    assert "differs from the derived credit; give a reason" in str(found)
    assert one.submit("c01", findings=[{"criterion": "m", "credit": "1"}])


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (finding("zz", credit="1"), "is not a criterion of the scheme"),
        (finding("m"), "needs one of credit, points and causes"),
        (finding("m", credit="1", points="1"), "needs one of credit, points and causes"),
        (finding("m", points="2.5"), "has only 2 points"),
        (finding("m", causes=[{"cause": "c1"}]), "is not a deduction and has no causes"),
        (finding("d", causes=[{"cause": "c9"}]), "has no cause c9"),
        (finding("d", causes=[{"cause": "c1", "points": "1"}]), "deducts fixed points"),
        (finding("d", causes=[{"cause": "c2"}]), "cause c2 needs points"),
        (finding("d", causes=[{"cause": "c2", "points": "2"}]), "deducts 0.5 to 1.5 points"),
    ],
)
def test_a_finding_keeps_to_its_criterion(
    one: District, found: dict[str, Any], problem: str
) -> None:
    """Unknown criteria, unknown causes and points outside their limits are refused by name."""
    assert problem in str(refused(one, findings=[found]))


def test_causes_take_points(one: District) -> None:
    """A fixed cause counts as often as it was found, a discretionary one with its points."""
    causes = [{"cause": "c1", "count": 1}, {"cause": "c2", "points": "0.5"}]
    assert one.submit("c01", findings=[finding("d", causes=causes)])
    one.at("2026-10-11 00:30")
    one.tick()
    # m 2 x 1, q 1 x 0, f 1 x 0, d 2 x 0.5, h 1 x 0 of 7 points
    assert one.posted()["c01"]["inspected"] == "42.86"


def test_what_cannot_be_judged_is_refused(sqlite_url: str) -> None:
    """A criterion that is pending, or does not apply, takes no finding."""
    district = District(sqlite_url, size=2, policy=EVERYBODY, at="2026-10-02 09:00")
    measure = {"kind": "measure", "organization": "c01", "measure": "members", "value": "2"}
    district.take(measure | {"on": "2026-10-01"})
    for local in ("2026-11-01 00:30", "2026-11-06 00:30"):
        district.at(local)
        district.tick()
    pending = refused(district, period="2026-10", findings=[finding("q", credit="1")])
    assert "q is pending and cannot be judged" in str(pending)
    other = refused(district, period="2026-10", findings=[finding("h", credit="1")])
    assert "h is not_applicable and cannot be judged" in str(other)
    district.dispose()


def test_points_that_an_item_splits_are_the_limit(sqlite_url: str) -> None:
    """A criterion that states no points gives at most its equal part of what the item has left."""
    district = District(sqlite_url, size=2, policy=EVERYBODY)
    document = scheme(version=2)
    criteria = document["sections"][0]["items"][0]["criteria"]
    for one in criteria:
        if one["code"] in {"m", "q"}:
            del one["points"]
    district.publish(document, SEPTEMBER)
    district.drawn()
    # the item has 8 points, f, d, j and h state 5 of them: m and q have 1.5 each
    found = refused(district, findings=[finding("m", points="1.6")])
    assert "m has only " in str(found)
    assert district.submit("c01", findings=[finding("m", points="1.5")])
    district.dispose()


def test_who_lost_its_scheme_has_no_criteria(one: District) -> None:
    """A change of category that reaches back behind the month leaves nothing to judge."""
    change = {"kind": "organization_change", "code": "c01", "category": "department"}
    one.take(change | {"on": "2026-09-15", "reason": "改设"})
    found = refused(one, findings=[finding("m", credit="0")])
    assert "m is not a criterion of the scheme" in str(found)
    assert one.submit("c01")
    one.at("2026-10-11 00:30")
    one.tick()
    assert set(one.posted()) == {"c02"}


def test_only_records_that_exist_are_disallowed(one: District) -> None:
    """A record that nobody recorded, and one named twice, cannot be disallowed."""
    gone = {"record_id": "a-9", "reason": "不实"}
    assert "is not a record of this organization" in str(refused(one, disallow=[gone]))
    twice = [{"record_id": "a-1", "reason": "不实"}] * 2
    assert "a-1 is on the sheet twice" in str(refused(one, disallow=twice))


def test_rectifications_are_held_to_scheme_and_date(one: District) -> None:
    """A rectification names a criterion of the scheme and a day that has not passed."""
    found = refused(one, rectify=[RECTIFY | {"criterion": "zz"}])
    assert "is not a criterion of the scheme" in str(found)
    assert refused(one, rectify=[RECTIFY | {"due": "2026-10-05"}]).code == "due_passed"


def test_the_last_day_is_the_day_closes(one: District) -> None:
    """To the end of the day ``closes`` a sheet is taken; a minute later it is refused."""
    one.at("2026-10-10 23:59")
    assert one.submit("c01")
    one.at("2026-10-11 00:00")
    found = refused(one, code="c02")
    assert (found.code, found.kind) == ("inspection_over", Kind.CONFLICT)


def test_a_closed_cycle_takes_no_sheet(district: District) -> None:
    """After the close a new sheet is refused."""
    people = district.inspectors("c02")
    district.at("2026-10-11 00:30")
    district.tick()
    found = refused(district, code="c02", inspectors=people)
    assert found.code == "cycle_not_drawn"
    assert "(its state: closed)" in str(found)


@pytest.mark.parametrize("state", ["not opened", "open"])
def test_before_the_draw_no_sheet_is_taken(sqlite_url: str, state: str) -> None:
    """Without a cycle, and before its draw, a sheet is refused with the state."""
    district = District(sqlite_url, size=2)
    if state == "open":
        district.at("2026-10-01 00:30")
        district.open()
    found = refused(district, inspectors=["p-1"])
    assert found.code == "cycle_not_drawn"
    assert f"(its state: {state})" in str(found)
    district.dispose()


def test_who_was_not_drawn_takes_no_sheet(one: District) -> None:
    """An organization outside the sample, and an unknown one, are refused by their code."""
    assert refused(one, code="d", inspectors=["p-1"]).code == "not_assigned"
    sheet = one.sheet("c01").model_copy(update={"organization": "zz"})
    with pytest.raises(Refused, match="zz is not a registered organization"):
        submit_sheet(one.store, sheet, "s.json", CLERK)


@pytest.mark.parametrize(
    ("people", "reason", "part"),
    [
        (0, "no_team", "no team inspects its category"),
        (1, "team_too_small", "the team has too few inspectors"),
        (2, "too_few_left", "after recusals"),
    ],
)
def test_a_sheet_of_who_was_drawn_without_inspectors(
    sqlite_url: str, people: int, reason: str, part: str
) -> None:
    """The refusal says that it was drawn, and names the exception; of others that they were not."""
    district = District(sqlite_url, size=1, people=people, policy=EVERYBODY)
    if reason == "too_few_left":
        recusal = {"kind": "recusal", "inspector": "p-1", "organization": "c01", "reason": "亲属"}
        district.take(recusal)
    district.drawn()
    error = refused(district, inspectors=["p-1", "p-2"])
    assert (error.code, error.kind) == ("drawn_without_inspectors", Kind.CONFLICT)
    assert f"c01 was drawn in 2026-09, but no inspectors could be assigned ({reason})" in str(error)
    assert part in str(error)
    assert refused(district, code="d", inspectors=["p-1"]).code == "not_assigned"
    district.dispose()


def test_a_credit_with_too_many_decimals_is_named() -> None:
    """The sheet names the field and how many decimals a credit may have."""
    fine = SHEET | {"findings": [{"criterion": "m", "credit": "0.1234567"}]}
    with pytest.raises(Refused, match=r"findings.0.credit: has more than 6 decimals"):
        parse_sheet(json.dumps(fine).encode(), "s.json")
