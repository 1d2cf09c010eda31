"""Lending one's own role: to whom, over what, until when; and taking it back."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response

from events.documents.vocabulary import CATEGORIES
from events.refusals.errors import Refused
from events.streams.accounts import GrantRole, RevokeRole
from tracker.accounts.lending import lend, own_roles, take_back
from tracker.accounts.listing import AccountQuery, listed, places
from tracker.http.context import Context
from tracker.web.accounts.accounts import grant_given, placed
from tracker.web.page.forms import FilledForm, read_form
from tracker.web.page.rendering import PageWords, page, redirect

if TYPE_CHECKING:
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
MOST_SHOWN = 200


@router.get("/account/delegations")
def show(context: Context) -> Response:
    """What is lent now, and the form."""
    return _page(context, FilledForm())


def _page(context: RequestContext, filled: FilledForm, status: int = 200) -> Response:
    assert context.account is not None
    lender = context.account.account
    with context.read() as reader:
        today = context.today(reader).isoformat()
        rows = listed(reader, AccountQuery(lender=lender), 0, MOST_SHOWN)
        named = places(reader, rows)
        words = PageWords(context.language, reader)
    own = own_roles(context.account, today)
    values = {"grant_id": f"loan-{uuid.uuid4().hex}", "from_on": today}
    if own and own[0].organization is not None:
        values["organization"] = own[0].organization
    return page(
        context,
        "accounts/delegations.html",
        status,
        loans=[
            (one, grant)
            for one in rows
            for grant in one.account.grants.values()
            if grant.delegated_by == lender
        ],
        own=own,
        places=named,
        filled=FilledForm(values | dict(filled.values), filled.errors),
        roles=[(one, words.role(one)) for one in dict.fromkeys(grant.role for grant in own)],
        categories=[(one, words.category(one)) for one in CATEGORIES],
        chosen=context.values("categories"),
    )


@router.post("/account/delegations")
def take(context: Context) -> Response:
    """Lend a role; the same form twice lends once."""
    assert context.account is not None
    filled = FilledForm(context.typed())
    command = read_form(context, GrantRole, grant_given(context), filled)
    if command is not None and placed(context, command, filled):
        with context.read() as reader:
            today = context.today(reader)
        try:
            lend(
                context.doors,
                context.account,
                context.value("login"),
                command,
                today,
                context.metadata(),
            )
        except Refused as refused:
            filled.refuse(refused, context.language)
    if not filled.ok:
        return _page(context, filled, 422)
    return redirect("/account/delegations?done=lent")


@router.post("/account/delegations/end")
def end(context: Context) -> Response:
    """Take a role back."""
    assert context.account is not None
    filled = FilledForm()
    reason = context.value("reason") or context.t("收回授权", "taken back")
    given = {"grant_id": context.value("grant_id"), "reason": reason}
    command = read_form(context, RevokeRole, given, filled)
    if command is None:
        return _page(
            context, FilledForm({}, {"": context.t("没有这项授权", "there is no such loan")}), 422
        )
    take_back(context.doors, context.account, context.value("account"), command, context.metadata())
    return redirect("/account/delegations?done=ended")
