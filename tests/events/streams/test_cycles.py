"""A cycle goes from opening over draw and assignment to closing, each step once."""

from datetime import date, timedelta
from typing import Any

import pytest

from events.event import Event
from events.refusals.errors import Kind
from events.streams.cycle_decisions import (
    DECIDER,
    BeginClosing,
    CycleCommand,
    DrawSample,
    FinishAssigning,
    FinishClosing,
    OpenCycle,
    Remind,
)
from events.streams.cycles import (
    CycleClosed,
    CycleClosing,
    CycleOpened,
    DeadlineMoved,
    FrameCommitted,
    InspectionsAssigned,
    InspectorsReminded,
    OrganizationExcluded,
    SampleDrawn,
    SampleListed,
    cycle_stream,
)
from events.streams.imports import ImportFinished
from tests.support.given import Given

given = Given(DECIDER)
OF: dict[str, Any] = {"scope": "ROOT", "period": "2026-09"}
OPENED = CycleOpened(
    **OF,
    opened_on=date(2026, 10, 1),
    draws_on=date(2026, 10, 6),
    reminds_on=date(2026, 10, 8),
    closes_on=date(2026, 10, 10),
    schemes=({"scheme": "community-2011", "version": 1},),
    policy_version=2,
    policy={"unchecked_month": "none"},
    frame_digest="f",
    strata=({"stratum": "community", "n": 1},),
    last_seal="0" * 64,
    randomness_source="the lottery",
)
FRAME = (
    FrameCommitted(**OF, stratum="community", part=1, codes=("A1", "A2")),
    FrameCommitted(**OF, stratum="community", part=2, codes=("A3",)),
)
DRAWN = SampleDrawn(
    **OF,
    randomness="7 11 13",
    drawn_by_system=False,
    seed="5eed",
    strata=({"stratum": "community", "n": 1, "rate": "0.5"},),
    sample_digest="d",
)
LISTED = (SampleListed(**OF, part=1, drawn=({"organization": "A2", "why": "key"},)),)
EXCLUDED = (OrganizationExcluded(**OF, organization="A2", stage="assignment", reason="recused"),)
ASSIGNED = InspectionsAssigned(**OF, assigned=0, exceptions=1)
REMINDED = InspectorsReminded(**OF, open_assignments=3, reminded_on=date(2026, 10, 8))
CLOSING = CycleClosing(**OF, closing_on=date(2026, 10, 11))
CLOSED = CycleClosed(**OF, posted=3, inspected=1, missed=0, not_held=0, seal_root="r")

OPEN = OpenCycle(OPENED, FRAME)
DRAW = DrawSample(DRAWN, LISTED, EXCLUDED)
ASSIGN = FinishAssigning(**OF, assigned=0)
REMIND = Remind(**OF, open_assignments=3, reminded_on=date(2026, 10, 8))
BEGIN = BeginClosing(**OF, closing_on=date(2026, 10, 11))
FINISH = FinishClosing(CLOSED)

STEPS: tuple[tuple[CycleCommand, tuple[Event, ...]], ...] = (
    (OPEN, (OPENED, *FRAME)),
    (DRAW, (DRAWN, *LISTED, *EXCLUDED)),
    (ASSIGN, (ASSIGNED,)),
    (REMIND, (REMINDED,)),
    (BEGIN, (CLOSING,)),
    (FINISH, (CLOSED,)),
)
HISTORY = tuple(event for _, events in STEPS for event in events)


def before(command: CycleCommand) -> tuple[Event, ...]:
    """What happened in a whole cycle before a command."""
    earlier: list[Event] = []
    for other, events in STEPS:
        if other is command:
            break
        earlier.extend(events)
    return tuple(earlier)


@pytest.mark.parametrize(("command", "events"), STEPS, ids=lambda command: type(command).__name__)
def test_each_step_follows_the_one_before(command: CycleCommand, events: tuple[Event, ...]) -> None:
    """In order every command leads to its events."""
    given(*before(command)).when(command).then(*events)


@pytest.mark.parametrize(("command", "events"), STEPS, ids=lambda command: type(command).__name__)
def test_a_step_is_done_once(command: CycleCommand, events: tuple[Event, ...]) -> None:
    """Again, right after it or after the cycle has closed, it changes nothing."""
    given(*before(command), *events).when(command).then()
    given(*HISTORY).when(command).then()


