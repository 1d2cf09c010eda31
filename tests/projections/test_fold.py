from __future__ import annotations

import random  # noqa: TID251  # seeded here, handed in from here
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from events.event import RecordedEvent
from projections.scoring.history import (
    History,
    RecordHistory,
    disallowances_of,
    entry_of,
    fold,
    mark_arrival,
    posting_of,
    recording_date,
    report_of,
    sheet_of,
)
from tests.oracle.worlds import random_world
from tests.projections.test_agreement import stream_of
from tests.semantics.asking import Stream

seeds = st.integers(min_value=0, max_value=10_000)


def drawn(seed: int) -> Stream:
    """The stream of a random world."""
    return stream_of(random_world(random.Random(seed), disputed=True))


def joined(first: History, rest: History) -> dict[str, Any]:
    """Two histories of parts of one stream as one."""
    for record_id, record in rest.records.items():
        known = first.records.setdefault(record_id, RecordHistory(record_id, []))
        known.entries.extend(record.entries)
    first.reports.extend(rest.reports)
    first.sheets.extend(rest.sheets)
    first.categories.extend(rest.categories)
    first.categories_known_on.extend(rest.categories_known_on)
    first.posted = rest.posted | first.posted
    if rest.closed_on is not None:
        first.closed_on, first.closed_known_on = rest.closed_on, rest.closed_known_on
    return asdict(first)


@settings(deadline=None, max_examples=50)
@given(seed=seeds, share=st.floats(min_value=0, max_value=1))
def test_folding_in_parts_equals_folding_at_once(seed: int, share: float) -> None:
    """The facts of a stream are those of its beginning and those of its rest, in order."""
    stream = drawn(seed)
    cut = max(1, round(share * len(stream.events)))
    head, tail = stream.events[:cut], stream.events[cut:]
    parts = joined(fold(head, stream.zone), fold(tail, stream.zone))
    assert parts == asdict(fold(stream.events, stream.zone))


@settings(deadline=None, max_examples=50)
@given(seed=seeds, share=st.floats(min_value=0, max_value=1))
def test_folding_up_to_an_instant_equals_folding_what_was_recorded_by_then(
    seed: int, share: float
) -> None:
    """`until` takes the events up to an instant, that instant included."""
    stream = drawn(seed)
    cut = round(share * (len(stream.events) - 1))
    until = stream.events[cut].recorded_at
    assert fold(stream.events, stream.zone, until=until) == fold(
        stream.events[: cut + 1], stream.zone
    )


def row_by_row(events: list[RecordedEvent], zone: ZoneInfo) -> dict[str, Any]:
    """Records, reports, sheets and postings, made event by event as a read model does."""
    facts: dict[str, Any] = {"records": {}, "reports": [], "sheets": [], "posted": {}}
    for event in events:
        known_on = recording_date(event, zone)
        entry, report = entry_of(event, known_on), report_of(event, known_on)
        if entry is not None:
            mark_arrival(entry[1], event, zone)
        sheet = sheet_of(event, known_on)
        for record_id, one in [*([entry] if entry else []), *disallowances_of(event, known_on)]:
            facts["records"].setdefault(record_id, []).append(one)
        facts["reports"].extend([report] if report else [])
        facts["sheets"].extend([sheet] if sheet else [])
        posting = posting_of(event)
        if posting is not None:
            facts["posted"].setdefault(*posting)
    return facts


@settings(deadline=None, max_examples=50)
@given(seed=seeds)
def test_the_facts_of_single_events_are_those_of_the_fold(seed: int) -> None:
    """A read model that keeps one fact for each event keeps what the fold finds."""
    stream = drawn(seed)
    history = fold(stream.events, stream.zone)
    assert row_by_row(stream.events, stream.zone) == {
        "records": {name: record.entries for name, record in history.records.items()},
        "reports": history.reports,
        "sheets": history.sheets,
        "posted": history.posted,
    }
