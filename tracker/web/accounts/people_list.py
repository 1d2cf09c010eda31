"""Accounts from a list of people, printed slips with one-time codes, who has not signed in yet."""

from __future__ import annotations

import csv
import io
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.refusals.errors import Refused
from projections.organizations.directory import entries_of, streams_of
from projections.organizations.scope import Scope
from projections.people.accounts import account_of
from tracker.access.rights import covers_district
from tracker.accounts.codes import MOST_DAYS, show_code
from tracker.accounts.waiting import list_waiting, renew_codes
from tracker.export.tables import FORMATS, table_response
from tracker.http import exports
from tracker.http.context import Context
from tracker.imports.people import account_of_row, check_people, open_people, read_people_sheets
from tracker.imports.tables.people import FIELDS, ROLE_WORDS, PeopleTable
from tracker.imports.tables.reading import read_sheets
from tracker.web.page.forms import FilledForm
from tracker.web.page.qr import draw_qr_code
from tracker.web.page.rendering import PageWords, page, redirect
from tracker.web.page.uploaded import read_uploaded_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup

    from events.log.reader import Reader
    from tracker.accounts.waiting import WaitingAccount
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
ACTION = "open_accounts"
LARGEST_BYTES = 10_000_000
DEFAULT_DAYS = 14
PASTED = "list.tsv"
UNFIT = 422
MOST_SHOWN = 500
"""People on the page of who has not signed in; its files have everybody."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed for one person; the QR code leads to where the code is used."""

    name: str
    organization: str
    login: str
    code: str
    picture: Markup


def _scope(context: RequestContext, reader: Reader) -> Scope | None:
    """Return None for an administrator of the whole district, else where branches are opened.

    Roles limited to some categories do not open accounts: a branch has no such limit.
    """
    if covers_district(reader, context.holder(reader), "administer"):
        return None
    parts = context.scope(reader, ACTION).parts
    return Scope(tuple(part for part in parts if part.categories is None))


@router.get("/accounts/list")
def show_list_form(context: Context) -> Response:
    """Show the form for a list of people."""
    return _list_page(context, FilledForm({"days": DEFAULT_DAYS, "list": uuid.uuid4().hex}))


def _list_page(
    context: RequestContext,
    filled: FilledForm,
    status: int = 200,
    table: PeopleTable | None = None,
) -> Response:
    faults = [(one.line, one.field, one.say(context.language)) for one in table.faults] \
        if table is not None else []  # fmt: skip
    return page(
        context,
        "accounts/list.html",
        status,
        filled=filled,
        table=table,
        faults=faults,
        faulty={line for line, _, _ in faults},
        headings=[titles[0] for titles in FIELDS.values()],
        roles=[titles[0] for titles in ROLE_WORDS.values()],
        most_days=MOST_DAYS,
    )


@router.post("/accounts/list")
def take_list(context: Context) -> Response:
    """Check a list and show it with its faults; with ``do`` = ``open`` open its accounts."""
    filled = FilledForm(context.typed())
    days = _days(context, filled)
    if not filled.ok:
        return _list_page(context, filled, UNFIT)
    list_id, opening = context.value("list"), context.value("do") == "open"
    try:
        name, payload = _given(context)
        sheets = read_sheets(payload, name)
        with context.read() as reader:
            scope = _scope(context, reader)
            given = read_people_sheets(reader, sheets, name, scope)
            if (
                opening
                and given.rows
                and account_of(reader, account_of_row(list_id, given.rows[0]))
            ):
                return redirect("/accounts/waiting?done=twice")
            table = check_people(reader, given, scope)
            today = context.today(reader)
    except Refused as refused:
        filled.refuse(refused, context.language)
        return _list_page(context, filled, UNFIT)
    filled.values = dict(filled.values) | {"text": _as_text(table)}
    if table.faults or not opening or not table.rows:
        return _list_page(context, filled, UNFIT if table.faults else 200, table)
    opened = open_people(
        context.authenticator,
        table.rows,
        list_id,
        context.metadata(),
        today=today,
        hours=24 * days,
    )
    with context.read() as reader:
        names = _names(reader, [one.organization for one in opened])
    slips = [
        _slip(context, one.name, names.get(one.organization, ""), one.login, one.code)
        for one in opened
    ]
    return page(context, "accounts/slips.html", slips=slips, days=days)


