"""Whom a month ranks and in which category, as known when its cycles closed.

A published ranking moves by adjustments alone: what is entered about organizations after the
closing date changes neither places nor means (docs/semantics.md, section 6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from events.streams.cycles import CycleClosing
from projections.documents.in_force import district
from projections.organizations.directory import entries_of
from projections.organizations.known_tree import entries_changed_since, streams_under_as_known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from events.log.reader import Reader
    from events.periods import Period
    from projections.organizations.directory import OrganizationEntry


@dataclass(frozen=True, slots=True)
class KnownMonth:
    """The organizations that changed since the cycles of a month closed, as known at each closing.

    ``closings`` has the closing date (ISO) of each scope, ``changed`` what
    ``entries_changed_since`` says of it. Both are empty before the first closing.
    """

    period: Period
    closings: dict[str, str] = field(default_factory=dict)
    changed: dict[str, dict[str, OrganizationEntry | None]] = field(default_factory=dict)

    @property
    def newest(self) -> str | None:
        """The last closing date: who was not posted is as known then, None before the first."""
        return max(self.closings.values(), default=None)

    def changed_for(self, scope: str | None) -> dict[str, OrganizationEntry | None]:
        """Return the organizations that changed since a scope's closing, by stream.

        None is for organizations that no scope posted: since the last closing.
        """
        if scope is None or scope not in self.changed:
            scope = max(self.closings, key=lambda code: self.closings[code], default="")
        return self.changed.get(scope, {})

    def entry(self, now: OrganizationEntry, scope: str | None) -> OrganizationEntry | None:
        """Return an organization as known at the closing of the scope that posted its score.

        None where it was not registered yet.
        """
        return self.changed_for(scope).get(now.stream, now)

    def category(self, now: OrganizationEntry, scope: str | None) -> str:
        """Return the category by whose scheme an organization's score was posted."""
        entry = self.entry(now, scope) or now
        return entry.category_on(self.period.last_day.isoformat())


def read_known_month(reader: Reader, period: Period) -> KnownMonth:
    """Return who was in a month as known on the closing dates of its cycles."""
    zone = district(reader).zone
    closings: dict[str, str] = {
        event.data["scope"]: event.data["closing_on"]
        for event in reader.events_of_type_since(CycleClosing.TYPE, "")
        if event.data["period"] == str(period)
    }
    by_day = {day: entries_changed_since(reader, day, zone) for day in set(closings.values())}
    return KnownMonth(period, closings, {scope: by_day[day] for scope, day in closings.items()})


def streams_ranked_under(reader: Reader, month: KnownMonth, under: str) -> frozenset[str] | None:
    """Return who was under an organization on the month's last day, as known at the last closing.

    None where the tree is as it is now.
    """
    if month.newest is None:
        return None
    zone = district(reader).zone
    last = month.period.last_day.isoformat()
    return streams_under_as_known(reader, under, last, month.newest, zone)


def categories_posted(
    reader: Reader, month: KnownMonth, posted: Mapping[str, str]
) -> dict[str, str]:
    """Return the categories of posted organizations that have changed since, by stream.

    ``posted`` gives the scope that posted each stream.
    """
    changed: Sequence[str] = sorted(
        stream for stream, scope in posted.items() if stream in month.changed_for(scope)
    )
    return {
        stream: month.category(entry, posted[stream])
        for stream, entry in entries_of(reader, changed).items()
    }
