"""One request: who asks, in which language, on which database, and what it may see."""

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
from tracker.access.rights import RightsHolder, granted_scope, may, scope_of

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

    tools: App
    doors: Authenticator
    fresh: FigureCache
    request: Request
    language: Language
    reference: str
    """The correlation id: what a person reads out when they ask about an error."""
    secret: str | None = None
    session: SessionRow | None = None
    account: Account | None = None
    name: str = ""
    token_scopes: frozenset[str] | None = None
    form: FormData | None = None
    door: Literal["web", "api"] = "web"
    _district: DistrictFacts | None = field(default=None, repr=False)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """A read transaction: one snapshot."""
        with self.tools.store.read() as reader:
            yield reader

    def now(self) -> datetime:
        """The store's clock."""
        return self.tools.store.clock().astimezone(UTC)

    def district(self, reader: Reader) -> DistrictFacts:
        """Zone and first month."""
        if self._district is None:
            self._district = district(reader)
        return self._district

    def today(self, reader: Reader) -> date:
        """The local date in the district's zone."""
        return local_date(self.now(), self.district(reader).zone)

    def holder(self, reader: Reader) -> RightsHolder:
        """Who asks, as the table of access wants it."""
        assert self.account is not None
        return RightsHolder(self.account, self.today(reader).isoformat(), self.token_scopes)

    def may(self, reader: Reader, action: str) -> bool:
        """Whether somebody is signed in who may do an action over something."""
        return self.account is not None and may(self.holder(reader), action)

    def scope(self, reader: Reader, action: str) -> Scope:
        """All that who asks may do an action over."""
        return scope_of(reader, self.holder(reader), action)

    def roles(self, reader: Reader) -> set[str]:
        """The roles in force of who asks."""
        day = self.today(reader).isoformat()
        grants = self.account.grants.values() if self.account is not None else ()
        return {one.role for one in grants if one.holds(day)}

    def own_streams(self, reader: Reader, role: str, limit: int) -> list[str]:
        """The organizations alive that a role was granted over, by code, the first few."""
        scope = granted_scope(reader, self.holder(reader), role)
        return streams_in(reader, scope, limit, open_on=self.today(reader).isoformat())

    def only(self, stream: str) -> Scope:
        """One organization as a scope: who asks was held against it already."""
        return Scope(streams=frozenset({stream}))

    def organization(self, reader: Reader, code: str, action: str) -> OrganizationEntry:
        """An organization that who asks may do an action over; what is out of reach is not found.

        The route's own ``code`` was held against the table already; this is for other codes.
        """
        entry = find(reader, code)
        if entry is None or not self.scope(reader, action).covers(reader, entry):
            raise unknown(code)
        return entry

    @property
    def site(self) -> str:
        """Where people find the pages, without a last slash: for links that leave the page."""
        return self.tools.settings.public_url or str(self.request.base_url).rstrip("/")

    def metadata(self) -> Metadata:
        """Who acts through which door, in this request."""
        assert self.account is not None
        return Metadata(self.account.account, self.door, self.reference)

    @property
    def address(self) -> str:
        """Where the request comes from, as attempts to sign in are counted."""
        return self.request.client.host if self.request.client is not None else ""

    def t(self, zh: str, en: str) -> str:
        """One of two texts, by the language of who asks."""
        return zh if self.language == "zh" else en

    def value(self, name: str, default: str = "") -> str:
        """One text field of the form that was sent."""
        found = self.form.get(name, default) if self.form is not None else default
        return found.strip() if isinstance(found, str) else default

    def values(self, name: str) -> list[str]:
        """All texts of one field of the form that was sent."""
        found = self.form.getlist(name) if self.form is not None else []
        return [one for one in found if isinstance(one, str)]

    def typed(self) -> dict[str, Any]:
        """Every text field of the form as it was typed, so that nothing is lost."""
        return (
            {}
            if self.form is None
            else {name: one for name, one in self.form.items() if isinstance(one, str)}
        )


def unknown(code: str) -> Refused:
    """The refusal of an organization that is not there, or not for who asks: the same words."""
    return Refused("unknown_organization", code=code)


def here_of(request: Request) -> RequestContext:
    """The request that ``enforce`` let in."""
    found = request.state.context
    assert isinstance(found, RequestContext)
    return found


Context = Annotated[RequestContext, Depends(here_of)]
"""What a handler takes to have its request."""
