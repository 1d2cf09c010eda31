"""Importing a file: checked whole, decided whole, then appended page by page under an import id.

With one bad line nothing is recorded, unless the good lines alone are wanted. An import that was
killed stands started and not finished, its bytes in the spool: the same file or the next start
finishes it, and what it had recorded is unchanged by its identity
(docs/contracts.md, "Command line"; docs/semantics.md, sections 3 and 10).
"""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING

from events.event import Metadata, PendingEvent
from events.streams.imports import DECIDER, FinishImport, StartImport, import_stream
from projections.cycles.cycles import opened_months
from projections.organizations.directory import LOCK
from tracker.imports.decisions import PAGE, Decision, ImportDecider, ImportOptions
from tracker.imports.lines import LineFault
from tracker.imports.organizations import TREE_KINDS, in_order, refuse_circle
from tracker.imports.parsing import read_lines
from tracker.imports.spool import (
    SpooledHeader,
    delete_spooled,
    spool,
    spooled_file,
    spooled_imports,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from events.log.reader import Reader
    from events.log.store import Append, Store
    from tracker.imports.lines import ImportLine
    from tracker.imports.parsing import ParsedFile

CHUNK = 1 << 20
"""Bytes in one row of the spool."""
ID_DIGITS = 32
"""Hex digits of an import id: enough that no two files share one."""
DEFAULT_REASON = "历史台账补录"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file: its lines that are not blank, and of these how many were what."""

    import_id: str
    lines: int
    recorded: int = 0
    unchanged: int = 0
    refused: list[LineFault] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    """Of a check: how many lines of each kind would be recorded."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to import and how; ``name`` tells its form by the suffix."""

    payload: bytes
    name: str
    historical: bool = False
    reason: str | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes, which stands in every event as its source."""
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def import_id(self) -> str:
        """The id of the import: the same bytes read the same way are the same import."""
        way = b"historical" if self.historical else b"plain"
        form = self.name.rpartition(".")[2].lower().encode()
        return hashlib.sha256(way + b"\n" + form + b"\n" + self.payload).hexdigest()[:ID_DIGITS]


def import_file(  # noqa: PLR0913 - the options of `tracker import`
    store: Store,
    payload: bytes,
    name: str,
    *,
    actor: str,
    today: date,
    historical: bool = False,
    reason: str | None = None,
    partial: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Import one file; with a bad line nothing is recorded unless ``partial``.

    ``progress`` hears after each page how many lines of how many are recorded. ``Refused`` where
    the file is of another form than ``.jsonl`` and ``.csv``, or there is no district.
    """
    if historical:
        reason = reason or DEFAULT_REASON
    file = File(payload, name, historical, reason)
    return _Importing(store, file, actor, today, progress).run(partial=partial)


def check_file(
    store: Store,
    payload: bytes,
    name: str,
    *,
    actor: str,
    today: date,
    historical: bool = False,
    reason: str | None = None,
) -> Report:
    """What importing a file would come to as things stand; nothing is recorded.

    ``Refused`` as by ``import_file``.
    """
    return _Importing(store, File(payload, name, historical, reason), actor, today, None).check()


def finish_unfinished(store: Store, *, actor: str, today: date) -> list[Report]:
    """Finish every import that was started and not finished, from the bytes in the spool."""
    with store.read() as reader:
        started = spooled_imports(reader)
    reports = []
    for import_id in started:
        with store.read() as reader:
            file = _spooled(reader, import_id)
        if file is not None:
            reports.append(_Importing(store, file, actor, today, None).run(partial=True))
    return reports


def _spooled(reader: Reader, import_id: str) -> File | None:
    """The file in the spool; None where somebody else finished it meanwhile."""
    spooled = spooled_file(reader, import_id)
    if spooled is None:
        return None
    header, payload = spooled
    return File(payload, header.name, header.historical, header.reason)


class _Importing:
    """One run over one file: check, decide, start, append, finish."""

    def __init__(
        self,
        store: Store,
        file: File,
        actor: str,
        today: date,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.store = store
        self.file = file
        self.id = file.import_id
        self.stream = import_stream(self.id)
        metadata = Metadata(actor, "import", self.id, None, file.digest)
        self.options = ImportOptions(today, metadata)
        self.progress = progress
        self.heads: dict[str, int] = {}
        self.opened: dict[str, frozenset[str]] = {}
        self.moved: set[str] = set()
        self.lines: dict[int, ImportLine] = {}
        self.recorded = self.unchanged = self.resumed = 0
        self.refused: list[LineFault] = []

    def run(self, *, partial: bool) -> Report:
        with _no_collections():
            return self._run(partial=partial)

    def check(self) -> Report:
        with _no_collections():
            count, decisions = self._look()
            kinds = Counter(decision.kind for decision in decisions if decision.pending)
            self._count(decision for decision in decisions if not decision.pending)
            fresh, refused = kinds.total(), sorted(self.refused)
            return Report(self.id, count, fresh, self.unchanged, refused, dict(kinds))

    def _run(self, *, partial: bool) -> Report:
        count, decisions = self._look()
        unfinished = self.options.resumed_from is not None
        todo = [decision for decision in decisions if decision.pending]
        if self.refused and not (partial or unfinished):
            return Report(self.id, count, refused=sorted(self.refused))
        self._count(decision for decision in decisions if not decision.pending)
        if todo or unfinished:
            if not unfinished:
                self._start(count)
            self._append(todo)
            self._finish()
        return Report(
            self.id,
            count,
            self.recorded,
            self.unchanged,
            sorted(self.refused, key=itemgetter(0, 1)),
        )

    def _look(self) -> tuple[int, list[Decision]]:
        """How many lines there are, and the decisions for those that are good."""
        checked = read_lines(self.file.payload, self.file.name, historical=self.file.historical)
        self.refused += checked.faults
        with self.store.read() as reader:
            self._resume(reader)
            decisions = self._decide(reader, checked)
            streams = sorted({decision.stream for decision in decisions})
            self.heads = reader.versions(streams)
            self.opened = opened_months(reader) if self.file.historical else {}
        return checked.count, decisions

    def _resume(self, reader: Reader) -> None:
        """Learn whether this very import was started and not finished."""
        events = reader.stream(self.stream)
        if DECIDER.fold(events).underway:
            self.options = replace(self.options, resumed_from=events[-1].recorded_at)

    def _decide(self, reader: Reader, checked: ParsedFile) -> list[Decision]:
        tree, circles = in_order([line for line in checked.lines if line.kind in TREE_KINDS])
        rest = [line for line in checked.lines if line.kind not in TREE_KINDS]
        for line in circles:
            refused = refuse_circle(line)
            self.refused.append(LineFault(line.number, "parent", refused.message))
        self.lines = {line.number: line for line in tree}
        checked.lines[:] = tree + rest
        del rest
        decisions = []
        for decision in ImportDecider(reader, self.options).decide(checked.lines):
            if decision.fault is not None:
                self.refused.append(decision.fault)
            else:
                decisions.append(decision)
        return decisions

    def _count(self, unchanged: Iterator[Decision]) -> None:
        for decision in unchanged:
            self.unchanged += 1
            self.resumed += decision.resumed

    def _start(self, lines: int) -> None:
        """Append the beginning, and keep the bytes until the end."""
        header = SpooledHeader(self.file.name, self.file.historical, self.file.reason)
        payload = self.file.payload
        chunks = [payload[place : place + CHUNK] for place in range(0, len(payload), CHUNK)]
        with self.store.append() as append:
            append.lock([self.stream])
            command = StartImport(self.file.digest, lines, self.file.historical, self.file.reason)
            if not self._append_own(append, "started", command):
                return
            spool(append, self.id, header, chunks)

    def _append(self, todo: list[Decision]) -> None:
        total, done = len(todo), 0
        for page in _pages(todo):
            with self.store.append() as append:
                if page[0].kind in TREE_KINDS or self.file.historical:
                    append.lock([LOCK])
                append.lock([decision.stream for decision in page])
                decided = self._still(append, page)
                append.append([event for decision in decided for event in decision.pending])
            for decision in page:
                self.heads[decision.stream] = self.heads.get(decision.stream, 0) + len(
                    decision.pending
                )
            self._note(decided)
            done += len(page)
            if self.progress is not None:
                self.progress(done, total)

    def _still(self, append: Append, page: list[Decision]) -> list[Decision]:
        """The page as it is to be appended: what still stands, and the rest decided again.

        A decision stands where its stream is at the version it was decided at and what we appended
        since. Lines of the tree are always decided again, under the directory's lock.
        """
        for decision in page:
            if append.heads[decision.stream].version != self.heads.get(decision.stream, 0):
                self.moved.add(decision.stream)
        tree = page[0].kind in TREE_KINDS
        opened = opened_months(append) if self.file.historical else self.opened
        if opened != self.opened:
            self.moved.update(decision.stream for decision in page)
        again = [
            self._line(decision.number)
            for decision in page
            if tree or decision.stream in self.moved
        ]
        if not again:
            return page
        kept = [decision for decision in page if not tree and decision.stream not in self.moved]
        fresh = list(ImportDecider(append, self.options).decide(again))
        if tree:
            before = {decision.number: len(decision.pending) for decision in page}
            self.moved.update(
                decision.stream
                for decision in fresh
                if len(decision.pending) != before[decision.number]
            )
        return kept + fresh

    def _line(self, number: int) -> ImportLine:
        """A line of the file again; what was decided keeps no lines, for they are many."""
        if number not in self.lines:
            found = read_lines(self.file.payload, self.file.name, historical=self.file.historical)
            self.lines = {line.number: line for line in found.lines}
        return self.lines[number]

    def _note(self, decided: Sequence[Decision]) -> None:
        """Count what became of a page's lines, once they are committed."""
        for decision in decided:
            if decision.fault is not None:
                self.refused.append(decision.fault)
            elif decision.pending:
                self.recorded += 1
            else:
                self.unchanged += 1
                self.resumed += decision.resumed

    def _finish(self) -> None:
        with self.store.append() as append:
            append.lock([self.stream])
            command = FinishImport(
                recorded=self.recorded + self.resumed, unchanged=self.unchanged - self.resumed
            )
            self._append_own(append, "finished", command)
            delete_spooled(append, self.id)

    def _append_own(self, append: Append, name: str, command: StartImport | FinishImport) -> bool:
        """Append what follows from a command to the import's own stream; whether anything does."""
        version = append.heads[self.stream].version + 1
        events = DECIDER.decide(command, DECIDER.fold(append.stream(self.stream)))
        pending = [
            PendingEvent(self.stream, f"{name}/{version}", event, self.options.metadata)
            for event in events
        ]
        return bool(append.append(pending))


@contextmanager
def _no_collections() -> Iterator[None]:
    """Let the cycle collector rest: an import makes many objects that live long and no cycles.

    Walking them again and again took more than a third of the time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _pages(todo: list[Decision]) -> Iterator[list[Decision]]:
    """Pages of at most ``PAGE`` lines; lines of the tree stand in pages of their own."""
    tree = [decision for decision in todo if decision.kind in TREE_KINDS]
    rest = [decision for decision in todo if decision.kind not in TREE_KINDS]
    for part in (tree, rest):
        for start in range(0, len(part), PAGE):
            yield part[start : start + PAGE]
