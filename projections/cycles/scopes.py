"""The organizations that cycles belong to: roots, and former roots whose cycles go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.streams.organizations import stream_of
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import scope_code
from projections.organizations.directory import ancestors_of, entries_of, roots

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.organizations.scope import Scope


def cycle_scopes(reader: Reader) -> list[OrganizationEntry]:
    """Return every root, and every organization that had a cycle while it was a root, by code."""
    entries = {entry.stream: entry for entry in roots(reader)}
    with_cycle = {stream_of(cycle.scope) for cycle in all_cycles(reader)}
    entries |= entries_of(reader, sorted(with_cycle - entries.keys()))
    return sorted(entries.values(), key=lambda entry: entry.code)


def is_cycle_scope(reader: Reader, entry: OrganizationEntry) -> bool:
    """Return whether an organization is a root, or had a cycle while it was one."""
    if entry.parent is None:
        return True
    scope = scope_code(entry)
    return any(cycle.scope == scope for cycle in all_cycles(reader))


def roots_in(reader: Reader, scope: Scope) -> list[tuple[str, str]]:
    """Return scope code and name of each root above a scope, ordered by code.

    Their cycles concern the scope.
    """
    entries = roots(reader)
    if all(part.ancestor is not None for part in scope.parts):
        tops = {part.ancestor for part in scope.parts if part.ancestor} | scope.streams
        above = ancestors_of(reader, sorted(tops))
        wanted = {chain[-1][0] for chain in above.values()}
        entries = [entry for entry in entries if entry.stream in wanted]
    return [(scope_code(entry), entry.name) for entry in entries]


def scopes_in(reader: Reader, scope: Scope) -> list[tuple[str, str]]:
    """Return ``roots_in``, then the former roots whose cycles concern the scope.

    These are the former roots above the scope and those in it.
    """
    former = [entry for entry in cycle_scopes(reader) if entry.parent is not None]
    if former and all(part.ancestor is not None for part in scope.parts):
        tops = {part.ancestor for part in scope.parts if part.ancestor} | scope.streams
        chains = ancestors_of(reader, sorted(tops)).values()
        wanted = {stream for chain in chains for stream, _ in chain}
        wanted |= scope.streams_among(reader, [entry.stream for entry in former])
        former = [entry for entry in former if entry.stream in wanted]
    return roots_in(reader, scope) + [(scope_code(entry), entry.name) for entry in former]
