"""Whatever is changed in the log past the store is found."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from benchmarks.postgres import Cluster
from events.event import Metadata, PendingEvent
from events.log.store import Store
from events.proofs.seals import seal_log
from events.proofs.verify import FAULTS_SHOWN, verify_log
from tests.support.logs import (
    ACTOR,
    START,
    Clock,
    activity,
    append,
    correction,
    opened,
    pending,
    rows,
    run,
)
from tracker.storage.database import open_engine

NAMES = (
    "stream",
    "version",
    "position",
    "event_id",
    "type",
    "subject",
    "actor",
    "channel",
    "correlation",
    "occurred_on",
    "recorded_at",
    "recorded_on",
    "body",
    "hash",
)
TABLES = {
    "events": NAMES,
    "heads": ("stream", "version", "hash", "recorded_at"),
    "texts": ("stream", "version", "field", "salt", "value"),
    "seal_leaves": ("seal", "leaves"),
}
COLUMNS = [(table, column) for table, columns in TABLES.items() for column in columns]
ONE = "stream = 'organization-b' AND version = 2"


def filled(engine: Engine) -> None:
    """A log of several streams with texts, a historical event and two seals."""
    clock = Clock()
    store = Store(engine, clock)
    for number in range(3):
        clock.now = START + timedelta(hours=number)
        append(
            store,
            pending("organization-a", f"{number}", activity(f"r{number}", "a note")),
            pending("organization-b", f"b{number}", correction(f"r{number}"), "2026-08-31"),
            pending("组织", f"{number}"),
        )
        if number:
            with store.append() as log:
                seal_log(log, ACTOR, f"seal {number}")
    if engine.dialect.name == "postgresql":
        run(engine, ("ALTER TABLE events DISABLE TRIGGER events_refuse_change", ()))
    else:
        run(engine, ("DROP TRIGGER events_refuse_update", ()))
        run(engine, ("DROP TRIGGER events_refuse_delete", ()))


@pytest.fixture(scope="module")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled log whose triggers are gone."""
    file = tmp_path_factory.mktemp("log") / "filled.db"
    engine = opened(f"sqlite:///{file}")
    filled(engine)
    run_alone(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


def run_alone(engine: Engine, sql: str) -> None:
    """A statement outside any transaction."""
    driver: Any = engine.raw_connection()
    driver.driver_connection.execute(sql)
    driver.close()


@pytest.fixture(scope="module")
def filled_postgres(postgres: Cluster) -> Iterator[str]:
    """A filled log whose triggers are off, as a template."""
    engine = opened(postgres.create_database("filled"))
    filled(engine)
    engine.dispose()
    yield "filled"
    postgres.drop_database("filled")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A copy of the filled log, to be tampered with."""
    if request.param == "sqlite":
        file = tmp_path / "copy.db"
        file.write_bytes(request.getfixturevalue("filled_sqlite").read_bytes())
        engine = open_engine(f"sqlite:///{file}")
        yield engine
        engine.dispose()
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    engine = open_engine(
        cluster.create_database("tampered", request.getfixturevalue("filled_postgres"))
    )
    yield engine
    engine.dispose()
    cluster.drop_database("tampered")


def test_a_log_that_nobody_touched_is_whole(engine: Engine) -> None:
    """Every event, stream and seal is counted, and nothing is wrong."""
    verdict = verify_log(engine)
    assert (verdict.ok, verdict.faults) == (True, [])
    assert (verdict.events, verdict.streams, verdict.seals, verdict.erased) == (11, 4, 2, 0)


def other(value: Any) -> list[Any]:
    """Values that differ from one in a single place."""
    if isinstance(value, int):
        return [value + 1, value + 1000, -value]
    if isinstance(value, str):
        return [
            value[:-1] + chr(ord(value[-1]) ^ 1),
            value + " ",
            chr(ord(value[0]) ^ 1) + value[1:],
        ]
    data = bytes(value)
    places = {0, 1, len(data) // 3, len(data) // 2, len(data) - 1}
    flipped = [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in sorted(places)]
    return [*flipped, data[:-1], data + b"\x00"]


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[" ".join(pair) for pair in COLUMNS])
def test_any_change_of_any_column_is_found(engine: Engine, table: str, column: str) -> None:
    """One value of one row at a time, in the first, a middle and the last row that has one."""
    keys = {"seal_leaves": "seal", "heads": "stream", "texts": "stream, version, field"}
    key = keys.get(table, "stream, version")
    marks = " AND ".join(f"{name} = ?" for name in key.split(", "))
    all_rows = rows(
        engine, f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {key}"
    )
    for row in {0: all_rows[0], 1: all_rows[len(all_rows) // 2], 2: all_rows[-1]}.values():
        *place, value = row
        for changed in other(value):
            where = [
                changed if name == column else told
                for name, told in zip(key.split(", "), place, strict=True)
            ]
            try:
                run(engine, (f"UPDATE {table} SET {column} = ? WHERE {marks}", (changed, *place)))
            except IntegrityError:
                continue  # the value of another row, which a key refuses
            assert not verify_log(engine).ok, (place, changed)
            run(engine, (f"UPDATE {table} SET {column} = ? WHERE {marks}", (value, *where)))
    assert verify_log(engine).ok


@pytest.mark.parametrize("column", ["subject", "occurred_on", "recorded_on"])
def test_an_emptied_column_is_found(engine: Engine, column: str) -> None:
    """A value that is gone is a change, and so is one where none stood."""
    run(engine, (f"UPDATE events SET {column} = NULL WHERE {ONE}", ()))
    verdict = verify_log(engine)
    if column == "occurred_on":
        run(engine, (f"UPDATE events SET {column} = '2026-09-01' WHERE {ONE}", ()))
        verdict = verify_log(engine)
    assert [fault.fault for fault in verdict.faults] == [f"column {column} does not equal the body"]


WHOLE = "stream = 'organization-b'"
TAMPERING = {
    "last event deleted": [f"DELETE FROM events WHERE {WHOLE} AND version = 3"],
    "first event deleted": [f"DELETE FROM events WHERE {WHOLE} AND version = 1"],
    "event in the middle deleted": [f"DELETE FROM events WHERE {ONE}"],
    "stream deleted": [
        f"DELETE FROM {table} WHERE {WHOLE}" for table in ("events", "heads", "texts")
    ],
    "head deleted": [f"DELETE FROM heads WHERE {WHOLE}"],
    "all heads deleted": ["DELETE FROM heads"],
    "head without events": ["INSERT INTO heads VALUES ('ghost', 1, '', '')"],
    "last event and its place deleted, behind a seal": [
        f"DELETE FROM events WHERE {WHOLE} AND version = 3",
        f"DELETE FROM texts WHERE {WHOLE} AND version = 3",
        (
            f"UPDATE heads SET version = 2, hash = (SELECT hash FROM events WHERE {ONE}),"
            f" recorded_at = (SELECT recorded_at FROM events WHERE {ONE}) WHERE {WHOLE}"
        ),
    ],
    "two events swapped": [
        f"UPDATE events SET version = 9 WHERE {WHOLE} AND version = 1",
        f"UPDATE events SET version = 1 WHERE {WHOLE} AND version = 2",
        f"UPDATE events SET version = 2 WHERE {WHOLE} AND version = 9",
    ],
    "event moved to another stream": [
        f"UPDATE events SET stream = 'organization-a', version = 4 WHERE {WHOLE} AND version = 3"
    ],
    "stream renamed": [
        f"UPDATE {table} SET stream = 'organization-c' WHERE {WHOLE}"
        for table in ("events", "heads", "texts")
    ],
    "text without its event": ["INSERT INTO texts VALUES ('organization-b', 9, 'note', '', '')"],
    "text of a ghost": ["INSERT INTO texts VALUES ('zzz', 1, 'note', '', '')"],
    "text at another place": ["UPDATE texts SET field = 'data.0.x' WHERE field = 'reason'"],
    "text of no field": ["INSERT INTO texts VALUES ('组织', 1, 'record_id', '', '')"],
    "seal's cut deleted": ["DELETE FROM seal_leaves WHERE seal = 1"],
    "cut of no seal": ["INSERT INTO seal_leaves VALUES (3, '')"],
    "cuts swapped": [
        "UPDATE seal_leaves SET seal = 9 WHERE seal = 1",
        "UPDATE seal_leaves SET seal = 1 WHERE seal = 2",
        "UPDATE seal_leaves SET seal = 2 WHERE seal = 9",
    ],
    "first seal deleted": ["DELETE FROM events WHERE stream = 'seals' AND version = 1"],
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found(engine: Engine, name: str) -> None:
    """Deleting, swapping, moving or adding rows leaves a contradiction."""
    run(engine, *((statement, ()) for statement in TAMPERING[name]))
    assert not verify_log(engine).ok


def test_an_erased_text_is_no_fault(engine: Engine) -> None:
    """It is counted: that somebody erased it can be seen."""
    run(engine, ("DELETE FROM texts WHERE stream = 'organization-b'", ()))
    verdict = verify_log(engine)
    assert (verdict.ok, verdict.erased) == (True, 6)


def test_a_head_that_was_only_locked_is_no_fault(engine: Engine) -> None:
    """A stream without events may have a head at version 0, if it is the right one."""
    store = Store(engine, Clock())
    with store.append() as log:
        log.lock(["only-locked"])
    assert verify_log(engine).ok
    run(engine, ("INSERT INTO heads VALUES ('ghost', 0, ?, '')", (b"\x00" * 32,)))
    assert [fault.stream for fault in verify_log(engine).faults] == ["ghost"]


def test_a_fault_names_its_place_and_no_content(engine: Engine) -> None:
    """Stream, version and column, never the value; faults come in order."""
    run(engine, (f"UPDATE events SET actor = 'somebody' WHERE {ONE}", ()))
    run(engine, ("UPDATE heads SET version = 7 WHERE stream = 'organization-a'", ()))
    assert [(one.stream, one.version, one.fault) for one in verify_log(engine).faults] == [
        ("organization-a", 3, "version of the head does not equal the last event"),
        ("organization-b", 2, "column actor does not equal the body"),
    ]


def test_a_position_is_used_once(engine: Engine) -> None:
    """On PostgreSQL, where no key over all streams forbids it, twice is found."""
    if engine.dialect.name == "sqlite":
        run(engine, ("UPDATE events SET position = 99 WHERE position = 4", ()))
        assert any("without gaps" in one.fault for one in verify_log(engine).faults)
        return
    run(engine, ("UPDATE events SET position = (SELECT min(position) FROM events)", ()))
    assert any("is used twice" in one.fault for one in verify_log(engine).faults)


def test_faults_beyond_a_thousand_are_only_counted(sqlite_url: str) -> None:
    """The verdict stays short however much is wrong."""
    engine = opened(sqlite_url)
    names = [f"s{n}" for n in range(9)] + ["t"] * (FAULTS_SHOWN + 5)
    append(Store(engine, Clock()), *(pending(name, str(n)) for n, name in enumerate(names)))
    run(engine, ("DROP TRIGGER events_refuse_update", ()))
    run(engine, ("UPDATE events SET actor = 'x'", ()))
    verdict = verify_log(engine)
    assert len(verdict.faults) == FAULTS_SHOWN + 1
    assert verdict.faults[-1].fault == "14 more faults"
    engine.dispose()


def test_several_processes_find_the_same(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges of streams may be spread over processes; the verdict does not depend on it."""
    monkeypatch.setattr("events.proofs.verify.RANGE_STREAMS", 1)
    reopen = partial(open_engine, engine.url.render_as_string(hide_password=False))
    assert verify_log(engine, reopen, 2) == verify_log(engine)
    assert verify_log(engine, reopen, 2).ok
    run(engine, (f"UPDATE events SET actor = 'x' WHERE {ONE}", ()))
    verdict = verify_log(engine, reopen, 2)
    assert [fault.stream for fault in verdict.faults] == ["organization-b"]
    assert verdict == verify_log(engine)


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_long_streams_are_read_in_chunks(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """Texts are looked up chunk by chunk, wherever a chunk ends."""
    monkeypatch.setattr("events.proofs.verify.CHUNK", chunk)
    assert verify_log(engine).ok
    run(engine, ("INSERT INTO texts VALUES ('组织', 9, 'note', '', '')", ()))
    assert [fault.version for fault in verify_log(engine).faults] == [9]


FOREIGN = {
    "a version that is text": f"UPDATE events SET version = 'x' || version WHERE {WHOLE}",
    "a body that is text": f"UPDATE events SET body = CAST(body AS TEXT) WHERE {WHOLE}",
    "a hash that is text": f"UPDATE events SET hash = 'x' WHERE {WHOLE}",
    "a stream that is a blob": f"UPDATE events SET stream = x'ff' WHERE {WHOLE}",
    "a head's name that is a blob": f"UPDATE heads SET stream = x'ff' WHERE {WHOLE}",
    "text that is no UTF-8": f"UPDATE events SET actor = CAST(x'ff41' AS TEXT) WHERE {WHOLE}",
    "a name that is no UTF-8": f"UPDATE heads SET stream = CAST(x'ff41' AS TEXT) WHERE {WHOLE}",
    "streams that are no UTF-8": f"UPDATE events SET stream = CAST(x'ff' AS TEXT) WHERE {WHOLE}",
    "a time that is a number": f"UPDATE events SET recorded_at = x'00' WHERE {WHOLE}",
    "a body that is no JSON": f"UPDATE events SET body = x'7b' WHERE {WHOLE}",
    "a body that is a list": f"UPDATE events SET body = CAST('[]' AS BLOB) WHERE {WHOLE}",
    "a body without data": f"UPDATE events SET body = CAST('{{}}' AS BLOB) WHERE {WHOLE}",
    "a seal that is no JSON": "UPDATE events SET body = x'7b' WHERE stream = 'seals'",
    "a seal that is a list": "UPDATE events SET body = CAST('[]' AS BLOB) WHERE stream = 'seals'",
    "a seal of another type": "UPDATE events SET type = 'x' WHERE stream = 'seals'",
    "a cut that is text": "UPDATE seal_leaves SET leaves = 'x'",
    "a salt that is text": "UPDATE texts SET salt = 'x'",
    "a field that is a blob": "UPDATE texts SET field = x'00' WHERE field = 'note'",
    "a text's stream that is a blob": "UPDATE texts SET stream = x'ff' WHERE stream = '组织'",
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("ranges", [1, 500])
def test_what_is_no_value_of_its_column_is_found(
    filled_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, ranges: int
) -> None:
    """SQLite keeps anything in any column: it is a fault and never a crash."""
    monkeypatch.setattr("events.proofs.verify.RANGE_STREAMS", ranges)
    file = tmp_path / "copy.db"
    file.write_bytes(filled_sqlite.read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    run(engine, (FOREIGN[name], ()))
    assert not verify_log(engine).ok
    engine.dispose()


def test_rows_of_no_stream_are_found(filled_sqlite: Path, tmp_path: Path) -> None:
    """A head that belongs to nothing is found, where a table was remade to take one."""
    file = tmp_path / "copy.db"
    file.write_bytes(filled_sqlite.read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    run(engine, ("ALTER TABLE heads RENAME TO strict", ()))
    run(engine, ("CREATE TABLE heads AS SELECT * FROM strict", ()))
    run(engine, ("INSERT INTO heads VALUES (NULL, 1, x'00', '')", ()))
    assert "heads holds a row without a stream" in {one.fault for one in verify_log(engine).faults}
    engine.dispose()


def test_a_source_that_looks_like_a_commitment_is_no_text(sqlite_url: str) -> None:
    """The digest of an imported file is not counted as a text that was erased."""
    engine = opened(sqlite_url)
    imported = Metadata("tester", "import", source="sha256:" + "0" * 64)
    append(Store(engine, Clock()), PendingEvent("s", "1", activity("a", "a note"), imported))
    verdict = verify_log(engine)
    assert (verdict.ok, verdict.erased) == (True, 0)
    engine.dispose()
