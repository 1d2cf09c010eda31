"""Changes to the tree and the inspectors, for administrators: register, change, recuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field, model_validator

from events.refusals.errors import BadValue
from events.streams.organizations import ChangeOrganization, RegisterOrganization
from events.streams.people import PURPOSES, Purpose, RecuseInspector, RegisterInspector
from events.values import CategoryName, Day, FrozenModel, Name, OrganizationCode, PersonId, Reason
from projections.people.inspectors import inspectors
from tracker.api.organizations import organization_etag
from tracker.api.protocol.answers import IfMatch, require_current
from tracker.api.protocol.identities import IdempotencyKey, choose_identity, created_answer
from tracker.api.protocol.lists import FILES, ListDefinition, PageParameters, list_answer
from tracker.api.protocol.parameters import find_organization
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.figures import Page, Shape
from tracker.commands.organizations import organize
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute

if TYPE_CHECKING:
    from events.streams.people import Person

router = APIRouter(prefix="/api/v1", tags=["organizations"], route_class=JsonRoute)
LISTING = ListDefinition(
    "检查人员",
    "Inspectors",
    (
        ("id", "编号", "id"),
        ("organization", "所在组织", "organization"),
        ("team", "检查组", "team"),
        ("categories", "检查类别", "categories"),
        ("recused", "回避", "recused from"),
        ("purposes", "检查任务", "purposes"),
        ("leader", "组长", "leader"),
        ("until", "任期至", "until"),
    ),
    lambda row: [row["id"]],
)


class OrganizationInput(FrozenModel):
    """An organization to register; without a parent it is a root.

    ``root`` says so on purpose; it is required once the district has a root.
    """

    code: OrganizationCode
    name: Name
    category: CategoryName
    parent: OrganizationCode | None = None
    registered_on: Day
    root: bool | None = None


class OrganizationChangeInput(FrozenModel):
    """What changes from a day on; fields that are left out stay as they are."""

    on: Day
    name: Name | None = None
    parent: OrganizationCode | None = None
    category: CategoryName | None = None
    closed: bool | None = None
    merged_into: OrganizationCode | None = None
    new_code: OrganizationCode | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _require_change(self) -> OrganizationChangeInput:
        if not self.model_fields_set - {"on", "reason"}:
            raise BadValue("value_no_change")
        return self


class InspectorInput(FrozenModel):
    """An inspector: the organization they belong to, their team, the categories it inspects.

    A registration replaces the earlier one whole: what is left out has its default.
    """

    id: PersonId
    organization: OrganizationCode
    team: Name
    categories: tuple[CategoryName, ...] = Field(min_length=1, max_length=50)
    purposes: tuple[Purpose, ...] | None = Field(
        default=None, min_length=1, max_length=10, description="Null: all of them."
    )
    leader: bool = Field(default=False, description="Whether they lead the team.")
    until: Day | None = Field(default=None, description="Their last day; null: none.")


class RecusalInput(FrozenModel):
    """An organization that an inspector may not inspect, and why."""

    organization: OrganizationCode
    reason: Reason


class InspectorRow(Shape):
    """An inspector of the list."""

    id: str
    organization: str
    team: str
    categories: list[str]
    recused: list[str] = Field(description="The codes of organizations they may not inspect.")
    purposes: list[str] = Field(description="What they inspect for.")
    leader: bool = Field(description="Whether they lead the team.")
    until: str | None = Field(description="Their last day; null: none.")


class OrganizationAnswer(Shape):
    """The organization that was registered or changed."""

    organization: str


class InspectorAnswer(Shape):
    """The inspector that was registered or recused."""

    id: str


@router.post(
    "/organizations", status_code=201, response_model=OrganizationAnswer, responses=WRITING
)
def register(context: Context, body: OrganizationInput, key: IdempotencyKey = None) -> Response:
    """Register an organization in the tree."""
    command = RegisterOrganization.model_construct(**dict(body))
    done = organize(context.app.store, command, context.metadata(), choose_identity(key))
    if done.changed:
        context.figures.clear()
    place = f"/api/v1/organizations/{body.code}"
    return created_answer({"organization": body.code}, changed=done.changed, location=place)


@router.post(
    "/organizations/{code}/changes",
    status_code=201,
    response_model=OrganizationAnswer,
    responses=WRITING | refusals(412),
)
def change(
    context: Context,
    code: str,
    body: OrganizationChangeInput,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Rename, move, recategorize, recode, merge or close an organization from a day on."""
    identity = choose_identity(key)
    fields: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    command = ChangeOrganization.model_validate({"code": code} | fields)
    with context.read() as reader:
        entry = find_organization(reader, code)
        if not reader.has_event(entry.stream, f"line/{identity}"):
            require_current(if_match, organization_etag(reader, entry))
    done = organize(context.app.store, command, context.metadata(), identity)
    if done.changed:
        context.figures.clear()
    return created_answer({"organization": code}, changed=done.changed)


@router.get("/inspectors", response_model=Page[InspectorRow], responses=FILES | READING)
def list_inspectors(context: Context, paging: PageParameters) -> Response:
    """List inspectors with team and recusals, sorted by id."""
    after = paging.code or ""
    with context.read() as reader:
        people = sorted(inspectors(reader).values(), key=lambda person: person.person)
        rows = [_inspector_row(person) for person in people if person.person > after]
        return list_answer(context, reader, paging, LISTING, rows[: paging.wanted])


def _inspector_row(person: Person) -> dict[str, Any]:
    return {
        "id": person.person,
        "organization": person.organization,
        "team": person.team,
        "categories": list(person.categories),
        "recused": sorted(person.recused),
        "purposes": list(person.purposes or PURPOSES),
        "leader": person.leader,
        "until": person.until,
    }


@router.post("/inspectors", status_code=201, response_model=InspectorAnswer, responses=WRITING)
def register_inspector(
    context: Context, body: InspectorInput, key: IdempotencyKey = None
) -> Response:
    """Register an inspector, or change all that is known of one."""
    command = RegisterInspector.model_validate(body.model_dump(mode="json"))
    done = organize(context.app.store, command, context.metadata(), choose_identity(key))
    return created_answer({"id": body.id}, changed=done.changed)


@router.post(
    "/inspectors/{person}/recusals",
    status_code=201,
    response_model=InspectorAnswer,
    responses=WRITING,
)
def recuse(
    context: Context, person: str, body: RecusalInput, key: IdempotencyKey = None
) -> Response:
    """Exclude an inspector from inspecting an organization permanently, for a reason."""
    command = RecuseInspector.model_construct(inspector=person, **dict(body))
    done = organize(context.app.store, command, context.metadata(), choose_identity(key))
    return created_answer({"id": person}, changed=done.changed)
