"""Engines and migrations: pinned durability, write transactions that start as writers."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from events.refusals.errors import Refused
from projections.catalog import create_read_models

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

BUSY_SECONDS = 30
LEAST_CONNECT_SECONDS = 2
"""The PostgreSQL client takes no shorter wait."""
MIGRATIONS = Path(__file__).parent.parent / "migrations"
MIGRATION_LOCK = 4_921_102


def open_engine(url: str, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine with durability pinned: WAL and FULL on SQLite, on PostgreSQL both settings on.

    ``busy_seconds`` is how long a lock, and on PostgreSQL a connection, is waited for.
    ``Refused`` where the URL is of no such database.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(drivername="sqlite")
        engine = create_engine(parsed, connect_args={"timeout": busy_seconds})
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        parsed = parsed.set(drivername="postgresql+psycopg")
        wait = f"-c lock_timeout={ceil(busy_seconds * 1000)}"
        arguments: dict[str, Any] = {"options": f"-c synchronous_commit=on {wait}"}
        if "connect_timeout" not in parsed.query:
            arguments["connect_timeout"] = max(LEAST_CONNECT_SECONDS, ceil(busy_seconds))
        engine = create_engine(parsed, connect_args=arguments)
    event.listen(engine, "begin", _begin)
    return engine


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    kind = parsed.get_backend_name() if parsed is not None else ""
    if parsed is None or kind not in {"sqlite", "postgresql"} or (kind == "sqlite" and parsed.host):
        raise Refused("bad_database_url")
    return parsed


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
    """The file of a SQLite URL; None for PostgreSQL; ``Refused`` for any other URL."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    name = parsed.database or ""
    return Path(name.removeprefix("file:") if "uri" in parsed.query else name)


def require_database(url: str, engine: Engine) -> None:
    """Refuse where no database of the tracker stands, naming the file that was looked for."""
    file = sqlite_file(url)
    if file is not None and not file.is_file():
        raise Refused("no_database", file=file.absolute())
    with engine.connect().execution_options(read_only_transaction=True) as connection:
        found = inspect(connection).has_table("events")
    if not found:
        raise Refused("no_database.empty", name=file or make_url(url).database)


def migrate(engine: Engine) -> None:
    """Create or migrate the durable tables, and create the read models that are missing.

    Safe from several processes at once: PostgreSQL takes an advisory lock, SQLite writes alone.
    """
    from alembic import command  # noqa: PLC0415 - only a migration waits until it is loaded
    from alembic.config import Config  # noqa: PLC0415 - as the command

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
    lasting = ("does not exist", "authentication failed", "no password supplied", "permission")
    if any(one in words for one in lasting):
        return False
    return isinstance(error, OperationalError) and (
        "locked" in words
        or "busy" in words
        or "connect" in words
        or "deadlock" in words
        or "lock timeout" in words
        or "starting up" in words
        or "terminating" in words
    )