def _days(context: RequestContext, filled: FilledForm) -> int:
    """Return for how many days codes are valid; a fault where it is no number in range."""
    typed = context.value("days", str(DEFAULT_DAYS))
    if typed.isascii() and typed.isdecimal() and 1 <= int(typed[:4]) <= MOST_DAYS:
        return int(typed)
    filled.refuse(Refused("bad_days", field="days", most=MOST_DAYS), context.language)
    return DEFAULT_DAYS


def _given(context: RequestContext) -> tuple[str, bytes]:
    """Return the name and bytes of the file, else of the pasted rows."""
    chosen = read_uploaded_file(context, "file", LARGEST_BYTES)
    if chosen is None:
        text = context.value("text")
        if not text:
            raise Refused("people_none", field="file")
        return PASTED, text.encode()
    if len(chosen[1]) > LARGEST_BYTES:
        raise Refused("import_too_large", field="file", megabytes=LARGEST_BYTES // 1_000_000)
    return chosen


def _as_text(table: PeopleTable) -> str:
    """Return the list as pasted rows, with the log-in names that were proposed."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow([titles[0] for titles in FIELDS.values()])
    for row in table.rows:
        role = ROLE_WORDS[row.role][0] if row.role else ""
        categories = "、".join(row.categories)
        writer.writerow(
            [row.name, row.phone, row.organization, role, row.login, row.team, categories]
        )
    return text.getvalue()


def _names(reader: Reader, codes: Iterable[str]) -> dict[str, str]:
    streams = streams_of(reader, sorted({code for code in codes if code}))
    entries = entries_of(reader, sorted(set(streams.values())))
    return {code: entries[stream].name for code, stream in streams.items()}


def _slip(context: RequestContext, name: str, place: str, login: str, code: str) -> Slip:
    picture = draw_qr_code(f"{context.site}/welcome/{code}")
    return Slip(name, place, login, show_code(code), picture)


@router.get("/accounts/waiting")
def show_waiting(context: Context, request: Request) -> Response:
    """Show or export who has not signed in yet, by township, with the form for new slips."""
    export = request.query_params.get("format", "")
    if export not in FORMATS:
        twice = request.query_params.get("done") == "twice"
        return _waiting_page(context, FilledForm({"days": DEFAULT_DAYS}), twice=twice)
    t = context.t
    with context.read() as reader:
        rows = list_waiting(reader, _scope(context, reader))
        roles = _role_words(context, reader, rows)
        heads = (t("上级组织", "under"), t("组织", "organization"), t("姓名", "name"),
                 t("电话", "phone"), t("角色", "role"), t("登录名", "login"))  # fmt: skip
        lines = [
            (row.above, row.organization, row.name, row.phone, roles.get(row.role, ""), row.login)
            for row in rows
        ]
        title = t("尚未登录", "not signed in yet")
        return table_response(exports.make_table(context, reader, title, "", heads, lines), export)


def _waiting_page(
    context: RequestContext, filled: FilledForm, status: int = 200, *, twice: bool = False
) -> Response:
    with context.read() as reader:
        rows = list_waiting(reader, _scope(context, reader))
        roles = _role_words(context, reader, rows)
    return page(
        context,
        "accounts/waiting.html",
        status,
        rows=rows[:MOST_SHOWN],
        total=len(rows),
        roles=roles,
        filled=filled,
        most_days=MOST_DAYS,
        twice=twice,
    )


def _role_words(
    context: RequestContext, reader: Reader, rows: Iterable[WaitingAccount]
) -> dict[str, str]:
    words = PageWords(context.language, reader)
    return {row.role: words.role(row.role) for row in rows if row.role}


@router.post("/accounts/slips")
def make_slips(context: Context) -> Response:
    """Make new slips for the people chosen, who have not signed in yet; old codes are void."""
    filled, chosen = FilledForm(context.typed()), set(context.values("account"))
    days = _days(context, filled)
    with context.read() as reader:
        waiting = list_waiting(reader, _scope(context, reader))
    rows = [row for row in waiting if row.account in chosen]
    if filled.ok and not rows:
        filled.refuse(Refused("nobody_chosen", field=""), context.language)
    if not filled.ok:
        return _waiting_page(context, filled, UNFIT)
    codes = renew_codes(
        context.authenticator, [row.account for row in rows], context.metadata(), 24 * days
    )
    slips = [
        _slip(context, row.name, row.organization, row.login, codes[row.account]) for row in rows
    ]
    return page(context, "accounts/slips.html", slips=slips, days=days)
