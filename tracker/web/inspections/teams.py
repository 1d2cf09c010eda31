"""Inspectors and their teams: who inspects what, and from what they are recused."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.vocabulary import CATEGORIES
from events.refusals.errors import Refused
from events.streams.people import RecuseInspector, RegisterInspector
from projections.organizations.directory import entries_of, streams_of
from projections.people.accounts import accounts_of_people
from projections.people.inspectors import inspector, inspectors
from tracker.accounts.credentials import names_of
from tracker.commands.organizations import organize
from tracker.export.tables import FORMATS, Table, exported
from tracker.http.context import Context
from tracker.web.page.forms import FilledForm, present, read_form
from tracker.web.page.rendering import PageWords, page, redirect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.log.reader import Reader
    from events.streams.people import Person
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)


@router.get("/admin/teams")
def teams(context: Context, request: Request) -> Response:
    """All inspectors, team by team."""
    text = request.query_params.get("q", "").strip()[:100]
    form = request.query_params.get("format", "")
    with context.read() as reader:
        found = sorted(inspectors(reader).values(), key=lambda one: (one.team, one.person))
        rows = [one for one in found if text in one.person or text in one.team]
        names = _names(reader, rows)
        logins = _logins(reader)
        words = PageWords(context.language, reader)
    if form in FORMATS:
        return exported(_table(context, rows, names, text, words), form)
    groups: dict[str, list[Person]] = {}
    for one in rows:
        groups.setdefault(one.team, []).append(one)
    return page(
        context,
        "inspections/teams.html",
        groups=groups,
        names=names,
        logins=logins,
        total=len(rows),
        text=text,
        filled=FilledForm({"q": text}),
    )


def _names(reader: Reader, people: Iterable[Person]) -> dict[str, str]:
    """The names of the organizations that people belong to or are recused from, by code."""
    codes = {code for one in people for code in (one.organization, *one.recused)}
    streams = streams_of(reader, sorted(codes))
    entries = entries_of(reader, sorted(set(streams.values())))
    return {code: entries[stream].name for code, stream in streams.items()}


def _logins(reader: Reader) -> dict[str, tuple[str, str]]:
    """The account and name of each inspector who may sign in."""
    accounts = accounts_of_people(reader)
    names = names_of(reader, accounts.values())
    return {
        person: (account, names[account])
        for person, account in accounts.items()
        if account in names
    }


def _table(
    context: RequestContext, rows: list[Person], names: dict[str, str], text: str, words: PageWords
) -> Table:
    heads = (
        context.t("检查组", "team"),
        context.t("编号", "inspector"),
        context.t("所在组织", "belongs to"),
        context.t("类别", "categories"),
        context.t("回避", "recused from"),
    )
    lines = [
        (one.team, one.person, names.get(one.organization, one.organization),
         "、".join(map(words.category, one.categories)),
         "、".join(names.get(code, code) for code in sorted(one.recused)))
        for one in rows
    ]  # fmt: skip
    return Table(context.t("检查组", "teams"), text, context.now(), heads, lines)


@router.get("/admin/register-inspector")
def begin(context: Context, request: Request) -> Response:
    """The form that registers an inspector, or changes the one that ``person`` names."""
    values: dict[str, Any] = {"form": uuid.uuid4().hex}
    named = request.query_params.get("person", "")
    if named:
        one = _person(context, named)
        values |= {"id": one.person, "organization": one.organization, "team": one.team}
        return _form(context, FilledForm(values), one.categories)
    return _form(context, FilledForm(values), ())


def _person(context: RequestContext, named: str) -> Person:
    with context.read() as reader:
        found = inspector(reader, named)
    if found is None:
        raise Refused("unknown_inspector", person=named)
    return found


def _form(
    context: RequestContext, filled: FilledForm, chosen: Iterable[str], status: int = 200
) -> Response:
    with context.read() as reader:
        words = PageWords(context.language, reader)
        known = sorted({one.team for one in inspectors(reader).values()})
    return page(
        context,
        "inspections/inspector_form.html",
        status,
        filled=filled,
        chosen=tuple(chosen),
        teams=known,
        categories=[(one, words.category(one)) for one in CATEGORIES],
    )


@router.post("/admin/register-inspector")
def register(context: Context) -> Response:
    """Register an inspector, or change team and categories."""
    filled = FilledForm(context.typed())
    chosen = context.values("categories")
    given = present({name: context.value(name) for name in ("id", "organization", "team")})
    command = read_form(context, RegisterInspector, given | {"categories": tuple(chosen)}, filled)
    if command is not None:
        try:
            organize(context.tools.store, command, context.metadata(), context.value("form"))
        except Refused as refused:
            filled.refuse(refused, context.language)
    if command is None or not filled.ok:
        return _form(context, filled, chosen, 422)
    return redirect(f"/admin/teams/{quote(command.id)}?done=registered")


@router.get("/admin/teams/{person}")
def show(context: Context, person: str) -> Response:
    """One inspector, with the form that recuses them."""
    return _show(context, person, FilledForm())


def _show(context: RequestContext, person: str, filled: FilledForm, status: int = 200) -> Response:
    one = _person(context, person)
    with context.read() as reader:
        names = _names(reader, [one])
        login = _logins(reader).get(person)
    values = {"form": uuid.uuid4().hex} | dict(filled.values)
    return page(
        context,
        "inspections/inspector.html",
        status,
        one=one,
        names=names,
        login=login,
        filled=FilledForm(values, filled.errors),
    )


@router.post("/admin/teams/{person}/recuse")
def recuse(context: Context, person: str) -> Response:
    """Recuse an inspector from an organization and all under it."""
    filled = FilledForm(context.typed())
    given = {"inspector": person, "organization": context.value("organization"),
             "reason": context.value("reason")}  # fmt: skip
    command = read_form(context, RecuseInspector, present(given), filled)
    if command is not None:
        try:
            organize(context.tools.store, command, context.metadata(), context.value("form"))
        except Refused as refused:
            filled.refuse(refused, context.language)
    if not filled.ok:
        return _show(context, person, filled, 422)
    return redirect(f"/admin/teams/{quote(person)}?done=recused")
