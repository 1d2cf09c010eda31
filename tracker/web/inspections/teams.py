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
def teams(here: Context, request: Request) -> Response:
    """All inspectors, team by team."""
    text = request.query_params.get("q", "").strip()[:100]
    form = request.query_params.get("format", "")
    with here.read() as reader:
        found = sorted(inspectors(reader).values(), key=lambda one: (one.team, one.person))
        rows = [one for one in found if text in one.person or text in one.team]
        names = _names(reader, rows)
        logins = _logins(reader)
        words = PageWords(here.language, reader)
    if form in FORMATS:
        return exported(_table(here, rows, names, text, words), form)
    groups: dict[str, list[Person]] = {}
    for one in rows:
        groups.setdefault(one.team, []).append(one)
    return page(
        here,
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
    here: RequestContext, rows: list[Person], names: dict[str, str], text: str, words: PageWords
) -> Table:
    heads = (
        here.t("检查组", "team"),
        here.t("编号", "inspector"),
        here.t("所在组织", "belongs to"),
        here.t("类别", "categories"),
        here.t("回避", "recused from"),
    )
    lines = [
        (one.team, one.person, names.get(one.organization, one.organization),
         "、".join(map(words.category, one.categories)),
         "、".join(names.get(code, code) for code in sorted(one.recused)))
        for one in rows
    ]  # fmt: skip
    return Table(here.t("检查组", "teams"), text, here.now(), heads, lines)


@router.get("/admin/register-inspector")
def begin(here: Context, request: Request) -> Response:
    """The form that registers an inspector, or changes the one that ``person`` names."""
    values: dict[str, Any] = {"form": uuid.uuid4().hex}
    named = request.query_params.get("person", "")
    if named:
        one = _person(here, named)
        values |= {"id": one.person, "organization": one.organization, "team": one.team}
        return _form(here, FilledForm(values), one.categories)
    return _form(here, FilledForm(values), ())


def _person(here: RequestContext, named: str) -> Person:
    with here.read() as reader:
        found = inspector(reader, named)
    if found is None:
        raise Refused("unknown_inspector", person=named)
    return found


def _form(
    here: RequestContext, filled: FilledForm, chosen: Iterable[str], status: int = 200
) -> Response:
    with here.read() as reader:
        words = PageWords(here.language, reader)
        known = sorted({one.team for one in inspectors(reader).values()})
    return page(
        here,
        "inspections/inspector_form.html",
        status,
        filled=filled,
        chosen=tuple(chosen),
        teams=known,
        categories=[(one, words.category(one)) for one in CATEGORIES],
    )


@router.post("/admin/register-inspector")
def register(here: Context) -> Response:
    """Register an inspector, or change team and categories."""
    filled = FilledForm(here.typed())
    chosen = here.values("categories")
    given = present({name: here.value(name) for name in ("id", "organization", "team")})
    command = read_form(here, RegisterInspector, given | {"categories": tuple(chosen)}, filled)
    if command is not None:
        try:
            organize(here.tools.store, command, here.metadata(), here.value("form"))
        except Refused as refused:
            filled.refuse(refused, here.language)
    if command is None or not filled.ok:
        return _form(here, filled, chosen, 422)
    return redirect(f"/admin/teams/{quote(command.id)}?done=registered")


@router.get("/admin/teams/{person}")
def show(here: Context, person: str) -> Response:
    """One inspector, with the form that recuses them."""
    return _show(here, person, FilledForm())


def _show(here: RequestContext, person: str, filled: FilledForm, status: int = 200) -> Response:
    one = _person(here, person)
    with here.read() as reader:
        names = _names(reader, [one])
        login = _logins(reader).get(person)
    values = {"form": uuid.uuid4().hex} | dict(filled.values)
    return page(
        here,
        "inspections/inspector.html",
        status,
        one=one,
        names=names,
        login=login,
        filled=FilledForm(values, filled.errors),
    )


@router.post("/admin/teams/{person}/recuse")
def recuse(here: Context, person: str) -> Response:
    """Recuse an inspector from an organization and all under it."""
    filled = FilledForm(here.typed())
    given = {"inspector": person, "organization": here.value("organization"),
             "reason": here.value("reason")}  # fmt: skip
    command = read_form(here, RecuseInspector, present(given), filled)
    if command is not None:
        try:
            organize(here.tools.store, command, here.metadata(), here.value("form"))
        except Refused as refused:
            filled.refuse(refused, here.language)
    if not filled.ok:
        return _show(here, person, filled, 422)
    return redirect(f"/admin/teams/{quote(person)}?done=recused")
