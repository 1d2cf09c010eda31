"""Schemes: the list, one as a tree with a search, two versions compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.serialization import to_document
from events.periods import month_of
from projections.documents.in_force import vocabulary
from projections.documents.policy_words import NOT_YET
from projections.documents.scheme_tree import compare, count_kinds, search_tree, tree
from tracker.documents.scheme_answers import find_scheme, read_schemes
from tracker.export.tables import FORMATS, Table, table_response
from tracker.http import exports
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
def show_schemes(context: Context, request: Request) -> Response:
    """Show every scheme with its versions, including the built-in drafts."""
    form = request.query_params.get("format", "")
    with context.read() as reader:
        rows = read_schemes(reader, str(month_of(context.today(reader))))
        words = PageWords(context.language, reader)
        publishes = context.scope(reader, "publish").whole
    if form in FORMATS:
        heads = ("id", "version", context.t("状态", "status"), context.t("起用月份", "from"),
                 context.t("停用月份", "closed from"), context.t("适用类别", "categories"),
                 context.t("名称", "title"))  # fmt: skip
        lines = [
            (row["scheme"], row["version"], row["status"], row["effective_from"],
             row["closed_from"], "、".join(map(words.category, row["categories"])),
             row["title"][context.language])
            for row in rows
        ]  # fmt: skip
        with context.read() as reader:
            name = context.t("标准", "schemes")
            table = exports.fill_table(context, reader, name, "", heads, lines)
        return table_response(table, form)
    return page(context, "documents/schemes.html", rows=rows, publishes=publishes)


@router.get("/schemes/{scheme}")
def show_scheme(context: Context, scheme: str, request: Request) -> Response:
    """Show one scheme as a tree; ``q`` keeps what contains a text."""
    form = request.query_params.get("format", "")
    if form == "yaml":
        with context.read() as reader:
            return _yaml_file(find_scheme(reader, scheme, request.query_params.get("version", "")))
    if form in FORMATS:
        text = _search_text(request)
        with context.read() as reader:
            version = find_scheme(reader, scheme, request.query_params.get("version", ""))
            nodes = tree(version, vocabulary(reader), context.language)
            nodes = search_tree(nodes, text) if text else nodes
            return table_response(_criterion_table(context, reader, version, nodes, text), form)
    return scheme_page(context, scheme, FilledForm({"q": _search_text(request)}))


def _search_text(request: Request) -> str:
    return request.query_params.get("q", "").strip()[:100]


def scheme_page(
    context: RequestContext, scheme: str, filled: FilledForm, status: int = 200
) -> Response:
    """Return the page of a scheme; ``filled`` is its search, or a rejected closing form."""
    text = filled["q"]
    with context.read() as reader:
        shown_version = find_scheme(reader, scheme, context.request.query_params.get("version", ""))
        nodes = tree(shown_version, vocabulary(reader), context.language)
        rows = _versions(context, reader, scheme)
        publishes = context.scope(reader, "publish").whole
    shown = search_tree(nodes, text) if text else nodes
    return page(
        context,
        "documents/scheme.html",
        status,
        scheme=shown_version,
        row=next(one for one in rows if one["version"] == shown_version.version),
        versions=rows,
        nodes=shown,
        counts=count_kinds(nodes),
        hits=sum(one.criteria for one in shown) if text else None,
        filled=filled,
        publishes=publishes,
        not_yet=NOT_YET,
    )


def as_yaml(scheme: Scheme) -> str:
    """Return the complete document of a scheme as YAML, to edit as its next version."""
    text: str = yaml.safe_dump(
        to_document(scheme), allow_unicode=True, sort_keys=False, width=WIDEST_LINE
    )
    return text


def _yaml_file(scheme: Scheme) -> Response:
    name = f"{scheme.scheme}-{scheme.version}.yaml"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(as_yaml(scheme), media_type=YAML_TYPE, headers=headers)


def _criterion_table(
    context: RequestContext, reader: Reader, scheme: Scheme, nodes: list[Node], text: str
) -> Table:
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
    return exports.fill_table(context, reader, name, text, heads, rows)


@router.get("/schemes/{scheme}/compare")
def compare_versions(context: Context, scheme: str, request: Request) -> Response:
    """Show the differences between two versions of a scheme."""
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
        changes=compare(old, new, words, context.language),
    )


def _versions(context: RequestContext, reader: Reader, scheme: str) -> list[dict[str, Any]]:
    """Return the rows of a scheme's versions, or of its draft."""
    month = str(month_of(context.today(reader)))
    return [one for one in read_schemes(reader, month) if one["scheme"] == scheme]
