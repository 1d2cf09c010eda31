"""Organizations and the tree as known on a date: what was recorded later is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from events.streams.organizations import (
    OrganizationClosed,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRecategorized,
    OrganizationRegistered,
)
from projections.organizations.directory import (
    OrganizationEntry,
    all_entries,
    entries_of,
    entries_under,
)
from projections.organizations.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.organizations.tree import Parents

ENDINGS = (OrganizationClosed.TYPE, OrganizationMerged.TYPE)
CHANGES = (OrganizationMoved.TYPE, OrganizationRecategorized.TYPE, *ENDINGS)
"""The events that change an organization's place, category or life; names and codes stay as now."""


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
    late = _streams_changed_after(reader, [OrganizationMoved.TYPE], known_on, recording_date)
    if not late:
        return entries_under(reader, ancestor, day)
    entries = {entry.stream: entry for entry in all_entries(reader)}
    known = _entries_as_known(
        reader, [entries[stream] for stream in late], known_on, recording_date
    )

    def parents_of(stream: str) -> Parents:
        entry = known.get(stream) or entries.get(stream)
        return [] if entry is None else entry.parents

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


def streams_under_as_known(
    reader: Reader,
    ancestor: str,
    day: str,
    known_on: str,
    recording_date: Callable[[RecordedEvent], str],
) -> frozenset[str] | None:
    """Return ``entries_under_as_known`` as streams, None where the tree is as it is now."""
    if not _streams_changed_after(reader, [OrganizationMoved.TYPE], known_on, recording_date):
        return None
    entries = entries_under_as_known(reader, ancestor, day, known_on, recording_date)
    return frozenset(entry.stream for entry in entries)


def entries_changed_since(
    reader: Reader, known_on: str, recording_date: Callable[[RecordedEvent], str]
) -> dict[str, OrganizationEntry | None]:
    """Return the organizations that changed after a date, as they were known on it, by stream.

    The changes are those of place, category and life; None where the organization was not
    registered yet. ``recording_date`` gives the date on which an event counts as recorded.
    """
    new = _streams_changed_after(reader, [OrganizationRegistered.TYPE], known_on, recording_date)
    late = _streams_changed_after(reader, CHANGES, known_on, recording_date) - new
    entries = list(entries_of(reader, sorted(late)).values())
    known: dict[str, OrganizationEntry | None] = dict.fromkeys(new)
    return known | _entries_as_known(reader, entries, known_on, recording_date)


def _entries_as_known(
    reader: Reader,
    entries: Sequence[OrganizationEntry],
    known_on: str,
    recording_date: Callable[[RecordedEvent], str],
) -> dict[str, OrganizationEntry]:
    """Return organizations without the changes whose recording date is after ``known_on``."""
    known: dict[str, OrganizationEntry] = {}
    for entry in entries:
        parents = [entry.parents[0]]
        categories = [entry.categories[0]]
        closed_on = None
        later_parents, later_categories = iter(entry.parents[1:]), iter(entry.categories[1:])
        for event in reader.events_of_types(entry.stream, CHANGES):
            in_time = recording_date(event) <= known_on
            if event.type == OrganizationMoved.TYPE:
                move = next(later_parents)
                if in_time:
                    parents.append(move)
            elif event.type == OrganizationRecategorized.TYPE:
                category = next(later_categories)
                if in_time:
                    categories.append(category)
            elif in_time:
                closed_on = event.data["on"]
        known[entry.stream] = replace(
            entry, parents=parents, categories=categories, closed_on=closed_on
        )
    return known


def _streams_changed_after(
    reader: Reader,
    types: Sequence[str],
    known_on: str,
    recording_date: Callable[[RecordedEvent], str],
) -> frozenset[str]:
    """Return the organizations with an event of some types whose recording date is after a date."""
    # No local date is more than a day from its date in UTC, so no later event is left out.
    return frozenset(
        event.stream
        for kind in types
        for event in reader.events_of_type_since(kind, known_on)
        if recording_date(event) > known_on
    )
