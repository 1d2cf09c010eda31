"""A rectification is ordered for a day that has not passed, and answered as often as one likes."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from events.refusals.errors import Kind
from events.streams.records import ActivityRetracted
from events.streams.rectifications import (
    DECIDER,
    OrderRectification,
    RectificationOrdered,
    RectificationReplied,
    RectificationState,
    ReplyRectification,
    evolve,
)
from tests.support.given import Given, recorded

TODAY = date(2026, 10, 8)
ORDER = OrderRectification(
    rectification_id="s1/1", period="2026-09", criterion="2.4.1", problem="no minutes", due=TODAY
)
ORDERED = RectificationOrdered(**ORDER.model_dump())
given = Given(DECIDER)


def test_a_rectification_is_ordered_to_a_day() -> None:
    """Today is still in time, and each order is a separate subject."""
    given().when(ORDER, TODAY).then(ORDERED)
    assert ORDERED.subject() == "rectification/s1/1"


def test_a_day_that_has_passed_is_refused() -> None:
    """The refusal names the criterion and both days."""
    refused = given().when(ORDER, TODAY + timedelta(days=1)).refused("due_passed")
    assert refused.field == "rectify"
    assert refused.params["criterion"] == "2.4.1"


def command(**more: Any) -> ReplyRectification:
    """A reply to the order, done today."""
    fields = {"rectification_id": "s1/1", "reply_id": "w-1", "measures": "补齐", "done_on": TODAY}
    return ReplyRectification.model_validate(fields | more)


def replied(**more: Any) -> RectificationReplied:
    """The event of a reply."""
    fields: dict[str, Any] = {
        "rectification_id": "s1/1",
        "reply_id": "w-1",
        "measures": "补齐",
        "done_on": TODAY,
    }
    return RectificationReplied(**(fields | more))


def test_an_order_is_answered() -> None:
    """The reply says what was done and on which day, under the order's own subject."""
    given(ORDERED).when(command(), TODAY).then(replied())
    event = replied()
    assert (event.subject(), event.happened_on()) == ("rectification/s1/1", "2026-10-08")


def test_evidence_of_a_reply_is_in_its_event() -> None:
    """Kinds with files and kinds without."""
    file = "a" * 64
    evidence = [{"kind": "photo", "file": file}, {"kind": "minutes"}]
    given(ORDERED).when(command(evidence=evidence), TODAY).then(
        replied(evidence=({"kind": "photo", "file": file}, {"kind": "minutes"}))
    )


def test_a_reply_may_be_late_and_may_be_one_of_several() -> None:
    """The ledger shows how late; a later reply keeps the earlier one."""
    later = TODAY + timedelta(days=30)
    case = given(ORDERED, replied())
    assert case.state == RectificationState(TODAY, 1, ORDER.period)
    case.when(command(reply_id="w-2", done_on=later), later).then(
        replied(reply_id="w-2", done_on=later)
    )


def test_what_was_never_ordered_is_not_answered() -> None:
    """The refusal names the order."""
    refused = given().when(command(), TODAY).refused("unknown_rectification")
    assert (refused.kind, refused.field) == (Kind.NOT_FOUND, "rectification_id")


def test_what_was_done_before_it_was_found_is_no_answer() -> None:
    """A day before the inspected month is a slip; any day of it may be meant."""
    first = date.fromisoformat(f"{ORDER.period}-01")
    early = command(done_on=first - timedelta(days=1))
    refused = given(ORDERED).when(early, TODAY).refused("done_before_found")
    assert (refused.field, refused.params["period"]) == ("done_on", ORDER.period)
    given(ORDERED).when(command(done_on=first), TODAY).then(replied(done_on=first))


def test_what_is_not_done_yet_is_not_answered() -> None:
    """A day in the future is refused."""
    tomorrow = TODAY + timedelta(days=1)
    refused = given(ORDERED).when(command(done_on=tomorrow), TODAY).refused("future_date")
    assert refused.field == "done_on"


def test_other_events_change_no_rectification() -> None:
    """An event of another kind leaves the state as it is."""
    state = RectificationState(TODAY, 2)
    assert evolve(state, recorded(ActivityRetracted(record_id="a", reason="x"))) == state


@pytest.mark.parametrize(
    "more",
    [
        {"measures": ""},
        {"measures": "x" * 501},
        {"done_on": "2026-02-30"},
        {"reply_id": ""},
        {"evidence": [{"kind": "photo", "file": "short"}]},
        {"evidence": [{"kind": "photo"}] * 51},
        {"mood": "good"},
    ],
)
def test_a_reply_that_is_none_is_refused(more: dict[str, Any]) -> None:
    """Nothing said, too much said, no date, no digest, an unknown field."""
    with pytest.raises(ValidationError):
        command(**more)
