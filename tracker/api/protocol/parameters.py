"""What many routes ask for: an organization, a root, a period, all said the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Query

from events.refusals.errors import Refused
from events.values import Day
from projections.cycles.overview import roots_in
from projections.cycles.reading import scope_code
from projections.organizations.directory import find, roots
from tracker.http.context import unknown

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from tracker.http.context import RequestContext

Code = Annotated[str | None, Query(max_length=64, description="An organization by its code.")]
Under = Annotated[
    str | None, Query(max_length=64, description="This organization and all under it.")
]
Category = Annotated[str | None, Query(max_length=64, description="A category, by its name.")]
Since = Annotated[Day | None, Query(description="The first day, such as 2026-09-12.")]
Until = Annotated[Day | None, Query(description="The last day, included.")]
Root = Annotated[str | None, Query(max_length=64, description="The root, where there are several.")]


def known(reader: Reader, code: str) -> OrganizationEntry:
    """The organization of a path: who asks was held against it already."""
    entry = find(reader, code)
    if entry is None:
        raise unknown(code)
    return entry


def seen(
    context: RequestContext, reader: Reader, code: str | None, action: str
) -> OrganizationEntry | None:
    """The organization that a parameter names, within what who asks may do that over."""
    return None if code is None else context.organization(reader, code, action)


def seen_stream(
    context: RequestContext, reader: Reader, code: str | None, action: str
) -> str | None:
    """The same, as a stream."""
    entry = seen(context, reader, code, action)
    return None if entry is None else entry.stream


def root_of(context: RequestContext, reader: Reader, named: str | None) -> OrganizationEntry:
    """The root that ``scope`` names, or the only one; ``Refused`` where that is unclear."""
    if named is not None:
        entry = find(reader, named)
        if entry is None or entry.parent is not None:
            raise unknown(named)
        return entry
    found = roots(reader)
    if len(found) == 1:
        return found[0]
    raise _scope_needed([one.code for one in found])


def _scope_needed(codes: list[str]) -> Refused:
    return Refused("scope_needed", field="scope", count=len(codes), codes=", ".join(codes[:5]))


def root_seen(context: RequestContext, reader: Reader, named: str | None) -> str:
    """The name of the cycles that ``scope`` names, or of the only ones that concern who asks."""
    found = [code for code, _ in roots_in(reader, context.scope(reader, "see_cycle"))]
    if named is not None:
        entry = find(reader, named)
        if entry is None or scope_code(entry) not in found:
            raise unknown(named)
        return scope_code(entry)
    if len(found) == 1:
        return found[0]
    raise _scope_needed(found)
