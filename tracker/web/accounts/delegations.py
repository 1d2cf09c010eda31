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
def show(here: Context) -> Response:
    """What is lent now, and the form."""
    return _page(here, FilledForm())


def _page(here: RequestContext, filled: FilledForm, status: int = 200) -> Response:
    assert here.account is not None
    lender = here.account.account
    with here.read() as reader:
        today = here.today(reader).isoformat()
        rows = listed(reader, AccountQuery(lender=lender), 0, MOST_SHOWN)
        named = places(reader, rows)
        words = PageWords(here.language, reader)
    own = own_roles(here.account, today)
    values = {"grant_id": f"loan-{uuid.uuid4().hex}", "from_on": today}
    if own and own[0].organization is not None:
        values["organization"] = own[0].organization
    return page(
        here,
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
        chosen=here.values("categories"),
    )


@router.post("/account/delegations")
def take(here: Context) -> Response:
    """Lend a role; the same form twice lends once."""
    assert here.account is not None
    filled = FilledForm(here.typed())
    command = read_form(here, GrantRole, grant_given(here), filled)
    if command is not None and placed(here, command, filled):
        with here.read() as reader:
            today = here.today(reader)
        try:
            lend(here.doors, here.account, here.value("login"), command, today, here.metadata())
        except Refused as refused:
            filled.refuse(refused, here.language)
    if not filled.ok:
        return _page(here, filled, 422)
    return redirect("/account/delegations?done=lent")


@router.post("/account/delegations/end")
def end(here: Context) -> Response:
    """Take a role back."""
    assert here.account is not None
    filled = FilledForm()
    reason = here.value("reason") or here.t("收回授权", "taken back")
    given = {"grant_id": here.value("grant_id"), "reason": reason}
    command = read_form(here, RevokeRole, given, filled)
    if command is None:
        return _page(
            here, FilledForm({}, {"": here.t("没有这项授权", "there is no such loan")}), 422
        )
    take_back(here.doors, here.account, here.value("account"), command, here.metadata())
    return redirect("/account/delegations?done=ended")
