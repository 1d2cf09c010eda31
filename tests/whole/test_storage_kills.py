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

import pytest

from tests.support.command_line import FIRST, MEETING, CommandLine
from tests.support.web_district import PNG
from tracker.storage import restore
from tracker.storage.backup import find_faults, list_backups, make_backup
from tracker.storage.evidence import INCOMING, IncomingFile, delete_old_parts, path_of
from tracker.storage.evidence_checks import digest_of

NOW = datetime(2026, 9, 20, tzinfo=UTC)
BODY = PNG + bytes(3 << 20)
SHORT, LONG = 12, 300
KILLS = [
    pytest.param(SHORT, id="short"),
    pytest.param(LONG, id="long", marks=[pytest.mark.slow, pytest.mark.timeout(1800)]),
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
