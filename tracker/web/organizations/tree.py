"""The tree of organizations: opened part by part, registered, renamed, moved, closed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.vocabulary import CATEGORIES
from events.log.texts import data_with_texts, texts_of
from events.refusals.errors import Refused
from events.streams.organizations import SUBJECT, ChangeOrganization, RegisterOrganization
from projections.organizations.directory import ancestors_of, entries_of, find, roots, streams_of
from projections.organizations.scope import EVERYTHING
from projections.organizations.search import STANDING, OrganizationQuery, search_organizations
from projections.organizations.selection import count_children
from tracker.commands.organizations import organize
from tracker.http.context import Context, unknown
from tracker.web.page.event_words import event_name
from tracker.web.page.forms import FilledForm, present, read_form
from tracker.web.page.rendering import PageWords, page, redirect

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.organizations.search import FoundOrganization
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
PAGE = 100
FOUND = 50
CHANGES: dict[str, tuple[str, str, str]] = {
    "rename": ("name", "更名", "Rename"),
    "move": ("parent", "变更隶属", "Move"),
    "recategorize": ("category", "变更类别", "Change the category"),
    "recode": ("new_code", "变更代码", "Change the code"),
    "merge": ("merged_into", "合并到另一组织", "Merge into another"),
    "close": ("closed", "撤销", "Close"),
}
"""Each change with the field of the command that it fills in, and its name."""
REASONED = frozenset({"merge", "close"})
"""Changes that nobody makes without saying why."""


@router.get("/admin/organizations")
def tree(context: Context, request: Request) -> Response:
    """The roots, opened down to the organization that ``at`` names; or what a search finds."""
    asked = request.query_params
    text = asked.get("q", "").strip()[:100]
    with context.read() as reader:
        found = _found(context, reader, text) if text else []
        at = find(reader, asked["at"]) if asked.get("at") else None
        if asked.get("at") and at is None:
            raise unknown(asked["at"])
        tops = roots(reader)
        chain = _chain(reader, at) if at is not None else tops[:1] if len(tops) == 1 else []
        levels = {one.stream: children(context, reader, one.stream) for one in chain}
        nodes = [_node(reader, one) for one in tops]
    return page(
        context,
        "organizations/tree.html",
        nodes=nodes,
        levels=levels,
        at=at,
        found=found,
        text=text,
        filled=FilledForm({"q": text}),
    )


def _found(context: RequestContext, reader: Reader, text: str) -> list[FoundOrganization]:
    today = context.today(reader).isoformat()
    return search_organizations(reader, EVERYTHING, OrganizationQuery(today, text), None, FOUND)


def _chain(reader: Reader, at: OrganizationEntry) -> list[OrganizationEntry]:
    """An organization with all above it, the root first."""
    above = [stream for stream, _ in ancestors_of(reader, [at.stream])[at.stream]]
    entries = entries_of(reader, above)
    return [entries[stream] for stream in reversed(above)]


def _node(reader: Reader, one: OrganizationEntry) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "category": one.category,
        "stream": one.stream,
        "closed_on": one.closed_on,
        "below": count_children(reader, [one.stream]).get(one.stream, 0),
    }


def children(
    context: RequestContext, reader: Reader, parent: str, after: str | None = None
) -> dict[str, Any]:
    """What stands directly under an organization, by code, with how many stand under each."""
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
def part(context: Context, code: str, request: Request) -> Response:
    """What stands directly under one organization: a part of the tree."""
    with context.read() as reader:
        top = context.organization(reader, code, "administer")
        level = children(context, reader, top.stream, request.query_params.get("after"))
    return page(context, "organizations/branch.html", level=level, parent=top.code)


@router.get("/admin/organizations/{code}")
def show(context: Context, code: str, request: Request) -> Response:
    """One organization: its life so far, and the form of the change that ``do`` names."""
    return _page(context, code, request.query_params.get("do", ""), FilledForm())


def _page(
    context: RequestContext, code: str, do: str, filled: FilledForm, status: int = 200
) -> Response:
    with context.read() as reader:
        entry = context.organization(reader, code, "administer")
        chain = _chain(reader, entry)
        today = context.today(reader).isoformat()
        words = PageWords(context.language, reader)
        events = reader.subject(entry.stream, SUBJECT)
        texts = texts_of(reader, events)
        life = [
            (one, event_name(one.type, context.language), _said(context, one, texts, words))
            for one in events
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
        filled=FilledForm(values, filled.errors),
        categories=[(one, words.category(one)) for one in CATEGORIES],
    )


def _said(context: RequestContext, event: Any, texts: Any, words: PageWords) -> str:
    """What an event of a life says besides its name and day."""
    data = data_with_texts(event, texts)
    heads = {
        "name": "",
        "code": context.t("代码 ", "code "),
        "parent": context.t("上级 ", "under "),
        "into": context.t("并入 ", "into "),
    }
    found = [f"{head}{data[name]}" for name, head in heads.items() if data.get(name) is not None]
    if "category" in data:
        found.append(words.category(data["category"]))
    if isinstance(data.get("reason"), str):
        found.append(data["reason"])
    return " · ".join(found)


@router.post("/admin/organizations/{code}/change")
def change(context: Context, code: str) -> Response:
    """Make one change from a day on; the same form twice changes once."""
    filled = FilledForm(context.typed())
    do = context.value("do")
    if do not in CHANGES:
        return _page(context, code, "", filled, 422)
    name = CHANGES[do][0]
    given: dict[str, Any] = {
        "code": code,
        "on": context.value("on"),
        "reason": context.value("reason"),
    }
    given |= {"closed": True} if do == "close" else {name: context.value(name)}
    for needed in (name, "reason") if do in REASONED else (name,):
        if needed != "closed" and not given[needed]:
            filled.errors[needed] = context.t("请填写", "is missing")
    command = read_form(context, ChangeOrganization, present(given), filled)
    if command is not None and filled.ok:
        try:
            organize(context.tools.store, command, context.metadata(), f"{context.value('id')}")
        except Refused as refused:
            filled.refuse(refused, context.language)
    if command is None or not filled.ok:
        return _page(context, code, do, filled, 422)
    context.fresh.clear()
    return redirect(f"/admin/organizations/{quote(command.new_code or code)}?done={do}")


@router.get("/admin/register-organization")
def begin(context: Context, request: Request) -> Response:
    """The form that registers an organization, under ``parent``."""
    with context.read() as reader:
        today = context.today(reader).isoformat()
    parent = request.query_params.get("parent", "")
    values = {"id": uuid.uuid4().hex, "registered_on": today, "parent": parent}
    return _register_page(context, FilledForm(values))


def _register_page(context: RequestContext, filled: FilledForm, status: int = 200) -> Response:
    with context.read() as reader:
        words = PageWords(context.language, reader)
    categories = [(one, words.category(one)) for one in CATEGORIES]
    return page(
        context, "organizations/register.html", status, filled=filled, categories=categories
    )


@router.post("/admin/register-organization")
def register(context: Context) -> Response:
    """Register an organization; the same form twice registers once."""
    filled = FilledForm(context.typed())
    names = ("code", "name", "category", "parent", "registered_on")
    given = present({name: context.value(name) for name in names})
    command = read_form(context, RegisterOrganization, given, filled)
    if command is not None:
        try:
            organize(context.tools.store, command, context.metadata(), context.value("id"))
        except Refused as refused:
            filled.refuse(refused, context.language)
    if command is None or not filled.ok:
        return _register_page(context, filled, 422)
    context.fresh.clear()
    return redirect(f"/admin/organizations/{quote(command.code)}?done=registered")
