"""Closing a cycle: no more sheets, every organization's figures posted, the log sealed.

Figures are computed page by page in worker processes, from snapshots. A figure is posted under its
stream's lock only if the stream still has the version that the figure was computed from; otherwise
it is computed again. A posted event marks the work as done, so a closing that was interrupted
resumes where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from events.documents.policies import policy_from_document
from events.event import Event, PendingEvent
from events.log.reader import Reader
from events.log.workers import spread_tasks
from events.periods import local_date, parse_instant, parse_month
from events.proofs.seals import seal_log
from events.refusals.errors import Refused
from events.streams.cycle_decisions import BeginClosing, FinishClosing, decide
from events.streams.cycles import (
    Cycle,
    CycleClosed,
    cycle_stream,
)
from events.streams.findings import InspectionMissed, InspectionNotHeld
from events.streams.organizations import stream_of
from events.streams.scores import MONTHLY, ScorePosted, score_identity
from projections.compliance.evaluation import Figures, figures
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import read_cycle
from projections.documents.in_force import district
from projections.organizations.directory import OrganizationEntry, entries_of, streams_of
from projections.organizations.known_tree import entries_under_as_known
from projections.scores.outcomes import (
    count_posted,
    inspected_among,
    inspections_by_state,
    open_inspections,
    streams_posted,
    streams_to_inspect,
)
from scheduler.opening import StepActor, identify_events

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from events.log.store import Append, Store

PAGE = 500


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """One page of a closing: organizations (stream to code) and what their figures are made of.

    ``pinned`` is the scheme and version by category; ``derived_counts`` says whether the derived
    figure of an organization without an inspection becomes its score.
    """

    scope: str
    period: str
    closing_on: date
    pinned: dict[str, tuple[str, int]]
    streams: dict[str, str]
    derived_counts: bool


@dataclass(frozen=True, slots=True)
class EarlyClosing:
    """What a closing by hand before ``closes_on`` cuts short and publishes.

    ``open_sheets`` of ``assigned`` inspections have no sheet and become ``not_held``; the figures
    of the ``posted`` organizations of the frame are published.
    """

    period: str
    closes_on: date
    open_sheets: int
    assigned: int
    posted: int


Posting = tuple[str, int, ScorePosted]
"""A stream, the version that its figures were computed from, and the event that posts them."""


def begin_closing(
    log: Append, scope: str, period: str, by: StepActor, closing_on: date, *, reason: str | None
) -> bool:
    """Stop accepting sheets; return False if the closing has already begun or is done.

    ``reason`` closes without waiting for inspections. Raise ``Refused`` while an earlier cycle of
    the scope is not closed, and while the draw's assignments are still being handed out.
    """
    stream = cycle_stream(scope, period)
    log.lock([stream])
    cycle = read_cycle(log, scope, period)
    if cycle.state in {"open", "drawn"}:
        _check_order(log, scope, period)
    if cycle.state == "drawn" and not cycle.assigned:
        raise Refused("draw_under_way", period=period)
    command = BeginClosing(scope, period, closing_on, uninspected=reason is not None, reason=reason)
    return bool(log.append(identify_events(stream, decide(command, cycle), "closing", by.metadata)))


def _check_order(log: Reader, scope: str, period: str) -> None:
    for cycle in all_cycles(log):
        if cycle.scope == scope and cycle.period < period and cycle.state != "closed":
            raise Refused("earlier_cycle_open", earlier=cycle.period)


def end_inspections(log: Append, cycle: Cycle, by: StepActor, page_size: int = PAGE) -> int:
    """Record the end of a page of open inspections; return how many organizations it had.

    An inspection without a sheet is missed; it is not held if the cycle closed uninspected or by
    hand before its ``closes_on``, the assignment came after the last day for inspections, or the
    organization closed by that day.
    """
    streams = streams_to_inspect(log, cycle.scope, cycle.period, page_size)
    zone = district(log).zone
    identity = f"ended/{cycle.scope}/{cycle.period}"
    log.lock(streams)
    assert cycle.closing_on is not None
    last = cycle.closing_on.isoformat()
    entries = entries_of(log, streams)
    ended: list[PendingEvent] = []
    early = cycle.closing_on < cycle.closes_on
    for inspection in open_inspections(log, cycle.scope, cycle.period, streams):
        late = local_date(parse_instant(inspection.assigned_at), zone) > cycle.closes_on
        closed = (entries[inspection.stream].closed_on or "9999") <= last
        not_held = cycle.uninspected or late or early or closed
        kind = InspectionNotHeld if not_held else InspectionMissed
        event: Event = kind(
            scope=cycle.scope, period=cycle.period, inspectors=inspection.inspectors
        )
        ended.append(PendingEvent(inspection.stream, identity, event, by.metadata))
    log.append(ended)
    return len(streams)


def early_closing(reader: Reader, scope: str, period: str, today: date) -> EarlyClosing | None:
    """Return what closing a cycle by hand now would cut short.

    None where nothing is cut short: no sheet is open, ``closes_on`` has come, or the cycle is not
    drawn.
    """
    cycle = read_cycle(reader, scope, period)
    if cycle.state != "drawn" or today >= cycle.closes_on:
        return None
    states = inspections_by_state(reader, scope, period)
    if not states.get("open"):
        return None
    posted = sum(stratum["N"] for stratum in cycle.strata)
    return EarlyClosing(period, cycle.closes_on, states["open"], sum(states.values()), posted)


def read_closing_pages(reader: Reader, cycle: Cycle, page_size: int = PAGE) -> list[ClosingPage]:
    """Return the pages of a closing that are not posted yet.

    Every organization of the scope that existed on a day of the month is posted; one without
    a scheme in force gets no score.
    """
    month = parse_month(cycle.period)
    first, last = month.first_day.isoformat(), month.last_day.isoformat()
    done = streams_posted(reader, MONTHLY, cycle.period)
    pinned = {pin["category"]: (pin["scheme"], pin["version"]) for pin in cycle.schemes}
    waiting = [
        (entry.stream, entry.code)
        for entry in _entries_of_scope(reader, cycle, last)
        if entry.stream not in done
        and entry.lives_between(first, last)
        and any(category in pinned for _, category in entry.categories)
    ]
    assert cycle.closing_on is not None
    derived_counts = policy_from_document(cycle.policy).unchecked_month == "derived"
    return [
        ClosingPage(
            cycle.scope,
            cycle.period,
            cycle.closing_on,
            pinned,
            dict(waiting[start : start + page_size]),
            derived_counts,
        )
        for start in range(0, len(waiting), page_size)
    ]


def _entries_of_scope(reader: Reader, cycle: Cycle, last: str) -> list[OrganizationEntry]:
    """Return whom a cycle posts: its frame, and who is in no frame and was under its scope.

    The latter as known on the closing date, on the month's last day (docs/semantics.md, section 6).
    """
    assert cycle.closing_on is not None
    own = set(streams_of(reader, _codes(cycle)).values())
    elsewhere: set[str] = set()
    for row in all_cycles(reader):
        if row.period == cycle.period and row.scope != cycle.scope:
            other = read_cycle(reader, row.scope, row.period)
            elsewhere |= set(streams_of(reader, _codes(other)).values())
    root, known_on = stream_of(cycle.scope), cycle.closing_on.isoformat()
    under = entries_under_as_known(reader, root, last, known_on, district(reader).zone)
    entries = {entry.stream: entry for entry in under if entry.stream not in elsewhere}
    entries |= entries_of(reader, sorted(own))
    return sorted(entries.values(), key=lambda entry: entry.code.encode())


def _codes(cycle: Cycle) -> list[str]:
    return [code for codes in cycle.frame.values() for code in codes]


def compute_in_snapshot(engine: Engine, page: ClosingPage) -> list[Posting]:
    """Return the postings of one page, read in one snapshot; runs in a worker process."""
    with (
        engine.connect().execution_options(read_only_transaction=True) as connection,
        connection.begin(),
    ):
        return compute_postings(Reader(connection), page, page.streams)


def compute_postings(reader: Reader, page: ClosingPage, streams: dict[str, str]) -> list[Posting]:
    """Return the postings of organizations (stream to code) as the transaction sees them."""
    month = parse_month(page.period)
    inspected = inspected_among(reader, page.period, sorted(streams))
    figures_of = figures(
        reader, streams, district(reader), month, page.closing_on, page.pinned, inspected
    )
    return [
        (stream, figure.stream_version, event)
        for stream, figure in figures_of.items()
        if (event := _build_score(page, figure)) is not None
    ]


def _build_score(page: ClosingPage, figure: Figures) -> ScorePosted | None:
    derived, inspected = figure.derived, figure.inspected
    if derived.scheme is None or derived.version is None:
        return None
    score = inspected.score_text if inspected is not None else None
    if inspected is None and page.derived_counts:
        score = derived.score_text
    return ScorePosted(
        kind=MONTHLY,
        scope=page.scope,
        period=page.period,
        derived=derived.score_text,
        inspected=None if inspected is None else inspected.score_text,
        score=score,
        scheme=derived.scheme,
        scheme_version=derived.version,
        stream_version=figure.stream_version,
        digest=derived.digest(),
        inspected_digest=None if inspected is None else inspected.digest(),
        historical=figure.historical,
        not_counted=figure.not_counted or None,
    )


def post_page(log: Append, page: ClosingPage, computed: Sequence[Posting], by: StepActor) -> int:
    """Post a page; return how many figures were posted.

    A figure whose stream has changed since is computed again under the lock.
    """
    identity = score_identity(MONTHLY, page.scope, page.period)
    streams = sorted(stream for stream, _, _ in computed)
    log.lock(streams)
    known = log.known([(stream, identity) for stream in streams])
    left = [posting for posting in computed if (posting[0], identity) not in known]
    moved = {stream for stream, version, _ in left if log.heads[stream].version != version}
    again = compute_postings(log, page, {stream: page.streams[stream] for stream in moved})
    ready = [posting for posting in left if posting[0] not in moved] + again
    log.append(
        [
            PendingEvent(stream, identity, event, by.metadata)
            for stream, _, event in sorted(ready, key=lambda posting: posting[0])
        ]
    )
    return len(ready)


def post_all_pages(
    store: Store,
    cycle: Cycle,
    by: StepActor,
    *,
    reopen: Callable[[], Engine] | None,
    workers: int,
    progress: Callable[[int, int], None],
) -> None:
    """Post every figure that is not posted yet, page by page.

    ``progress`` is called after each page with the organizations done and their total.
    """
    with store.read() as reader:
        pages = read_closing_pages(reader, cycle)
    total, done = sum(len(page.streams) for page in pages), 0
    for page, computed in spread_tasks(compute_page, pages, store.engine, reopen, workers):
        with store.append() as log:
            post_page(log, page, computed, by)
        done += len(page.streams)
        progress(done, total)


def compute_page(engine: Engine, page: ClosingPage) -> tuple[ClosingPage, list[Posting]]:
    """Return a page with its postings: workers return pages in any order."""
    return page, compute_in_snapshot(engine, page)


def finish_closing(log: Append, scope: str, period: str, by: StepActor) -> bool:
    """Seal the log and record that the cycle is closed; return False if it is closed already."""
    stream = cycle_stream(scope, period)
    log.lock([stream])
    cycle = read_cycle(log, scope, period)
    if cycle.state != "closing":
        return False
    sealed = seal_log(log, by.metadata, f"close/{scope}/{period}")
    states = inspections_by_state(log, scope, period)
    closed = CycleClosed(
        scope=scope,
        period=period,
        posted=count_posted(log, scope, MONTHLY, period),
        inspected=states.get("scored", 0),
        missed=states.get("missed", 0),
        not_held=states.get("not_held", 0),
        seal_root=sealed.root,
    )
    log.append(identify_events(stream, decide(FinishClosing(closed), cycle), "closed", by.metadata))
    return True
