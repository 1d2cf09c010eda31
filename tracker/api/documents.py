"""Schemes and the district policy: list, show, check, publish, close."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from events.documents.policies import stored_policy, validate_policy
from events.documents.scheme_checks import validate_scheme
from events.documents.serialization import load_document, to_document
from events.periods import month_of
from events.refusals.errors import Refused
from events.values import FrozenModel
from projections.documents.in_force import policy, vocabulary
from tracker.api.protocol.answers import (
    IfMatch,
    IfNoneMatch,
    answer_with_etag,
    etag_matches,
    json_answer,
    make_etag,
    not_modified,
    require_current,
)
from tracker.api.protocol.bodies import DOCUMENT, RawBody
from tracker.api.protocol.lists import FILES, ListDefinition, PageParameters, list_answer
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.documents import (
    PolicyCheckAnswer,
    PublicationAnswer,
    SchemeCheckAnswer,
    SchemeClosingAnswer,
    SchemeRow,
)
from tracker.api.shapes.figures import Page
from tracker.commands.documents import (
    Publication,
    close_scheme,
    dropped_category_problems,
    grace_problems,
    publish_policy_document,
    publish_scheme_document,
)
from tracker.documents.scheme_answers import find_scheme, read_schemes, scheme_check_answer
from tracker.documents.sources import built_in_schemes
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute
from tracker.wording.problems import problem_answers

router = APIRouter(prefix="/api/v1", tags=["documents"], route_class=JsonRoute)
DOCUMENT_NAME = "document"
"""What refusals call the document in the request's body."""
LISTING = ListDefinition(
    "评价标准",
    "Schemes",
    (
        ("scheme", "标识", "scheme"),
        ("version", "版本", "version"),
        ("status", "状态", "status"),
        ("effective_from", "执行起始", "from"),
        ("closed_from", "停用起始", "closed from"),
        ("purpose", "用途", "purpose"),
        ("categories", "适用类别", "categories"),
        ("title.zh", "名称", "title"),
    ),
    lambda row: [row["scheme"], row["version"]],
)
FromMonth = Annotated[
    str | None,
    Query(alias="from", description="The first month in force; default: as the document says."),
]


Confirm = Annotated[
    bool,
    Query(
        description="Confirms that categories change hands; without it a publication that takes "
        "categories from another scheme is refused (409 ``categories_change_hands``)."
    ),
]


class SchemeClosingInput(FrozenModel):
    """The first month without the scheme."""

    from_month: str = Field(alias="from")
    confirm: bool = Field(
        default=False,
        description="Confirms that categories lose or change their scheme; without it such a "
        "closing is refused (409 ``categories_change_hands``).",
    )


@router.get("/schemes", response_model=Page[SchemeRow], responses=FILES | READING)
def list_schemes(context: Context, paging: PageParameters) -> Response:
    """List schemes: published versions, and built-in drafts that are not published."""
    after = paging.key(str, int)
    with context.read() as reader:
        rows = [
            row
            for row in read_schemes(reader, str(month_of(context.today(reader))))
            if after is None or [row["scheme"], row["version"]] > after
        ]
        return list_answer(context, reader, paging, LISTING, rows[: paging.wanted])


