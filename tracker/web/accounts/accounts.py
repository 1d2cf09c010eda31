"""Accounts: who may sign in, in which roles over what; opened, granted, ended, helped."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.vocabulary import CATEGORIES
from events.refusals.errors import Refused
from events.streams.accounts import ROLES, GrantRole, OpenAccount, RevokeRole, SwitchAccount
from projections.organizations.directory import find
from projections.people.accounts import account_of
from tracker.access.rights import not_oneself, require_place
from tracker.accounts import credentials
from tracker.accounts import listing as account_list
from tracker.accounts.keyring import AccountSecurity
from tracker.accounts.listing import STATES, AccountQuery, count, listed, places, void_loans
from tracker.export.tables import FORMATS, Table, exported
from tracker.http.context import Context, unknown
from tracker.web.page.forms import FilledForm, present, read_form
from tracker.web.page.qr import qr
from tracker.web.page.rendering import PageWords, page, redirect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.accounts.listing import ListedAccount
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
PAGE = 50
MOST_EXPORTED = 10_000
LONGEST_LOGIN = 64
LONGEST_NAME = 80
STATE_NAMES = {
    "enabled": ("可以登录", "may sign in"),
    "disabled": ("已停用", "disabled"),
    "no_password": ("尚未设置密码", "no password yet"),
}


@router.get("/admin/accounts")
def accounts(context: Context, request: Request) -> Response:
    """Accounts by log-in name, filtered, fifty a page."""
    asked = dict(request.query_params)
    form = asked.pop("format", "")
    number = max(1, int(asked["page"])) if asked.get("page", "").isdecimal() else 1
    wanted = wanted_of(asked)
    with context.read() as reader:
        offset, limit = (0, MOST_EXPORTED) if form in FORMATS else (PAGE * (number - 1), PAGE)
        rows = listed(reader, wanted, offset, limit)
        total = count(reader, wanted)
        named = places(reader, rows)
        words = PageWords(context.language, reader)
    if form in FORMATS:
        return exported(_table(context, rows, total, asked, named, words), form)
    return page(
        context,
        "accounts/accounts.html",
        rows=rows,
        total=total,
        number=number,
        pages=-(-total // PAGE),
        asked={name: value for name, value in asked.items() if name != "page"},
        filled=FilledForm(asked),
        roles=[(one, words.role(one)) for one in ROLES],
        states=[(one, context.t(*STATE_NAMES[one])) for one in STATES],
        places=named,
    )


def wanted_of(asked: Mapping[str, str]) -> AccountQuery:
    """What a list's filter asks for; a word that is none of the choices is left out."""
    role, state = asked.get("role"), asked.get("state")
    return AccountQuery(
        asked.get("q", "").strip()[:100] or None,
        role if role in ROLES else None,
        state if state in STATES else None,
    )


def _table(
    context: RequestContext,
    rows: list[ListedAccount],
    total: int,
    asked: dict[str, str],
    named: dict[str, str],
    words: PageWords,
) -> Table:
    heads = (
        context.t("登录名", "login"),
        context.t("姓名", "name"),
        context.t("角色", "roles"),
        context.t("状态", "state"),
        context.t("检查人员编号", "inspector"),
        context.t("账号", "account"),
    )
    said = " ".join(f"{name}={value}" for name, value in asked.items() if value)
    if total > len(rows):
        said += context.t(f" 只含前 {len(rows)} 个", f" the first {len(rows)} alone")
    lines = []
    for one in rows:
        roles = [
            f"{words.role(grant.role)} {named.get(grant.organization or '', '')}".strip()
            for grant in one.account.grants.values()
        ]
        state = "enabled" if one.account.enabled else "disabled"
        lines.append((one.login, one.name, "；".join(roles), context.t(*STATE_NAMES[state]),
                      one.account.person, one.account.account))  # fmt: skip
    return Table(context.t("账号", "accounts"), said, context.now(), heads, lines)


@router.get("/admin/open-account")
def begin(context: Context) -> Response:
    """The form that opens an account."""
    return page(
        context, "accounts/open.html", filled=FilledForm({"account": f"u-{uuid.uuid4().hex[:12]}"})
    )


@router.post("/admin/open-account")
def open_account(context: Context) -> Response:
    """Open an account and show its one-time link, this once."""
    filled = FilledForm(context.typed())
    for name, most in (("login", LONGEST_LOGIN), ("name", LONGEST_NAME)):
        value = context.value(name)
        if not value or len(value) > most or not value.isprintable():
            filled.errors[name] = context.t(f"请填写，最多 {most} 个字", f"1 to {most} characters")
    given = present({"account": context.value("account"), "person": context.value("person")})
    command = read_form(context, OpenAccount, given, filled)
    if command is None or not filled.ok:
        return page(context, "accounts/open.html", 422, filled=filled)
    with context.read() as reader:
        standing = account_of(reader, command.account)
    if standing is not None:
        return redirect(f"/admin/accounts/{command.account}?done=twice")
    try:
        opened = context.doors.open(
            context.value("login"),
            context.value("name"),
            context.metadata(),
            person=command.person,
            account=command.account,
        )
    except Refused as refused:
        filled.refuse(refused, context.language)
        return page(context, "accounts/open.html", 422, filled=filled)
    return account_page(context, opened.account, FilledForm(), link=opened.link)