@pytest.mark.parametrize(
    ("command", "events"),
    [(DRAW, ()), (ASSIGN, (OPENED,)), (BEGIN, ()), (FINISH, (OPENED, DRAWN))],
    ids=["draw", "assign", "begin", "finish"],
)
def test_no_step_comes_before_its_turn(command: CycleCommand, events: tuple[Event, ...]) -> None:
    """What the step needs is not there yet: refused with the current state."""
    refused = given(*events).when(command).refused("cycle_state", period="2026-09")
    assert refused.kind is Kind.CONFLICT
    assert ("not open" in str(refused)) == (not events)


def test_nobody_is_reminded_before_the_draw() -> None:
    """The reminder is no refusal: there is nobody to remind."""
    given(OPENED).when(REMIND).then()


def test_a_cycle_without_a_draw_is_closed_only_by_hand() -> None:
    """Uninspected with a reason; otherwise it must be drawn first."""
    assert given(OPENED).when(BEGIN).refused("not_drawn").kind is Kind.CONFLICT
    by_hand = BeginClosing(
        **OF, closing_on=date(2026, 10, 11), uninspected=True, reason="the hall burnt down"
    )
    closing = CycleClosing(
        **OF, closing_on=date(2026, 10, 11), uninspected=True, reason="the hall burnt down"
    )
    given(OPENED).when(by_hand).then(closing)
    assert given(OPENED, closing).state.uninspected


def test_the_state_keeps_what_was_pinned_and_drawn() -> None:
    """Frame parts are joined by stratum, the drawn strata replace the planned ones."""
    moved = DeadlineMoved(**OF, deadline="closes_on", to=date(2026, 10, 15), reason="a flood")
    other = ImportFinished(recorded=0, unchanged=0)
    state = given(*HISTORY[:-2], moved, other, *HISTORY[-2:]).state
    assert state.frame == {"community": ("A1", "A2", "A3")}
    assert state.sample == LISTED[0].drawn
    assert state.strata == DRAWN.strata
    assert (state.seed, state.randomness) == ("5eed", "7 11 13")
    assert state.exclusions == ({"organization": "A2", "stage": "assignment", "reason": "recused"},)
    assert (state.draws_on, state.closes_on) == (date(2026, 10, 6), date(2026, 10, 15))
    assert (state.state, state.closing_on) == ("closed", date(2026, 10, 11))
    assert (state.policy, state.randomness_source) == (OPENED.policy, "the lottery")
    assert state.assigned
    assert (state.reminded, state.reminded_on) == (True, date(2026, 10, 8))


@pytest.mark.parametrize(
    ("drawn_on", "moved"), [(None, 0), ("2026-10-05", 0), ("2026-10-06", 0), ("2026-10-20", 14)]
)
def test_a_late_draw_keeps_the_days_to_the_close(drawn_on: str | None, moved: int) -> None:
    """Reminder and close move with a draw that is late; old events without its day move nothing."""
    given_on = None if drawn_on is None else date.fromisoformat(drawn_on)
    late = DRAWN.model_copy(update={"drawn_on": given_on})
    state = given(OPENED, *FRAME, late).state
    days = (OPENED.draws_on, OPENED.reminds_on, OPENED.closes_on)
    expected = tuple(day + timedelta(moved) for day in days)
    assert (state.draws_on, state.reminds_on, state.closes_on) == expected


def test_a_second_draw_from_another_value_is_refused() -> None:
    """A public value that was not used is refused by name, also after a draw by the system."""
    other = DrawSample(DRAWN.model_copy(update={"randomness": "1 2 3"}), LISTED, EXCLUDED)
    refused = given(OPENED, *FRAME, DRAWN).when(other).refused("drawn_otherwise", value="1 2 3")
    assert "was drawn from the value 7 11 13" in str(refused)
    by_system = DRAWN.model_copy(update={"randomness": "ab", "drawn_by_system": True})
    refused = given(OPENED, *FRAME, by_system).when(DRAW).refused("drawn_otherwise")
    assert "was drawn by the system (value ab)" in str(refused)
    given(OPENED, *FRAME, DRAWN).when(DrawSample(by_system, LISTED, EXCLUDED)).then()


def test_what_closed_without_a_draw_is_not_drawn() -> None:
    """A cycle that closed uninspected is refused a draw, with its state."""
    closing = CLOSING.model_copy(update={"uninspected": True})
    refused = given(OPENED, closing, CLOSED).when(DRAW).refused("cycle_state", state="closed")
    assert refused.kind is Kind.CONFLICT


def test_every_cycle_has_its_stream() -> None:
    """Scope and month name it; the opening shows its day."""
    assert cycle_stream("ROOT", "2026-09") == "cycle-ROOT-2026-09"
    assert OPENED.happened_on() == "2026-10-01"
