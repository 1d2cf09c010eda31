"""Engines and migrations: pinned durability, write transactions that start as writers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from events.errors import Kind, Refused
from projections.catalog import create_read_models

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BUSY_SECONDS = 30
MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 4_921_102


def open_engine(url: str) -> Engine:
    """An engine with durability pinned: WAL and FULL on SQLite, on PostgreSQL both settings on."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise Refused(
            "bad_database_url",
            "TRACKER_DATABASE_URL is not sqlite:///FILE or postgresql://USER@HOST/DATABASE",
        )
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(
            parsed, pool_pre_ping=True, connect_args={"options": "-c synchronous_commit=on"}
        )
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite(driver: Any, _record: object) -> None:
    driver.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        driver.execute(f"PRAGMA {pragma}")
    driver.execute("PRAGMA cache_size = -65536")


def _begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only_transaction", False)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
    elif read_only:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None for PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(parsed.database or "")


def require_database(url: str, engine: Engine) -> None:
    """Refuse where no database of the tracker stands, naming the file that was looked for."""
    file = sqlite_file(url)
    if file is not None and not file.is_file():
        raise Refused(
            "no_database",
            "there is no database {file}; create it with: tracker init",
            kind=Kind.NOT_FOUND,
            file=file.absolute(),
        )
    with engine.connect().execution_options(read_only_transaction=True) as connection:
        found = inspect(connection).has_table("events")
    if not found:
        raise Refused(
            "no_database",
            "the database {name} holds no tracker; create it with: tracker init",
            kind=Kind.NOT_FOUND,
            name=file or make_url(url).database,
        )


def migrate(engine: Engine) -> None:
    """Create or migrate the durable tables, and create the read models that are missing.

    Safe from several processes at once: PostgreSQL takes an advisory lock, SQLite writes alone.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        create_read_models(connection)


def busy(error: DBAPIError) -> bool:
    """Whether a database error means: locked or unreachable, try again later."""
    words = str(error.orig).lower()
    return isinstance(error, OperationalError) and (
        "locked" in words
        or "busy" in words
        or "connect" in words
        or "deadlock" in words
        or "lock timeout" in words
        or "starting up" in words
        or "terminating" in words
    )
