"""Backup, restore and upload killed at random instants leave everything whole or absent."""

import os
import random  # noqa: TID251 - with a fixed seed
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from benchmarks.postgres import Cluster
from events.log.store import Store
from events.proofs.verify import verify_log
from tests.support.command_line import FIRST, MEETING, CommandLine
from tests.support.logs import rows
from tests.support.postgres_programs import put_on_path
from tests.support.small_district import SmallDistrict
from tests.support.web_district import PNG
from tracker.storage import restore
from tracker.storage.backup import find_faults, list_backups, make_backup
from tracker.storage.database import open_engine
from tracker.storage.evidence import (
    INCOMING,
    IncomingFile,
    delete_old_parts,
    describe_file,
    list_stored,
    path_of,
    write_file_row,
)
from tracker.storage.evidence_checks import check_files, digest_of
from tracker.storage.upload_quota import UploadQuota

NOW = datetime(2026, 9, 20, tzinfo=UTC)
BODY = PNG + bytes(3 << 20)
SHORT, LONG = 12, 300
KILLS = [
    pytest.param(SHORT, id="short"),
    pytest.param(LONG, id="long", marks=[pytest.mark.slow, pytest.mark.timeout(1800)]),
]

SERVER_KILLS = [
    pytest.param(4, id="short"),
    pytest.param(100, id="long", marks=[pytest.mark.slow, pytest.mark.timeout(1800)]),
]


def killed(job: Callable[[], None], seconds: float) -> None:
    """Run a job in a fork and kill it after some time, unless it has ended before."""
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            job()
        os._exit(0)
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def lasting(job: Callable[[], None]) -> float:
    """Return the seconds that a job takes undisturbed."""
    began = time.monotonic()
    job()
    return time.monotonic() - began


@pytest.mark.parametrize("kills", KILLS)
def test_no_half_backup_passes_the_check(cli: CommandLine, kills: int) -> None:
    """Whatever is listed matches its manifest, and the next backup is made."""
    cli.store_evidence(PNG)
    url, evidence, folder = f"sqlite:///{cli.database}", cli.folder / "evidence", cli.folder / "b"

    def backup(number: int) -> None:
        make_backup(url, evidence, folder, "x", NOW + timedelta(seconds=number))

    dice, whole = random.Random(1), lasting(lambda: backup(0))
    for number in range(1, kills + 1):
        killed(lambda number=number: backup(number), dice.uniform(0, whole))  # type: ignore[misc]
        for stored in list_backups(folder):
            assert find_faults(folder, stored.backup).ok, stored.backup.name
    backup(kills + 1)
    assert len(list_backups(folder)) >= 2


@pytest.mark.parametrize("kills", KILLS)
def test_a_restore_is_the_old_or_the_new_database(cli: CommandLine, kills: int) -> None:
    """Killed anywhere the database opens with the events of before or of the backup."""
    cli.store_evidence(PNG)
    name, events = cli.ask("backup")["name"], cli.events()
    assert cli.take(MEETING | {"record_id": "a-2"}).status == 0
    old = cli.folder / "old.db"
    with closing(sqlite3.connect(cli.database)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(cli.database, old)
    later = cli.events()
    evidence = cli.folder / "evidence"

    def carry_out(number: int) -> None:
        plan = restore.plan_restore(f"sqlite:///{cli.database}", cli.folder / "backup", name)
        restore.carry_out(plan, evidence, NOW + timedelta(seconds=number))

    dice, whole = random.Random(1), lasting(lambda: carry_out(0))
    seen = set()
    for number in range(1, kills + 1):
        shutil.copyfile(old, cli.database)
        with_log = number % 2
        if with_log:
            _leave_log(cli.database)
        killed(lambda number=number: carry_out(number), dice.uniform(0, whole))  # type: ignore[misc]
        with closing(sqlite3.connect(cli.database)) as opened:
            assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            ((count,),) = opened.execute("SELECT count(*) FROM events").fetchall()
            leased = opened.execute("SELECT count(*) FROM leases WHERE name = 'left'").fetchone()
        assert (count, leased) in {(events, (0,)), (later, (with_log,))}
        seen.add(count)
        for aside in cli.folder.glob("tracker.db?*"):
            aside.unlink()
    assert seen <= {events, later}
    carry_out(kills + 1)
    assert cli.events() == events
    assert cli.ask("audit", "verify")["ok"] is True
    assert cli.ask("file", FIRST)["organization"]["code"] == FIRST


@pytest.mark.parametrize("kills", SERVER_KILLS)
def test_a_restore_on_a_server_is_the_old_or_the_new_database(
    empty: CommandLine,
    postgres: Cluster,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    kills: int,
) -> None:
    """Killed anywhere the name is a whole database; the next restore drops what was left."""
    put_on_path(monkeypatch)
    small = SmallDistrict(postgres_url)
    small.register("r", category="county")
    folder, name = empty.folder / "backup", str(make_url(postgres_url).database)
    made = make_backup(postgres_url, empty.folder, folder, "x", NOW).backup
    later = made.events
    numbers = iter(range(1, 10**6))

    def carry_out() -> None:
        plan = restore.plan_restore(postgres_url, folder, made.name)
        restore.carry_out(plan, empty.folder, NOW + timedelta(seconds=next(numbers)))

    def events() -> int:
        ((count,),) = rows(small.engine, "SELECT count(*) FROM events")
        assert verify_log(small.engine).ok
        small.engine.dispose()
        return int(count)

    def others() -> list[str]:
        with psycopg.connect(postgres.url("postgres").replace("+psycopg", "")) as opened:
            found = opened.execute("SELECT datname FROM pg_database").fetchall()
        return [other for (other,) in found if other.startswith(f"{name}_")]

    small.engine.dispose()
    dice, whole = random.Random(1), lasting(carry_out)
    for _ in range(kills):
        small.register(f"c{next(numbers)}", "r")
        later = events()
        next(numbers)
        killed(carry_out, dice.uniform(0, whole))
        wait_for_no_connection(postgres, name)
        assert events() in {made.events, later}
        for other in others():
            if "_before_" in other:
                postgres.drop_database(other)
    carry_out()
    assert events() == made.events
    assert not [other for other in others() if "_restoring_" in other]
    small.dispose()
    for other in others():
        postgres.drop_database(other)


def wait_for_no_connection(postgres: Cluster, name: str) -> None:
    """Wait until pg_restore, which outlives its killed parent, has ended or is ended."""
    with psycopg.connect(
        postgres.url("postgres").replace("+psycopg", ""), autocommit=True
    ) as opened:
        while opened.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE %s",
            [f"{name}%"],
        ).fetchall():
            time.sleep(0.01)


