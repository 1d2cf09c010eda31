"""Inspectors are registered, changed and recused, under opaque ids."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from events.refusals.errors import Kind
from events.streams.imports import ImportFinished
from events.streams.people import (
    DECIDER,
    InspectorRecused,
    InspectorRegistered,
    Person,
    RecuseInspector,
    RegisterInspector,
    person_stream,
)
from tests.support.given import Given

given = Given(DECIDER)
REGISTER = RegisterInspector(id="p1", organization="A1", team="north", categories=("community",))
REGISTERED = InspectorRegistered(
    person="p1", organization="A1", team="north", categories=("community",)
)
RECUSE = RecuseInspector(inspector="p1", organization="B2", reason="a relative works there")
RECUSED = InspectorRecused(person="p1", organization="B2", reason="a relative works there")


def test_an_inspector_is_registered_and_changed() -> None:
    """The same registration again changes nothing, another team is a new one."""
    given().when(REGISTER).then(REGISTERED)
    given(REGISTERED).when(REGISTER).then()
    given(REGISTERED).when(REGISTER.model_copy(update={"team": "south"})).then(
        REGISTERED.model_copy(update={"team": "south"})
    )


def test_purposes_leader_and_last_day_are_recorded() -> None:
    """They are fields of the registration; the next one without them ends them."""
    fields = {"purposes": ("annual", "monthly", "annual"), "leader": True, "until": "2026-08-31"}
    limited = RegisterInspector.model_validate(REGISTER.model_dump() | fields)
    event = REGISTERED.model_copy(
        update={"purposes": ("monthly", "annual"), "leader": True, "until": date(2026, 8, 31)}
    )
    given(REGISTERED).when(limited).then(event)
    given(event).when(limited).then()
    given(event).when(REGISTER).then(REGISTERED)
    state = given(event).state
    assert (state.purposes, state.leader, state.until) == (
        ("monthly", "annual"), True, "2026-08-31",
    )  # fmt: skip


def test_the_defaults_are_the_old_registration() -> None:
    """All purposes, no leader and no last day are stored as before there were any."""
    fields = {"purposes": ("annual", "half_year", "monthly"), "leader": False, "until": None}
    everything = RegisterInspector.model_validate(REGISTER.model_dump() | fields)
    given(REGISTERED).when(everything).then()
    given().when(everything).then(REGISTERED)
    assert REGISTERED.data().keys() == {"person", "organization", "team", "categories"}


def test_a_person_serves_a_purpose_until_the_last_day() -> None:
    """The last day is included; without purposes it is every one."""
    anybody = Person("p1", "A1", "north", ("community",))
    assert anybody.serves("annual", "2030-01-01")
    limited = replace(anybody, purposes=("monthly",), until="2026-08-31")
    assert limited.serves("monthly", "2026-08-31")
    assert not limited.serves("monthly", "2026-09-01")
    assert not limited.serves("half_year", "2026-08-31")


def test_an_inspector_is_recused_once() -> None:
    """From one organization once; a stranger cannot be recused."""
    given(REGISTERED).when(RECUSE).then(RECUSED)
    given(REGISTERED, RECUSED).when(RECUSE).then()
    refused = given().when(RECUSE).refused("unknown_inspector", person="p1")
    assert (refused.kind, refused.field) == (Kind.NOT_FOUND, "inspector")


def test_a_recusal_outlives_a_new_registration() -> None:
    """Changing the team keeps what the person is recused from; other events change nothing."""
    other = ImportFinished(recorded=0, unchanged=0)
    changed = REGISTERED.model_copy(update={"team": "south"})
    assert given(REGISTERED, RECUSED, other, changed).state == Person(
        "p1", "A1", "south", ("community",), frozenset({"B2"})
    )


def test_an_inspector_serves_at_least_one_category() -> None:
    """A registration without a category is refused; the stream has the person's id."""
    with pytest.raises(ValidationError, match="at least 1 item"):
        RegisterInspector(id="p1", organization="A1", team="north", categories=())
    assert person_stream("p1") == "person-p1"
