"""Accounts for administrators: the list, one account, its roles, one-time links."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.refusals.errors import Refused
from events.streams.accounts import ROLES, GrantRole, OpenAccount, RevokeRole, SwitchAccount
from projections.people.accounts import account_of
from tracker.access.rights import refuse_own_account, require_organization
from tracker.accounts import credentials
from tracker.accounts import listing as account_list
from tracker.accounts.listing import (
    STATES,
    AccountQuery,
    count_accounts,
    list_accounts,
    organization_names,
    void_delegations,
)
from tracker.accounts.picking import PeopleKind
from tracker.accounts.second_factor import SecondFactor
from tracker.export.tables import FORMATS, Table, table_response
from tracker.http import exports
from tracker.http.context import Context
from tracker.web.page.forms import FilledForm, drop_empty, read_form
from tracker.web.page.listing import read_page_number
from tracker.web.page.picker import pick_organization, pick_person
from tracker.web.page.qr import draw_qr_code
from tracker.web.page.rendering import PageWords, page, redirect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.log.reader import Reader
    from tracker.accounts.listing import ListedAccount
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
PAGE = 50
LONGEST_LOGIN = 64
LONGEST_NAME = 80
STATE_NAMES = {
    "enabled": ("可以登录", "can sign in"),
    "disabled": ("已停用", "disabled"),
    "no_password": ("尚未设置密码", "no password yet"),
}


@router.get("/admin/accounts")
def show_accounts(context: Context, request: Request) -> Response:
    """Show the accounts by user name, filtered, fifty a page, or export them."""
    asked = dict(request.query_params)
    export = asked.pop("format", "")
    number = read_page_number(request)
    query = query_given(asked)
    with context.read() as reader:
        offset, limit = (
            (0, exports.MOST_ROWS + 1) if export in FORMATS else (PAGE * (number - 1), PAGE)
        )
        rows = list_accounts(reader, query, offset, limit)
        total = count_accounts(reader, query)
        named = organization_names(reader, rows)
        if export in FORMATS:
            return table_response(_export_table(context, reader, rows, asked, named), export)
        words = PageWords(context.language, reader)
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


def query_given(asked: Mapping[str, str]) -> AccountQuery:
    """Return the query of the filter; unknown choices are ignored."""
    role, state = asked.get("role"), asked.get("state")
    return AccountQuery(
        asked.get("q", "").strip()[:100] or None,
        role if role in ROLES else None,
        state if state in STATES else None,
    )


def _export_table(
    context: RequestContext,
    reader: Reader,
    rows: list[ListedAccount],
    asked: dict[str, str],
    named: dict[str, str],
) -> Table:
    words = PageWords(context.language, reader)
    heads = (
        context.t("登录名", "login"),
        context.t("姓名", "name"),
        context.t("角色", "roles"),
        context.t("状态", "state"),
        context.t("检查人员编号", "inspector"),
        context.t("账号", "account"),
    )
    note = " ".join(f"{name}={value}" for name, value in asked.items() if value)
    lines = []
    for row in rows:
        roles = [
            f"{words.role(grant.role)} {named.get(grant.organization or '', '')}".strip()
            for grant in row.account.grants.values()
        ]
        state = "enabled" if row.account.enabled else "disabled"
        lines.append((row.login, row.name, "；".join(roles), context.t(*STATE_NAMES[state]),
                      row.account.person, row.account.account))  # fmt: skip
    name = context.t("账号", "accounts")
    return exports.make_table(context, reader, name, note, heads, lines)


@router.get("/admin/open-account")
def show_opening_form(context: Context) -> Response:
    """Show the form that opens an account."""
    return page(
        context, "accounts/open.html", filled=FilledForm({"account": f"u-{uuid.uuid4().hex[:12]}"})
    )


@router.post("/admin/open-account")
def open_account(context: Context) -> Response:
    """Open an account and show its one-time link, only this time."""
    filled = FilledForm(context.typed())
    for name, most in (("login", LONGEST_LOGIN), ("name", LONGEST_NAME)):
        value = context.value(name)
        if not value or len(value) > most or not value.isprintable():
            filled.errors[name] = context.t(f"请填写，最多 {most} 个字", f"1 to {most} characters")
    with context.read() as reader:
        person = pick_person(context, reader, filled, "person", PeopleKind.INSPECTORS)
    fields = drop_empty({"account": context.value("account"), "person": person and person.value})
    command = read_form(context, OpenAccount, fields, filled)
    if command is None or not filled.ok:
        return page(context, "accounts/open.html", 422, filled=filled)
    with context.read() as reader:
        standing = account_of(reader, command.account)
    if standing is not None:
        return redirect(f"/admin/accounts/{command.account}?done=twice")
    try:
        opened = context.authenticator.open_account(
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
def show_account(context: Context, account: str) -> Response:
    """Show one account with its roles and the actions on it."""
    return account_page(context, account, FilledForm())


def account_page(
    context: RequestContext,
    account: str,
    filled: FilledForm,
    status: int = 200,
    link: str | None = None,
) -> Response:
    """Return the page of an account; ``link`` is the secret of a one-time link just created."""
    with context.read() as reader:
        opened = account_of(reader, account)
        if opened is None:
            raise Refused("unknown_account")
        known = credentials.by_account(reader, account)
        today = context.today(reader).isoformat()
        void = void_delegations(reader, opened, today)
        words = PageWords(context.language, reader)
        row = account_list.ListedAccount(opened, "", "", password=False)
        named = organization_names(reader, [row])
        lenders = credentials.names_of(
            reader, [one.delegated_by for one in opened.grants.values() if one.delegated_by]
        )
    address = f"{context.site}/welcome/{link}" if link is not None else ""
    values = {"grant_id": f"g-{uuid.uuid4().hex}", "from_on": today} | dict(filled.values)
    return page(
        context,
        "accounts/account.html",
        status,
        account=opened,
        known=known,
        void=void,
        places=named,
        lenders=lenders,
        address=address,
        code=draw_qr_code(address) if address else "",
        filled=FilledForm(values, filled.errors, filled.candidates),
        roles=[(one, words.role(one)) for one in ROLES],
        categories=words.categories,
        chosen=context.values("categories"),
        own=context.account is not None and context.account.account == account,
    )


@router.post("/admin/accounts/{account}/grant")
def grant_role(context: Context, account: str) -> Response:
    """Grant a role; the form's ``grant_id`` makes it idempotent."""
    filled = FilledForm(context.typed())
    command = read_form(context, GrantRole, grant_fields(context, filled, "administer"), filled)
    if command is not None and scope_is_valid(context, command, filled):
        try:
            context.authenticator.grant_role(account, command, context.metadata())
        except Refused as refused:
            if refused.field is None:
                raise
            filled.refuse(refused, context.language)
    if not filled.ok:
        return account_page(context, account, filled, 422)
    return redirect(f"/admin/accounts/{account}?done=granted")


