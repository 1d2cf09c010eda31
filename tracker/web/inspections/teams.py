"""Inspectors: their teams, the categories and purposes they inspect for, their recusals."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.refusals.errors import Refused
from events.streams.people import PURPOSES, RecuseInspector, RegisterInspector
from projections.organizations.directory import entries_of, streams_of
from projections.people.accounts import accounts_of_people
from projections.people.inspectors import inspector, inspectors
from tracker.accounts.credentials import names_of
from tracker.commands.organizations import organize
from tracker.export.tables import FORMATS, Table, table_response
from tracker.http import exports
from tracker.http.context import Context
from tracker.web.page.forms import FilledForm, drop_empty, read_form
from tracker.web.page.picker import label_of_code, pick_organization
from tracker.web.page.rendering import PageWords, page, redirect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.log.reader import Reader
    from events.streams.people import Person
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
PURPOSE_NAMES: dict[str, tuple[str, str]] = {
    "monthly": ("每月抽查", "monthly"),
    "half_year": ("半年检查", "half-year"),
    "annual": ("年度考核", "annual"),
}
"""What an inspector inspects for, in both languages."""


@router.get("/admin/teams")
def show_teams(context: Context, request: Request) -> Response:
    """Show all inspectors by team, or export them."""
    text = request.query_params.get("q", "").strip()[:100]
    form = request.query_params.get("format", "")
    with context.read() as reader:
        everybody = sorted(inspectors(reader).values(), key=lambda one: (one.team, one.person))
        rows = [one for one in everybody if text in one.person or text in one.team]
        names = _organization_names(reader, rows)
        logins = _accounts_by_person(reader)
        if form in FORMATS:
            return table_response(_inspector_table(context, reader, rows, names, text), form)
    groups: dict[str, list[Person]] = {}
    for person in rows:
        groups.setdefault(person.team, []).append(person)
    return page(
        context,
        "inspections/teams.html",
        groups=groups,
        purposes={person.person: _purpose_names(context, person) for person in rows},
        names=names,
        logins=logins,
        total=len(rows),
        text=text,
        filled=FilledForm({"q": text}),
    )


def _organization_names(reader: Reader, people: Iterable[Person]) -> dict[str, str]:
    """Return the names of the people's own and recused organizations, by code."""
    codes = {code for one in people for code in (one.organization, *one.recused)}
    streams = streams_of(reader, sorted(codes))
    entries = entries_of(reader, sorted(set(streams.values())))
    return {code: entries[stream].name for code, stream in streams.items()}


def _accounts_by_person(reader: Reader) -> dict[str, tuple[str, str]]:
    """Return the account and name of each inspector with an account, by inspector id."""
    accounts = accounts_of_people(reader)
    names = names_of(reader, accounts.values())
    return {
        person: (account, names[account])
        for person, account in accounts.items()
        if account in names
    }


def _inspector_table(
    context: RequestContext,
    reader: Reader,
    rows: list[Person],
    names: dict[str, str],
    text: str,
) -> Table:
    words = PageWords(context.language, reader)
    heads = (
        context.t("检查组", "team"),
        context.t("编号", "inspector"),
        context.t("所在组织", "belongs to"),
        context.t("类别", "categories"),
        context.t("回避", "recused from"),
        context.t("检查任务", "purposes"),
        context.t("组长", "leader"),
        context.t("任期至", "until"),
    )
    lines = [
        (person.team, person.person, names.get(person.organization, person.organization),
         "、".join(map(words.category, person.categories)),
         "、".join(names.get(code, code) for code in sorted(person.recused)),
         "、".join(_purpose_names(context, person)),
         context.t("是", "yes") if person.leader else "",
         person.until or "")
        for person in rows
    ]  # fmt: skip
    name = context.t("检查组", "teams")
    return exports.fill_table(context, reader, name, text, heads, lines)


def _purpose_names(context: RequestContext, person: Person) -> list[str]:
    """Return what a person inspects for, in words; nothing where it is everything."""
    return [context.t(*PURPOSE_NAMES[name]) for name in person.purposes]