def _leave_log(database: Path) -> None:
    """Leave a write-ahead log with a committed row, as a killed service does."""
    child = os.fork()
    if child == 0:
        opened = sqlite3.connect(database)
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("INSERT INTO leases VALUES ('left', 'x', '2026')")
        opened.commit()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.parametrize("kills", KILLS)
def test_an_upload_is_whole_or_absent(tmp_path: Path, kills: int) -> None:
    """A file in its place has its digest, and the next start clears what was being sent."""

    def upload(number: int) -> None:
        incoming = IncomingFile(tmp_path)
        body = BODY + number.to_bytes(4, "big")
        for start in range(0, len(body), 1 << 16):
            incoming.write(body[start : start + (1 << 16)])
        incoming.complete()

    dice, whole = random.Random(1), lasting(lambda: upload(0))
    for number in range(1, kills + 1):
        killed(lambda number=number: upload(number), dice.uniform(0, whole))  # type: ignore[misc]
        delete_old_parts(tmp_path)
        assert list((tmp_path / INCOMING).iterdir()) == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files != []
    for path in files:
        assert digest_of(path)[0] == path.name
        assert path_of(tmp_path, path.name) == path


@pytest.mark.parametrize("kills", KILLS)
def test_a_registered_upload_is_on_disk_and_counted(
    sqlite_url: str, tmp_path: Path, kills: int
) -> None:
    """Quota, file and row are one step: no row lacks its file, and each is counted once."""
    folder, quota = tmp_path / "evidence", UploadQuota("u-1", NOW.date(), 10**6)

    def upload(number: int) -> None:
        engine = open_engine(sqlite_url)
        incoming = IncomingFile(folder)
        incoming.write(PNG + bytes(1 << 16) + number.to_bytes(4, "big"))
        incoming.seal()
        with Store(engine, lambda: NOW).append() as log:
            quota.charge(log, incoming.size)
            file, kind = incoming.complete()
            write_file_row(log, describe_file("a", file, kind, incoming.size, "u-1", NOW))
        engine.dispose()

    upload(0)
    dice, whole = random.Random(1), lasting(lambda: upload(1))
    for number in range(2, kills + 2):
        killed(lambda number=number: upload(number), dice.uniform(0, whole))  # type: ignore[misc]
    engine = open_engine(sqlite_url)
    with Store(engine, lambda: NOW).read() as reader:
        stored = list_stored(reader)
        sizes = reader.rows("SELECT size FROM evidence_files")
        ((counted,),) = reader.rows("SELECT bytes FROM uploads_by_day")
    engine.dispose()
    assert check_files(folder, stored).ok
    assert len(stored) >= 2
    assert counted == sum(size for (size,) in sizes)
