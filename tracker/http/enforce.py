"""The table of access held against every request, before its handler runs.

One dependency of the whole application: it finds the route's row (``tracker.access.routes``), who
asks, and whether they may do that over the organization that the path names. A form or a script of
a signed-in browser must carry the session's own token, so that no foreign page can send one.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import HTTPException

from events.periods import instant_text
from events.refusals.errors import Refused
from projections.organizations.directory import find, roots
from projections.organizations.scope import ScopePart
from projections.people.accounts import account_of
from tracker.access.rights import ROUTES, RouteRule, RouteTarget, may, scope_of, without_void_loans
from tracker.accounts import credentials
from tracker.http.context import LANGUAGE_COOKIE, SESSION_COOKIE, RequestContext, unknown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.datastructures import FormData

    from events.log.reader import Reader
    from events.streams.accounts import Account
    from projections.organizations.directory import OrganizationEntry
    from tracker.wording.refusals import Language

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
MOST_FIELDS = 5000
MOST_FILES = 20
LARGEST_FIELD = 1 << 20
NUL = "\0"


class NotSignedIn(Refused):
    """Somebody must sign in first."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("not_signed_in")


def language_of(request: Request) -> Language:
    """The language that was chosen, else the browser's, else Chinese."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in {"zh", "en"}:
        return "en" if chosen == "en" else "zh"
    first = request.headers.get("accept-language", "").strip().lower()
    return "en" if first.startswith("en") and request.url.path.startswith("/api/") else "zh"


async def enforce(request: Request) -> AsyncIterator[None]:
    """Let a request in, or refuse it; what its form brought is let go after the answer."""
    if any(NUL in one for one in (request.scope["path"], *request.query_params.values())):
        raise HTTPException(400)
    state = request.app.state
    context = RequestContext(
        state.tools,
        state.doors,
        state.fresh,
        request,
        language_of(request),
        request.state.reference,
        door="api" if request.url.path.startswith("/api/") else "web",
    )
    request.state.context = context
    rule = ROUTES.get(f"{request.method} {request.scope['route'].path}")
    if rule is None:
        raise Refused("no_rule")
    await run_in_threadpool(_let_in, context, rule)
    try:
        if request.method in UNSAFE:
            await _form(context)
        yield
    finally:
        await request.close()


def _let_in(context: RequestContext, rule: RouteRule) -> None:
    with context.read() as reader:
        _identify(context, reader)
        if rule.action is None:
            return
        if context.account is None:
            raise NotSignedIn
        if rule.action:
            _permit(context, reader, rule.action, rule.target)
    if context.secret is not None and context.session is not None:
        context.doors.keep(context.secret, context.session.seen_at)


def _identify(context: RequestContext, reader: Reader) -> None:
    """Find out who asks: by a personal token, else by the cookie of a session."""
    scheme, _, secret = context.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if context.door != "api":
            raise Refused("api_alone")
        _by_token(context, reader, secret.strip())
        return
    cookie = context.request.cookies.get(SESSION_COOKIE)
    session = credentials.session_of(reader, cookie, _now(context)) if cookie else None
    if session is not None:
        context.secret, context.session = cookie, session
        _known(context, account_of(reader, session.account), reader)


def _by_token(context: RequestContext, reader: Reader, secret: str) -> None:
    found = credentials.token_of(reader, secret)
    account = account_of(reader, found.account) if found is not None else None
    token = (
        account.tokens.get(found.token_id) if account is not None and found is not None else None
    )
    if token is None or token.until_on < context.today(reader).isoformat():
        raise Refused("bad_token")
    context.token_scopes = frozenset(token.scopes)
    _known(context, account, reader)


def _known(context: RequestContext, account: Account | None, reader: Reader) -> None:
    if account is not None and account.enabled:
        if any(one.delegated_by is not None for one in account.grants.values()):
            account = without_void_loans(reader, account, context.today(reader).isoformat())
        context.account = account
        known = credentials.by_account(reader, account.account)
        context.name = known.name if known is not None else account.account


def _now(context: RequestContext) -> str:
    return instant_text(context.now())


def _permit(context: RequestContext, reader: Reader, action: str, target: RouteTarget) -> None:
    holder = context.holder(reader)
    if not may(holder, action):
        raise forbidden()
    if target is RouteTarget.NONE:
        return
    scope = scope_of(reader, holder, action)
    if target is RouteTarget.ORGANIZATION:
        code = context.request.path_params["code"]
        entry = find(reader, code)
        if entry is None or not scope.covers(reader, entry):
            raise unknown(code)
    elif target is RouteTarget.ROOT:
        root = _root(context, reader)
        parts = {ScopePart(), ScopePart(root.stream)} if root is not None else {ScopePart()}
        if parts.isdisjoint(scope.parts):
            raise forbidden()
    elif not scope.whole:
        raise forbidden()


def _root(context: RequestContext, reader: Reader) -> OrganizationEntry | None:
    """The root that a request names as ``scope``, or the only one."""
    named = context.request.query_params.get("scope")
    if named is not None:
        entry = find(reader, named)
        return entry if entry is not None and entry.parent is None else None
    found = roots(reader)
    return found[0] if len(found) == 1 else None


def forbidden() -> Refused:
    """The refusal of something that no role of the account allows."""
    return Refused("forbidden")


async def _form(context: RequestContext) -> None:
    """Read the form that was sent, once, and hold its token against the session's."""
    request = context.request
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in FORMS:
        context.form = await request.form(
            max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD
        )
        _check_text(context.form)
    if context.session is None:
        if context.token_scopes is None and not same_origin(request):
            raise forged()
        return
    sent = request.headers.get(CSRF_HEADER) or context.value(CSRF_FIELD)
    if not hmac.compare_digest(sent.encode(), context.session.csrf.encode()):
        raise forged()


def _check_text(form: FormData) -> None:
    """Refuse a character that no database takes, at its field."""
    for name, value in form.multi_items():
        if isinstance(value, str) and NUL in value:
            raise Refused("control_character", field=name)


def same_origin(request: Request) -> bool:
    """Whether a browser says that its own page sent this; programs say nothing, which is fine."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def forged() -> Refused:
    """The refusal of a form that this session did not send."""
    return Refused("forged_form")