@router.get("/admin/accounts/{account}")
def show(context: Context, account: str) -> Response:
    """One account with its roles, and what can be done for it."""
    return account_page(context, account, FilledForm())


def account_page(
    context: RequestContext,
    account: str,
    filled: FilledForm,
    status: int = 200,
    link: str | None = None,
) -> Response:
    """The page of an account; ``link`` is the secret of a one-time link just made."""
    with context.read() as reader:
        found = account_of(reader, account)
        if found is None:
            raise Refused("unknown_account")
        known = credentials.by_account(reader, account)
        today = context.today(reader).isoformat()
        void = void_loans(reader, found, today)
        words = PageWords(context.language, reader)
        row = account_list.ListedAccount(found, "", "", password=False)
        named = places(reader, [row])
        lenders = credentials.names_of(
            reader, [one.delegated_by for one in found.grants.values() if one.delegated_by]
        )
    address = f"{context.site}/welcome/{link}" if link is not None else ""
    values = {"grant_id": f"g-{uuid.uuid4().hex}", "from_on": today} | dict(filled.values)
    return page(
        context,
        "accounts/account.html",
        status,
        account=found,
        known=known,
        void=void,
        places=named,
        lenders=lenders,
        address=address,
        code=qr(address) if address else "",
        filled=FilledForm(values, filled.errors),
        roles=[(one, words.role(one)) for one in ROLES],
        categories=[(one, words.category(one)) for one in CATEGORIES],
        chosen=context.values("categories"),
        own=context.account is not None and context.account.account == account,
    )


@router.post("/admin/accounts/{account}/grant")
def grant(context: Context, account: str) -> Response:
    """Grant a role; the same form twice grants once."""
    filled = FilledForm(context.typed())
    command = read_form(context, GrantRole, grant_given(context), filled)
    if command is not None and placed(context, command, filled):
        try:
            if command.organization is not None:
                _known(context, command.organization)
            context.doors.grant(account, command, context.metadata())
        except Refused as refused:
            if refused.field is None:
                raise
            filled.refuse(refused, context.language)
    if not filled.ok:
        return account_page(context, account, filled, 422)
    return redirect(f"/admin/accounts/{account}?done=granted")


def grant_given(context: RequestContext) -> dict[str, Any]:
    """The fields of a role as they were typed, those into which something was."""
    names = ("grant_id", "role", "organization", "from_on", "until_on")
    found: dict[str, Any] = {name: context.value(name) for name in names}
    return present(found | {"categories": context.values("categories")})


def placed(context: RequestContext, command: GrantRole, filled: FilledForm) -> bool:
    """Whether a role says what it is over: an organization, or the district by its own tick."""
    try:
        require_place(command.role, command.organization)
    except Refused as refused:
        filled.refuse(refused, context.language)
    if (
        command.organization is None
        and command.role != "administrator"
        and not context.value("whole")
    ):
        filled.errors.setdefault(
            "organization",
            context.t("请填写组织代码；管全区的请勾选“全区”", "its code, or the whole district"),
        )
    return filled.ok


def _known(context: RequestContext, code: str) -> None:
    with context.read() as reader:
        found = find(reader, code)
    if found is None:
        raise unknown(code).replace(field="organization")


@router.post("/admin/accounts/{account}/revoke")
def revoke(context: Context, account: str) -> Response:
    """End a role for a reason."""
    filled = FilledForm(context.typed())
    given = {"grant_id": context.value("grant_id"), "reason": context.value("reason")}
    command = read_form(context, RevokeRole, given, filled)
    if command is None:
        return _told(context, account, {"revoke": filled.error("reason")})
    not_oneself(account, context.metadata().actor)
    context.doors.tell(account, command, context.metadata())
    return redirect(f"/admin/accounts/{account}?done=revoked")


@router.post("/admin/accounts/{account}/switch")
def switch(context: Context, account: str) -> Response:
    """Disable an account for a reason, or enable it again."""
    not_oneself(account, context.metadata().actor)
    if context.value("to") == "enabled":
        context.doors.tell(account, SwitchAccount(), context.metadata())
        return redirect(f"/admin/accounts/{account}?done=enabled")
    filled = FilledForm()
    command = read_form(context, SwitchAccount, {"reason": context.value("reason")}, filled)
    if command is None:
        return _told(context, account, {"disable": filled.error("reason")})
    context.doors.tell(account, command, context.metadata())
    return redirect(f"/admin/accounts/{account}?done=disabled")


def _told(context: RequestContext, account: str, errors: dict[str, str]) -> Response:
    """The page again, with what is wrong at another form than the one of roles."""
    return account_page(context, account, FilledForm({}, errors), 422)


@router.post("/admin/accounts/{account}/link")
def make_link(context: Context, account: str) -> Response:
    """A new one-time link, shown this once; those before are void, and the log says who made it."""
    link = context.doors.new_link(account, context.metadata())
    return account_page(context, account, FilledForm(), link=link)


@router.post("/admin/accounts/{account}/factor-off")
def factor_off(context: Context, account: str) -> Response:
    """Ask for no one-time code any more: whose telephone is lost comes in again."""
    AccountSecurity(context.doors).drop_code(account, context.metadata())
    return redirect(f"/admin/accounts/{account}?done=factor")
