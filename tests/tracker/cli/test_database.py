"""The command line without a database, with a wrong one, a locked one and one out of reach."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from benchmarks.postgres import Cluster
from events.log.store import Store
from tests.support.command_line import FIRST, MONTH, SECOND, CommandLine
from tracker.settings import load_settings
from tracker.storage.database import BUSY_SECONDS, is_busy, migrate, open_engine

NEEDY = [
    "rebuild",
    "backup",
    "scheme publish community-2011 --from 2026-09",
    "scheme close community-2011 --from 2027-01 --yes",
    "scheme list",
    "scheme show community-2011",
    "policy show",
    f"compliance --period {MONTH}",
    f"todo {FIRST}",
    f"file {FIRST}",
    f"rank --period {MONTH}",
    f"spot-check open {MONTH}",
    f"spot-check draw {MONTH}",
    f"spot-check show {MONTH}",
    f"spot-check close {MONTH}",
    f"spot-check verify-draw {MONTH}",
    f"spot-check bulletin {MONTH}",
    "audit log",
    "audit verify",
    "audit seal",
    "scheduler tick",
    "scheduler run",
    "go-live --from 2026-09",
]
WRITING = [
    "scheme close community-2011 --from 2027-01 --yes",
    "audit seal",
    "rebuild",
    "scheduler tick",
]
BAD_URLS = [
    "",
    "nonsense",
    "tracker.db",
    "mysql://root@localhost/tracker",
    "oracle+nothing://x",
    "postgresql://user@host:port/tracker",
]


@pytest.fixture
def cli(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Return a command line on a prepared district that waits only briefly for a lock."""
    monkeypatch.setenv("TRACKER_BUSY_SECONDS", "0.05")
    return cli


def error_line(cli: CommandLine, command: str, status: int) -> str:
    """Return the one line on standard error of a command that ends with ``status``."""
    answer = cli(*command.split())
    (line,) = answer.err.splitlines()
    assert (answer.status, answer.out) == (status, "")
    assert line.startswith("tracker: ")
    return line


@pytest.mark.parametrize("command", NEEDY)
def test_without_a_database_the_file_is_named(empty: CommandLine, command: str) -> None:
    """Every command but ``init`` and ``demo`` names the missing file, and creates none."""
    line = error_line(empty, command, 1)
    assert f"there is no database {empty.database}" in line
    assert "tracker init" in line
    assert list(empty.folder.iterdir()) == []


def test_without_a_database_nothing_is_imported(empty: CommandLine) -> None:
    """An import and a sheet name the missing database too."""
    lines = empty.file([{"kind": "inspector"}])
    sheet = empty.file(empty.sheet(), ".json")
    assert str(empty.database) in error_line(empty, f"import {lines}", 1)
    assert str(empty.database) in error_line(empty, f"spot-check score {sheet}", 1)
    assert not empty.database.exists()


