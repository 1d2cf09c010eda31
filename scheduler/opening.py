"""Opening a month's cycle: pin versions, commit to frame and plan, draw nothing yet.

The scope of a cycle is a root of the tree, named by its first code; its strata are the categories
with a scheme in force (docs/semantics.md, sections 8 and 9).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from events.documents.policies import DistrictPolicy, plan_for, stored_policy
from events.event import Event, Metadata, PendingEvent
from events.periods import Period, parse_month
from events.proofs.seals import newest_root
from events.refusals.errors import Refused
from events.streams.cycle_decisions import OpenCycle, decide
from events.streams.cycles import (
    CODES_PER_EVENT,
    CycleOpened,
    FrameCommitted,
    cycle_stream,
)
from events.streams.scores import MONTHLY
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import read_cycle, scope_code
from projections.documents.in_force import LOCK as DOCUMENTS_LOCK
from projections.documents.in_force import book, categories, district, policy
from projections.organizations.directory import LOCK as DIRECTORY_LOCK
from projections.organizations.directory import (
    OrganizationEntry,
    entries_of,
    entries_under,
    streams_of,
)
from scheduler.calendar import IsWorkingDay, plan_dates, shift_dates
from scheduler.sampling import frame_digest, frame_in_order, sample_size
from scheduler.spot_check import calendar_dates, check_opening_day
from scheduler.working_days import working_days_by

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.log.store import Append


@dataclass(frozen=True, slots=True)
class StepActor:
    """Who takes a step, on which local day, with which source of randomness and calendar."""

    metadata: Metadata
    today: date
    entropy: Callable[[int], bytes]
    is_working_day: IsWorkingDay | None = None


def identify_events(
    stream: str, events: list[Event], step: str, metadata: Metadata
) -> list[PendingEvent]:
    """Give a step's events deterministic ids, so that running the step again is idempotent."""
    return [
        PendingEvent(stream, f"{step}/{number}", event, metadata)
        for number, event in enumerate(events, start=1)
    ]


def pin_schemes(reader: Reader, period: Period) -> dict[str, tuple[str, int]]:
    """Return the scheme and version in force for each category in a month."""
    schemes = book(reader)
    in_force = {
        category: schemes.in_force(category, MONTHLY, period) for category in categories(reader)
    }
    return {
        category: (scheme.scheme, scheme.version)
        for category, scheme in in_force.items()
        if scheme is not None
    }


def read_frame(
    reader: Reader, root: OrganizationEntry, period: Period, pinned: dict[str, tuple[str, int]]
) -> dict[str, tuple[str, ...]]:
    """Return the eligible codes of each stratum, in order.

    Eligible is an organization that is alive on the month's last day and whose category has a
    scheme in force.
    """
    last = period.last_day.isoformat()
    strata: dict[str, list[str]] = {}
    for entry in entries_under(reader, root.stream, last):
        category = entry.category_on(last)
        if entry.alive(last) and category in pinned:
            strata.setdefault(category, []).append(entry.code)
    return {category: frame_in_order(strata[category]) for category in sorted(strata)}


def has_anybody_to_post(
    reader: Reader, root: OrganizationEntry, period: Period, pinned: dict[str, tuple[str, int]]
) -> bool:
    """Return whether the month has a figure to post: somebody lived in it under a pinned scheme.

    The category is that of the month's last day, or of the closing date.
    """
    first, last = period.first_day.isoformat(), period.last_day.isoformat()
    return any(
        entry.category_on(min(last, entry.closed_on or last)) in pinned
        for entry in entries_under(reader, root.stream, last)
        if entry.lives_between(first, last)
    )


def frame_to_open(
    reader: Reader, root: OrganizationEntry, period: Period, pinned: dict[str, tuple[str, int]]
) -> dict[str, tuple[str, ...]]:
    """Return ``read_frame`` without the organizations in the frame of another root's cycle.

    An organization is in one cycle of a month, also after its root got a parent as of a past day.
    """
    frame = read_frame(reader, root, period, pinned)
    scope, month = scope_code(root), str(period)
    taken: set[str] = set()
    for other in all_cycles(reader) if frame else []:
        if other.period == month and other.scope != scope:
            cycle = read_cycle(reader, other.scope, month)
            codes = [code for codes in cycle.frame.values() for code in codes]
            taken |= set(streams_of(reader, codes).values())
    if not taken:
        return frame
    streams = streams_of(reader, [code for codes in frame.values() for code in codes])
    left = {
        category: tuple(code for code in codes if streams[code] not in taken)
        for category, codes in frame.items()
    }
    return {category: codes for category, codes in left.items() if codes}


def has_reason_to_open(
    reader: Reader, root: OrganizationEntry, period: Period, pinned: dict[str, tuple[str, int]]
) -> bool:
    """Return whether the month has a frame, or figures to post without one."""
    has_frame = bool(frame_to_open(reader, root, period, pinned))
    return has_frame or posts_without_frame(reader, root, period, pinned)


