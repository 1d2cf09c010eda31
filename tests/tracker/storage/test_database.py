"""Engines and migrations of both kinds of database."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from events.refusals.errors import Refused
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
    for url in ("mysql://u@h/d", "nothing", "sqlite://host/a.db"):
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
        ("disk I/O error", None),
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
