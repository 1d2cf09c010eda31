"""A scheme on its way in: checked with every fault at its place, tried on last month, published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.publication import FaultyDocument
from events.documents.scheme_checks import validate_scheme
from events.documents.serialization import LARGEST_BYTES, load_document
from events.refusals.errors import Refused
from events.streams.scores import MONTHLY
from projections.compliance.scheme_effect import MOST, effect
from projections.cycles.cycles import newest_complete_month
from projections.documents.in_force import published_schemes, vocabulary
from tracker.commands.documents import close_scheme, publish_scheme_document
from tracker.documents.shown import check_answer, find_scheme
from tracker.http.context import Context
from tracker.web.documents.schemes import as_yaml, scheme_page
from tracker.web.page.forms import FilledForm
from tracker.web.page.rendering import page, redirect
from tracker.web.page.uploaded import uploaded
from tracker.wording.problems import problems_told
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from events.documents.scheme_checks import SchemeCheck
    from projections.compliance.scheme_effect import Effect
    from tracker.http.context import RequestContext

MONTH_CODES = frozenset({"bad_month", "bad_period", "no_month", "month_opened"})
"""Refusals of the month from which a scheme is to be in force."""
router = APIRouter(include_in_schema=False)
PASTED = "-"
"""What a pasted document is called in its faults."""


@dataclass(slots=True)
class PublishingPreview:
    """What the page shows below the form: the check of the document, and its effect."""

    checked: SchemeCheck | None = None
    answer: dict[str, Any] | None = None
    effect: Effect | None = None
    chart: tuple[tuple[str, int, int], ...] = ()


def _page(
    context: RequestContext, filled: FilledForm, shown: PublishingPreview, status: int = 200
) -> Response:
    return page(context, "documents/scheme_new.html", status, filled=filled, shown=shown, most=MOST)


@router.get("/schemes/check")
def begin(context: Context, request: Request) -> Response:
    """The form; ``draft`` and ``version`` name the scheme whose next version is begun."""
    asked = request.query_params
    text = ""
    if asked.get("draft"):
        with context.read() as reader:
            found = find_scheme(reader, asked["draft"], asked.get("version", ""))
            newest = [
                one.version for _, one in published_schemes(reader) if one.scheme == found.scheme
            ]
        version = max(newest, default=found.version - 1) + 1
        begun = {"version": version, "effective_from": None, "status": "draft"}
        text = as_yaml(found.model_copy(update=begun))
    return _page(context, FilledForm({"text": text}), PublishingPreview())


def document_given(context: RequestContext) -> tuple[str, bytes]:
    """The document that was uploaded or else pasted, and what it is called in its faults."""
    return uploaded(context, "file", LARGEST_BYTES) or (
        PASTED,
        "".join(context.values("text")).encode(),
    )


def _read(context: RequestContext) -> tuple[FilledForm, dict[str, Any] | None, str]:
    """What was sent, as a document where it could be read, and its name."""
    name, payload = document_given(context)
    filled = FilledForm(context.typed() | {"text": payload.decode("utf-8", "replace")})
    if not payload.strip():
        filled.errors["text"] = context.t(
            "请上传文件，或把内容粘贴在这里", "upload a file, or paste the document here"
        )
        return filled, None, name
    try:
        document = load_document(payload, name)
    except Refused as refused:
        filled.errors["text"] = say(refused, context.language)
        return filled, None, name
    month = context.value("from_month")
    return filled, document | ({"effective_from": month} if month else {}), name


def _checked(context: RequestContext, document: dict[str, Any]) -> PublishingPreview:
    with context.read() as reader:
        found = validate_scheme(document, vocabulary(reader))
    told = problems_told(found.problems, context.language)
    return PublishingPreview(found, check_answer(found) | {"problems": told})


@router.post("/schemes/check")
def check_it(context: Context) -> Response:
    """All faults at their places; nothing is kept."""
    filled, document, _ = _read(context)
    if document is None:
        return _page(context, filled, PublishingPreview(), 422)
    return _page(context, filled, _checked(context, document))


@router.post("/schemes/effect")
def try_it(context: Context) -> Response:
    """What the organizations of last month would have scored; nothing is kept."""
    filled, document, _ = _read(context)
    if document is None:
        return _page(context, filled, PublishingPreview(), 422)
    shown = _checked(context, document)
    assert shown.checked is not None
    scheme = shown.checked.scheme
    if scheme is None or not shown.checked.ok:
        return _page(context, filled, shown, 422)
    if scheme.purpose != MONTHLY:
        filled.errors[""] = context.t(
            "只有按月考核的标准可以试算", "only a monthly scheme can be tried on a month"
        )
        return _page(context, filled, shown, 422)
    with context.read() as reader:
        today = context.today(reader)
        scope = context.scope(reader, "publish")
        district, month = context.district(reader), newest_complete_month(reader, today)
        found = effect(reader, district, scheme, month, today, scope)
    shown.effect = found
    shown.chart = tuple(
        (name, before, after)
        for (name, before), (_, after) in zip(found.before, found.after, strict=True)
    )
    return _page(context, filled, shown)


@router.post("/schemes/publish")
def publish(context: Context) -> Response:
    """Put it in force from a month on, by who says that they mean it; the same again is none."""
    filled, document, name = _read(context)
    if document is None:
        return _page(context, filled, PublishingPreview(), 422)
    if not context.value("sure"):
        filled.errors["sure"] = context.t(
            "发布后不能修改，只能再发新版本：核对无误后请勾选",
            "a published version is never changed: tick here once you have checked it",
        )
        return _page(context, filled, _checked(context, document), 422)
    month = context.value("from_month") or None
    try:
        done = publish_scheme_document(
            context.tools.store, name, document, month, context.metadata()
        )
    except FaultyDocument:
        return _page(context, filled, _checked(context, document), 422)
    except Refused as refused:
        place = "from_month" if refused.code in MONTH_CODES else ""
        filled.errors[place] = say(refused, context.language)
        return _page(context, filled, _checked(context, document), 422)
    context.fresh.clear()
    said = "published" if done.changed else "standing"
    return redirect(f"/schemes/{done.identifier}?version={done.version}&done={said}")


@router.post("/schemes/{scheme}/close")
def close(context: Context, scheme: str) -> Response:
    """End a scheme from a month on."""
    filled = FilledForm(context.typed())
    try:
        close_scheme(context.tools.store, scheme, context.value("from_month"), context.metadata())
    except Refused as refused:
        if refused.code == "unknown_scheme":
            raise
        filled.errors["from_month"] = say(refused, context.language)
        return scheme_page(context, scheme, filled, 422)
    context.fresh.clear()
    return redirect(f"/schemes/{scheme}?done=closed")
