"""Delegations: a user lends an own role to another account for a time, and takes it back."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response

from events.refusals.errors import Refused
from events.streams.accounts import GrantRole, RevokeRole
from tracker.accounts import delegations
from tracker.accounts.delegations import delegable_roles, delegate_role
from tracker.accounts.listing import AccountQuery, list_accounts, organization_names
from tracker.accounts.picking import PeopleKind
from tracker.http.context import Context
from tracker.web.accounts.accounts import grant_fields, scope_is_valid
from tracker.web.page.forms import FilledForm, read_form
from tracker.web.page.picker import label_of_code, pick_person
from tracker.web.page.rendering import PageWords, page, redirect

if TYPE_CHECKING:
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
MOST_SHOWN = 200
"""Accounts with delegated roles that the page lists."""


@router.get("/account/delegations")
def show_delegations(context: Context) -> Response:
    """Show the delegated roles and the form."""
    return _delegations_page(context, FilledForm())


def _delegations_page(context: RequestContext, filled: FilledForm, status: int = 200) -> Response:
    assert context.account is not None
    lender = context.account.account
    with context.read() as reader:
        today = context.today(reader).isoformat()
        rows = list_accounts(reader, AccountQuery(lender=lender), 0, MOST_SHOWN)
        place_names = organization_names(reader, rows)
        words = PageWords(context.language, reader)
        own = delegable_roles(context.account, today)
        place = (own[0].organization if own else None) or ""
        values = {"grant_id": f"loan-{uuid.uuid4().hex}", "from_on": today}
        values["organization"] = label_of_code(context, reader, place)
    return page(
        context,
        "accounts/delegations.html",
        status,
        loans=[
            (row, grant)
            for row in rows
            for grant in row.account.grants.values()
            if grant.delegated_by == lender
        ],
        own=own,
        places=place_names,
        filled=FilledForm(values | dict(filled.values), filled.errors, filled.candidates),
        roles=[(one, words.role(one)) for one in dict.fromkeys(grant.role for grant in own)],
        categories=words.categories,
        chosen=context.values("categories"),
    )


@router.post("/account/delegations")
def lend_role(context: Context) -> Response:
    """Lend a role; the form's ``grant_id`` makes it idempotent."""
    assert context.account is not None
    filled = FilledForm(context.typed())
    with context.read() as reader:
        today = context.today(reader)
        borrower = pick_person(context, reader, filled, "login", PeopleKind.BORROWERS)
    if borrower is None and filled.ok:
        filled.errors["login"] = context.t("请填写", "is missing")
    command = read_form(context, GrantRole, grant_fields(context, filled, "delegate"), filled)
    if command is not None and scope_is_valid(context, command, filled) and borrower is not None:
        try:
            delegate_role(
                context.authenticator,
                context.account,
                borrower.value,
                command,
                today,
                context.metadata(),
            )
        except Refused as refused:
            filled.refuse(refused, context.language)
    if not filled.ok:
        return _delegations_page(context, filled, 422)
    return redirect("/account/delegations?done=lent")


@router.post("/account/delegations/end")
def end_delegation(context: Context) -> Response:
    """Take a delegated role back."""
    assert context.account is not None
    filled = FilledForm()
    reason = context.value("reason") or context.t("收回授权", "taken back")
    fields = {"grant_id": context.value("grant_id"), "reason": reason}
    command = read_form(context, RevokeRole, fields, filled)
    if command is None:
        return _delegations_page(
            context, FilledForm({}, {"": context.t("没有这项授权", "no such delegation")}), 422
        )
    delegations.end_delegation(
        context.authenticator,
        context.account,
        context.value("account"),
        command,
        context.metadata(),
    )
    return redirect("/account/delegations?done=ended")
