"""The files that were imported: by whom, when, and what became of them, newest first.

One file may be imported again when more of its lines are good: each beginning is an entry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from events.streams.imports import PREFIX, ImportStarted, import_stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import; ``finished_at``, ``recorded`` and ``unchanged`` are None while it is not done.

    ``version`` is that of its beginning in its stream; ``reason`` is None where it is no history,
    or was erased.
    """

    import_id: str
    version: int
    actor: str
    started_at: str
    lines: int
    historical: bool
    reason: str | None = None
    finished_at: str | None = None
    recorded: int | None = None
    unchanged: int | None = None


def newest_imports(reader: Reader, limit: int) -> list[ImportRun]:
    """The newest imports of the district."""
    rows = reader.rows(
        "SELECT stream FROM events WHERE type = ? ORDER BY position DESC LIMIT ?",
        [ImportStarted.TYPE, limit],
    )
    found = _of(reader, sorted({stream for (stream,) in rows}))
    found.sort(key=lambda one: (one.started_at, one.import_id), reverse=True)
    return found[:limit]


def newest_import_of(reader: Reader, import_id: str) -> ImportRun | None:
    """The newest import of one file, or None."""
    found = _of(reader, [import_stream(import_id)])
    return found[-1] if found else None


def _of(reader: Reader, streams: Sequence[str]) -> list[ImportRun]:
    found: list[ImportRun] = []
    for stream, events in reader.events_of_streams(streams).items():
        texts = reader.texts([(stream, event.version) for event in events])
        found += [
            replace(one, reason=texts.get((stream, one.version, "reason")))
            for one in _entries(stream, events)
        ]
    return found


def _entries(stream: str, events: Sequence[RecordedEvent]) -> Iterator[ImportRun]:
    """Each beginning with the end that came after it."""
    begun: ImportRun | None = None
    for event in events:
        if event.type == ImportStarted.TYPE:
            begun = ImportRun(
                stream.removeprefix(PREFIX),
                event.version,
                event.actor,
                event.recorded_at,
                event.data["lines"],
                event.data["historical"],
            )
        else:
            assert begun is not None
            yield replace(
                begun,
                finished_at=event.recorded_at,
                recorded=event.data["recorded"],
                unchanged=event.data["unchanged"],
            )
            begun = None
    if begun is not None:
        yield begun
