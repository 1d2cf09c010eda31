"""Schemes to read: the list, one as a tree that is searched, two versions held together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.serialization import to_document
from events.periods import month_of
from projections.documents.in_force import vocabulary
from projections.documents.scheme_tree import compare, count_kinds, search_tree, tree
from tracker.documents.shown import all_schemes, find_scheme
from tracker.export.tables import FORMATS, Table, exported
from tracker.http.context import Context
from tracker.web.page.forms import FilledForm
from tracker.web.page.rendering import PageWords, page

if TYPE_CHECKING:
    from events.documents.schemes import Scheme
    from events.log.reader import Reader
    from projections.documents.scheme_tree import Node
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
YAML_TYPE = "application/yaml; charset=utf-8"
WIDEST_LINE = 100


@router.get("/schemes")
def schemes(context: Context, request: Request) -> Response:
    """Every scheme with its versions, the built-in drafts among them."""
    form = request.query_params.get("format", "")
    with context.read() as reader:
        rows = all_schemes(reader, str(month_of(context.today(reader))))
        words = PageWords(context.language, reader)
        publishes = context.scope(reader, "publish").whole
    if form in FORMATS:
        heads = ("id", "version", context.t("状态", "status"), context.t("起用月份", "from"),
                 context.t("停用月份", "closed from"), context.t("适用类别", "categories"),
                 context.t("名称", "title"))  # fmt: skip
        lines = [
            (one["scheme"], one["version"], one["status"], one["effective_from"],
             one["closed_from"], "、".join(map(words.category, one["categories"])),
             one["title"][context.language])
            for one in rows
        ]  # fmt: skip
        return exported(Table(context.t("标准", "schemes"), "", context.now(), heads, lines), form)
    return page(context, "documents/schemes.html", rows=rows, publishes=publishes)


@router.get("/schemes/{scheme}")
def show(context: Context, scheme: str, request: Request) -> Response:
    """One scheme as a tree; ``q`` leaves what has a text in it."""
    form = request.query_params.get("format", "")
    if form == "yaml":
        with context.read() as reader:
            return _yaml(find_scheme(reader, scheme, request.query_params.get("version", "")))
    if form in FORMATS:
        text = _text(request)
        with context.read() as reader:
            found = find_scheme(reader, scheme, request.query_params.get("version", ""))
            nodes = tree(found, vocabulary(reader), context.language)
        return exported(
            _table(context, found, search_tree(nodes, text) if text else nodes, text), form
        )
    return scheme_page(context, scheme, FilledForm({"q": _text(request)}))


def _text(request: Request) -> str:
    return request.query_params.get("q", "").strip()[:100]


def scheme_page(
    context: RequestContext, scheme: str, filled: FilledForm, status: int = 200
) -> Response:
    """The page of a scheme; ``filled`` is what was searched, or typed to close it."""
    text = filled["q"]
    with context.read() as reader:
        found = find_scheme(reader, scheme, context.request.query_params.get("version", ""))
        nodes = tree(found, vocabulary(reader), context.language)
        rows = _versions(context, reader, scheme)
        publishes = context.scope(reader, "publish").whole
    shown = search_tree(nodes, text) if text else nodes
    return page(
        context,
        "documents/scheme.html",
        status,
        found=found,
        row=next(one for one in rows if one["version"] == found.version),
        versions=rows,
        nodes=shown,
        counts=count_kinds(nodes),
        hits=sum(one.criteria for one in shown) if text else None,
        filled=filled,
        publishes=publishes,
    )


def as_yaml(scheme: Scheme) -> str:
    """The complete document of a scheme, to be changed and published as its next version."""
    found: str = yaml.safe_dump(
        to_document(scheme), allow_unicode=True, sort_keys=False, width=WIDEST_LINE
    )
    return found


def _yaml(scheme: Scheme) -> Response:
    name = f"{scheme.scheme}-{scheme.version}.yaml"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(as_yaml(scheme), media_type=YAML_TYPE, headers=headers)


def _table(context: RequestContext, scheme: Scheme, nodes: list[Node], text: str) -> Table:
    heads = (
        context.t("部分", "part"),
        context.t("项目", "item"),
        context.t("代码", "code"),
        context.t("标准", "criterion"),
        context.t("分值", "points"),
        context.t("规则", "rule"),
    )
    rows: list[tuple[Any, ...]] = []
    for top in nodes:
        item = ""
        for node in top.walk():
            if node.family == "item":
                item = f"{node.code} {node.title}"
            elif node.family == "criterion":
                rows.append((top.title, item, node.code, node.title, node.points, node.rule))
    name = f"{scheme.scheme} v{scheme.version}"
    return Table(name, text, context.now(), heads, rows)


@router.get("/schemes/{scheme}/compare")
def compared(context: Context, scheme: str, request: Request) -> Response:
    """What differs between two versions of a scheme."""
    asked = request.query_params
    with context.read() as reader:
        old = find_scheme(reader, scheme, asked.get("from", ""))
        new = find_scheme(reader, scheme, asked.get("to", ""))
        words = vocabulary(reader)
        versions = _versions(context, reader, scheme)
    return page(
        context,
        "documents/scheme_compare.html",
        old=old,
        new=new,
        versions=versions,
        found=compare(old, new, words, context.language),
    )


def _versions(context: RequestContext, reader: Reader, scheme: str) -> list[dict[str, Any]]:
    """The rows of a scheme's versions, or of its draft."""
    month = str(month_of(context.today(reader)))
    return [one for one in all_schemes(reader, month) if one["scheme"] == scheme]
