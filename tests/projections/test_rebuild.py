import gc
import multiprocessing
import os
import random  # noqa: TID251  # seeded
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine

from events.streams.organizations import OrganizationMoved, stream_of
from events.streams.records import ActivityCorrected
from projections import rebuild as rebuild_module
from projections.catalog import CATALOG, stale_streams
from projections.rebuild import compare, rebuild
from tests.support.small_district import SmallDistrict
from tests.support.stories import Story
from tracker.storage.database import open_engine

TABLES = [table for model in CATALOG for table in model.tables]
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def district(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDistrict]:
    """A district with a scheme and nobody in it, whose rebuilds go by small ranges."""
    monkeypatch.setattr(rebuild_module, "EVENTS_IN_RANGE", 40)
    small = SmallDistrict(database_url)
    small.publish()
    yield small
    small.dispose()


def everything(district: SmallDistrict) -> dict[str, set[tuple[Any, ...]]]:
    """All rows of all read models, and the checkpoints."""
    return {table: district.rows(table) for table in (*TABLES, "checkpoints")}


def spoil(district: SmallDistrict) -> None:
    """Empty some read models and change the others."""
    for table in TABLES:
        district.tamper(f"DELETE FROM {table}")


@pytest.mark.parametrize("seed", range(4))
def test_equals_what_appends_wrote(district: SmallDistrict, seed: int) -> None:
    """The rows of a rebuild are those that the appends had written."""
    story = Story(random.Random(seed), district)
    story.go_on(120)
    assert district.faults == []
    before = everything(district)
    assert compare(district.engine) == []
    spoil(district)
    assert compare(district.engine) != []
    done = rebuild(district.engine)
    assert everything(district) == before
    assert (done.stale, done.resumed) == (0, False)
    assert done.streams == len(before["checkpoints"])
    story.go_on(20)
    assert compare(district.engine) == []


def test_folds_in_processes_too(district: SmallDistrict, database_url: str) -> None:
    """Two processes come to the same rows as one, and a comparison in two finds them equal."""
    Story(random.Random(7), district).go_on(100)
    before = everything(district)
    spoil(district)
    reopen = partial(open_engine, database_url)
    heard: list[tuple[int, int]] = []
    rebuild(district.engine, reopen, 2, lambda done, of: heard.append((done, of)))
    assert everything(district) == before
    assert [done for done, _ in heard] == list(range(1, heard[0][1] + 1))
    assert compare(district.engine, reopen, 2) == []


def die_after(url: str, ranges: int) -> None:
    """Rebuild, and be killed after some ranges."""
    rebuild_module.EVENTS_IN_RANGE = 40

    def progress(done: int, _of: int) -> None:
        if done == ranges:
            os._exit(9)

    rebuild(open_engine(url), progress=progress)


@pytest.mark.parametrize("ranges", [1, 3])
def test_resumes_after_a_kill(district: SmallDistrict, database_url: str, ranges: int) -> None:
    """A killed rebuild leaves every stream whole, and the next one does only what was left."""
    Story(random.Random(3), district).go_on(120)
    before = everything(district)
    spoil(district)
    process = SPAWN.Process(target=die_after, args=(database_url, ranges))
    process.start()
    process.join()
    assert process.exitcode == 9
    left = len(district.rows("rebuild_ranges"))
    assert left > 0
    heard: list[tuple[int, int]] = []
    done = rebuild(district.engine, progress=lambda *one: heard.append(one))
    assert done.resumed
    assert heard[-1] == (left, left)
    assert everything(district) == before
    assert district.rows("rebuild_ranges") == set()


