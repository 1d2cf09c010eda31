"""The files that were imported: by whom, when, with which result, newest first.

A file may be imported again when more of its lines are valid: each start is an entry.
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
    """One import; ``finished_at``, ``recorded`` and ``unchanged`` are None until it finishes.

    ``version`` is that of its first event in its stream; ``reason`` is None where the import is
    not historical, or the reason was erased.
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
    """Return the newest imports of the district."""
    rows = reader.rows(
        "SELECT stream FROM events WHERE type = ? ORDER BY position DESC LIMIT ?",
        [ImportStarted.TYPE, limit],
    )
    runs = _read_runs(reader, sorted({stream for (stream,) in rows}))
    runs.sort(key=lambda run: (run.started_at, run.import_id), reverse=True)
    return runs[:limit]


def newest_import_of(reader: Reader, import_id: str) -> ImportRun | None:
    """Return the newest import of one file, or None."""
    runs = _read_runs(reader, [import_stream(import_id)])
    return runs[-1] if runs else None


def _read_runs(reader: Reader, streams: Sequence[str]) -> list[ImportRun]:
    runs: list[ImportRun] = []
    for stream, events in reader.events_of_streams(streams).items():
        texts = reader.texts([(stream, event.version) for event in events])
        runs += [
            replace(run, reason=texts.get((stream, run.version, "reason")))
            for run in _pair_events(stream, events)
        ]
    return runs


def _pair_events(stream: str, events: Sequence[RecordedEvent]) -> Iterator[ImportRun]:
    """Yield each start with the end that came after it."""
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
