"""Engines and migrations of both kinds of database."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from events.proofs.verify import verify_log
from events.refusals.errors import Refused
from projections.rebuild import compare
from tracker.storage.database import (
    is_busy,
    migrate,
    open_engine,
    require_database,
    sqlite_file,
    storage_fault,
)


def test_commits_on_sqlite_are_durable(tmp_path: Path) -> None:
    """A connection uses the write-ahead log and syncs every commit."""
    engine = open_engine(f"sqlite:///{tmp_path}/a.db")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
    engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    """A second migration leaves the tables as they are."""
    engine = open_engine(database_url)
    migrate(engine)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
    migrate(engine)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == tables
    assert {"events", "heads", "credentials", "import_spool"} <= set(tables)
    require_database(database_url, engine)
    engine.dispose()


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    """Neither a missing file nor one without the tracker's tables is a database of the tracker."""
    url = f"sqlite:///{tmp_path}/other.db"
    engine = open_engine(url)
    with pytest.raises(Refused, match="no database"):
        require_database(url, engine)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE other (a integer)"))
        connection.commit()
    with pytest.raises(Refused, match="no tables"):
        require_database(url, engine)
    engine.dispose()


def test_the_file_of_a_url() -> None:
    """SQLite has a file, PostgreSQL none, and other URLs are refused."""
    assert sqlite_file("sqlite:///a.db") == Path("a.db")
    assert sqlite_file("sqlite:///file:b.db?mode=ro&uri=true") == Path("b.db")
    assert sqlite_file("postgresql://u@h/d") is None
    for url in ("mysql://u@h/d", "nothing", "sqlite://host/a.db", "sqlite:///a.db?y",
                "sqlite:///a.db?timeout=5", "sqlite:///a.db?", "sqlite:///file:a.db?mode=rwc&uri=true",
                "sqlite:///file:a.db?uri=true&cache=shared"):  # fmt: skip
        with pytest.raises(Refused) as caught:
            sqlite_file(url)
        assert caught.value.code == "bad_database_url"


@pytest.mark.parametrize(
    ("said", "temporary"),
    [
        ("database is locked", True),
        ("connection refused", True),
        ("the database system is starting up", True),
        ('could not connect: database "x" does not exist', False),
        ("connection failed: password authentication failed", False),
        ("disk I/O error", False),
    ],
)
def test_temporary_errors_are_busy(said: str, temporary: bool) -> None:
    """Locked or unreachable is temporary; what will be the same later is not."""
    assert is_busy(OperationalError("", None, Exception(said))) is temporary
    assert not is_busy(ProgrammingError("", None, Exception(said)))


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("database or disk is full", "database_full"),
        ('could not extend file "base/1": No space left on device', "database_full"),
        ("attempt to write a readonly database", "database_unwritable"),
        ("cannot execute INSERT in a read-only transaction", "database_unwritable"),
        ("disk I/O error", "database_broken"),
        ("database disk image is malformed", "database_broken"),
        ("no such table: events", None),
    ],
)
def test_a_disk_that_takes_nothing_is_named(said: str, key: str | None) -> None:
    """A full and a read-only disk have their sentence, other errors have none."""
    fault = storage_fault(OperationalError("", None, Exception(said)))
    assert (fault.key if fault else None) == key


def test_log_in_names_get_their_keys(database_url: str) -> None:
    """Names of an older database are compared without case; an equal second one stays as it is."""
    engine = open_engine(database_url)
    migrate(engine)
    with engine.begin() as connection:
        for table in ("calendar_links", "people", "table_mappings", "uploads_by_day"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("ALTER TABLE one_time_links DROP COLUMN issued_at"))
        connection.execute(text("DROP INDEX credentials_by_key"))
        connection.execute(text("ALTER TABLE credentials DROP COLUMN login_key"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
        for account, login in (("u-1", "LI"), ("u-2", "li"), ("u-3", "Ｗang")):
            connection.execute(
                text(
                    "INSERT INTO credentials (account, login, name, totp_step)"
                    " VALUES (:account, :login, 'x', 0)"
                ),
                {"account": account, "login": login},
            )
    migrate(engine)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT account, login_key FROM credentials")).all()
    assert sorted(map(tuple, rows)) == [("u-1", "LI"), ("u-2", "li"), ("u-3", "wang")]
    engine.dispose()


def test_an_unknown_option_makes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of a SQLite file takes no options, and nothing is created for them."""
    monkeypatch.chdir(tmp_path)
    for options in ("?y", "?", "?mode=ro", "?y=1"):
        with pytest.raises(Refused, match="takes no options"):
            open_engine(f"sqlite:///x.db{options}")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> Path:
    """A database file that may not be written, as the operating system answers."""
    file = sqlite_file(sqlite_url)
    assert file is not None
    access = os.access

    def answer(path: Path, mode: int) -> bool:
        return mode != os.W_OK and access(path, mode)

    monkeypatch.setattr(os, "access", answer)
    return file


def test_a_file_that_cannot_be_written_is_read(read_only: Path) -> None:
    """No file appears next to it, it is verified, and a write is refused."""
    engine = open_engine(f"sqlite:///{read_only}")
    require_database(f"sqlite:///{read_only}", engine)
    assert verify_log(engine).ok
    assert compare(engine) == []
    with pytest.raises(OperationalError, match="readonly") as caught, engine.begin() as connection:
        connection.execute(text("DELETE FROM leases"))
    fault = storage_fault(caught.value)
    assert fault is not None
    assert fault.key == "database_unwritable"
    engine.dispose()
    assert [path.name for path in read_only.parent.iterdir()] == [read_only.name]


def test_a_write_ahead_log_is_read_too(read_only: Path) -> None:
    """Where another process has written what is not in the file yet, it is not passed over."""
    with closing(sqlite3.connect(read_only)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO leases VALUES ('a', 'b', 'c')")
        writer.commit()
        engine = open_engine(f"sqlite:///{read_only}")
        with engine.connect() as connection:
            assert connection.execute(text("SELECT name FROM leases")).scalar() == "a"
        engine.dispose()
