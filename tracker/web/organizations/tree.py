"""The tree of organizations: expanded level by level; registering, renaming, moving, closing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.log.texts import data_with_texts, texts_of
from events.refusals.errors import Refused
from events.streams.organizations import SUBJECT, ChangeOrganization, RegisterOrganization
from projections.cycles.root_moves import RootMove, foresee_root_move
from projections.organizations.directory import ancestors_of, entries_of, find, roots, streams_of
from projections.organizations.scope import EVERYTHING
from projections.organizations.search import STANDING, OrganizationQuery, search_organizations
from projections.organizations.selection import count_children
from tracker.commands.organizations import organize
from tracker.http.context import Context, unknown_organization
from tracker.web.page.event_words import name_event_type
from tracker.web.page.forms import FilledForm, drop_empty, read_form
from tracker.web.page.picker import label_of_code, pick_organization
from tracker.web.page.rendering import PageWords, is_page_visit, page, redirect

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.organizations.search import FoundOrganization
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
PAGE = 100
"""Organizations of one level that are loaded at once."""
FOUND = 50
"""Organizations in the result of a search."""
CHANGES: dict[str, tuple[str, str, str]] = {
    "rename": ("name", "更名", "Rename"),
    "move": ("parent", "变更隶属", "Move"),
    "recategorize": ("category", "变更类别", "Change the category"),
    "recode": ("new_code", "变更代码", "Change the code"),
    "merge": ("merged_into", "合并到另一组织", "Merge into another"),
    "close": ("closed", "撤销", "Close"),
}
"""Each change: the field of the command that it sets, its name in both languages."""
PICKED = frozenset({"parent", "merged_into"})
"""Fields that name another organization."""
REASONED = frozenset({"merge", "close"})
"""Changes that require a reason."""


@router.get("/admin/organizations")
def show_tree(context: Context, request: Request) -> Response:
    """Show the tree, expanded down to the organization ``at``, and the result of a search."""
    asked = request.query_params
    text = asked.get("q", "").strip()[:100]
    with context.read() as reader:
        matches = _search(context, reader, text) if text else []
        at = find(reader, asked["at"]) if asked.get("at") else None
        if asked.get("at") and at is None:
            raise unknown_organization(asked["at"])
        tops = roots(reader)
        chain = _read_chain(reader, at) if at is not None else tops[:1] if len(tops) == 1 else []
        levels = {one.stream: read_children(context, reader, one.stream) for one in chain}
        nodes = [_make_node(reader, one) for one in tops]
    return page(
        context,
        "organizations/tree.html",
        nodes=nodes,
        levels=levels,
        at=at,
        matches=matches,
        text=text,
        filled=FilledForm({"q": text}),
    )


def _search(context: RequestContext, reader: Reader, text: str) -> list[FoundOrganization]:
    today = context.today(reader).isoformat()
    return search_organizations(reader, EVERYTHING, OrganizationQuery(today, text), None, FOUND)


def _read_chain(reader: Reader, at: OrganizationEntry) -> list[OrganizationEntry]:
    """Return an organization and its ancestors, the root first."""
    above = [stream for stream, _ in ancestors_of(reader, [at.stream])[at.stream]]
    entries = entries_of(reader, above)
    return [entries[stream] for stream in reversed(above)]


def _make_node(reader: Reader, entry: OrganizationEntry) -> dict[str, Any]:
    return {
        "code": entry.code,
        "name": entry.name,
        "category": entry.category,
        "stream": entry.stream,
        "closed_on": entry.closed_on,
        "below": count_children(reader, [entry.stream]).get(entry.stream, 0),
    }


def read_children(
    context: RequestContext, reader: Reader, parent: str, after: str | None = None
) -> dict[str, Any]:
    """Return the children of an organization by code, each with the number of its children.

    ``more`` is the code after which the next page begins, None on the last page.
    """
    today = context.today(reader).isoformat()
    wanted = OrganizationQuery(today, parent=parent, life=STANDING)
    rows = search_organizations(reader, EVERYTHING, wanted, after, PAGE + 1)
    shown = rows[:PAGE]
    streams = streams_of(reader, [row.code for row in shown])
    below = count_children(reader, sorted(streams.values()))
    nodes = [
        row._asdict() | {"stream": streams[row.code], "below": below.get(streams[row.code], 0)}
        for row in shown
    ]
    return {"nodes": nodes, "more": shown[-1].code if len(rows) > PAGE else None}


@router.get("/admin/organizations/{code}/children")
def show_children(context: Context, code: str, request: Request) -> Response:
    """Show the children of one organization: a part of the tree.

    A browser that opens it as a page is sent to the whole tree, except for the rest of a long
    level, which a browser without scripts reads here.
    """
    if is_page_visit(request) and "after" not in request.query_params:
        return redirect(f"/admin/organizations?at={quote(code)}")
    with context.read() as reader:
        top = context.organization(reader, code, "administer")
        level = read_children(context, reader, top.stream, request.query_params.get("after"))
    return page(context, "organizations/branch.html", level=level, parent=top.code)


@router.get("/admin/organizations/{code}")
def show(context: Context, code: str, request: Request) -> Response:
    """Show one organization: its history, and the form of the change that ``do`` names."""
    return _show_page(context, code, request.query_params.get("do", ""), FilledForm())


def _show_page(
    context: RequestContext,
    code: str,
    do: str,
    filled: FilledForm,
    status: int = 200,
    root_move: RootMove | None = None,
) -> Response:
    with context.read() as reader:
        entry = context.organization(reader, code, "administer")
        chain = _read_chain(reader, entry)
        today = context.today(reader).isoformat()
        words = PageWords(context.language, reader)
        events = reader.subject(entry.stream, SUBJECT)
        texts = texts_of(reader, events)
        life = [
            (
                event,
                name_event_type(event.type, context.language),
                _describe_event(context, event, texts, words),
            )
            for event in events
        ]
        below = count_children(reader, [entry.stream]).get(entry.stream, 0)
        merged = entries_of(reader, [entry.merged_into] if entry.merged_into else [])
    values = {"id": uuid.uuid4().hex, "on": today} | dict(filled.values)
    return page(
        context,
        "organizations/organization.html",
        status,
        entry=entry,
        above=chain[:-1],
        life=life,
        below=below,
        merged=next(iter(merged.values()), None),
        do=do if do in CHANGES else "",
        changes=[(name, context.t(zh, en)) for name, (_, zh, en) in CHANGES.items()],
        reasoned=do in REASONED,
        root_move=root_move,
        filled=FilledForm(values, filled.errors, filled.candidates),
        categories=words.categories,
    )


def _ask_for_confirmation(
    context: RequestContext, code: str, command: ChangeOrganization, filled: FilledForm
) -> RootMove | None:
    """Return what a move of a root will do, unless the form confirms exactly that move.

    None too where there is nothing to confirm: the organization has a parent, or the new parent is
    unknown or below it, which the command refuses.
    """
    confirmation = f"{code} {command.parent} {command.on}"
    if context.value("sure") == confirmation:
        return None
    with context.read() as reader:
        entry = context.organization(reader, code, "administer")
        parent = find(reader, command.parent or "")
        if entry.parent is not None or parent is None:
            return None
        above = _read_chain(reader, parent)
        if entry.stream in {one.stream for one in above}:
            return None
        root_move = foresee_root_move(reader, entry, above[0], context.today(reader))
    filled.values = dict(filled.values) | {"confirmation": confirmation}
    filled.errors["sure"] = context.t(
        "这是最上级组织：请核对后勾选，再提交一次",
        "this is a root: check what the move does, tick this box and submit again",
    )
    return root_move


def _describe_event(context: RequestContext, event: Any, texts: Any, words: PageWords) -> str:
    """Return what an event of an organization's history says besides its name and day."""
    data = data_with_texts(event, texts)
    heads = {
        "name": "",
        "code": context.t("代码 ", "code "),
        "parent": context.t("上级 ", "under "),
        "into": context.t("并入 ", "into "),
    }
    parts = [f"{head}{data[name]}" for name, head in heads.items() if data.get(name) is not None]
    if "category" in data:
        parts.append(words.category(data["category"]))
    if isinstance(data.get("reason"), str):
        parts.append(data["reason"])
    return " · ".join(parts)


