"""Sheets are handed in by one hand or by all, once, and nobody signs what they did not read."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from events.event import Metadata
from events.refusals.errors import Kind, Refused
from events.streams.findings import SubmitFindings
from events.streams.organizations import stream_of
from projections.organizations.scope import EVERYTHING
from tests.support.districts import SEPTEMBER, District
from tests.support.sheet_world import drawn, found
from tracker.inspections.assignments import read_assignments
from tracker.inspections.signatures import (
    LONGEST_REMARK,
    Proposal,
    ProposalRef,
    SheetDraft,
    SheetFaults,
    hand_in_sheet,
    propose_sheet,
    read_proposals,
    read_waiting,
    return_proposal,
    sign_proposal,
)

RAISED = found("f", credit="1")
LOWERED = found("m", credit="0.5")
BY = Metadata("account", "web")


@pytest.fixture
def district(database_url: str) -> Iterator[District]:
    """The district on the day of the draw, on each kind of database."""
    made = drawn(database_url)
    yield made
    made.dispose()


@pytest.fixture
def one(sqlite_url: str) -> Iterator[District]:
    """The same on SQLite, for what does not depend on the database."""
    made = drawn(sqlite_url)
    yield made
    made.dispose()


def people(district: District, code: str = "c01") -> tuple[str, str]:
    """The two inspectors of an organization."""
    first, second = district.inspectors(code)
    return first, second


def given(
    *findings: dict[str, Any],
    by: str = "p-1",
    known: tuple[str, ...] | None = (),
    seen: dict[str, str | None] | None = None,
    **more: Any,
) -> SheetDraft:
    """A sheet of ``c01`` as somebody filled it in."""
    sheet = {"period": SEPTEMBER, "organization": "c01", "sheet_id": "s-1", "inspectors": [by]}
    model = SubmitFindings.model_validate(sheet | {"findings": findings} | more)
    return SheetDraft(model, known, seen or {})


def stored(district: District) -> list[Proposal]:
    """The proposals of ``c01``."""
    with district.read() as reader:
        return read_proposals(reader, stream_of("c01"), SEPTEMBER)


def read(district: District) -> ProposalRef:
    """The proposal of ``c01`` as a colleague reads it now."""
    (proposal,) = stored(district)
    return ProposalRef("c01", SEPTEMBER, proposal.sheet_id, proposal.digest)


def codes(refused: Refused) -> list[tuple[str, str]]:
    """What is wrong where."""
    assert isinstance(refused, SheetFaults)
    return [(one.code, one.params["name"]) for one in refused.faults]


def states(district: District, person: str) -> dict[str, tuple[bool, bool, bool]]:
    """What waits where for a person: to sign, sent, handed back; by organization."""
    with district.read() as reader:
        rows = read_assignments(reader, person, district.by.today, EVERYTHING)
    return {row.organization: (row.to_sign, row.sent, row.handed_back) for row in rows}


def test_one_hand_lowers_and_confirms(district: District) -> None:
    """A sheet that raises nothing counts by one signature, and repeating it changes nothing."""
    first, _ = people(district)
    sheet = given(LOWERED, found("q", credit="0"), by=first)
    assert hand_in_sheet(district.store, sheet, first, BY)
    assert not hand_in_sheet(district.store, sheet, first, BY)
    (event,) = district.of("c01", "FindingsSubmitted")
    assert event["inspectors"] == [first]
    assert district.states()["c01"] == "scored"


def test_what_is_raised_needs_every_hand(district: District) -> None:
    """One hand is refused at the criterion; proposed and signed by the other, it counts."""
    first, second = people(district)
    with pytest.raises(SheetFaults) as caught:
        hand_in_sheet(district.store, given(RAISED, by=first), first, BY)
    assert codes(caught.value) == [("sheet_raised", "f")]
    assert propose_sheet(district.store, given(RAISED, LOWERED, by=first), first)
    assert district.of("c01", "FindingsSubmitted") == []
    assert states(district, second)["c01"] == (True, False, False)
    assert states(district, first)["c01"] == (False, True, False)
    assert sign_proposal(district.store, read(district), second, Metadata("colleague", "web"))
    (event,) = district.of("c01", "FindingsSubmitted")
    assert event["inspectors"] == district.inspectors("c01")
    assert stored(district) == []
    assert states(district, second)["c01"] == (False, False, False)
    (log,) = [row for row in district.events(stream_of("c01")) if row.type == "FindingsSubmitted"]
    assert log.actor == "colleague"


def test_nobody_signs_their_own(one: District) -> None:
    """Who proposed a sheet cannot be the second hand too."""
    first, _ = people(one)
    propose_sheet(one.store, given(RAISED, by=first), first)
    with pytest.raises(Refused) as caught:
        sign_proposal(one.store, read(one), first, BY)
    assert (caught.value.code, caught.value.kind) == ("own_proposal", Kind.FORBIDDEN)


def test_nobody_signs_what_they_did_not_read(one: District) -> None:
    """A proposal that was changed since it was read is refused, and signed once it is read."""
    first, second = people(one)
    propose_sheet(one.store, given(RAISED, by=first), first)
    seen = read(one)
    assert propose_sheet(one.store, given(RAISED, LOWERED, by=first), first)
    with pytest.raises(Refused) as caught:
        sign_proposal(one.store, seen, second, BY)
    assert caught.value.code == "proposal_changed"
    assert one.of("c01", "FindingsSubmitted") == []
    assert sign_proposal(one.store, ProposalRef("c01", SEPTEMBER, "s-1"), second, BY)


def test_the_same_proposal_again_keeps_its_signatures(one: District) -> None:
    """Sent twice it is one, and it is what it was."""
    first, _ = people(one)
    assert propose_sheet(one.store, given(RAISED, by=first), first)
    before = stored(one)
    assert not propose_sheet(one.store, given(RAISED, by=first), first)
    assert stored(one) == before


def test_a_colleague_cannot_replace_a_proposal(one: District) -> None:
    """The id of a sheet that somebody proposed is theirs, and their own submission ends it."""
    first, second = people(one)
    propose_sheet(one.store, given(RAISED, by=first), first)
    with pytest.raises(Refused) as caught:
        propose_sheet(one.store, given(LOWERED, by=second), second)
    assert caught.value.code == "no_proposal"
    assert hand_in_sheet(one.store, given(LOWERED, by=second, sheet_id="s-2"), second, BY)
    assert [proposal.sheet_id for proposal in stored(one)] == ["s-1"]
    assert hand_in_sheet(one.store, given(LOWERED, by=first, known=("s-2",)), first, BY)
    assert stored(one) == []


def test_a_proposal_is_handed_back_with_a_remark(district: District) -> None:
    """It waits for its maker then, takes no signature, and can be sent again."""
    first, second = people(district)
    propose_sheet(district.store, given(RAISED, by=first), first)
    return_proposal(district.store, read(district), "  旗已旧  ", second)
    (proposal,) = stored(district)
    assert (proposal.remark, proposal.returned_by) == ("旗已旧", second)
    assert states(district, first)["c01"] == (False, False, True)
    assert states(district, second)["c01"] == (False, False, False)
    with pytest.raises(Refused) as caught:
        sign_proposal(district.store, read(district), second, BY)
    assert caught.value.code == "no_proposal"
    assert propose_sheet(district.store, given(RAISED, by=first), first)
    assert states(district, second)["c01"] == (True, False, False)
    assert sign_proposal(district.store, read(district), second, BY)


@pytest.mark.parametrize("remark", ["", "   ", "长" * (LONGEST_REMARK + 1)])
def test_handing_back_asks_for_a_remark(one: District, remark: str) -> None:
    """Without one, or with one that is too long, the proposal stays as it is."""
    first, second = people(one)
    propose_sheet(one.store, given(RAISED, by=first), first)
    with pytest.raises(Refused) as caught:
        return_proposal(one.store, read(one), remark, second)
    assert (caught.value.code, caught.value.field) == ("remark_needed", "remark")
    assert stored(one)[0].remark is None


def test_three_inspectors_all_sign(sqlite_url: str) -> None:
    """The sheet counts with the last signature, whichever inspector gives it."""
    days = {"opens": 1, "draws": 6, "closes": 10, "inspectors": 3}
    district = drawn(sqlite_url, spot_check=days)
    first, second, third = district.inspectors("c01")
    propose_sheet(district.store, given(RAISED, by=first), first)
    assert not sign_proposal(district.store, read(district), second, BY)
    assert district.of("c01", "FindingsSubmitted") == []
    assert states(district, second)["c01"] == (False, True, False)
    assert states(district, third)["c01"] == (True, False, False)
    assert sign_proposal(district.store, read(district), third, BY)
    (event,) = district.of("c01", "FindingsSubmitted")
    assert event["inspectors"] == district.inspectors("c01")
    district.dispose()


def test_every_fault_is_told_at_its_place(one: District) -> None:
    """A sheet with several faults says all of them, and nothing of it is taken or kept."""
    first, _ = people(one)
    sheet = given(
        {"criterion": "m", "credit": "0"},
        found("d", causes=[{"cause": "c9"}]),
        by=first,
        disallow=[{"record_id": "none", "reason": "r"}],
        rectify=[{"criterion": "x", "problem": "p", "due": "2026-10-20"}],
    )
    wanted = [
        ("sheet_no_reason", "m"),
        ("sheet_unknown_cause", "d"),
        ("sheet_unknown_record", "none"),
        ("sheet_unknown_criterion", "x"),
    ]
    with pytest.raises(SheetFaults) as caught:
        hand_in_sheet(one.store, sheet, first, BY)
    assert codes(caught.value) == wanted
    with pytest.raises(SheetFaults) as caught:
        propose_sheet(one.store, sheet, first)
    assert codes(caught.value) == wanted
    assert caught.value.kind is Kind.INVALID
    assert (stored(one), one.of("c01", "FindingsSubmitted")) == ([], [])


def test_a_colleagues_sheet_is_not_replaced_unseen(one: District) -> None:
    """A criterion that somebody judged meanwhile is a conflict, until the maker has looked."""
    first, second = people(one)
    hand_in_sheet(one.store, given(LOWERED, found("j", credit="1"), by=second), second, BY)
    mine = given(found("m", credit="0"), found("h", credit="0"), by=first, sheet_id="s-2")
    with pytest.raises(SheetFaults) as caught:
        hand_in_sheet(one.store, mine, first, BY)
    assert codes(caught.value) == [("sheet_meanwhile", "m")]
    assert caught.value.kind is Kind.CONFLICT
    (fault,) = caught.value.faults
    assert (fault.params["people"], fault.params["sheet"]) == ((second,), "s-1")
    assert hand_in_sheet(one.store, SheetDraft(mine.sheet, ("s-1",)), first, BY)


def test_other_criteria_do_not_stand_in_the_way(one: District) -> None:
    """Colleagues who judge different criteria hand in their sheets one after the other."""
    first, second = people(one)
    hand_in_sheet(one.store, given(LOWERED, by=second), second, BY)
    assert hand_in_sheet(
        one.store, given(found("h", credit="0"), by=first, sheet_id="s-2"), first, BY
    )
    unasked = given(found("m", credit="0"), by=first, sheet_id="s-3", known=None)
    assert hand_in_sheet(one.store, unasked, first, BY)


def test_a_derived_credit_that_moved_is_told(one: District) -> None:
    """Who confirmed a credit that is another by now has to look again."""
    first, _ = people(one)
    confirmed = {"criterion": "m", "credit": "0"}
    with pytest.raises(SheetFaults) as caught:
        hand_in_sheet(one.store, given(confirmed, by=first, seen={"m": "0"}), first, BY)
    assert codes(caught.value) == [("sheet_derived_moved", "m")]
    (fault,) = caught.value.faults
    assert (fault.params["was"], fault.params["now"]) == ("0", "1")
    with pytest.raises(SheetFaults) as caught:
        hand_in_sheet(one.store, given(confirmed, by=first, seen={"m": "1"}), first, BY)
    assert codes(caught.value) == [("sheet_no_reason", "m")]
    unjudged = {"criterion": "j", "credit": "1"}
    with pytest.raises(SheetFaults) as caught:
        hand_in_sheet(one.store, given(unjudged, by=first, seen={"j": "1"}), first, BY)
    (fault,) = caught.value.faults
    assert (fault.params["was"], fault.params["now"]) == ("1", "–")


def test_strangers_have_no_hand_in_it(one: District) -> None:
    """Others can neither hand in, propose, sign nor return a sheet."""
    first, _ = people(one)
    (stranger, *_) = sorted({f"p-{number}" for number in range(1, 5)} - set(people(one)))
    propose_sheet(one.store, given(RAISED, by=first), first)
    seen = read(one)
    works: tuple[Callable[[], object], ...] = (
        lambda: hand_in_sheet(one.store, given(LOWERED, by=stranger, sheet_id="s-2"), stranger, BY),
        lambda: propose_sheet(one.store, given(LOWERED, by=stranger, sheet_id="s-2"), stranger),
        lambda: sign_proposal(one.store, seen, stranger, BY),
        lambda: return_proposal(one.store, seen, "不", stranger),
    )
    for work in works:
        with pytest.raises(Refused) as caught:
            work()
        assert caught.value.code == "not_assigned_to_you"
    assert one.of("c01", "FindingsSubmitted") == []


def test_nothing_is_taken_after_the_last_day(one: District) -> None:
    """After it neither a sheet nor a proposal nor a signature is; a replay stays the same."""
    first, second = people(one)
    hand_in_sheet(one.store, given(LOWERED, by=first), first, BY)
    propose_sheet(one.store, given(RAISED, by=first, sheet_id="s-2"), first)
    seen = read(one)
    one.at("2026-10-11 00:10")
    assert not hand_in_sheet(one.store, given(LOWERED, by=first), first, BY)
    works: tuple[Callable[[], object], ...] = (
        lambda: hand_in_sheet(one.store, given(by=first, sheet_id="s-3"), first, BY),
        lambda: propose_sheet(one.store, given(RAISED, by=first, sheet_id="s-3"), first),
        lambda: sign_proposal(one.store, seen, second, BY),
    )
    for work in works:
        with pytest.raises(Refused) as caught:
            work()
        assert caught.value.code == "inspection_over"
    with one.read() as reader:
        rows = read_assignments(reader, second, one.by.today, EVERYTHING)
    assert {(row.closes_on, row.to_sign) for row in rows} == {(None, False)}


def test_a_closed_cycle_takes_no_proposal(one: District) -> None:
    """Once the month is closed its state is the reason."""
    first, _ = people(one)
    one.at("2026-10-11 00:30")
    one.close()
    works: tuple[Callable[[], object], ...] = (
        lambda: propose_sheet(one.store, given(RAISED, by=first), first),
        lambda: hand_in_sheet(one.store, given(found("x", credit="1"), by=first), first, BY),
    )
    for work in works:
        with pytest.raises(Refused) as caught:
            work()
        assert caught.value.code == "cycle_not_drawn"


def test_what_was_handed_in_is_not_proposed_again(one: District) -> None:
    """The id of a recorded sheet can neither be proposed nor signed any more."""
    first, second = people(one)
    propose_sheet(one.store, given(RAISED, by=first), first)
    seen = read(one)
    sign_proposal(one.store, seen, second, BY)
    works: tuple[Callable[[], object], ...] = (
        lambda: propose_sheet(one.store, given(LOWERED, by=first), first),
        lambda: sign_proposal(one.store, seen, second, BY),
    )
    for work in works:
        with pytest.raises(Refused) as caught:
            work()
        assert caught.value.code == "no_proposal"


def test_assignments_stand_by_urgency(one: District) -> None:
    """What waits for a hand comes first, then what is open, done, and over."""
    first, second = people(one)
    mine = [code for code in one.codes if first in one.inspectors(code)]
    with one.read() as reader:
        rows = read_assignments(reader, first, one.by.today, EVERYTHING)
        assert read_waiting(reader, first) == (set(), set(), set())
    assert [row.organization for row in rows] == mine
    assert (rows[0].days_left, rows[0].closes_on) == (4, "2026-10-10")
    assert rows[0].colleagues == [second]
    hand_in_sheet(one.store, given(LOWERED, by=first), first, BY)
    propose_sheet(one.store, given(RAISED, by=second, sheet_id="s-2"), second)
    assert states(one, first)["c01"] == (True, False, False)
