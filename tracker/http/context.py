"""The context of one request: user, language, database, and what the user may see."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, Request

from events.event import Metadata
from events.periods import local_date
from events.refusals.errors import Refused
from projections.documents.in_force import district
from projections.organizations.directory import OrganizationEntry, find
from projections.organizations.scope import Scope
from projections.organizations.selection import streams_in
from tracker.access.rights import RightsHolder, granted_scope, is_allowed, scope_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.datastructures import FormData

    from events.log.reader import Reader
    from events.streams.accounts import Account
    from projections.documents.in_force import DistrictFacts
    from tracker.accounts.credentials import SessionRow
    from tracker.accounts.sign_in import Authenticator
    from tracker.app import App
    from tracker.http.figure_cache import FigureCache
    from tracker.wording.refusals import Language

LANGUAGE_COOKIE = "tracker_language"
SESSION_COOKIE = "tracker_session"


@dataclass(slots=True)
class RequestContext:
    """One request with everything that a handler needs."""

    app: App
    authenticator: Authenticator
    figures: FigureCache
    request: Request
    language: Language
    reference: str
    """The correlation id, which a person quotes to an administrator after an error."""
    secret: str | None = None
    """The secret of the session's cookie; None without a session."""
    session: SessionRow | None = None
    account: Account | None = None
    name: str = ""
    """The name of the user, as pages show it."""
    token_scopes: frozenset[str] | None = None
    """What the personal token allows; None where the request came with no token."""
    form: FormData | None = None
    channel: Literal["web", "api"] = "web"
    _district: DistrictFacts | None = field(default=None, repr=False)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """Open a read transaction: one snapshot."""
        with self.app.store.read() as reader:
            yield reader

    def now(self) -> datetime:
        """Return the time of the store's clock, in UTC."""
        return self.app.store.clock().astimezone(UTC)

    def district(self, reader: Reader) -> DistrictFacts:
        """Return the time zone and first month of the district; read once for each request."""
        if self._district is None:
            self._district = district(reader)
        return self._district

    def today(self, reader: Reader) -> date:
        """Return the local date in the district's zone."""
        return local_date(self.now(), self.district(reader).zone)

    def holder(self, reader: Reader) -> RightsHolder:
        """Return the user as the access table takes it; somebody must be signed in."""
        assert self.account is not None
        return RightsHolder(self.account, self.today(reader).isoformat(), self.token_scopes)

    def may(self, reader: Reader, action: str) -> bool:
        """Whether the user is signed in and may do an action over at least one organization."""
        return self.account is not None and is_allowed(self.holder(reader), action)

    def scope(self, reader: Reader, action: str) -> Scope:
        """Return everything over which the user may do an action."""
        return scope_of(reader, self.holder(reader), action)

    def roles(self, reader: Reader) -> set[str]:
        """Return the user's roles that are in force today."""
        day = self.today(reader).isoformat()
        grants = self.account.grants.values() if self.account is not None else ()
        return {grant.role for grant in grants if grant.holds(day)}

    def own_streams(self, reader: Reader, role: str, limit: int) -> list[str]:
        """Return the open organizations over which a role was granted: the first few by code."""
        scope = granted_scope(reader, self.holder(reader), role)
        return streams_in(reader, scope, limit, open_on=self.today(reader).isoformat())

    def organization(self, reader: Reader, code: str, action: str) -> OrganizationEntry:
        """Return an organization over which the user may do an action.

        ``Refused`` as unknown where it is out of reach, so that nobody learns that it exists. This
        is for codes of parameters and forms: the path's ``code`` is authorized already.
        """
        entry = find(reader, code)
        if entry is None or not self.scope(reader, action).covers(reader, entry):
            raise unknown_organization(code)
        return entry

    @property
    def site(self) -> str:
        """The address of the site without a trailing slash, for links that leave the page."""
        return self.app.settings.public_url or str(self.request.base_url).rstrip("/")

    def metadata(self) -> Metadata:
        """Return the actor, channel and correlation id of the events that this request appends."""
        assert self.account is not None
        return Metadata(self.account.account, self.channel, self.reference)

    @property
    def address(self) -> str:
        """The client's network address, by which sign-in attempts are rate limited."""
        return self.request.client.host if self.request.client is not None else ""

    def t(self, zh: str, en: str) -> str:
        """Return the text in the user's language."""
        return zh if self.language == "zh" else en

    def value(self, name: str, default: str = "") -> str:
        """Return one text field of the form, stripped; ``default`` where it is missing."""
        text = self.form.get(name, default) if self.form is not None else default
        return text.strip() if isinstance(text, str) else default

    def values(self, name: str) -> list[str]:
        """Return every text of one field of the form, as it was typed."""
        texts = self.form.getlist(name) if self.form is not None else []
        return [text for text in texts if isinstance(text, str)]

    def typed(self) -> dict[str, Any]:
        """Return every text field of the form as it was typed, so that a refusal loses nothing."""
        fields = self.form.items() if self.form is not None else ()
        return {name: text for name, text in fields if isinstance(text, str)}


def unknown_organization(code: str) -> Refused:
    """Return the refusal of an organization that does not exist or that the user may not see.

    Both get the same words, so that a refusal does not tell which it is.
    """
    return Refused("unknown_organization", code=code)


def context_of(request: Request) -> RequestContext:
    """Return the context that ``authorize_request`` made."""
    context = request.state.context
    assert isinstance(context, RequestContext)
    return context


async def _pass_context(request: Request) -> RequestContext:
    """Return the context; not in a thread, for which a request would wait once more."""
    return context_of(request)


Context = Annotated[RequestContext, Depends(_pass_context)]
"""The parameter by which a handler gets its context."""
