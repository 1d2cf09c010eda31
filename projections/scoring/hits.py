"""What each record is worth in each window, with the recording dates that count there.

A historical line counts by its ``recorded_on`` only in windows of months whose cycle had not opened
when it came, by its true recording date in all others (docs/semantics.md, section 10).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from projections.scoring.credit import Hits, Window, state_at
from projections.scoring.history import NEVER, LifeEnd, RecordHistory, RecordVersion

Openings = Mapping[str, str]
"""The instant at which the cycle of a month opened for the organization's scope, by month."""


def find_hits(
    records: Mapping[str, RecordHistory],
    index: Mapping[str, Mapping[str, list[Window]]],
    asked_on: str,
    disallowed: Callable[[RecordVersion], bool],
    closing: LifeEnd | None = None,
    openings: Openings | None = None,
) -> Hits:
    """Return what every record is worth in every window of ``index`` (activity, month, windows).

    Only entries recorded by ``asked_on`` count; a record with an entry for which ``disallowed`` is
    true counts nowhere, in neither state. Nor does one after the ``closing`` of the organization,
    if that is known by then (section 1). Records worth nothing are left out.
    """
    search = _Search(index, asked_on, disallowed, closing)
    for record in records.values():
        if openings and came_by_import(record.entries):
            for opened_at, windows in _by_opening(record, index, openings).items():
                entries = [entry_where_opened(entry, opened_at) for entry in record.entries]
                search.add(record.record_id, entries, windows)
        else:
            search.add(record.record_id, record.entries, None)
    return search.hits


def came_by_import(entries: list[RecordVersion]) -> bool:
    """Return whether any entry is a historical line; most records have a single entry."""
    first, *later = entries
    return bool(first.came_at) or any(entry.came_at for entry in later)


def entry_where_opened(entry: RecordVersion, opened_at: str) -> RecordVersion:
    """Return an entry with the recording date that counts where a cycle opened at an instant."""
    if not entry.came_at or entry.came_at < opened_at:
        return entry
    return replace(entry, known_on=entry.came_on)


def _by_opening(
    record: RecordHistory, index: Mapping[str, Mapping[str, list[Window]]], openings: Openings
) -> dict[str, set[Window]]:
    """Return the windows of a record's activities by the first opening of a cycle of theirs."""
    windows: dict[str, set[Window]] = {}
    for activity in {entry.changes.get("activity", "") for entry in record.entries}:
        for of_month in index.get(activity, {}).values():
            for window in of_month:
                months = window.period.each_month()
                opened_at = min([openings.get(str(month), NEVER) for month in months])
                windows.setdefault(opened_at, set()).add(window)
    return windows


class _Search:
    """The search for hits: the windows, and what is asked of all records."""

    __slots__ = ("asked_on", "closing", "disallowed", "hits", "index", "last")

    def __init__(
        self,
        index: Mapping[str, Mapping[str, list[Window]]],
        asked_on: str,
        disallowed: Callable[[RecordVersion], bool],
        closing: LifeEnd | None,
    ) -> None:
        self.index = index
        self.asked_on = asked_on
        self.disallowed = disallowed
        self.closing = closing
        self.last = NEVER if closing is None or closing.known_on > asked_on else closing.day
        self.hits: Hits = {}

    def add(
        self, record_id: str, entries: list[RecordVersion], among: Collection[Window] | None
    ) -> None:
        """Add what a record is worth in the windows, or in some of them."""
        asked_on = self.asked_on
        known_on = entries[0].known_on
        if known_on > asked_on:
            return
        if len(entries) == 1:
            state = entries[0].changes
        else:
            entries = [entry for entry in entries if entry.known_on <= asked_on]
            state = state_at(entries, asked_on)
            if "retracted" in state or any(
                "disallowed" in entry.changes and self.disallowed(entry) for entry in entries
            ):
                return
            known_on = max([entry.known_on for entry in entries])
        months = self.index.get(state.get("activity", ""))
        day = state.get("occurred_on", "")
        if months is None or day > self.last:
            return
        for window in months.get(day[:7], ()):
            if among is None or window in among:
                credit = window.credit(state, known_on, entries, self.closing)
                if credit:
                    self.hits.setdefault(window, []).append((credit, day, record_id))
