"""The whole directory folded from the log again, page by page, for a rebuild."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from events.streams.organizations import SUBJECT, OrganizationRecoded, OrganizationRegistered
from projections.organizations.directory import (
    INSERT_CLOSURE,
    INSERT_CODE,
    UPSERT,
    Directory,
    DirectoryDraft,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.event import RecordedEvent
    from events.log.reader import Reader

PAGE = 500
"""Streams in memory at once."""


def refold_directory(log: Reader, rows: Reader) -> dict[str, str]:
    """Fold the whole tree from ``log`` into the empty tables of ``rows``, page by page.

    Return the streams whose events cannot be folded, each with its error. Codes come first, then
    organizations, then the tree, so that no order among streams matters.
    """
    stale: dict[str, str] = {}
    for page in _pages(log):
        coded = [event for event in page if event.type in _CODING]
        rows.write(INSERT_CODE, [(event.data["code"], event.stream) for event in coded])
    for page in _pages(log):
        draft = DirectoryDraft(rows)
        draft.read(page)
        for stream, events in groupby(page, key=attrgetter("stream")):
            try:
                draft.fold(list(events))
            # docs/decisions/0009-read-models-in-the-transaction.md
            except Exception as error:  # noqa: BLE001 - a bug in a fold stops nothing
                stale[stream] = f"{Directory.name}: {type(error).__name__}: {error}"
        rows.write(UPSERT, [draft.entries[stream].row() for stream in sorted(draft.touched)])
    after = ""
    while streams := _next(rows, "organizations", after):
        draft = DirectoryDraft(rows)
        draft.load(streams)
        rows.write(INSERT_CLOSURE, [row for stream in streams for row in draft.closure(stream)])
        after = streams[-1]
    return stale


_CODING = frozenset({OrganizationRegistered.TYPE, OrganizationRecoded.TYPE})


def _pages(log: Reader) -> Iterator[list[RecordedEvent]]:
    """Yield the events of organizations by pages of streams, each stream whole and in order."""
    after = ""
    while streams := _next(log, "heads", after):
        yield log.events_of_subject(streams, SUBJECT)
        after = streams[-1]


def _next(reader: Reader, table: str, after: str) -> list[str]:
    return [
        stream
        for (stream,) in reader.rows(
            f"SELECT stream FROM {table} WHERE stream > ? ORDER BY stream LIMIT ?", [after, PAGE]
        )
    ]