def test_the_default_database_lies_in_the_working_directory(
    empty: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without ``TRACKER_DATABASE_URL`` it is ``tracker.db`` in the working directory."""
    monkeypatch.delenv("TRACKER_DATABASE_URL")
    assert str(empty.folder / "tracker.db") in error_line(empty, "policy show", 1)
    empty.done("init")
    assert empty.ask("policy", "show")["version"] == 0


def test_a_scheme_is_checked_without_a_database(empty: CommandLine) -> None:
    """Checking a document needs no database and makes none."""
    assert empty.ask("scheme", "check", "community-2011")["ok"] is True
    assert not empty.database.exists()


@pytest.mark.parametrize("command", ["policy show", "audit verify", "init", "rebuild"])
def test_another_file_is_no_database(empty: CommandLine, command: str) -> None:
    """A file that is not a SQLite database is named and left unchanged."""
    empty.database.write_text("这不是数据库\n" * 200, "utf-8")
    before = empty.database.read_bytes()
    line = error_line(empty, command, 1)
    assert str(empty.database) in line
    assert "not a database" in line
    assert empty.database.read_bytes() == before


def test_a_database_of_something_else_is_refused(empty: CommandLine) -> None:
    """A database without the tracker's tables is named, and so is an empty file."""
    with closing(sqlite3.connect(empty.database)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    assert f"{empty.database} has no tables of the tracker" in error_line(empty, "policy show", 1)
    empty.database.write_bytes(b"")
    assert f"{empty.database} has no tables of the tracker" in error_line(empty, "audit log", 1)


@pytest.mark.parametrize("command", ["policy show", "audit verify", "audit log"])
def test_a_torn_database_is_told(cli: CommandLine, command: str) -> None:
    """A database file that was cut off in the middle is named in one line."""
    size = cli.database.stat().st_size
    with cli.database.open("r+b") as file:
        file.truncate(size // 3)
    assert str(cli.database) in error_line(cli, command, 1)


@pytest.mark.parametrize("command", ["init", "policy show", "audit seal"])
def test_a_folder_is_no_database(empty: CommandLine, command: str) -> None:
    """A folder in place of the file, or a missing folder above it, is named."""
    empty.database.mkdir()
    assert str(empty.database) in error_line(empty, command, 1)
    empty.on(f"sqlite:///{empty.folder}/missing/tracker.db")
    assert f"{empty.folder}/missing/tracker.db" in error_line(empty, command, 1)
    assert not (empty.folder / "missing").exists()


@pytest.mark.parametrize("command", WRITING)
def test_a_database_that_cannot_be_written_is_told(cli: CommandLine, command: str) -> None:
    """On a read-only database a writing command says so."""
    before = cli.events()
    cli.at("2026-10-01 00:30")
    cli.on(f"sqlite:///file:{cli.database}?mode=ro&uri=true")
    assert "cannot be used: attempt to write a readonly database" in error_line(cli, command, 1)
    assert cli.events() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind the superuser")
def test_permissions_that_forbid_are_told(cli: CommandLine) -> None:
    """A file without permission to write is named by a writing command."""
    cli.database.chmod(0o400)
    assert str(cli.database) in error_line(cli, "audit seal", 1)


@pytest.mark.parametrize("command", ["init", *WRITING])
def test_a_locked_database_says_try_again_later(cli: CommandLine, command: str) -> None:
    """During another transaction a writing command ends with 4, and succeeds afterwards."""
    before = cli.events()
    cli.at("2026-10-01 00:30")
    with closing(sqlite3.connect(cli.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        line = error_line(cli, command, 4)
        assert "try again later" in line
        assert str(cli.database) in line
        other.execute("ROLLBACK")
    assert cli.events() == before
    cli.done(*command.split())


def test_a_locked_database_is_read_meanwhile(cli: CommandLine) -> None:
    """During another transaction the committed state can be read."""
    with closing(sqlite3.connect(cli.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert len(cli.ask("compliance", "--period", MONTH)) == 4


def test_an_import_into_a_locked_database_is_tried_again(cli: CommandLine) -> None:
    """An import that meets a lock records nothing; the same file succeeds afterwards."""
    file = cli.file([{"kind": "measure", "organization": FIRST, "measure": "members",
                      "value": "7", "on": "2026-09-01"}])  # fmt: skip
    with closing(sqlite3.connect(cli.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "try again later" in error_line(cli, f"import {file}", 4)
    assert cli.ask("import", file)["recorded"] == 1


@pytest.mark.parametrize("value", ["0", "-1", "soon", "nan", "1e9"])
def test_a_wait_that_is_none_is_refused(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """``TRACKER_BUSY_SECONDS`` must be a number of seconds above 0 and up to an hour."""
    monkeypatch.setenv("TRACKER_BUSY_SECONDS", value)
    assert "TRACKER_BUSY_SECONDS: " in error_line(cli, "policy show", 1)


def test_the_wait_is_that_of_the_settings(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection waits as long as it is set to, by default half a minute."""
    monkeypatch.delenv("TRACKER_BUSY_SECONDS")
    assert load_settings().busy_seconds == BUSY_SECONDS
    engine = open_engine(f"sqlite:///{cli.database}", 1.5)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 1500
    engine.dispose()


@pytest.mark.parametrize("command", ["init", "policy show", "scheduler tick"])
def test_an_unreachable_server_says_try_again_later(cli: CommandLine, command: str) -> None:
    """If no server listens a command ends with 4 and prints no password."""
    cli.on("postgresql://user:secret@127.0.0.1:1/tracker")
    line = error_line(cli, command, 4)
    assert "try again later" in line
    assert "secret" not in line


def test_a_server_that_knows_no_such_database_refuses(cli: CommandLine, postgres: Cluster) -> None:
    """A database that the server does not have is refused, not retried."""
    cli.on(postgres.url("nowhere"))
    assert "cannot be used" in error_line(cli, "policy show", 1)


@pytest.mark.parametrize("url", BAD_URLS)
@pytest.mark.parametrize("command", ["init", "policy show", "scheme check community-2011"])
def test_a_bad_url_is_refused(cli: CommandLine, url: str, command: str) -> None:
    """A URL of an unsupported database is refused by the name of its setting."""
    cli.on(url)
    assert "TRACKER_DATABASE_URL" in error_line(cli, command, 1)


def test_a_held_row_of_postgresql_is_waited_for_and_then_told(postgres_url: str) -> None:
    """Waiting for a locked head ends with a busy error after the timeout."""
    engine = open_engine(postgres_url, busy_seconds=0.2)
    migrate(engine)
    store = Store(engine, lambda: datetime(2026, 11, 24, tzinfo=UTC))
    with store.append() as holding:
        holding.lock(["held"])
        with pytest.raises(DBAPIError) as caught, store.append() as waiting:
            waiting.lock(["held"])
    assert is_busy(caught.value)
    engine.dispose()


def test_a_changed_event_is_named_instead_of_shown(cli: CommandLine) -> None:
    """The electronic file is not made from it; the file of another organization is."""
    cli.change("DROP TRIGGER events_refuse_update")
    cli.change(
        "UPDATE events SET body = replace(body, '2026-09-12', '2026-09-13')"
        " WHERE type = 'ActivityRecorded'"
    )
    line = error_line(cli, f"file {FIRST}", 1)
    assert f"of the stream organization-{FIRST} is damaged" in line
    assert "tracker audit verify" in line
    assert cli.ask("file", SECOND)["organization"]["code"] == SECOND
