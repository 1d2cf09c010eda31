"""An organization's life: registered once, changed in order, closed for ever."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from events.refusals.errors import Kind
from events.streams.imports import ImportFinished
from events.streams.organizations import (
    DECIDER,
    ChangeOrganization,
    Organization,
    OrganizationClosed,
    OrganizationContext,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRecategorized,
    OrganizationRecoded,
    OrganizationRegistered,
    OrganizationRenamed,
    RegisterOrganization,
    stream_of,
)
from tests.support.given import Given

TODAY = date(2026, 9, 30)
BORN = date(2026, 1, 10)
ON = date(2026, 3, 1)
CONTEXT = OrganizationContext(
    today=TODAY,
    categories=frozenset({"community", "village"}),
    known={
        "P1": Organization("P1", registered_on=BORN),
        "P2": Organization("P2", registered_on=BORN, closed_on=date(2026, 2, 1)),
        "A1": Organization("A1", registered_on=BORN),
    },
)
given = Given(DECIDER)
REGISTER = RegisterOrganization(
    code="A1", name="First", category="community", parent="P1", registered_on=BORN
)
REGISTERED = OrganizationRegistered(
    code="A1", name="First", category="community", parent="P1", registered_on=BORN
)
CLOSED = OrganizationClosed(on=ON)


def within(**fields: Any) -> OrganizationContext:
    """A context with other fields."""
    return replace(CONTEXT, **fields)


def ask(**fields: Any) -> ChangeOrganization:
    """A change of A1 from a day on."""
    return ChangeOrganization.model_validate({"code": "A1", "on": ON} | fields)


def test_an_organization_is_registered_under_a_living_parent() -> None:
    """With a parent, or as a root without one."""
    given().when(REGISTER, CONTEXT).then(REGISTERED)
    root = REGISTER.model_copy(update={"parent": None})
    given().when(root, CONTEXT).then(REGISTERED.model_copy(update={"parent": None}))


@pytest.mark.parametrize(
    ("fields", "around", "code", "kind"),
    [
        ({}, {"taken_code": True}, "organization_exists", Kind.INVALID),
        ({"category": "ship"}, {}, "unknown_category", Kind.NOT_FOUND),
        ({"registered_on": date(2026, 10, 1)}, {}, "future_date", Kind.INVALID),
        ({"parent": "P9"}, {}, "unknown_parent", Kind.NOT_FOUND),
        ({"parent": "P2", "registered_on": ON}, {}, "unknown_parent", Kind.NOT_FOUND),
        ({"parent": "A1"}, {}, "circle", Kind.INVALID),
    ],
)
def test_a_faulty_registration_is_refused(
    fields: dict[str, Any], around: dict[str, Any], code: str, kind: Kind
) -> None:
    """The refusal has a stable code and the kind of its fault."""
    refused = given().when(REGISTER.model_copy(update=fields), within(**around)).refused(code)
    assert refused.kind is kind
    assert refused.field is not None


def test_an_organization_is_registered_once() -> None:
    """A stream that has begun takes no second registration."""
    given(REGISTERED).when(REGISTER, CONTEXT).refused("organization_exists", code="A1")


def test_everything_that_really_changes_is_an_event() -> None:
    """A change that is so already is left out."""
    wanted = ask(
        name="Second", parent="P1", category="village", new_code="B1", closed=True, reason="reform"
    )
    given(REGISTERED).when(wanted, CONTEXT).then(
        OrganizationRenamed(on=ON, reason="reform", name="Second"),
        OrganizationRecategorized(on=ON, reason="reform", category="village"),
        OrganizationRecoded(on=ON, reason="reform", code="B1"),
        OrganizationClosed(on=ON, reason="reform"),
    )
    given(REGISTERED).when(ask(name="First", parent="P1", category="community"), CONTEXT).then()
    given(REGISTERED).when(ask(new_code="A1"), CONTEXT).then()


def test_an_organization_moves_and_merges() -> None:
    """Under another living parent; into another living organization."""
    root = REGISTERED.model_copy(update={"parent": None})
    given(root).when(ask(parent="P1"), CONTEXT).then(OrganizationMoved(on=ON, parent="P1"))
    given(root).when(ask(merged_into="P1"), CONTEXT).then(OrganizationMerged(on=ON, into="P1"))


@pytest.mark.parametrize(
    ("fields", "around", "code"),
    [
        ({"on": date(2026, 10, 1), "name": "x"}, {}, "future_date"),
        ({"on": date(2026, 1, 9), "name": "x"}, {}, "outside_life"),
        ({"parent": "P2"}, {}, "unknown_parent"),
        ({"parent": "P3"}, {"circle": True}, "circle"),
        ({"category": "ship"}, {}, "unknown_category"),
        ({"new_code": "B1"}, {"taken_code": True}, "organization_exists"),
        ({"merged_into": "P9"}, {}, "unknown_organization"),
        ({"merged_into": "P2"}, {}, "unknown_organization"),
        ({"merged_into": "A1"}, {}, "unknown_organization"),
        ({"closed": False}, {}, "reopening"),
    ],
)
def test_a_faulty_change_is_refused(
    fields: dict[str, Any], around: dict[str, Any], code: str
) -> None:
    """Each fault has its stable code and names its field."""
    assert given(REGISTERED).when(ask(**fields), within(**around)).refused(code).field is not None


def test_a_change_of_a_stranger_is_refused() -> None:
    """An organization that was never registered cannot change."""
    given().when(ask(name="x"), CONTEXT).refused("unknown_organization", field="code")


def test_changes_come_in_order() -> None:
    """A change before the last one is refused, one on the same day is not."""
    renamed = OrganizationRenamed(on=date(2026, 4, 1), name="Second")
    given(REGISTERED, renamed).when(ask(name="Third"), CONTEXT).refused(
        "change_out_of_order", last=date(2026, 4, 1)
    )
    third = ask(name="Third", on=date(2026, 4, 1))
    given(REGISTERED, renamed).when(third, CONTEXT).then(
        OrganizationRenamed(on=date(2026, 4, 1), name="Third")
    )


def test_a_closed_organization_stays_closed() -> None:
    """The same closing again changes nothing; anything later lies outside its life."""
    given(REGISTERED, CLOSED).when(ask(closed=True), CONTEXT).then()
    given(REGISTERED, CLOSED).when(ask(merged_into="P1"), CONTEXT).then()
    given(REGISTERED, CLOSED).when(ask(closed=True, on=date(2026, 3, 2)), CONTEXT).refused(
        "outside_life"
    )
    given(REGISTERED, CLOSED).when(ask(name="x", on=date(2026, 3, 2)), CONTEXT).refused(
        "outside_life"
    )


def test_the_life_folds_to_its_state() -> None:
    """Every change takes effect, other events none; both ends of the life belong to it."""
    state = given(
        REGISTERED,
        OrganizationRenamed(on=ON, name="Second"),
        OrganizationMoved(on=ON, parent="P2"),
        OrganizationRecategorized(on=ON, category="village"),
        OrganizationRecoded(on=ON, code="B1"),
        ImportFinished(recorded=1, unchanged=0),
        OrganizationMerged(on=TODAY, into="P1"),
    ).state
    assert state == Organization("B1", "Second", "village", "P2", BORN, TODAY, TODAY)
    assert [state.alive(day) for day in (date(2026, 1, 9), BORN, TODAY, date(2026, 10, 1))] == [
        False,
        True,
        True,
        False,
    ]
    assert REGISTERED.happened_on() == "2026-01-10"


def test_the_stream_carries_the_first_code() -> None:
    """The stream of an organization is named by the code it was registered under."""
    assert stream_of("A1") == "organization-A1"
