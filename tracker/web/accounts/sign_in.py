"""Signing in and out, one-time links, and the user's account: password, second factor, tokens."""

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
from tracker.accounts.credentials import LINK_HOURS
from tracker.accounts.personal_tokens import PersonalTokens
from tracker.accounts.second_factor import SHARED, SecondFactor
from tracker.http.context import LANGUAGE_COOKIE, SESSION_COOKIE, Context, RequestContext
from tracker.web.page.forms import FilledForm, read_form
from tracker.web.page.qr import draw_qr_code
from tracker.web.page.rendering import page, redirect
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from tracker.accounts.sign_in import NewSession

router = APIRouter(include_in_schema=False)
YEAR_SECONDS = 31_536_000
ISSUER = "过程化考核"
UNFIT, TOO_MANY, BUSY = 422, 429, 503
CHOSEN = "chosen"
"""The ``done`` value after a link set a password and sign-in still needs a one-time code."""


def local_address(text: str) -> str:
    """Return the address if it is local, else "/" to prevent open redirects."""
    plain = text.replace("\\", "/")
    return text if plain.startswith("/") and not plain.startswith("//") else "/"


def _start_session(context: RequestContext, session: NewSession, address: str) -> Response:
    answer = redirect(address)
    answer.set_cookie(
        SESSION_COOKIE,
        session.secret,
        httponly=True,
        samesite="lax",
        secure=context.site.startswith("https:"),
    )
    return answer


@router.get("/login")
def show_login(context: Context, request: Request) -> Response:
    """Show the sign-in form."""
    if context.account is not None:
        return redirect(local_address(request.query_params.get("next", "/")))
    filled = FilledForm({"next": request.query_params.get("next", "/")})
    chosen = request.query_params.get("done") == CHOSEN
    return page(context, "accounts/sign_in.html", filled=filled, code_needed=chosen)


@router.post("/login")
def sign_in(context: Context) -> Response:
    """Sign in."""
    filled = FilledForm(context.typed())
    form = context.form.get("password", "") if context.form is not None else ""
    password = form if isinstance(form, str) else ""
    try:
        session = context.authenticator.sign_in(
            context.value("login"), password, context.value("code"), context.address
        )
    except Refused as refused:
        filled.refuse(refused, context.language)
        needed = refused.code == "code_needed" or bool(context.value("code"))
        return page(
            context, "accounts/sign_in.html", _status_of(refused), filled=filled, code_needed=needed
        )
    return _start_session(context, session, local_address(context.value("next", "/")))


def _status_of(refused: Refused) -> int:
    if refused.code == "hashing_busy":
        return BUSY
    return TOO_MANY if refused.code == "signed_in_too_often" else UNFIT


@router.post("/logout")
def sign_out(context: Context) -> Response:
    """Sign out."""
    if context.secret is not None:
        context.authenticator.sign_out(context.secret)
    answer = redirect("/login")
    answer.delete_cookie(SESSION_COOKIE)
    answer.headers["clear-site-data"] = '"cache"'  # the next user must not see cached evidence
    return answer


@router.post("/language")
def choose_language(context: Context) -> Response:
    """Choose the language of the pages."""
    answer = redirect(local_address(context.value("next", "/")))
    language = "en" if context.value("language") == "en" else "zh"
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_SECONDS, samesite="lax")
    return answer


@router.get("/welcome")
def show_code_form(context: Context) -> Response:
    """Show the form for the one-time code of a printed slip."""
    return page(context, "accounts/welcome_code.html", filled=FilledForm())


@router.post("/welcome")
def check_slip(context: Context) -> Response:
    """Check user name and code, rate limited as passwords are; then lead to setting a password."""
    filled = FilledForm(context.typed())
    try:
        code = context.authenticator.check_code_of_slip(
            context.value("login"), context.value("slip"), context.address
        )
    except Refused as refused:
        filled.refuse(refused, context.language)
        return page(context, "accounts/welcome_code.html", _status_of(refused), filled=filled)
    return redirect(f"/welcome/{code}")


@router.get("/welcome/{token}")
def show_welcome(context: Context, token: str) -> Response:
    """Show the form of a one-time link, to set a password."""
    return _link_page(context, token, FilledForm())


def _link_page(
    context: RequestContext, token: str, filled: FilledForm, status: int = 200
) -> Response:
    with context.read() as reader:
        link = credentials.link_of(reader, token, instant_text(context.now()))
        known = credentials.by_account(reader, link.account) if link is not None else None
    if known is None:
        raise Refused("bad_link", hours=LINK_HOURS)
    return page(context, "accounts/welcome.html", status, filled=filled, known=known)


