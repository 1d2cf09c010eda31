"""Closing a cycle: no more sheets, every organization's figures posted, the log sealed.

Figures are worked out page by page in processes of their own, from snapshots; a figure is posted
under its stream's lock only if the stream stands where the figure saw it, otherwise it is worked
out again. Done means that the event is there: a closing that dies is taken up where it stopped.
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
from events.streams.cycles import (
    BeginClosing,
    Cycle,
    CycleClosed,
    FinishClosing,
    cycle_stream,
    decide,
)
from events.streams.findings import InspectionMissed, InspectionNotHeld
from events.streams.organizations import stream_of
from events.streams.scores import MONTHLY, ScorePosted, score_identity
from projections.compliance.evaluation import Figures, figures
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import read_cycle
from projections.documents.in_force import district
from projections.organizations.directory import entries_under
from projections.scores.outcomes import (
    count_posted,
    inspected_among,
    inspections_by_state,
    open_inspections,
    streams_posted,
    streams_to_inspect,
)
from scheduler.opening import StepActor, pending

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from events.log.store import Append, Store

PAGE = 500
CLOCK_SECONDS = 300


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """One page of a closing: the organizations (stream to code) and what their figures need."""

    scope: str
    period: str
    closing_on: date
    pinned: dict[str, tuple[str, int]]
    streams: dict[str, str]
    derived_counts: bool


Posting = tuple[str, int, ScorePosted]
"""A stream, the version that its figures were made from, and the event that posts them."""


def begin_closing(
    log: Append, scope: str, period: str, by: StepActor, closing_on: date, *, reason: str | None
) -> bool:
    """Take no more sheets from here on; False where the closing has begun or is done.

    ``reason`` closes without waiting for inspections. ``Refused`` while an earlier cycle of the
    scope is not closed, and while the assignments of its draw are still handed out.
    """
    stream = cycle_stream(scope, period)
    log.lock([stream])
    cycle = read_cycle(log, scope, period)
    if cycle.state in {"open", "drawn"}:
        _in_order(log, scope, period)
    if cycle.state == "drawn" and not cycle.assigned:
        raise Refused("draw_under_way", period=period)
    command = BeginClosing(scope, period, closing_on, uninspected=reason is not None, reason=reason)
    return bool(log.append(pending(stream, decide(command, cycle), "closing", by.metadata)))


def _in_order(log: Reader, scope: str, period: str) -> None:
    for one in all_cycles(log):
        if one.scope == scope and one.period < period and one.state != "closed":
            raise Refused("earlier_cycle_open", earlier=one.period)


def check_clock(log: Reader, now: str) -> None:
    """Refuse to close where the clock stands more than five minutes behind the newest event."""
    newest = log.newest_instant()
    assert newest is not None
    behind = (parse_instant(newest) - parse_instant(now)).total_seconds()
    if behind > CLOCK_SECONDS:
        raise Refused("clock_behind", now=now, newest=newest)


def end_inspections(log: Append, cycle: Cycle, by: StepActor, page: int = PAGE) -> int:
    """Name a page of inspections that brought no sheet: missed, or not held where nobody could."""
    streams = streams_to_inspect(log, cycle.scope, cycle.period, page)
    zone = district(log).zone
    identity = f"ended/{cycle.scope}/{cycle.period}"
    log.lock(streams)
    ended: list[PendingEvent] = []
    for one in open_inspections(log, cycle.scope, cycle.period, streams):
        late = local_date(parse_instant(one.assigned_at), zone) > cycle.closes_on
        kind = InspectionNotHeld if cycle.uninspected or late else InspectionMissed
        event: Event = kind(scope=cycle.scope, period=cycle.period, inspectors=one.inspectors)
        ended.append(PendingEvent(one.stream, identity, event, by.metadata))
    log.append(ended)
    return len(streams)


def shares(reader: Reader, cycle: Cycle, page: int = PAGE) -> list[ClosingPage]:
    """The pages of a closing that are not posted yet.

    Posted is for everybody under the scope whose life meets the month; whoever then has no scheme
    in force gets no score.
    """
    month = parse_month(cycle.period)
    first, last = month.first_day.isoformat(), month.last_day.isoformat()
    done = streams_posted(reader, MONTHLY, cycle.period)
    pinned = {one["category"]: (one["scheme"], one["version"]) for one in cycle.schemes}
    waiting = [
        (one.stream, one.code)
        for one in entries_under(reader, stream_of(cycle.scope), last)
        if one.stream not in done
        and one.registered_on <= last
        and (one.closed_on is None or one.closed_on >= first)
        and any(category in pinned for _, category in one.categories)
    ]
    assert cycle.closing_on is not None
    mixed = policy_from_document(cycle.policy).unchecked_month == "derived"
    return [
        ClosingPage(
            cycle.scope,
            cycle.period,
            cycle.closing_on,
            pinned,
            dict(waiting[start : start + page]),
            mixed,
        )
        for start in range(0, len(waiting), page)
    ]


def work_out(engine: Engine, share: ClosingPage) -> list[Posting]:
    """The postings of one page, from one snapshot; runs in a process of its own."""
    with (
        engine.connect().execution_options(read_only_transaction=True) as connection,
        connection.begin(),
    ):
        return postings(Reader(connection), share, share.streams)


def postings(reader: Reader, share: ClosingPage, streams: dict[str, str]) -> list[Posting]:
    """The postings of organizations (stream to code) as the transaction sees them."""
    month = parse_month(share.period)
    inspected = inspected_among(reader, share.period, sorted(streams))
    found = figures(
        reader, streams, district(reader), month, share.closing_on, share.pinned, inspected
    )
    posted = [(stream, one, _posted(share, one)) for stream, one in found.items()]
    return [(stream, one.stream_version, event) for stream, one, event in posted if event]


def _posted(share: ClosingPage, figure: Figures) -> ScorePosted | None:
    derived, inspected = figure.derived, figure.inspected
    if derived.scheme is None or derived.version is None:
        return None
    score = inspected.score_text if inspected is not None else None
    if inspected is None and share.derived_counts:
        score = derived.score_text
    return ScorePosted(
        kind=MONTHLY,
        scope=share.scope,
        period=share.period,
        derived=derived.score_text,
        inspected=None if inspected is None else inspected.score_text,
        score=score,
        scheme=derived.scheme,
        scheme_version=derived.version,
        stream_version=figure.stream_version,
        digest=derived.digest(),
        inspected_digest=None if inspected is None else inspected.digest(),
        historical=figure.historical,
    )


def post(log: Append, share: ClosingPage, worked_out: Sequence[Posting], by: StepActor) -> int:
    """Post a page; a figure whose stream moved on since is worked out again under the lock."""
    identity = score_identity(MONTHLY, share.scope, share.period)
    streams = sorted(stream for stream, _, _ in worked_out)
    log.lock(streams)
    known = log.known([(stream, identity) for stream in streams])
    left = [one for one in worked_out if (one[0], identity) not in known]
    moved = {stream for stream, version, _ in left if log.heads[stream].version != version}
    again = postings(log, share, {stream: share.streams[stream] for stream in moved})
    ready = [one for one in left if one[0] not in moved] + again
    log.append(
        [
            PendingEvent(stream, identity, event, by.metadata)
            for stream, _, event in sorted(ready, key=lambda one: one[0])
        ]
    )
    return len(ready)


def post_all(
    store: Store,
    cycle: Cycle,
    by: StepActor,
    *,
    reopen: Callable[[], Engine] | None,
    workers: int,
    progress: Callable[[int, int], None],
) -> None:
    """Post every figure that is not posted yet, page by page; ``progress`` hears done and total."""
    with store.read() as reader:
        pages = shares(reader, cycle)
    total, done = sum(len(share.streams) for share in pages), 0
    for share, worked_out in spread_tasks(work_out_page, pages, store.engine, reopen, workers):
        with store.append() as log:
            post(log, share, worked_out, by)
        done += len(share.streams)
        progress(done, total)


def work_out_page(engine: Engine, share: ClosingPage) -> tuple[ClosingPage, list[Posting]]:
    """One page with its postings: pages come back in any order."""
    return share, work_out(engine, share)


def finish_closing(log: Append, scope: str, period: str, by: StepActor) -> bool:
    """Seal the log and say that the cycle is closed; False where it was said already."""
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
    log.append(pending(stream, decide(FinishClosing(closed), cycle), "closed", by.metadata))
    return True