def posts_without_frame(
    reader: Reader, root: OrganizationEntry, period: Period, pinned: dict[str, tuple[str, int]]
) -> bool:
    """Return whether a month with an empty frame has figures to post: everybody closed within it.

    A month whose organizations are all in the frame of another root's cycle is not opened.
    """
    taken = bool(read_frame(reader, root, period, pinned))
    return not taken and has_anybody_to_post(reader, root, period, pinned)


def months_passed_over(
    reader: Reader, root: OrganizationEntry, period: Period, today: date
) -> tuple[str, ...]:
    """Return the months that opening this one leaves behind: they can be opened by hand only.

    They come after the newest cycle of the root, or begin with the first month, and have a reason
    to open. None if the month itself cannot be opened yet.
    """
    if (
        root.parent is not None
        or today < calendar_dates(str(period), policy(reader).policy).opens_on
    ):
        return ()
    scope = scope_code(root)
    opened = [parse_month(row.period) for row in all_cycles(reader) if row.scope == scope]
    month = max((newest.next() for newest in opened), default=district(reader).first_month)
    passed: list[str] = []
    while month < period:
        pinned = pin_schemes(reader, month)
        if pinned and has_reason_to_open(reader, root, month, pinned):
            passed.append(str(month))
        month = month.next()
    return tuple(passed)


def open_cycle(log: Append, root: OrganizationEntry, period: Period, by: StepActor) -> bool:
    """Open a month's cycle; return False if it has opened already.

    Raise ``Refused`` before its day ``opens``, before the district's first month and while it is
    being set up, for an organization that has a parent, and if no organization under the root that
    lived in the month has a scheme in force. The frame is empty where all of them closed before
    its last day.
    """
    scope, month = scope_code(root), str(period)
    stream = cycle_stream(scope, month)
    # Directory, documents, cycle: the one lock order that cannot deadlock
    # (docs/decisions/0008-concurrency-per-stream.md).
    log.lock([DIRECTORY_LOCK])
    log.lock([DOCUMENTS_LOCK])
    log.lock([stream])
    state = read_cycle(log, scope, month)
    if state.state:
        return False
    if entries_of(log, [root.stream])[root.stream].parent is not None:
        raise Refused("not_a_root", code=root.code)
    facts = district(log)
    if not facts.live:
        raise Refused("being_set_up")
    if period < facts.first_month:
        raise Refused("before_first_month", period=month, first=str(facts.first_month))
    check_opening_day(month, by.today, policy(log).policy)
    pinned = pin_schemes(log, period)
    frame = frame_to_open(log, root, period, pinned)
    if not frame and not posts_without_frame(log, root, period, pinned):
        raise Refused("no_scheme_in_force", scope=scope, period=month)
    command = _build_command(log, scope, month, by, frame, pinned)
    log.append(identify_events(stream, decide(command, state), "open", by.metadata))
    return True


def _build_command(
    log: Reader,
    scope: str,
    month: str,
    by: StepActor,
    frame: dict[str, tuple[str, ...]],
    pinned: dict[str, tuple[str, int]],
) -> OpenCycle:
    """Return the command with what the opening pins and commits to."""
    rules = policy(log)
    days = rules.policy.spot_check
    calendar = working_days_by(rules.policy, by.is_working_day)
    plan = plan_dates(parse_month(month), days.opens, days.draws, days.closes, days.roll, calendar)
    dates = shift_dates(plan, by.today)
    opened = CycleOpened(
        scope=scope,
        period=month,
        opened_on=by.today,
        draws_on=dates.draws_on,
        reminds_on=dates.reminds_on,
        closes_on=dates.closes_on,
        schemes=tuple(
            {"category": category, "scheme": pinned[category][0], "version": pinned[category][1]}
            for category in sorted(pinned)
        ),
        policy_version=rules.version,
        policy=stored_policy(rules.policy),
        frame_digest=frame_digest(code for codes in frame.values() for code in codes),
        strata=tuple(
            plan_stratum(category, len(codes), rules.policy) for category, codes in frame.items()
        ),
        last_seal=newest_root(log),
        randomness_source=days.randomness,
    )
    return OpenCycle(opened, _split_frame(scope, month, frame))


def plan_stratum(category: str, population: int, policy_in_force: DistrictPolicy) -> dict[str, Any]:
    """Return the committed plan of a stratum: its N and n at the opening."""
    plan = plan_for(policy_in_force, category)
    size = sample_size(
        population, plan.fraction, plan.at_least, plan.count, plan.everyone_within_months
    )
    return {"stratum": category, "N": population, "n": size}


def _split_frame(
    scope: str, month: str, frame: dict[str, tuple[str, ...]]
) -> tuple[FrameCommitted, ...]:
    """Return the frame in events of at most 1 000 codes, so that no event grows with a district."""
    return tuple(
        FrameCommitted(
            scope=scope,
            period=month,
            stratum=category,
            part=start // CODES_PER_EVENT + 1,
            codes=codes[start : start + CODES_PER_EVENT],
        )
        for category, codes in frame.items()
        for start in range(0, len(codes), CODES_PER_EVENT)
    )