@router.post("/welcome/{token}")
def accept_link(context: Context, token: str) -> Response:
    """Set the password of a one-time link; sign in unless a one-time code is required."""
    filled = FilledForm()
    password = context.values("password")
    if len(password) != 1 or context.values("again") != password:
        filled.errors["again"] = context.t("两次输入的密码不一样", "the passwords do not match")
        return _link_page(context, token, filled, 422)
    try:
        session = context.authenticator.use_link(token, password[0])
    except Refused as refused:
        if refused.code == "code_needed":
            return redirect(f"/login?done={CHOSEN}")
        if refused.field is None:
            raise
        filled.refuse(refused, context.language)
        return _link_page(context, token, filled, 422)
    return _start_session(context, session, "/")


@router.get("/account")
def show_account(context: Context) -> Response:
    """Show the user's account."""
    return _account_page(context, FilledForm())


def _account_page(
    context: RequestContext, filled: FilledForm, status: int = 200, issued: str = ""
) -> Response:
    assert context.account is not None
    with context.read() as reader:
        known = credentials.by_account(reader, context.account.account)
        today = context.today(reader).isoformat()
        delegates = context.may(reader, "delegate")
    typed = context.value("secret")
    secret = typed if SHARED.fullmatch(typed) else pyotp.random_base32()
    login = known.login if known is not None else context.account.account
    address = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)
    filled.values = {"token_id": f"t-{uuid.uuid4().hex}"} | dict(filled.values)
    return page(
        context,
        "accounts/own.html",
        status,
        filled=filled,
        known=known,
        day_today=today,
        issued=issued,
        secret=secret,
        code=draw_qr_code(address),
        scopes=TOKEN_SCOPES,
        delegates=delegates,
    )


@router.post("/account/password")
def change_password(context: Context) -> Response:
    """Change the user's password."""
    assert context.account is not None
    filled = FilledForm()
    old, new, again = ("".join(context.values(name)) for name in ("old", "password", "again"))
    if new != again:
        filled.errors["again"] = context.t("两次输入的密码不一样", "the passwords do not match")
        return _account_page(context, filled, 422)
    try:
        session = context.authenticator.change_password(
            context.account.account, old, new, context.metadata(), context.address
        )
    except Refused as refused:
        filled.refuse(refused, context.language)
        return _account_page(context, filled, _status_of(refused))
    return _start_session(context, session, "/account?done=password")


@router.post("/account/second-factor")
def switch_second_factor(context: Context) -> Response:
    """Turn two-factor authentication on or off."""
    assert context.account is not None
    second_factor, filled = SecondFactor(context.authenticator), FilledForm()
    account = context.account.account
    password, metadata = "".join(context.values("old")), context.metadata()
    try:
        if context.value("switch") == "off":
            second_factor.disable(account, password, metadata, context.address)
        else:
            secret, code = context.value("secret"), context.value("code")
            second_factor.enable(account, secret, code, password, metadata, context.address)
    except Refused as refused:
        place = "stop" if refused.field == "old" else refused.field or ""
        filled.errors[place] = say(refused, context.language)
        return _account_page(context, filled, _status_of(refused))
    return redirect("/account?done=factor")


@router.post("/account/tokens")
def issue_token(context: Context) -> Response:
    """Issue a personal token after the password, shown once; idempotent by ``token_id``."""
    assert context.account is not None
    typed = {name: one for name, one in context.typed().items() if name != "own"}
    filled = FilledForm(typed)
    scopes = [one for one in context.values("scopes") if one in TOKEN_SCOPES]
    if not scopes:
        filled.errors["scopes"] = context.t("请至少选择一项", "choose at least one permission")
        return _account_page(context, filled, UNFIT)
    try:
        until = parse_date(context.value("until_on"))
        tokens = PersonalTokens(context.authenticator)
        with context.read() as reader:
            tokens.check_last_day(until, context.today(reader))
    except Refused as refused:
        filled.errors["until_on"] = say(refused, context.language)
        return _account_page(context, filled, UNFIT)
    fields = {"token_id": context.value("token_id"), "scopes": scopes, "until_on": until}
    command = read_form(context, IssueToken, fields, filled)
    if command is None:
        return _account_page(context, filled, UNFIT)
    return _issue_after_password(context, tokens, command, filled)


def _issue_after_password(
    context: RequestContext, tokens: PersonalTokens, command: IssueToken, filled: FilledForm
) -> Response:
    """Issue the token if the password of the form is correct."""
    assert context.account is not None
    account, password = context.account.account, "".join(context.values("own"))
    try:
        checked = context.authenticator.verify_password(account, password, context.address, "own")
        secret = tokens.issue(
            account,
            command.scopes,
            command.until_on,
            context.metadata(),
            token_id=command.token_id,
            checked=checked,
            field="own",
        )
    except Refused as refused:
        filled.refuse(refused, context.language)
        return _account_page(context, filled, _status_of(refused))
    if secret is None:
        return redirect("/account?done=twice")
    return _account_page(context, FilledForm(), issued=secret)


@router.post("/account/tokens/{token_id}/revoke")
def revoke_token(context: Context, token_id: str) -> Response:
    """Revoke a personal token."""
    assert context.account is not None
    PersonalTokens(context.authenticator).revoke(
        context.account.account, token_id, context.metadata()
    )
    return redirect("/account?done=token")
