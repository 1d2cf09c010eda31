"""Database engines and migrations: durable commits, write transactions that begin as writers."""

from __future__ import annotations

import os
from enum import StrEnum
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from events.log.eras import begin_era, is_behind
from events.log.reader import Reader
from events.refusals.errors import Message, Refused
from projections.catalog import create_read_models

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

BUSY_SECONDS = 30
"""The default timeout of locks and connections."""
LEAST_CONNECT_SECONDS = 2
"""The PostgreSQL client accepts no shorter timeout."""
MIGRATIONS = Path(__file__).parent.parent / "migrations"
MIGRATION_LOCK = 4_921_102
"""PostgreSQL's advisory lock of migrations: any number that no other lock has."""
UNFINISHED_COPY = "unfinished_copy"
"""The table that a database has until it is the whole copy of another one."""


class DiskFault(StrEnum):
    """Why a database takes nothing: its disk is full, it may not be written, or it is broken."""

    FULL = "full"
    UNWRITABLE = "unwritable"
    BROKEN = "broken"


STATES = {
    "53100": DiskFault.FULL,
    "25006": DiskFault.UNWRITABLE,  # a read-only transaction
    "42501": DiskFault.UNWRITABLE,  # a missing right
    "58030": DiskFault.BROKEN,  # a failed read or write
    "XX001": DiskFault.BROKEN,  # damaged data
    "XX002": DiskFault.BROKEN,  # a damaged index
}
"""The faults by PostgreSQL's SQLSTATE, as its sentences come in the server's language."""
PHRASES = {
    "is full": DiskFault.FULL,
    "no space left": DiskFault.FULL,
    "could not extend file": DiskFault.FULL,
    "readonly": DiskFault.UNWRITABLE,
    "read-only": DiskFault.UNWRITABLE,
    "unable to open database": DiskFault.UNWRITABLE,
    "disk i/o error": DiskFault.BROKEN,
    "malformed": DiskFault.BROKEN,
    "not a database": DiskFault.BROKEN,
}
"""The faults by what drivers say where there is no SQLSTATE."""
FAULT_SENTENCES = {
    DiskFault.FULL: Message("database_full"),
    DiskFault.UNWRITABLE: Message("database_unwritable"),
    DiskFault.BROKEN: Message("database_broken"),
}


