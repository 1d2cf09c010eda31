"""Publishing a scheme: validated, simulated on last month, published, closed."""

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
from tracker.documents.handover import HandoverNotConfirmed, confirmation_of
from tracker.documents.scheme_answers import find_scheme, scheme_check_answer
from tracker.http.context import Context
from tracker.web.documents.schemes import as_yaml, scheme_page
from tracker.web.page.forms import FilledForm
from tracker.web.page.rendering import PageWords, page, redirect
from tracker.web.page.uploaded import read_uploaded_file
from tracker.wording.problems import problem_answers
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from events.documents.scheme_checks import SchemeCheck
    from projections.compliance.scheme_effect import Effect
    from tracker.http.context import RequestContext

MONTH_CODES = frozenset({"bad_month", "bad_period", "no_month", "month_opened"})
"""Refusals about the first month of a scheme, shown at that field."""
router = APIRouter(include_in_schema=False)
PASTED = "-"
"""The name of a pasted document in its problems."""


@dataclass(slots=True)
class PublishingPreview:
    """What the page shows of a document: its validation and its effect on last month."""

    checked: SchemeCheck | None = None
    answer: dict[str, Any] | None = None
    effect: Effect | None = None
    chart: tuple[tuple[str, int, int], ...] = ()


def _publishing_page(
    context: RequestContext, filled: FilledForm, shown: PublishingPreview, status: int = 200
) -> Response:
    return page(context, "documents/scheme_new.html", status, filled=filled, shown=shown, most=MOST)


@router.get("/schemes/check")
def show_publishing_form(context: Context, request: Request) -> Response:
    """Show the form; ``draft`` and ``version`` name a scheme whose next version it contains."""
    asked = request.query_params
    text = ""
    if asked.get("draft"):
        with context.read() as reader:
            scheme = find_scheme(reader, asked["draft"], asked.get("version", ""))
            newest = [
                one.version for _, one in published_schemes(reader) if one.scheme == scheme.scheme
            ]
        version = max(newest, default=scheme.version - 1) + 1
        draft = {"version": version, "effective_from": None, "status": "draft"}
        text = as_yaml(scheme.model_copy(update=draft))
    return _publishing_page(context, FilledForm({"text": text}), PublishingPreview())


def document_given(context: RequestContext) -> tuple[str, bytes]:
    """Return the name and the bytes of the uploaded document, else of the pasted one."""
    return read_uploaded_file(context, "file", LARGEST_BYTES) or (
        PASTED,
        "".join(context.values("text")).encode(),
    )


def _read_document(context: RequestContext) -> tuple[FilledForm, dict[str, Any] | None, str]:
    """Return the form, the document or None if it cannot be read, and its name."""
    name, payload = document_given(context)
    filled = FilledForm(context.typed() | {"text": payload.decode("utf-8", "replace")})
    if not payload.strip():
        filled.errors["text"] = context.t(
            "请上传文件，或把内容粘贴在这里", "upload a file or paste the document here"
        )
        return filled, None, name
    try:
        document = load_document(payload, name)
    except Refused as refused:
        filled.errors["text"] = say(refused, context.language)
        return filled, None, name
    month = context.value("from_month")
    return filled, document | ({"effective_from": month} if month else {}), name


def _validate(context: RequestContext, document: dict[str, Any]) -> PublishingPreview:
    with context.read() as reader:
        checked = validate_scheme(document, vocabulary(reader))
    messages = problem_answers(checked.problems, context.language)
    return PublishingPreview(checked, scheme_check_answer(checked) | {"problems": messages})


@router.post("/schemes/check")
def validate_document(context: Context) -> Response:
    """Validate a document and show every problem at its place; nothing is stored."""
    filled, document, _ = _read_document(context)
    if document is None:
        return _publishing_page(context, filled, PublishingPreview(), 422)
    return _publishing_page(context, filled, _validate(context, document))