def test_loses_nothing_during_live_work(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events appended while ranges are folded are in the rows afterwards."""
    story = Story(random.Random(5), district)
    story.go_on(60)
    rebuild(district.engine, progress=lambda _done, _of: story.go_on(3))
    assert compare(district.engine) == []
    real = rebuild_module._write_fold

    def late(engine: Engine, folded: rebuild_module.Fold) -> dict[str, int]:
        story.go_on(5)
        return real(engine, folded)

    monkeypatch.setattr(rebuild_module, "_write_fold", late)
    rebuild(district.engine)
    assert compare(district.engine) == []


def test_finds_a_changed_row_of_every_table(district: SmallDistrict) -> None:
    """A changed value in any table of a read model names the stream that it belongs to."""
    Story(random.Random(11), district).go_on(150)
    for table in TABLES:
        with district.read() as reader:
            one = reader.rows(f"SELECT stream FROM {table} ORDER BY stream LIMIT 1")[0][0]
        column = rebuild_module.columns_of(table)[-1]
        if table == "codes":
            column = "code"
        value = "7" if column in {"historical", "version"} else "'7'"
        district.tamper(f"UPDATE {table} SET {column} = {value} WHERE stream = '{one}'"
                        if table not in {"closure", "codes", "assignments"} else
                        f"DELETE FROM {table} WHERE stream = '{one}'")  # fmt: skip
        assert compare(district.engine) == [one], table
        rebuild(district.engine)
        assert compare(district.engine) == [], table


def test_finds_rows_without_events(district: SmallDistrict) -> None:
    """A row of a stream without events is named, and a rebuild deletes it."""
    district.register("r")
    district.tamper(
        "INSERT INTO cycles (stream, scope, period, state) VALUES ('zzz', 'r', '2026-01', 'open')"
    )
    district.tamper("INSERT INTO codes (code, stream) VALUES ('yyy', 'zzy')")
    assert compare(district.engine) == ["zzy", "zzz"]
    rebuild(district.engine)
    assert compare(district.engine) == []


def test_keeps_marks_and_mends_a_stale_stream(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fold that raises keeps the event and marks the stream, until a rebuild without the bug."""
    district.register("r")
    district.register("a", "r")

    def broken(*_given: object) -> object:
        message = "a bug"
        raise ValueError(message)

    with monkeypatch.context() as bug:
        bug.setattr("projections.records.facts.entry_of", broken)
        district.record("a", "a-1", "2026-01-04")
        assert rebuild(district.engine).stale == 1
    with district.read() as reader:
        assert [one for one, _ in stale_streams(reader)] == [stream_of("a")]
        assert len(reader.stream(stream_of("a"))) == 2
    assert district.faults == [stream_of("a")]
    assert compare(district.engine) == [stream_of("a")]
    assert rebuild(district.engine).stale == 0
    assert compare(district.engine) == []


def test_marks_a_stream_that_the_tree_cannot_fold(district: SmallDistrict) -> None:
    """A move to an unknown code marks its stream stale, live and in every rebuild."""
    district.register("r")
    stream = district.register("a", "r")
    district.tell(stream, OrganizationMoved(on=date(2026, 2, 1), parent="nowhere"))
    for _ in range(2):
        with district.read() as reader:
            ((marked, fault),) = stale_streams(reader)
        assert marked == stream
        assert fault.startswith("directory: KeyError")
        assert rebuild(district.engine).stale == 1


def test_folds_a_long_stream_in_pieces(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream longer than what is folded at once comes to the same rows."""
    monkeypatch.setattr(rebuild_module, "ROWS_AT_ONCE", 3)
    district.register("r")
    stream = district.register("a", "r")
    for number in range(8):
        district.record("a", f"a-{number}", "2026-01-04")
        district.tell(
            stream, ActivityCorrected(record_id=f"a-{number // 2}", changes={}, reason="改")
        )
    before = everything(district)
    rebuild(district.engine)
    assert everything(district) == before
    assert compare(district.engine) == []


def test_gives_the_collector_back(sqlite_url: str) -> None:
    """Whether garbage is collected is as it was before."""
    small = SmallDistrict(sqlite_url)
    rebuild(small.engine)
    assert gc.isenabled()
    gc.disable()
    try:
        rebuild(small.engine)
        assert not gc.isenabled()
    finally:
        gc.enable()
    small.dispose()


def test_needs_no_events(sqlite_url: str) -> None:
    """A log of nothing but the district is rebuilt and compared."""
    small = SmallDistrict(sqlite_url)
    assert rebuild(small.engine).streams == 1
    assert compare(small.engine) == []
    small.dispose()