def open_engine(url: str, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Return an engine whose commits are durable, whatever the server's defaults are.

    SQLite uses WAL with ``synchronous = FULL``, PostgreSQL ``synchronous_commit = on``.
    ``busy_seconds`` is the timeout of locks, on PostgreSQL also of connections. A SQLite file that
    cannot be written, such as one on read-only media, is opened for reading. ``Refused`` for the
    URL of another database.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        reading = _read_only_url(parsed)
        parsed = (reading or parsed).set(drivername="sqlite")
        engine = create_engine(parsed, connect_args={"timeout": busy_seconds})
        event.listen(engine, "connect", _prepare_reading if reading else _prepare_sqlite)
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
    if kind == "sqlite" and "?" in url and not _is_reading(parsed):
        # The driver drops what it does not know, or makes a file whose name contains it.
        raise Refused("bad_database_url.options", options=url.partition("?")[2])
    return parsed


def _is_reading(parsed: URL) -> bool:
    """Return whether the options are those that open a file for reading, and no others."""
    query = dict(parsed.query)
    return (
        (parsed.database or "").startswith("file:")
        and query.pop("uri", None) == "true"
        and query.pop("mode", "ro") == "ro"
        and query.pop("immutable", "1") == "1"
        and not query
    )


def _read_only_url(parsed: URL) -> URL | None:
    """Return the URL that opens a file for reading; None where it can be written or is missing.

    Without a write-ahead log next to it the file is complete and is opened as immutable: on
    read-only media SQLite cannot create the files that it needs for anything else.
    """
    if "uri" in parsed.query:
        return parsed
    file = Path(parsed.database or "")
    if not file.is_file() or (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        return None
    log = file.with_name(f"{file.name}-wal")
    complete = not log.exists() or not log.stat().st_size
    query = {"mode": "ro", "uri": "true"} | ({"immutable": "1"} if complete else {})
    name = quote(str(file.absolute()))
    return parsed.set(database=f"file:{name}", query=query)


def _prepare_reading(driver: Any, _record: object) -> None:
    driver.isolation_level = None  # as in _prepare_sqlite


def _prepare_sqlite(driver: Any, _record: object) -> None:
    driver.isolation_level = None  # transactions begin in _begin, not in the driver
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        driver.execute(f"PRAGMA {pragma}")
    driver.execute("PRAGMA cache_size = -65536")  # in KiB where negative: 64 MiB


def _begin(connection: Connection) -> None:
    # A reader that starts to write fails in SQLite where another wrote meanwhile; BEGIN IMMEDIATE
    # takes the write lock first. Readers on PostgreSQL see one snapshot, as on SQLite.
    read_only = connection.get_execution_options().get("read_only_transaction", False)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
    elif read_only:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite URL, None for PostgreSQL; ``Refused`` for any other URL."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    name = parsed.database or ""
    return Path(name.removeprefix("file:") if "uri" in parsed.query else name)


def require_database(url: str, engine: Engine) -> None:
    """Refuse where there is no database of the tracker, naming the file or database."""
    file = sqlite_file(url)
    if file is not None and not file.is_file():
        raise Refused("no_database", file=file.absolute())
    with engine.connect().execution_options(read_only_transaction=True) as connection:
        created = inspect(connection).has_table("events")
    if not created:
        raise Refused("no_database.empty", name=file or make_url(url).database)
    refuse_unfinished_copy(engine)


def refuse_unfinished_copy(engine: Engine) -> None:
    """Refuse a database that ``tracker database copy`` has not finished."""
    with engine.connect().execution_options(read_only_transaction=True) as connection:
        if inspect(connection).has_table(UNFINISHED_COPY):
            raise Refused("copy_unfinished", name=database_name(engine))


def database_name(engine: Engine) -> str:
    """Return the address of a database as people read it, without a password."""
    return engine.url.render_as_string().replace("postgresql+psycopg", "postgresql")


def migrate(engine: Engine) -> None:
    """Create or migrate the durable tables, and create missing read models.

    Safe from several processes at once: PostgreSQL takes an advisory lock, SQLite has one writer.
    """
    from alembic import command  # noqa: PLC0415 - only migrations need it, and it loads slowly
    from alembic.config import Config  # noqa: PLC0415 - as the command

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        create_read_models(connection)
        log = Reader(connection)
        if is_behind(log):  # a dump that was restored on another server
            begin_era(log)


def read_schema(engine: Engine) -> str:
    """Return the newest migration of a database; empty where none is noted."""
    with engine.connect().execution_options(read_only_transaction=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def is_busy(error: DBAPIError) -> bool:
    """Return whether a database error is temporary: locked or unreachable, retry later."""
    words = str(error.orig).lower()
    lasting = ("does not exist", "authentication failed", "no password supplied", "permission")
    if any(phrase in words for phrase in lasting):
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


def disk_fault(error: DBAPIError) -> DiskFault | None:
    """Return why the database takes nothing, None for other errors."""
    state = STATES.get(getattr(error.orig, "sqlstate", None) or "")
    words = str(error.orig).lower()
    named = (fault for phrase, fault in PHRASES.items() if phrase in words)
    return state or next(named, None)


def storage_fault(error: DBAPIError) -> Message | None:
    """Return the sentence for users of a database that takes nothing; None for other errors."""
    fault = disk_fault(error)
    return None if fault is None else FAULT_SENTENCES[fault]


def storage_refusal(error: DBAPIError, name: str) -> Refused | None:
    """Return the refusal of a command whose database ``name`` takes nothing, with what to do.

    None for other errors.
    """
    problem = reason_of(error)
    match disk_fault(error):
        case None:
            return None
        case DiskFault.FULL:
            return Refused("database_full.command", name=name, problem=problem)
        case DiskFault.UNWRITABLE:
            return Refused("database_unwritable.command", name=name, problem=problem)
        case DiskFault.BROKEN:
            return Refused("database_broken.command", name=name, problem=problem)


def reason_of(error: DBAPIError) -> str:
    """Return the first line of what the database said."""
    return str(error.orig).strip().partition("\n")[0].rstrip() or "no reason given"
