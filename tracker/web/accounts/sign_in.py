"""Signing in and out, one-time links, one's own account: password, second factor, tokens."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pyotp
from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import instant_text, parse_date
from events.refusals.errors import Refused
from events.streams.accounts import TOKEN_SCOPES, IssueToken
from tracker.accounts import credentials
from tracker.accounts.keyring import SHARED, AccountSecurity
from tracker.accounts.sign_in import LINK_HOURS
from tracker.http.context import LANGUAGE_COOKIE, SESSION_COOKIE, Context, RequestContext
from tracker.web.page.forms import FilledForm, read_form
from tracker.web.page.qr import qr
from tracker.web.page.rendering import page, redirect
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from tracker.accounts.sign_in import NewSession

router = APIRouter(include_in_schema=False)
YEAR_SECONDS = 31_536_000
ISSUER = "过程化考核"
UNFIT, TOO_MANY = 422, 429
CHOSEN = "chosen"
"""What the sign-in page is told after a link set a password, and a one-time code is needed too."""


def local_address(text: str) -> str:
    """An address of these pages, else the home: nobody is sent elsewhere by a link."""
    plain = text.replace("\\", "/")
    return text if plain.startswith("/") and not plain.startswith("//") else "/"


def _signed_in(here: RequestContext, found: NewSession, address: str) -> Response:
    answer = redirect(address)
    answer.set_cookie(
        SESSION_COOKIE,
        found.secret,
        httponly=True,
        samesite="lax",
        secure=here.site.startswith("https:"),
    )
    return answer


@router.get("/login")
def show_login(here: Context, request: Request) -> Response:
    """The form to sign in with."""
    if here.account is not None:
        return redirect(local_address(request.query_params.get("next", "/")))
    filled = FilledForm({"next": request.query_params.get("next", "/")})
    chosen = request.query_params.get("done") == CHOSEN
    return page(here, "accounts/sign_in.html", filled=filled, code_needed=chosen)


@router.post("/login")
def login(here: Context) -> Response:
    """Sign in."""
    filled = FilledForm(here.typed())
    form = here.form.get("password", "") if here.form is not None else ""
    password = form if isinstance(form, str) else ""
    try:
        found = here.doors.sign_in(here.value("login"), password, here.value("code"), here.address)
    except Refused as refused:
        filled.refuse(refused, here.language)
        needed = refused.code == "code_needed" or bool(here.value("code"))
        return page(
            here, "accounts/sign_in.html", _status(refused), filled=filled, code_needed=needed
        )
    return _signed_in(here, found, local_address(here.value("next", "/")))


def _status(refused: Refused) -> int:
    return TOO_MANY if refused.code == "signed_in_too_often" else UNFIT


@router.post("/logout")
def logout(here: Context) -> Response:
    """Sign out."""
    if here.secret is not None:
        here.doors.sign_out(here.secret)
    answer = redirect("/login")
    answer.delete_cookie(SESSION_COOKIE)
    answer.headers["clear-site-data"] = '"cache"'  # evidence seen is not the next person's
    return answer


@router.post("/language")
def choose_language(here: Context) -> Response:
    """Choose the language of the pages."""
    answer = redirect(local_address(here.value("next", "/")))
    language = "en" if here.value("language") == "en" else "zh"
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_SECONDS, samesite="lax")
    return answer


@router.get("/welcome/{token}")
def show_welcome(here: Context, token: str) -> Response:
    """The form of a one-time link: choose a password."""
    return _welcome(here, token, FilledForm())


def _welcome(here: RequestContext, token: str, filled: FilledForm, status: int = 200) -> Response:
    with here.read() as reader:
        found = credentials.link_of(reader, token, instant_text(here.now()))
        known = credentials.by_account(reader, found.account) if found is not None else None
    if known is None:
        raise Refused("bad_link", hours=LINK_HOURS)
    return page(here, "accounts/welcome.html", status, filled=filled, known=known)


@router.post("/welcome/{token}")
def welcome(here: Context, token: str) -> Response:
    """Set the password of a one-time link and sign in, where no code is to be asked for too."""
    filled = FilledForm()
    password = here.values("password")
    if len(password) != 1 or here.values("again") != password:
        filled.errors["again"] = here.t("两次输入的密码不一样", "the two passwords differ")
        return _welcome(here, token, filled, 422)
    try:
        found = here.doors.use_link(token, password[0])
    except Refused as refused:
        if refused.code == "code_needed":
            return redirect(f"/login?done={CHOSEN}")
        if refused.field is None:
            raise
        filled.refuse(refused, here.language)
        return _welcome(here, token, filled, 422)
    return _signed_in(here, found, "/")


@router.get("/account")
def show_account(here: Context) -> Response:
    """One's own account."""
    return _account(here, FilledForm())


