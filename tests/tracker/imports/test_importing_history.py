from datetime import date
from typing import Any

import pytest

from events.event import Metadata, PendingEvent
from events.log.store import Store
from events.streams.cycles import CycleOpened
from events.streams.imports import import_stream
from tests.tracker.imports.test_importing import (
    CLUB,
    CORRECTION,
    FLAG,
    INSPECTOR,
    MEETING,
    RECUSAL,
    RETRACTION,
    ROOT,
    TODAY,
    counts,
    log,
    one,
    refused,
    spool,
    store,
    take,
)
from tracker.imports.decisions import PAGE
from tracker.imports.importing import finish_unfinished

__all__ = ["one", "store"]


def open_month(store: Store, month: str, scope: str = "r") -> None:
    """Open a month's cycle in a scope."""
    day = date(2026, 10, 1)
    event = CycleOpened(
        scope=scope, period=month, opened_on=day, draws_on=day, reminds_on=day, closes_on=day,
        schemes=(), policy_version=0, policy={}, frame_digest="", strata=(), last_seal="",
    )  # fmt: skip
    with store.append() as append:
        append.append(
            [PendingEvent(f"cycle-{scope}-{month}", "open", event, Metadata("scheduler"))]
        )


def test_history_bears_its_own_recording_date(store: Store) -> None:
    """A historical line keeps the date on which it was first written down, with a reason."""
    report = take(store, ROOT, CLUB, MEETING | {"recorded_on": "2026-09-13"}, historical=True)
    assert counts(report) == (3, 3, 0, 0)
    with store.read() as reader:
        (found,) = [
            one for one in reader.stream("organization-c") if one.type == "ActivityRecorded"
        ]
        started = reader.stream(import_stream(report.import_id))[0]
        reason = reader.texts([(started.stream, 1)])[(started.stream, 1, "reason")]
    assert found.recorded_on == "2026-09-13"
    assert started.data["historical"] is True
    assert reason == "历史台账补录"


def test_history_is_refused_for_a_month_that_opened(store: Store) -> None:
    """No line of history enters a month whose cycle opened in the organization's scope."""
    take(store, ROOT, CLUB, MEETING)
    open_month(store, "2026-09")
    late = {"recorded_on": "2026-10-20"}
    cases: list[tuple[dict[str, Any], str]] = [
        (MEETING | {"record_id": "a-2"}, "occurred_on"),
        (CORRECTION | {"changes": {"note": "b"}}, "changes.occurred_on"),
        (RETRACTION, "record_id"),
        (FLAG | {"on": "2026-09-30"}, "on"),
        (CLUB | {"code": "d", "registered_on": "2026-09-01"}, "registered_on"),
        ({"kind": "organization_change", "code": "c", "on": "2026-09-02", "name": "b"}, "on"),
    ]
    for line, field in cases:
        found = refused(store, line | late, historical=True)
        assert found.field == field
        assert "cycle of 2026-09 has opened" in found.reason
    assert counts(take(store, MEETING | {"record_id": "a-2", "occurred_on": "2026-08-31"} | late,
                       historical=True)) == (1, 1, 0, 0)  # fmt: skip
    assert counts(take(store, MEETING | {"record_id": "a-3"}, historical=True)) == (1, 1, 0, 0)


def test_months_of_another_scope_do_not_matter(one: Store) -> None:
    """A month that opened in another scope, or before the organization stood in it, is open."""
    take(one, ROOT, ROOT | {"code": "s", "root": True}, CLUB)
    open_month(one, "2026-09", "s")
    late = {"recorded_on": "2026-10-20"}
    assert counts(take(one, MEETING | late, historical=True)) == (1, 1, 0, 0)
    found = refused(
        one, CLUB | {"code": "d", "parent": "s", "registered_on": "2026-09-01"},
        MEETING | {"organization": "d"} | late, historical=True,
    )  # fmt: skip
    assert (found.line, found.field) == (2, "occurred_on")


def test_history_is_held_to_its_dates(one: Store) -> None:
    """Nothing was written down before it happened, or in the future."""
    take(one, ROOT, CLUB, INSPECTOR)
    early: list[dict[str, Any]] = [
        MEETING | {"recorded_on": "2026-09-11"},
        FLAG | {"recorded_on": "2026-02-28"},
        CLUB | {"code": "d", "recorded_on": "2026-01-31"},
        MEETING | {"recorded_on": "2026-11-25"},
        RECUSAL | {"recorded_on": "2026-11-25"},
    ]
    for line in early:
        found = refused(one, line, historical=True)
        assert found.field == "recorded_on"


class Killed(Exception):
    """The process was killed here, as far as a test can say so."""


def many(number: int) -> list[dict[str, Any]]:
    """Activities of two organizations in turn."""
    return [
        MEETING | {"organization": "cd"[place % 2], "record_id": f"a-{place}"}
        for place in range(number)
    ]