@router.get("/admin/register-inspector")
def show_registration(context: Context, request: Request) -> Response:
    """Show the form that registers an inspector, or changes the one given by ``person``."""
    values: dict[str, Any] = {"form": uuid.uuid4().hex}
    named = request.query_params.get("person", "")
    if not named:
        return _registration_page(context, FilledForm(values), (), PURPOSES)
    person = _find_inspector(context, named)
    with context.read() as reader:
        home = label_of_code(context, reader, person.organization)
    values |= {"id": person.person, "organization": home, "team": person.team}
    values |= {"leader": "1" if person.leader else "", "until": person.until or ""}
    purposes = person.purposes or PURPOSES
    return _registration_page(context, FilledForm(values), person.categories, purposes)


def _find_inspector(context: RequestContext, named: str) -> Person:
    with context.read() as reader:
        person = inspector(reader, named)
    if person is None:
        raise Refused("unknown_inspector", person=named)
    return person


def _registration_page(
    context: RequestContext,
    filled: FilledForm,
    chosen: Iterable[str],
    purposes: Iterable[str],
    status: int = 200,
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
        categories=words.categories,
        purposes=tuple(purposes),
        every_purpose=[(name, context.t(*PURPOSE_NAMES[name])) for name in PURPOSES],
    )


@router.post("/admin/register-inspector")
def register_inspector(context: Context) -> Response:
    """Register an inspector, or change all that is known of one."""
    filled = FilledForm(context.typed())
    chosen, purposes = context.values("categories"), context.values("purposes")
    given = drop_empty({name: context.value(name) for name in ("id", "team", "until")})
    with context.read() as reader:
        home = pick_organization(context, reader, filled, "organization", "administer")
    given |= {} if home is None else {"organization": home.code}
    given |= {"categories": tuple(chosen), "purposes": tuple(purposes)}
    given |= {"leader": context.value("leader") == "1"}
    command = read_form(context, RegisterInspector, given, filled)
    if command is not None and filled.ok:
        try:
            organize(context.app.store, command, context.metadata(), context.value("form"))
        except Refused as refused:
            filled.refuse(refused, context.language)
    if command is None or not filled.ok:
        return _registration_page(context, filled, chosen, purposes, 422)
    return redirect(f"/admin/teams/{quote(command.id)}?done=registered")


@router.get("/admin/teams/{person}")
def show_inspector(context: Context, person: str) -> Response:
    """Show one inspector, with the form for a recusal."""
    return _inspector_page(context, person, FilledForm())


def _inspector_page(
    context: RequestContext, person: str, filled: FilledForm, status: int = 200
) -> Response:
    known = _find_inspector(context, person)
    with context.read() as reader:
        names = _organization_names(reader, [known])
        login = _accounts_by_person(reader).get(person)
    values = {"form": uuid.uuid4().hex} | dict(filled.values)
    return page(
        context,
        "inspections/inspector.html",
        status,
        inspector=known,
        purposes=_purpose_names(context, known),
        names=names,
        login=login,
        filled=FilledForm(values, filled.errors, filled.candidates),
    )


@router.post("/admin/teams/{person}/recuse")
def recuse_inspector(context: Context, person: str) -> Response:
    """Recuse an inspector from an organization and its descendants."""
    filled = FilledForm(context.typed())
    with context.read() as reader:
        picked = pick_organization(context, reader, filled, "organization", "administer")
    given = {"inspector": person, "organization": picked and picked.code,
             "reason": context.value("reason")}  # fmt: skip
    command = read_form(context, RecuseInspector, drop_empty(given), filled)
    if command is not None and filled.ok:
        try:
            organize(context.app.store, command, context.metadata(), context.value("form"))
        except Refused as refused:
            filled.refuse(refused, context.language)
    if not filled.ok:
        return _inspector_page(context, person, filled, 422)
    return redirect(f"/admin/teams/{quote(person)}?done=recused")