def _account(
    here: RequestContext, filled: FilledForm, status: int = 200, issued: str = ""
) -> Response:
    assert here.account is not None
    with here.read() as reader:
        known = credentials.by_account(reader, here.account.account)
        today = here.today(reader).isoformat()
        delegates = here.may(reader, "delegate")
    typed = here.value("secret")
    secret = typed if SHARED.fullmatch(typed) else pyotp.random_base32()
    login = known.login if known is not None else here.account.account
    address = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)
    filled.values = {"token_id": f"t-{uuid.uuid4().hex}"} | dict(filled.values)
    return page(
        here,
        "accounts/own.html",
        status,
        filled=filled,
        known=known,
        day_today=today,
        issued=issued,
        secret=secret,
        code=qr(address),
        scopes=TOKEN_SCOPES,
        delegates=delegates,
    )


@router.post("/account/password")
def change_password(here: Context) -> Response:
    """Change one's own password."""
    assert here.account is not None
    filled = FilledForm()
    old, new, again = ("".join(here.values(name)) for name in ("old", "password", "again"))
    if new != again:
        filled.errors["again"] = here.t("两次输入的密码不一样", "the two passwords differ")
        return _account(here, filled, 422)
    try:
        found = here.doors.change_password(
            here.account.account, old, new, here.metadata(), here.address
        )
    except Refused as refused:
        filled.refuse(refused, here.language)
        return _account(here, filled, _status(refused))
    return _signed_in(here, found, "/account?done=password")


@router.post("/account/second-factor")
def second_factor(here: Context) -> Response:
    """Ask for one-time codes at sign-in, or no longer."""
    assert here.account is not None
    keys, filled = AccountSecurity(here.doors), FilledForm()
    account = here.account.account
    try:
        if here.value("switch") == "off":
            keys.stop_code(account, "".join(here.values("old")), here.metadata(), here.address)
        else:
            keys.require_code(account, here.value("secret"), here.value("code"), here.metadata())
    except Refused as refused:
        place = "stop" if refused.field == "old" else refused.field or ""
        filled.errors[place] = say(refused, here.language)
        return _account(here, filled, _status(refused))
    return redirect("/account?done=factor")


@router.post("/account/tokens")
def issue_token(here: Context) -> Response:
    """Issue a personal token by the password, shown once; the same form twice issues one."""
    assert here.account is not None
    typed = {name: one for name, one in here.typed().items() if name != "own"}
    filled = FilledForm(typed)
    scopes = [one for one in here.values("scopes") if one in TOKEN_SCOPES]
    if not scopes:
        filled.errors["scopes"] = here.t("请至少选择一项", "choose at least one")
        return _account(here, filled, UNFIT)
    try:
        until = parse_date(here.value("until_on"))
        keys = AccountSecurity(here.doors)
        with here.read() as reader:
            keys.check_end(until, here.today(reader))
    except Refused as refused:
        filled.errors["until_on"] = say(refused, here.language)
        return _account(here, filled, UNFIT)
    given = {"token_id": here.value("token_id"), "scopes": scopes, "until_on": until}
    command = read_form(here, IssueToken, given, filled)
    if command is None:
        return _account(here, filled, UNFIT)
    return _issued(here, keys, command, filled)


def _issued(
    here: RequestContext, keys: AccountSecurity, command: IssueToken, filled: FilledForm
) -> Response:
    """The token that a form asks for, if the password beside it fits."""
    assert here.account is not None
    account, password = here.account.account, "".join(here.values("own"))
    try:
        checked = here.doors.check(account, password, here.address, "own")
        secret = keys.issue_token(
            account,
            command.scopes,
            command.until_on,
            here.metadata(),
            token_id=command.token_id,
            checked=checked,
            field="own",
        )
    except Refused as refused:
        filled.refuse(refused, here.language)
        return _account(here, filled, _status(refused))
    if secret is None:
        return redirect("/account?done=twice")
    return _account(here, FilledForm(), issued=secret)


@router.post("/account/tokens/{token_id}/revoke")
def revoke_token(here: Context, token_id: str) -> Response:
    """Make a personal token void."""
    assert here.account is not None
    AccountSecurity(here.doors).revoke_token(here.account.account, token_id, here.metadata())
    return redirect("/account?done=token")