def grant_fields(context: RequestContext, filled: FilledForm, action: str) -> dict[str, Any]:
    """Return the non-empty fields of a role form; the organization is within an action's scope."""
    typed: dict[str, Any] = {
        name: context.value(name) for name in ("grant_id", "role", "from_on", "until_on")
    }
    with context.read() as reader:
        picked = pick_organization(context, reader, filled, "organization", action)
    typed["organization"] = None if picked is None else picked.code
    return drop_empty(typed | {"categories": context.values("categories")})


def scope_is_valid(context: RequestContext, command: GrantRole, filled: FilledForm) -> bool:
    """Validate the scope of a role: an organization, or the whole district by its checkbox."""
    if filled.error("organization"):
        return False
    try:
        require_organization(command.role, command.organization)
    except Refused as refused:
        filled.refuse(refused, context.language)
    if (
        command.organization is None
        and command.role != "administrator"
        and not context.value("whole")
    ):
        filled.errors.setdefault(
            "organization",
            context.t(
                "请填写组织；管全区的请勾选“全区”",
                "name an organization, or tick the whole district",
            ),
        )
    return filled.ok


@router.post("/admin/accounts/{account}/revoke")
def revoke_role(context: Context, account: str) -> Response:
    """Revoke a role with a reason."""
    filled = FilledForm(context.typed())
    fields = {"grant_id": context.value("grant_id"), "reason": context.value("reason")}
    command = read_form(context, RevokeRole, fields, filled)
    if command is None:
        return _form_error(context, account, {"revoke": filled.error("reason")})
    refuse_own_account(account, context.metadata().actor)
    context.authenticator.change_account(account, command, context.metadata())
    return redirect(f"/admin/accounts/{account}?done=revoked")


@router.post("/admin/accounts/{account}/switch")
def switch_account(context: Context, account: str) -> Response:
    """Disable an account with a reason, or enable it again."""
    refuse_own_account(account, context.metadata().actor)
    if context.value("to") == "enabled":
        context.authenticator.change_account(account, SwitchAccount(), context.metadata())
        return redirect(f"/admin/accounts/{account}?done=enabled")
    filled = FilledForm()
    command = read_form(context, SwitchAccount, {"reason": context.value("reason")}, filled)
    if command is None:
        return _form_error(context, account, {"disable": filled.error("reason")})
    context.authenticator.change_account(account, command, context.metadata())
    return redirect(f"/admin/accounts/{account}?done=disabled")


def _form_error(context: RequestContext, account: str, errors: dict[str, str]) -> Response:
    """Return the page with the error of a form that is not the role form."""
    return account_page(context, account, FilledForm({}, errors), 422)


@router.post("/admin/accounts/{account}/link")
def make_link(context: Context, account: str) -> Response:
    """Create a one-time link, shown only this time; earlier links become invalid."""
    link = context.authenticator.new_link(account, context.metadata())
    return account_page(context, account, FilledForm(), link=link)


@router.post("/admin/accounts/{account}/factor-off")
def drop_second_factor(context: Context, account: str) -> Response:
    """Turn off two-factor authentication for a user who lost the authenticator."""
    SecondFactor(context.authenticator).reset(account, context.metadata())
    return redirect(f"/admin/accounts/{account}?done=factor")