@router.post("/schemes/effect")
def simulate_scheme(context: Context) -> Response:
    """Show what organizations would have scored last month; nothing is stored."""
    filled, document, _ = _read_document(context)
    if document is None:
        return _publishing_page(context, filled, PublishingPreview(), 422)
    shown = _validate(context, document)
    assert shown.checked is not None
    scheme = shown.checked.scheme
    if scheme is None or not shown.checked.ok:
        return _publishing_page(context, filled, shown, 422)
    if scheme.purpose != MONTHLY:
        filled.errors[""] = context.t(
            "只有按月考核的标准可以试算", "only a monthly scheme can be simulated"
        )
        return _publishing_page(context, filled, shown, 422)
    with context.read() as reader:
        today = context.today(reader)
        scope = context.scope(reader, "publish")
        district, month = context.district(reader), newest_complete_month(reader, today)
        outcome = effect(reader, district, scheme, month, today, scope)
    shown.effect = outcome
    shown.chart = tuple(
        (name, before, after)
        for (name, before), (_, after) in zip(outcome.before, outcome.after, strict=True)
    )
    return _publishing_page(context, filled, shown)


def _ask_for_handover(
    context: RequestContext, filled: FilledForm, refused: HandoverNotConfirmed
) -> None:
    """Let the form name the categories that change hands, and ask for a second confirmation."""
    with context.read() as reader:
        words = PageWords(context.language, reader)
    none = context.t("不再有标准", "no scheme")
    said = [
        f"{words.category(one.category)}（{one.month}）：{one.before} → {one.after or none}"
        for one in refused.handovers
    ]
    filled.values = dict(filled.values) | {
        "handover_asked": confirmation_of(refused.handovers),
        "handover_said": said,
    }
    filled.errors["handover"] = context.t(
        "以下类别将改由别的标准考核：请核对后勾选，再提交一次",
        "categories change hands: check them, tick this box and submit again",
    )


@router.post("/schemes/publish")
def publish_scheme(context: Context) -> Response:
    """Publish a scheme from a month on, after the user confirmed it; idempotent."""
    filled, document, name = _read_document(context)
    if document is None:
        return _publishing_page(context, filled, PublishingPreview(), 422)
    if not context.value("sure"):
        filled.errors["sure"] = context.t(
            "发布后不能修改，只能再发新版本：核对无误后请勾选",
            "a published version cannot be changed: check it, then tick this box",
        )
        return _publishing_page(context, filled, _validate(context, document), 422)
    month = context.value("from_month") or None
    try:
        done = publish_scheme_document(
            context.app.store, name, document, month, context.metadata(),
            confirmed=context.value("handover"),
        )  # fmt: skip
    except HandoverNotConfirmed as refused:
        _ask_for_handover(context, filled, refused)
        return _publishing_page(context, filled, _validate(context, document), 409)
    except FaultyDocument:
        return _publishing_page(context, filled, _validate(context, document), 422)
    except Refused as refused:
        place = "from_month" if refused.code in MONTH_CODES else ""
        filled.errors[place] = say(refused, context.language)
        return _publishing_page(context, filled, _validate(context, document), 422)
    context.figures.clear()
    done_word = "published" if done.changed else "standing"
    return redirect(f"/schemes/{done.identifier}?version={done.version}&done={done_word}")


@router.post("/schemes/{scheme}/close")
def retire_scheme(context: Context, scheme: str) -> Response:
    """Close a scheme from a month on."""
    filled = FilledForm(context.typed())
    try:
        close_scheme(
            context.app.store, scheme, context.value("from_month"), context.metadata(),
            confirmed=context.value("handover"),
        )  # fmt: skip
    except HandoverNotConfirmed as refused:
        _ask_for_handover(context, filled, refused)
        return scheme_page(context, scheme, filled, 409)
    except Refused as refused:
        if refused.code == "unknown_scheme":
            raise
        filled.errors["from_month"] = say(refused, context.language)
        return scheme_page(context, scheme, filled, 422)
    context.figures.clear()
    return redirect(f"/schemes/{scheme}?done=closed")
