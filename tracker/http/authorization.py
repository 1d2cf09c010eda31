"""Authorization dependency: checks each request against the access table before the handler runs.

One dependency of the whole application: it finds the route's row (``tracker.access.routes``),
identifies the user, and decides whether they may do that over the organization in the path. A form
or script of a signed-in browser must carry the session's CSRF token, so that no other site can send
one.
"""

from __future__ import annotations

import hmac
import re
from functools import partial
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import HTTPException

from events.periods import instant_text
from events.refusals.errors import Refused
from projections.cycles.scopes import is_cycle_scope
from projections.organizations.directory import ancestors_of, find, roots
from projections.organizations.scope import ScopePart
from projections.people.accounts import account_of
from tracker.access.rights import (
    ROUTES,
    RouteRule,
    RouteTarget,
    is_allowed,
    scope_of,
    without_void_delegations,
)
from tracker.accounts import credentials
from tracker.http.context import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    RequestContext,
    unknown_organization,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.datastructures import FormData

    from events.log.reader import Reader
    from events.streams.accounts import Account
    from projections.organizations.directory import OrganizationEntry
    from tracker.http.turns import Turns
    from tracker.wording.refusals import Language

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
MOST_FIELDS = 5000
MOST_FILES = 20
LARGEST_FIELD = 1 << 20
"""Bytes of one field of a multipart form."""
LARGEST_UNKNOWN = 64 << 10
"""Bytes of a body from a client that is nobody: enough for a sign-in form."""
UPLOADS = re.compile(r"(?:/api/v1)?/organizations/[^/]+/evidence")
"""The paths that take evidence files; a record's path may end with the same word."""
NUL = "\0"
"""PostgreSQL stores no text with it."""


class NotSignedIn(Refused):
    """The request needs a signed-in user."""

    def __init__(self) -> None:
        """Take the sentence of the catalogue."""
        super().__init__("not_signed_in")


def language_of(request: Request) -> Language:
    """Return the chosen language, else for programs that of ``Accept-Language``, else Chinese."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in {"zh", "en"}:
        return "en" if chosen == "en" else "zh"
    first = request.headers.get("accept-language", "").strip().lower()
    return "en" if first.startswith("en") and request.url.path.startswith("/api/") else "zh"


async def authorize_request(request: Request) -> AsyncIterator[None]:
    """Authorize the request, read its form; close uploaded files afterwards.

    A route with a JSON body calls this before its body is read (``json_routes``); called again as
    the dependency of the application, it has nothing to do.
    """
    if getattr(request.state, "authorized", False):
        yield
        return
    if any(NUL in text for text in (request.scope["path"], *request.query_params.values())):
        raise HTTPException(400)
    state = request.app.state
    context = RequestContext(
        state.app,
        state.authenticator,
        state.figures,
        request,
        language_of(request),
        request.state.reference,
        channel="api" if request.url.path.startswith("/api/") else "web",
    )
    request.state.context = context
    rule = ROUTES.get(f"{request.method} {request.scope['route'].path}")
    if rule is None:
        raise Refused("no_rule")
    turns: Turns = state.turns
    if _has_credentials(request):
        async with turns.identifying:
            await run_in_threadpool(_authorize, context, rule)
    elif rule.action is not None:
        raise NotSignedIn
    request.state.authorized = True
    account = context.account.account if context.account is not None else None
    if account is None:
        request.state.largest = LARGEST_UNKNOWN
    streams = takes_file(request.scope["path"])
    try:
        async with turns.take(account, request, partial(_read, context), streams=streams):
            await _begin(context)
            yield
    finally:
        await request.close()


async def _begin(context: RequestContext) -> None:
    """Begin the turn of a request: parse a stranger's form, extend the session that was used."""
    if context.account is None and context.request.method in UNSAFE:
        await _read_form(context)
    secret, session = context.secret, context.session
    if secret is not None and session is not None:
        authenticator = context.authenticator
        if authenticator.is_extension_due(session):
            await run_in_threadpool(authenticator.extend_session, secret, session)


def _has_credentials(request: Request) -> bool:
    """Whether a request claims to come from somebody: a stranger costs no query and no thread."""
    return "authorization" in request.headers or bool(request.cookies.get(SESSION_COOKIE))


async def _read(context: RequestContext) -> None:
    """Read the body of a request, unless its handler does piece by piece.

    A form with files is parsed as it comes; a stranger's, which is small, when its turn begins.
    """
    request = context.request
    if request.method not in UNSAFE:
        return
    if context.account is not None:
        await _read_form(context)
    if context.form is None and not takes_file(request.scope["path"]):
        await request.body()


def _authorize(context: RequestContext, rule: RouteRule) -> None:
    """Identify the user and refuse what the rule does not permit."""
    with context.read() as reader:
        _identify(context, reader)
        if rule.action is None:
            return
        if context.account is None:
            raise NotSignedIn
        if rule.action:
            _check_permission(context, reader, rule.action, rule.target)


