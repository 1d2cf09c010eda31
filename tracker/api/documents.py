"""Schemes and the district policy: listed, shown, checked, published, closed."""

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
    etag_of,
    json_answer,
    marked,
    matches,
    require_seen,
    unchanged,
)
from tracker.api.protocol.bodies import DOCUMENT, Raw
from tracker.api.protocol.lists import FILES, ListDefinition, Paged, listed
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.documents import (
    PolicyChecked,
    PublishedDocument,
    SchemeChecked,
    SchemeEnded,
    SchemeRow,
)
from tracker.api.shapes.figures import Page
from tracker.commands.documents import (
    Publication,
    close_scheme,
    grace_problems,
    publish_policy_document,
    publish_scheme_document,
)
from tracker.documents.shown import all_schemes, check_answer, find_scheme
from tracker.documents.sources import built_in
from tracker.http.context import Context
from tracker.wording.problems import problems_told

router = APIRouter(prefix="/api/v1", tags=["documents"])
SENT = "document"
"""What faults of a document that was sent are told under."""
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
    str | None, Query(alias="from", description="The first month, else as the document says.")
]


class ClosingGiven(FrozenModel):
    """The first month without the scheme."""

    from_month: str = Field(alias="from")


@router.get("/schemes", response_model=Page[SchemeRow], responses=FILES | READING)
def list_schemes(context: Context, paging: Paged) -> Response:
    """Every scheme: published versions, and built-in drafts that nobody has put in force."""
    after = paging.key(str, int)
    with context.read() as reader:
        rows = [
            row
            for row in all_schemes(reader, str(month_of(context.today(reader))))
            if after is None or [row["scheme"], row["version"]] > after
        ]
        return listed(context, reader, paging, LISTING, rows[: paging.wanted])


@router.get("/schemes/{scheme}", response_model=dict[str, Any], responses=READING)
def show_scheme(
    context: Context,
    scheme: str,
    version: Annotated[int | None, Query(ge=1, description="The newest without it.")] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The whole document, with the points of every criterion filled in."""
    with context.read() as reader:
        etag = etag_of(reader, [f"scheme-{scheme}"], "scheme", version)
        if matches(if_none_match, etag):
            return unchanged(etag)
        found = find_scheme(reader, scheme, "" if version is None else str(version))
    return marked(to_document(found), etag)


@router.post(
    "/schemes/check", response_model=SchemeChecked, responses=READING, openapi_extra=DOCUMENT
)
def check_scheme(context: Context, body: Raw) -> Response:
    """Name every fault of a scheme at its place, and count its criteria; publishes nothing."""
    document = load_document(body, SENT)
    with context.read() as reader:
        found = validate_scheme(document, vocabulary(reader))
    told = problems_told(found.problems, context.language)
    return json_answer(check_answer(found) | {"problems": told})


@router.post(
    "/schemes", response_model=PublishedDocument, responses=WRITING, openapi_extra=DOCUMENT
)
def publish_scheme(
    context: Context,
    body: Raw,
    from_month: FromMonth = None,
    shipped: Annotated[
        str | None, Query(alias="id", description="A built-in scheme, instead of a document.")
    ] = None,
) -> Response:
    """Put a scheme in force from a month on; identifier and version are its identity."""
    if shipped is not None:
        known = built_in().get(shipped)
        if known is None or body.strip():
            raise Refused("no_built_in", field="id", id=shipped)
        body = known
    done = publish_scheme_document(
        context.tools.store, SENT, load_document(body, SENT), from_month, context.metadata()
    )
    if done.changed:
        context.fresh.clear()
    return _published(done)


def _published(done: Publication) -> Response:
    return json_answer(
        {
            "changed": done.changed,
            "id": done.identifier,
            "version": done.version,
            "effective_from": done.effective_from,
        }
    )


@router.post("/schemes/{scheme}/closing", response_model=SchemeEnded, responses=WRITING)
def end_scheme(context: Context, scheme: str, given: ClosingGiven) -> Response:
    """End a scheme from a month on."""
    changed = close_scheme(context.tools.store, scheme, given.from_month, context.metadata())
    if changed:
        context.fresh.clear()
    return json_answer({"changed": changed, "id": scheme, "closed_from": given.from_month})


@router.get("/policy", response_model=dict[str, Any], responses=READING)
def show_policy(context: Context, if_none_match: IfNoneMatch = None) -> Response:
    """The district policy in force, every default written out."""
    with context.read() as reader:
        found = policy(reader)
    etag = _policy_etag(found.version)
    if matches(if_none_match, etag):
        return unchanged(etag)
    return marked({"version": found.version, **stored_policy(found.policy)}, etag)


def _policy_etag(version: int) -> str:
    return f'"policy-{version}"'


@router.post(
    "/policy/check", response_model=PolicyChecked, responses=READING, openapi_extra=DOCUMENT
)
def check_policy_sent(context: Context, body: Raw) -> Response:
    """Name every fault of a district policy at its place; publishes nothing."""
    found, problems = validate_policy(load_document(body, SENT))
    if found is not None:
        with context.read() as reader:
            problems += grace_problems(reader, found)
    ok = found is not None and all(one.severity != "error" for one in problems)
    return json_answer({"ok": ok, "problems": problems_told(problems, context.language)})


@router.post(
    "/policy",
    response_model=PublishedDocument,
    responses=WRITING | refusals(412),
    openapi_extra=DOCUMENT,
)
def publish_policy(context: Context, body: Raw, if_match: IfMatch = None) -> Response:
    """Publish a district policy as its next version; the same again changes nothing."""
    with context.read() as reader:
        require_seen(if_match, _policy_etag(policy(reader).version))
    done = publish_policy_document(
        context.tools.store, SENT, load_document(body, SENT), context.metadata()
    )
    return _published(done)
