"""One file imported: validated whole, decided whole, then appended page by page.

With one bad line nothing is recorded, except in a partial import. An import that was interrupted
is started and not finished, its bytes in the spool: the same file or the next start finishes it,
and lines that it had recorded are unchanged by their identities
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
from events.streams.organizations import OrganizationRegistered
from events.values import LONGEST_REASON, accept_text
from projections.cycles.cycles import opened_months
from projections.organizations.directory import LOCK
from tracker.imports.decisions import PAGE, Decision, ImportDecider, ImportOptions
from tracker.imports.lines import LineFault
from tracker.imports.organizations import TREE_KINDS, circle_refusal, order_lines
from tracker.imports.parsing import parse_file
from tracker.imports.spool import (
    SpooledHeader,
    delete_spooled,
    read_spooled_file,
    read_spooled_imports,
    spool_file,
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
"""Hex digits of an import id: 128 bits, so no two files share one."""
DEFAULT_REASON = "历史台账补录"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of an import: the lines that are not blank, and how many had which outcome."""

    import_id: str
    lines: int
    recorded: int = 0
    unchanged: int = 0
    refused: list[LineFault] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    """In a check: how many lines of each kind would be recorded."""
    superseded: list[LineFault] = field(default_factory=list)
    """Lines that repeat what is no longer the newest; they were not recorded."""
    roots: int = 0
    """How many of the recorded lines register an organization without a parent."""


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file to import and how; the suffix of ``name`` gives its format."""

    payload: bytes
    name: str
    historical: bool = False
    reason: str | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes, the source in the metadata of every event."""
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def import_id(self) -> str:
        """The id of the import: the same bytes in the same format and mode are the same import."""
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
) -> ImportResult:
    """Import one file; with a bad line nothing is recorded unless ``partial``.

    ``progress`` is called after each page with the numbers of lines done and of all lines.
    ``Refused`` where the file is neither ``.jsonl`` nor ``.csv``, or there is no district.
    """
    if historical:
        reason = accept_text(reason or "", "reason", LONGEST_REASON) or DEFAULT_REASON
    file = ImportFile(payload, name, historical, reason)
    return FileImport(store, file, actor, today, progress).run(partial=partial)


def check_file(
    store: Store,
    payload: bytes,
    name: str,
    *,
    actor: str,
    today: date,
    historical: bool = False,
    reason: str | None = None,
) -> ImportResult:
    """Return what importing a file would do now; nothing is recorded.

    ``Refused`` as by ``import_file``.
    """
    return FileImport(
        store, ImportFile(payload, name, historical, reason), actor, today, None
    ).check()


def finish_unfinished(store: Store, *, actor: str, today: date) -> list[ImportResult]:
    """Finish every import that was started and not finished, from the bytes in the spool."""
    with store.read() as reader:
        started = read_spooled_imports(reader)
    reports = []
    for import_id in started:
        with store.read() as reader:
            file = _spooled(reader, import_id)
        if file is not None:
            reports.append(FileImport(store, file, actor, today, None).run(partial=True))
    return reports


def _spooled(reader: Reader, import_id: str) -> ImportFile | None:
    """Return the file in the spool; None where another process finished it meanwhile."""
    spooled = read_spooled_file(reader, import_id)
    if spooled is None:
        return None
    header, payload = spooled
    return ImportFile(payload, header.name, header.historical, header.reason)


