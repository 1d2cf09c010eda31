"""The tree as it was known on a date: moves that were recorded later are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.streams.organizations import OrganizationMoved
from projections.organizations.directory import OrganizationEntry, all_entries, entries_under
from projections.organizations.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.organizations.tree import Parents


def entries_under_as_known(
    reader: Reader,
    ancestor: str,
    day: str,
    known_on: str,
    recording_date: Callable[[RecordedEvent], str],
) -> list[OrganizationEntry]:
    """Return an organization and all under it on a date, by the moves recorded by ``known_on``.

    ``recording_date`` gives the date on which an event counts as recorded. Everything else of an
    entry is as it is now. Dates are ISO texts.
    """
    late = _streams_moved_after(reader, known_on, recording_date)
    if not late:
        return entries_under(reader, ancestor, day)
    entries = {entry.stream: entry for entry in all_entries(reader)}
    for stream in late:
        moves = reader.events_of_types(stream, [OrganizationMoved.TYPE])
        first, *later = entries[stream].parents
        entries[stream].parents = [first] + [
            parent
            for parent, move in zip(later, moves, strict=True)
            if recording_date(move) <= known_on
        ]

    def parents_of(stream: str) -> Parents:
        return entries[stream].parents if stream in entries else []

    tree = Tree(parents_of)
    return [
        entry
        for entry in entries.values()
        if any(
            span.ancestor == ancestor
            and span.start <= day
            and (span.end is None or day <= span.end)
            for span in tree.chain(entry.stream)
        )
    ]


def _streams_moved_after(
    reader: Reader, known_on: str, recording_date: Callable[[RecordedEvent], str]
) -> frozenset[str]:
    """Return the organizations with a move whose recording date is after a date."""
    # No local date is more than a day from its date in UTC, so no later move is left out.
    moves = reader.events_of_type_since(OrganizationMoved.TYPE, known_on)
    return frozenset(move.stream for move in moves if recording_date(move) > known_on)
