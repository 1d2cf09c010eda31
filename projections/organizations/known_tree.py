"""Organizations and the tree as known on a date: what was recorded later is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from events.periods import day_after, instant_text
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
    from collections.abc import Sequence
    from datetime import tzinfo

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
    zone: tzinfo,
) -> list[OrganizationEntry]:
    """Return an organization and all under it on a date, by the moves recorded by ``known_on``.

    A move counts from the local date (in ``zone``) on which it came into the log. Everything else
    of an entry is as it is now. Dates are ISO texts.
    """
    late = _streams_changed_after(reader, [OrganizationMoved.TYPE], known_on, zone)
    if not late:
        return entries_under(reader, ancestor, day)
    entries = {entry.stream: entry for entry in all_entries(reader)}
    known = _entries_as_known(reader, [entries[stream] for stream in late], known_on, zone)

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
    zone: tzinfo,
) -> frozenset[str] | None:
    """Return ``entries_under_as_known`` as streams, None where the tree is as it is now."""
    if not _streams_changed_after(reader, [OrganizationMoved.TYPE], known_on, zone):
        return None
    entries = entries_under_as_known(reader, ancestor, day, known_on, zone)
    return frozenset(entry.stream for entry in entries)


def entries_changed_since(
    reader: Reader, known_on: str, zone: tzinfo
) -> dict[str, OrganizationEntry | None]:
    """Return the organizations that changed after a date, as they were known on it, by stream.

    The changes are those of place, category and life; None where the organization was not
    registered yet. An event counts from the local date (in ``zone``) on which it came into the log.
    """
    new = _streams_changed_after(reader, [OrganizationRegistered.TYPE], known_on, zone)
    late = _streams_changed_after(reader, CHANGES, known_on, zone) - new
    entries = list(entries_of(reader, sorted(late)).values())
    known: dict[str, OrganizationEntry | None] = dict.fromkeys(new)
    return known | _entries_as_known(reader, entries, known_on, zone)


def _entries_as_known(
    reader: Reader,
    entries: Sequence[OrganizationEntry],
    known_on: str,
    zone: tzinfo,
) -> dict[str, OrganizationEntry]:
    """Return organizations without the changes that came after ``known_on``."""
    known: dict[str, OrganizationEntry] = {}
    since = _next_midnight(known_on, zone)
    for entry in entries:
        parents = [entry.parents[0]]
        categories = [entry.categories[0]]
        closed_on = None
        later_parents, later_categories = iter(entry.parents[1:]), iter(entry.categories[1:])
        for event in reader.events_of_types(entry.stream, CHANGES):
            in_time = event.recorded_at < since
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
    zone: tzinfo,
) -> frozenset[str]:
    """Return the organizations with an event of some types that came after a date."""
    since = _next_midnight(known_on, zone)
    return frozenset(
        event.stream for kind in types for event in reader.events_of_type_since(kind, since)
    )


def _next_midnight(day: str, zone: tzinfo) -> str:
    """Return the instant at which the day after a local date begins."""
    return instant_text(datetime.combine(day_after(date.fromisoformat(day)), time.min, tzinfo=zone))
