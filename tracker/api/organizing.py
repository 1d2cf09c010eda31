"""The tree and the teams for who administers: organizations and inspectors entered and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field, model_validator

from events.refusals.errors import BadValue
from events.streams.organizations import ChangeOrganization, RegisterOrganization
from events.streams.people import RecuseInspector, RegisterInspector
from events.values import CategoryName, Day, FrozenModel, Name, OrganizationCode, PersonId, Reason
from projections.people.inspectors import inspectors
from tracker.api.organizations import etag_of_organization
from tracker.api.protocol.answers import IfMatch, require_seen
from tracker.api.protocol.identities import IdempotencyKey, appended, identity_of
from tracker.api.protocol.lists import FILES, ListDefinition, Paged, listed
from tracker.api.protocol.parameters import known
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.figures import Page, Shape
from tracker.commands.organizations import organize
from tracker.http.context import Context

if TYPE_CHECKING:
    from events.streams.people import Person

router = APIRouter(prefix="/api/v1", tags=["organizations"])
LISTING = ListDefinition(
    "检查人员",
    "Inspectors",
    (
        ("id", "编号", "id"),
        ("organization", "所在组织", "organization"),
        ("team", "检查组", "team"),
        ("categories", "检查类别", "categories"),
        ("recused", "回避", "recused from"),
    ),
    lambda row: [row["id"]],
)


class OrganizationGiven(FrozenModel):
    """An organization to enter in the tree; without a parent it is a root."""

    code: OrganizationCode
    name: Name
    category: CategoryName
    parent: OrganizationCode | None = None
    registered_on: Day


class ChangeGiven(FrozenModel):
    """What changes from a day on; everything that is not given stays."""

    on: Day
    name: Name | None = None
    parent: OrganizationCode | None = None
    category: CategoryName | None = None
    closed: bool | None = None
    merged_into: OrganizationCode | None = None
    new_code: OrganizationCode | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _something(self) -> ChangeGiven:
        if not self.model_fields_set - {"on", "reason"}:
            raise BadValue("value_no_change")
        return self


class InspectorGiven(FrozenModel):
    """Somebody who inspects: where they belong, their team, what it inspects."""

    id: PersonId
    organization: OrganizationCode
    team: Name
    categories: tuple[CategoryName, ...] = Field(min_length=1, max_length=50)


class RecusalGiven(FrozenModel):
    """An organization that somebody does not inspect, and why."""

    organization: OrganizationCode
    reason: Reason


class InspectorShown(Shape):
    """An inspector as they stand."""

    id: str
    organization: str
    team: str
    categories: list[str]
    recused: list[str] = Field(description="The codes of what they do not inspect.")


class OrganizationDone(Shape):
    """The organization that was entered or changed."""

    organization: str


class InspectorDone(Shape):
    """The inspector that was entered or recused."""

    id: str


@router.post("/organizations", status_code=201, response_model=OrganizationDone, responses=WRITING)
def register(context: Context, given: OrganizationGiven, key: IdempotencyKey = None) -> Response:
    """Enter an organization in the tree."""
    command = RegisterOrganization.model_construct(**dict(given))
    done = organize(context.tools.store, command, context.metadata(), identity_of(key))
    if done.changed:
        context.fresh.clear()
    place = f"/api/v1/organizations/{given.code}"
    return appended({"organization": given.code}, changed=done.changed, location=place)


@router.post(
    "/organizations/{code}/changes",
    status_code=201,
    response_model=OrganizationDone,
    responses=WRITING | refusals(412),
)
def change(
    context: Context,
    code: str,
    given: ChangeGiven,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Rename, move, recategorize, recode, merge or close an organization from a day on."""
    identity = identity_of(key)
    fields: dict[str, Any] = {name: getattr(given, name) for name in given.model_fields_set}
    command = ChangeOrganization.model_validate({"code": code} | fields)
    with context.read() as reader:
        entry = known(reader, code)
        if not reader.has_event(entry.stream, f"line/{identity}", parts=True):
            require_seen(if_match, etag_of_organization(reader, entry))
    done = organize(context.tools.store, command, context.metadata(), identity)
    if done.changed:
        context.fresh.clear()
    return appended({"organization": code}, changed=done.changed)


@router.get("/inspectors", response_model=Page[InspectorShown], responses=FILES | READING)
def list_inspectors(context: Context, paging: Paged) -> Response:
    """Every inspector with team and recusals, by id."""
    after = paging.code or ""
    with context.read() as reader:
        found = sorted(inspectors(reader).values(), key=lambda one: one.person)
        rows = [_row(one) for one in found if one.person > after]
        return listed(context, reader, paging, LISTING, rows[: paging.wanted])


def _row(one: Person) -> dict[str, Any]:
    return {
        "id": one.person,
        "organization": one.organization,
        "team": one.team,
        "categories": list(one.categories),
        "recused": sorted(one.recused),
    }


@router.post("/inspectors", status_code=201, response_model=InspectorDone, responses=WRITING)
def register_inspector(
    context: Context, given: InspectorGiven, key: IdempotencyKey = None
) -> Response:
    """Enter an inspector, or change the team and categories of one."""
    command = RegisterInspector.model_construct(**dict(given))
    done = organize(context.tools.store, command, context.metadata(), identity_of(key))
    return appended({"id": given.id}, changed=done.changed)


@router.post(
    "/inspectors/{person}/recusals",
    status_code=201,
    response_model=InspectorDone,
    responses=WRITING,
)
def recuse(
    context: Context, person: str, given: RecusalGiven, key: IdempotencyKey = None
) -> Response:
    """Keep somebody from ever inspecting an organization, for a reason."""
    command = RecuseInspector.model_construct(inspector=person, **dict(given))
    done = organize(context.tools.store, command, context.metadata(), identity_of(key))
    return appended({"id": person}, changed=done.changed)