def kill_after(pages: int) -> Any:
    """A progress that kills the import after so many pages."""
    left = iter(range(pages - 1))

    def progress(_done: int, _total: int) -> None:
        if next(left, None) is None:
            raise Killed

    return progress


@pytest.mark.parametrize("way", ["same file", "next start"])
def test_an_import_that_was_killed_is_finished(store: Store, way: str) -> None:
    """What a killed import left undone is done by the same file or by the next start, once."""
    lines = [ROOT, CLUB, CLUB | {"code": "d"}, *many(PAGE + 100)]
    with pytest.raises(Killed):
        take(store, *lines, progress=kill_after(2))
    assert spool(store) > 0
    before = len(log(store))
    if way == "same file":
        report = take(store, *lines)
    else:
        (report,) = finish_unfinished(store, actor="scheduler", today=TODAY)
    assert counts(report) == (PAGE + 103, 100, PAGE + 3, 0)
    assert len(log(store)) == before + 101
    assert spool(store) == 0
    with store.read() as reader:
        started, finished = reader.stream(import_stream(report.import_id))
    assert started.data["lines"] == PAGE + 103
    assert finished.data == {"recorded": PAGE + 103, "unchanged": 0}
    assert finish_unfinished(store, actor="scheduler", today=TODAY) == []
    assert counts(take(store, *lines)) == (PAGE + 103, 0, PAGE + 103, 0)


def test_a_killed_partial_import_names_its_bad_lines_again(one: Store) -> None:
    """Finishing a partial historical import keeps to how it was begun."""
    lines: list[dict[str, Any] | str] = [ROOT, CLUB, "{", MEETING | {"recorded_on": "2026-09-13"}]
    with pytest.raises(Killed):
        take(one, *lines, partial=True, historical=True, progress=kill_after(1))
    (report,) = finish_unfinished(one, actor="scheduler", today=TODAY)
    assert counts(report) == (4, 1, 2, 1)


def test_a_long_file_waits_in_the_spool_in_pieces(one: Store) -> None:
    """The spool holds a file in rows of at most one megabyte, and gives it back whole."""
    lines = [MEETING | {"record_id": f"a-{place}", "note": "长" * 1900} for place in range(600)]
    with pytest.raises(Killed):
        take(one, ROOT, CLUB, *lines, progress=kill_after(1))
    with one.read() as reader:
        sizes = [row[0] for row in reader.rows("SELECT length(payload) FROM import_spool")]
    assert max(sizes) <= 1 << 20
    assert len(sizes) >= 4
    (report,) = finish_unfinished(one, actor="scheduler", today=TODAY)
    assert counts(report) == (602, 600, 2, 0)


def test_progress_is_told_after_each_page(one: Store) -> None:
    """Progress counts the lines that are recorded, page by page, up to all of them."""
    heard: list[tuple[int, int]] = []
    take(one, ROOT, CLUB, CLUB | {"code": "d"}, *many(PAGE + 1),
         progress=lambda done, total: heard.append((done, total)))  # fmt: skip
    assert heard == [(3, PAGE + 4), (PAGE + 3, PAGE + 4), (PAGE + 4, PAGE + 4)]


def test_a_line_is_decided_again_where_its_stream_moved_on(store: Store) -> None:
    """What somebody else recorded between checking and appending is met under the lock."""
    take(store, ROOT, CLUB, CLUB | {"code": "d"})
    there = MEETING | {"organization": "d"}
    rival = [there | {"record_id": f"a-{PAGE + 1}", "title": "other"},
             there | {"record_id": f"a-{PAGE + 3}"}]  # fmt: skip
    state = {"done": False}

    def meanwhile(_done: int, _total: int) -> None:
        if not state["done"]:
            state["done"] = True
            take(store, *rival)

    report = take(store, *many(PAGE + 10), progress=meanwhile)
    assert counts(report) == (PAGE + 10, PAGE + 8, 1, 1)
    assert report.refused[0][:2] == (PAGE + 2, "record_id")
    assert spool(store) == 0


def test_history_meets_a_month_that_opens_meanwhile(one: Store) -> None:
    """A cycle that opens while history is being appended closes its month for the rest."""
    take(one, ROOT, CLUB, CLUB | {"code": "d"})
    lines = [line | {"recorded_on": "2026-10-01"} for line in many(PAGE + 10)]
    state = {"done": False}

    def meanwhile(_done: int, _total: int) -> None:
        if not state["done"]:
            state["done"] = True
            open_month(one, "2026-09")

    report = take(one, *lines, historical=True, progress=meanwhile)
    assert counts(report) == (PAGE + 10, PAGE, 0, 10)
    assert {fault.field for fault in report.refused} == {"occurred_on"}