@router.get("/schemes/{scheme}", response_model=dict[str, Any], responses=READING)
def show_scheme(
    context: Context,
    scheme: str,
    version: Annotated[int | None, Query(ge=1, description="Default: the newest.")] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Return the whole document, with the points of every criterion filled in."""
    with context.read() as reader:
        etag = make_etag(reader, [f"scheme-{scheme}"], "scheme", version)
        if etag_matches(if_none_match, etag):
            return not_modified(etag)
        document = find_scheme(reader, scheme, "" if version is None else str(version))
    return answer_with_etag(to_document(document), etag)


@router.post(
    "/schemes/check", response_model=SchemeCheckAnswer, responses=READING, openapi_extra=DOCUMENT
)
def check_scheme(context: Context, body: RawBody) -> Response:
    """Check a scheme: list every fault at its place, count its criteria. Publishes nothing."""
    document = load_document(body, DOCUMENT_NAME)
    with context.read() as reader:
        checked = validate_scheme(document, vocabulary(reader))
    problems = problem_answers(checked.problems, context.language)
    return json_answer(scheme_check_answer(checked) | {"problems": problems})


@router.post(
    "/schemes", response_model=PublicationAnswer, responses=WRITING, openapi_extra=DOCUMENT
)
def publish_scheme(
    context: Context,
    body: RawBody,
    from_month: FromMonth = None,
    confirm: Confirm = False,  # noqa: FBT002 - a parameter of the query
    shipped: Annotated[
        str | None, Query(alias="id", description="The id of a built-in scheme; no body then.")
    ] = None,
) -> Response:
    """Publish a scheme, in force from a month on; identifier and version are its identity."""
    if shipped is not None:
        source = built_in_schemes().get(shipped)
        if source is None or body.strip():
            raise Refused("no_built_in", field="id", id=shipped)
        body = source
    document = load_document(body, DOCUMENT_NAME)
    publication = publish_scheme_document(
        context.app.store,
        DOCUMENT_NAME,
        document,
        from_month,
        context.metadata(),
        confirmed=confirm,
    )
    if publication.changed:
        context.figures.clear()
    return _publication_answer(publication)


def _publication_answer(publication: Publication) -> Response:
    return json_answer(
        {
            "changed": publication.changed,
            "id": publication.identifier,
            "version": publication.version,
            "effective_from": publication.effective_from,
        }
    )


@router.post("/schemes/{scheme}/closing", response_model=SchemeClosingAnswer, responses=WRITING)
def end_scheme(context: Context, scheme: str, body: SchemeClosingInput) -> Response:
    """Close a scheme from a month on."""
    changed = close_scheme(
        context.app.store, scheme, body.from_month, context.metadata(), confirmed=body.confirm
    )
    if changed:
        context.figures.clear()
    return json_answer({"changed": changed, "id": scheme, "closed_from": body.from_month})


@router.get("/policy", response_model=dict[str, Any], responses=READING)
def show_policy(context: Context, if_none_match: IfNoneMatch = None) -> Response:
    """Return the district policy in force, with every default written out."""
    with context.read() as reader:
        in_force = policy(reader)
    etag = _policy_etag(in_force.version)
    if etag_matches(if_none_match, etag):
        return not_modified(etag)
    document = {"version": in_force.version, **stored_policy(in_force.policy)}
    return answer_with_etag(document, etag)


def _policy_etag(version: int) -> str:
    return f'"policy-{version}"'


@router.post(
    "/policy/check", response_model=PolicyCheckAnswer, responses=READING, openapi_extra=DOCUMENT
)
def check_policy_sent(context: Context, body: RawBody) -> Response:
    """Check a district policy: list every fault at its place. Publishes nothing."""
    checked, problems = validate_policy(load_document(body, DOCUMENT_NAME))
    if checked is not None:
        with context.read() as reader:
            problems += grace_problems(reader, checked)
            problems += dropped_category_problems(reader, checked)
        problems += context.app.runner().check_calendar(checked)
    ok = checked is not None and all(problem.severity != "error" for problem in problems)
    return json_answer({"ok": ok, "problems": problem_answers(problems, context.language)})


@router.post(
    "/policy",
    response_model=PublicationAnswer,
    responses=WRITING | refusals(412),
    openapi_extra=DOCUMENT,
)
def publish_policy(context: Context, body: RawBody, if_match: IfMatch = None) -> Response:
    """Publish a district policy as its next version; the same document again changes nothing."""
    with context.read() as reader:
        require_current(if_match, _policy_etag(policy(reader).version))
    publication = publish_policy_document(
        context.app.store, DOCUMENT_NAME, load_document(body, DOCUMENT_NAME), context.metadata()
    )
    return _publication_answer(publication)