class FileImport:
    """One run over one file: check, decide, start, append, finish."""

    def __init__(
        self,
        store: Store,
        file: ImportFile,
        actor: str,
        today: date,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        """Prepare the run; nothing is read before ``run`` or ``check``."""
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
        self.recorded = self.unchanged = self.resumed = self.roots = 0
        self.refused: list[LineFault] = []
        self.superseded: list[LineFault] = []

    def run(self, *, partial: bool) -> ImportResult:
        """Import the file; with a bad line nothing is recorded unless ``partial``."""
        with _without_garbage_collection():
            return self._run(partial=partial)

    def check(self) -> ImportResult:
        """Return what ``run`` would do; nothing is recorded."""
        with _without_garbage_collection():
            count, decisions = self._decide_file()
            kinds = Counter(decision.kind for decision in decisions if decision.pending)
            self._count_unchanged(decision for decision in decisions if not decision.pending)
            new, refused = kinds.total(), sorted(self.refused)
            roots = sum(_registers_root(decision) for decision in decisions)
            return ImportResult(
                self.id, count, new, self.unchanged, refused, dict(kinds),
                sorted(self.superseded), roots,
            )  # fmt: skip

    def _run(self, *, partial: bool) -> ImportResult:
        count, decisions = self._decide_file()
        unfinished = self.options.resumed_from is not None
        todo = [decision for decision in decisions if decision.pending]
        if self.refused and not (partial or unfinished):
            return ImportResult(self.id, count, refused=sorted(self.refused))
        self._count_unchanged(decision for decision in decisions if not decision.pending)
        if todo or unfinished:
            if not unfinished:
                self._start(count)
            self._append(todo)
            self._finish()
        return ImportResult(
            self.id,
            count,
            self.recorded,
            self.unchanged,
            sorted(self.refused, key=itemgetter(0, 1)),
            superseded=sorted(self.superseded),
            roots=self.roots,
        )

    def _decide_file(self) -> tuple[int, list[Decision]]:
        """Return the number of lines, and the decisions for valid ones."""
        parsed = parse_file(self.file.payload, self.file.name, historical=self.file.historical)
        self.refused += parsed.faults
        with self.store.read() as reader:
            self._read_resumed(reader)
            decisions = self._decide(reader, parsed)
            streams = sorted({decision.stream for decision in decisions})
            self.heads = reader.versions(streams)
            self.opened = opened_months(reader) if self.file.historical else {}
        return parsed.count, decisions

    def _read_resumed(self, reader: Reader) -> None:
        """Find out whether this import was started and not finished."""
        events = reader.stream(self.stream)
        if DECIDER.fold(events).underway:
            self.options = replace(self.options, resumed_from=events[-1].recorded_at)

    def _decide(self, reader: Reader, parsed: ParsedFile) -> list[Decision]:
        tree, circles = order_lines([line for line in parsed.lines if line.kind in TREE_KINDS])
        rest = [line for line in parsed.lines if line.kind not in TREE_KINDS]
        for line in circles:
            refused = circle_refusal(line)
            self.refused.append(LineFault(line.number, "parent", refused.message))
        self.lines = {line.number: line for line in tree}
        parsed.lines[:] = tree + rest
        del rest
        decisions = []
        for decision in ImportDecider(reader, self.options).decide(parsed.lines):
            if decision.fault is not None:
                self.refused.append(decision.fault)
            else:
                decisions.append(decision)
        return decisions

    def _count_unchanged(self, unchanged: Iterator[Decision]) -> None:
        for decision in unchanged:
            self._count_repeat(decision)

    def _count_repeat(self, decision: Decision) -> None:
        """Count a line that appends nothing."""
        if decision.superseded:
            self.superseded.append(decision.superseded)
        else:
            self.unchanged += 1
            self.resumed += decision.resumed

    def _start(self, lines: int) -> None:
        """Append the start of the import, and store its bytes until it is finished."""
        header = SpooledHeader(self.file.name, self.file.historical, self.file.reason)
        payload = self.file.payload
        chunks = [payload[place : place + CHUNK] for place in range(0, len(payload), CHUNK)]
        with self.store.append() as append:
            append.lock([self.stream])
            command = StartImport(self.file.digest, lines, self.file.historical, self.file.reason)
            if not self._append_own(append, "started", command):
                return
            spool_file(append, self.id, header, chunks)

    def _append(self, todo: list[Decision]) -> None:
        total, done = len(todo), 0
        for page in _pages(todo):
            with self.store.append() as append:
                if page[0].kind in TREE_KINDS or self.file.historical:
                    append.lock([LOCK])
                append.lock([decision.stream for decision in page])
                decided = self._decide_moved(append, page)
                append.append([event for decision in decided for event in decision.pending])
            for decision in page:
                self.heads[decision.stream] = self.heads.get(decision.stream, 0) + len(
                    decision.pending
                )
            self._count_decided(decided)
            done += len(page)
            if self.progress is not None:
                self.progress(done, total)

    def _decide_moved(self, append: Append, page: list[Decision]) -> list[Decision]:
        """Return the page as it is to be appended: valid decisions, the others decided again.

        A decision is still valid where its stream has the version it was decided at plus what this
        import appended since. Lines of the tree are always decided again, under the directory's
        lock. Streams that moved, here or by others, are remembered in ``moved`` for later pages.
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
        decided = list(ImportDecider(append, self.options).decide(again))
        if tree:
            before = {decision.number: len(decision.pending) for decision in page}
            self.moved.update(
                decision.stream
                for decision in decided
                if len(decision.pending) != before[decision.number]
            )
        return kept + decided

    def _line(self, number: int) -> ImportLine:
        """Return a line of the file, parsed again: decisions keep no lines, to save memory."""
        if number not in self.lines:
            parsed = parse_file(self.file.payload, self.file.name, historical=self.file.historical)
            self.lines = {line.number: line for line in parsed.lines}
        return self.lines[number]

    def _count_decided(self, decided: Sequence[Decision]) -> None:
        """Count the outcomes of a page's lines, once they are committed."""
        for decision in decided:
            if decision.fault is not None:
                self.refused.append(decision.fault)
            elif decision.pending:
                self.recorded += 1
                self.roots += _registers_root(decision)
            else:
                self._count_repeat(decision)

    def _finish(self) -> None:
        with self.store.append() as append:
            append.lock([self.stream])
            command = FinishImport(
                recorded=self.recorded + self.resumed, unchanged=self.unchanged - self.resumed
            )
            self._append_own(append, "finished", command)
            delete_spooled(append, self.id)

    def _append_own(self, append: Append, name: str, command: StartImport | FinishImport) -> bool:
        """Append the events of a command to the import's stream; False where there are none."""
        version = append.heads[self.stream].version + 1
        events = DECIDER.decide(command, DECIDER.fold(append.stream(self.stream)))
        pending = [
            PendingEvent(self.stream, f"{name}/{version}", event, self.options.metadata)
            for event in events
        ]
        return bool(append.append(pending))


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Disable the garbage collector: an import makes many long-lived objects and no cycles.

    Traversing them again and again took more than a third of the time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _registers_root(decision: Decision) -> bool:
    """Return whether a line registers an organization without a parent."""
    return decision.kind in TREE_KINDS and any(
        isinstance(pending.event, OrganizationRegistered) and pending.event.parent is None
        for pending in decision.pending
    )


def _pages(todo: list[Decision]) -> Iterator[list[Decision]]:
    """Yield pages of at most ``PAGE`` lines; lines of the tree have separate pages."""
    tree = [decision for decision in todo if decision.kind in TREE_KINDS]
    rest = [decision for decision in todo if decision.kind not in TREE_KINDS]
    for part in (tree, rest):
        for start in range(0, len(part), PAGE):
            yield part[start : start + PAGE]