def _identify(context: RequestContext, reader: Reader) -> None:
    """Identify the user by a personal token (API only), else by the cookie of a session."""
    scheme, _, secret = context.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if context.channel != "api":
            raise Refused("api_alone")
        _identify_by_token(context, reader, secret.strip())
        return
    cookie = context.request.cookies.get(SESSION_COOKIE)
    if not cookie:
        return
    session = credentials.session_of(reader, cookie, instant_text(context.now()))
    if session is not None:
        context.secret, context.session = cookie, session
        _set_account(context, account_of(reader, session.account), reader)


def _identify_by_token(context: RequestContext, reader: Reader, secret: str) -> None:
    row = credentials.token_of(reader, secret)
    account = account_of(reader, row.account) if row is not None else None
    token = account.tokens.get(row.token_id) if account is not None and row is not None else None
    if token is None or token.until_on < context.today(reader).isoformat():
        raise Refused("bad_token")
    context.token_scopes = frozenset(token.scopes)
    _set_account(context, account, reader)


def _set_account(context: RequestContext, account: Account | None, reader: Reader) -> None:
    """Keep an enabled account, without roles whose lender no longer has them."""
    if account is not None and account.enabled:
        if any(grant.delegated_by is not None for grant in account.grants.values()):
            account = without_void_delegations(reader, account, context.today(reader).isoformat())
        context.account = account
        row = credentials.by_account(reader, account.account)
        context.name = row.name if row is not None else account.account


def _check_permission(
    context: RequestContext, reader: Reader, action: str, target: RouteTarget
) -> None:
    """Refuse an action that no role allows over the target of the request.

    An organization out of reach is unknown (404); a root or the whole district is forbidden (403).
    """
    holder = context.holder(reader)
    if not is_allowed(holder, action):
        raise forbidden()
    if target is RouteTarget.NONE:
        return
    scope = scope_of(reader, holder, action)
    if target is RouteTarget.ORGANIZATION:
        code = context.request.path_params["code"]
        entry = find(reader, code)
        if entry is None or not scope.covers(reader, entry):
            raise unknown_organization(code)
    elif target is RouteTarget.ROOT:
        root = _find_root(context, reader)
        parts = {ScopePart(), *_parts_above(reader, root)}
        if parts.isdisjoint(scope.parts):
            raise forbidden()
    elif not scope.whole:
        raise forbidden()


def _find_root(context: RequestContext, reader: Reader) -> OrganizationEntry | None:
    """Return the root that a request names as ``scope``, or the only one; else None."""
    named = context.request.query_params.get("scope")
    if named is not None:
        entry = find(reader, named)
        return entry if entry is not None and is_cycle_scope(reader, entry) else None
    entries = roots(reader)
    return entries[0] if len(entries) == 1 else None


def _parts_above(reader: Reader, root: OrganizationEntry | None) -> set[ScopePart]:
    """Return the scope of a root of cycles and, if it is a former root, of all above it."""
    if root is None:
        return set()
    return {ScopePart(stream) for stream, _ in ancestors_of(reader, [root.stream])[root.stream]}


def forbidden() -> Refused:
    """Return the refusal of something that no role of the account allows."""
    return Refused("forbidden")


async def _read_form(context: RequestContext) -> None:
    """Read the form of the request, once, and compare its CSRF token with the session's."""
    request = context.request
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in FORMS and not _takes_bytes(context):
        context.form = await request.form(
            max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD
        )
        _refuse_nul(context.form)
    if context.session is None:
        if context.token_scopes is None and not same_origin(request):
            raise forged()
        return
    token = request.headers.get(CSRF_HEADER) or context.value(CSRF_FIELD)
    if not hmac.compare_digest(token.encode(), context.session.csrf.encode()):
        raise forged()


def _takes_bytes(context: RequestContext) -> bool:
    """Whether the body is a file or a document and no form, whatever its content type says.

    Programs such as curl call any bytes a form unless another type is given.
    """
    return context.channel == "api" or takes_file(context.request.scope["path"])


def takes_file(path: str) -> bool:
    """Whether the body of a request is an evidence file, which its handler reads as it comes."""
    return UPLOADS.fullmatch(path) is not None


def _refuse_nul(form: FormData) -> None:
    """Refuse a text with a NUL character, at its field."""
    for name, value in form.multi_items():
        if isinstance(value, str) and NUL in value:
            raise Refused("control_character", field=name)


def same_origin(request: Request) -> bool:
    """Whether the request came from a page of this site.

    Browsers send ``Sec-Fetch-Site`` or ``Origin``; a program that sends neither passes.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def forged() -> Refused:
    """Return the refusal of a form that this session did not send."""
    return Refused("forged_form")