@router.post("/admin/organizations/{code}/change")
def change(context: Context, code: str) -> Response:
    """Make one change from a day on; the same form sent twice changes once."""
    filled = FilledForm(context.typed())
    do = context.value("do")
    if do not in CHANGES:
        return _show_page(context, code, "", filled, 422)
    name = CHANGES[do][0]
    given: dict[str, Any] = {
        "code": code,
        "on": context.value("on"),
        "reason": context.value("reason"),
    }
    given |= {"closed": True} if do == "close" else {name: context.value(name)}
    if name in PICKED:
        with context.read() as reader:
            picked = pick_organization(context, reader, filled, name, "administer")
        given[name] = given[name] and picked and picked.code
    for needed in (name, "reason") if do in REASONED else (name,):
        if needed != "closed" and not given[needed] and not filled.error(needed):
            filled.errors[needed] = context.t("请填写", "is missing")
    command = read_form(context, ChangeOrganization, drop_empty(given), filled)
    if command is not None and filled.ok and do == "move":
        root_move = _ask_for_confirmation(context, code, command, filled)
        if root_move is not None:
            return _show_page(context, code, do, filled, 409, root_move)
    if command is not None and filled.ok:
        try:
            organize(context.app.store, command, context.metadata(), context.value("id"))
        except Refused as refused:
            filled.refuse(refused, context.language)
    if command is None or not filled.ok:
        return _show_page(context, code, do, filled, 422)
    context.figures.clear()
    return redirect(f"/admin/organizations/{quote(command.new_code or code)}?done={do}")


@router.get("/admin/register-organization")
def show_register_form(context: Context, request: Request) -> Response:
    """Show the form that registers an organization under ``parent``."""
    with context.read() as reader:
        today = context.today(reader).isoformat()
        parent = label_of_code(context, reader, request.query_params.get("parent", ""))
    values = {"id": uuid.uuid4().hex, "registered_on": today, "parent": parent}
    return _show_register_page(context, FilledForm(values))


def _show_register_page(context: RequestContext, filled: FilledForm, status: int = 200) -> Response:
    with context.read() as reader:
        words = PageWords(context.language, reader)
    return page(
        context, "organizations/register.html", status, filled=filled, categories=words.categories
    )


@router.post("/admin/register-organization")
def register(context: Context) -> Response:
    """Register an organization; the same form sent twice registers once."""
    filled = FilledForm(context.typed())
    names = ("code", "name", "category", "parent", "registered_on")
    given: dict[str, Any] = drop_empty({name: context.value(name) for name in names})
    with context.read() as reader:
        parent = pick_organization(context, reader, filled, "parent", "administer")
    if parent is not None:
        given["parent"] = parent.code
    if context.value("root") == "1":
        given["root"] = True
    command = read_form(context, RegisterOrganization, given, filled)
    if command is not None and filled.ok:
        try:
            organize(context.app.store, command, context.metadata(), context.value("id"))
        except Refused as refused:
            filled.refuse(refused, context.language)
    if command is None or not filled.ok:
        return _show_register_page(context, filled, 422)
    context.figures.clear()
    return redirect(f"/admin/organizations/{quote(command.code)}?done=registered")
