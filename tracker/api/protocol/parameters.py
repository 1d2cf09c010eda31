"""Parameters that many routes take: an organization, a category, days, a root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Query

from events.refusals.errors import Refused
from events.values import Day
from projections.cycles.reading import scope_code
from projections.cycles.scopes import is_cycle_scope, roots_in, scopes_in
from projections.organizations.directory import find, roots
from tracker.http.context import unknown_organization

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from tracker.http.context import RequestContext

Code = Annotated[str | None, Query(max_length=64, description="The code of an organization.")]
Under = Annotated[
    str | None, Query(max_length=64, description="This organization and its descendants.")
]
Category = Annotated[str | None, Query(max_length=64, description="The name of a category.")]
Since = Annotated[Day | None, Query(description="The first day, such as 2026-09-12.")]
Until = Annotated[Day | None, Query(description="The last day, included.")]
Root = Annotated[
    str | None, Query(max_length=64, description="The root's code; required if there are several.")
]


def find_organization(reader: Reader, code: str) -> OrganizationEntry:
    """Return the organization of a path, for which the request is already authorized."""
    entry = find(reader, code)
    if entry is None:
        raise unknown_organization(code)
    return entry


def find_visible_organization(
    context: RequestContext, reader: Reader, code: str | None, action: str
) -> OrganizationEntry | None:
    """Return the organization of a parameter; ``Refused`` where the user may not do ``action``."""
    return None if code is None else context.organization(reader, code, action)


def find_visible_stream(
    context: RequestContext, reader: Reader, code: str | None, action: str
) -> str | None:
    """Return the stream of the organization of a parameter, authorized likewise."""
    entry = find_visible_organization(context, reader, code, action)
    return None if entry is None else entry.stream


def find_root(context: RequestContext, reader: Reader, named: str | None) -> OrganizationEntry:
    """Return the root that ``scope`` names, or the only one; ``Refused`` where that is unclear."""
    if named is not None:
        entry = find(reader, named)
        if entry is None or not is_cycle_scope(reader, entry):
            raise unknown_organization(named)
        return entry
    entries = roots(reader)
    if len(entries) == 1:
        return entries[0]
    raise _scope_needed([entry.code for entry in entries])


def _scope_needed(codes: list[str]) -> Refused:
    return Refused("scope_needed", field="scope", count=len(codes), codes=", ".join(codes[:5]))


def find_visible_root(context: RequestContext, reader: Reader, named: str | None) -> str:
    """Return the scope code of the root that ``scope`` names, or of the only one the user may see.

    ``Refused`` where that is unclear, or the root is out of reach.
    """
    scope = context.scope(reader, "see_cycle")
    if named is not None:
        entry = find(reader, named)
        if entry is None or scope_code(entry) not in dict(scopes_in(reader, scope)):
            raise unknown_organization(named)
        return scope_code(entry)
    codes = [code for code, _ in roots_in(reader, scope)]
    if len(codes) == 1:
        return codes[0]
    raise _scope_needed(codes)
