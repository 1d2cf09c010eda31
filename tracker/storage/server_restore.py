"""A dump restored on a PostgreSQL server: into a new database, which then takes the old one's name.

Nothing is overwritten: the earlier database is renamed in the same transaction, so that at every
instant the name is the earlier database's or the restored one's.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from events.log.eras import begin_era, is_behind
from events.log.reader import Reader
from events.refusals.errors import Refused
from tracker.storage.contents import DatabaseContents, count_events, read_contents
from tracker.storage.database import open_engine, reason_of
from tracker.storage.postgres_programs import (
    PG_RESTORE,
    connection_to,
    find_program,
    rows_of,
    run_program,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from sqlalchemy import Connection, Engine

MAINTENANCE = ("postgres", "template1")
"""Databases that every server has: while one is renamed nobody may be connected to it."""
LONGEST_NAME = 63
"""Bytes of a name on PostgreSQL, which cuts longer ones."""
LENGTH_OF_MOMENT = 16
"""Characters of an instant such as 20260920T010204Z."""
IN_USE = "55006"
NO_SUCH_DATABASE = "3D000"
NOT_ALLOWED = "42501"
"""SQLSTATE of a database in use, an unknown one, a missing right."""


class RestoreServer:
    """The server of a database that is to be restored; opened with ``with``."""

    def __init__(self, url: str) -> None:
        """Take the address of the database."""
        self._url = make_url(url)
        self.database = self._url.database or ""
        self._engine: Engine | None = None

    def __enter__(self) -> Self:
        """Connect to a database of the server that is not restored; ``DBAPIError`` where none."""
        for name in MAINTENANCE:
            engine = open_engine(self.address(name))
            try:
                engine.connect().close()
            except DBAPIError as error:
                engine.dispose()
                if sqlstate(error) != NO_SUCH_DATABASE or name == MAINTENANCE[-1]:
                    raise
            else:
                self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
                break
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        if self._engine is not None:
            self._engine.dispose()

    def address(self, database: str) -> str:
        """Return the address of another database of the server."""
        return self._url.set(database=database).render_as_string(hide_password=False)

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run one statement outside a transaction and return its rows."""
        assert self._engine is not None
        with self._engine.connect() as connection:
            answer = connection.execute(text(sql), values)
            return [tuple(row) for row in answer] if answer.returns_rows else []

    def exists(self) -> bool:
        """Whether the database exists."""
        return bool(self._properties())

    def _properties(self) -> list[tuple[Any, ...]]:
        """Return encoding and locale of the database; no row where there is none."""
        return self.rows(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype"
            " FROM pg_catalog.pg_database WHERE datname = :name",
            name=self.database,
        )

    def count(self) -> int | None:
        """Return the number of events of the database, None where there are none to read."""
        engine = open_engine(self.address(self.database))
        try:
            with engine.connect() as opened:
                return count_events(rows_of(opened))
        except DBAPIError:
            return None
        finally:
            engine.dispose()

    def refuse_use(self) -> None:
        """Raise ``Refused`` while anybody is connected to the database."""
        if self.rows(
            "SELECT 1 FROM pg_catalog.pg_stat_activity WHERE datname = :name"
            " AND backend_type = 'client backend' LIMIT 1",
            name=self.database,
        ):
            raise Refused("database_in_use", file=self.database)

    @contextmanager
    def restored(self, dump: Path, moment: str) -> Iterator[RestoredDatabase]:
        """Restore a dump into a new database and yield it; dropped if it is not put in place.

        ``Refused`` without the right to create databases, ``OSError`` where pg_restore fails.
        """
        self._drop_unfinished()
        program = find_program(PG_RESTORE)
        part = cut_name(self.database, f"_restoring_{moment}")
        with self._rights():
            self.rows(f"CREATE DATABASE {quoted(part)} TEMPLATE template0{self._locale()}")
        try:
            target = connection_to(self.address(part))
            run_program(
                [program, "--no-owner", "--no-privileges", "--exit-on-error",
                 "--single-transaction", f"--dbname={target.address}", str(dump)],
                target.environment,
            )  # fmt: skip
            contents = self._prepare(part)
            yield RestoredDatabase(self, part, cut_name(self.database, f"_before_{moment}"),
                                   contents)  # fmt: skip
        finally:
            # Nothing is left of it where it has the database's name by now.
            with suppress(DBAPIError):
                self.rows(f"DROP DATABASE IF EXISTS {quoted(part)}")

    def _locale(self) -> str:
        """Return the options that give the new database the earlier one's encoding and locale."""
        return "".join(
            f" ENCODING {literal(encoding)} LC_COLLATE {literal(collate)} LC_CTYPE {literal(kind)}"
            for encoding, collate, kind in self._properties()
        )

    def _drop_unfinished(self) -> None:
        """Drop what earlier restores of this database left that were killed."""
        sample = cut_name(self.database, "_restoring_" + "0" * LENGTH_OF_MOMENT)
        left = re.compile(re.escape(sample[:-LENGTH_OF_MOMENT]) + r"\d{8}T\d{6}Z")
        for (name,) in self.rows("SELECT datname FROM pg_catalog.pg_database"):
            if left.fullmatch(name):
                with suppress(DBAPIError):  # one that is being restored has a connection
                    self.rows(f"DROP DATABASE IF EXISTS {quoted(name)}")

    def _prepare(self, part: str) -> DatabaseContents:
        """Continue the positions above those of the dump, and return what was restored."""
        engine = open_engine(self.address(part))
        try:
            with engine.connect() as opened, opened.begin():
                reader = Reader(opened)
                if is_behind(reader):  # the dump is from another server
                    begin_era(reader)
                return read_contents(rows_of(opened), inspect(opened).get_table_names())
        finally:
            engine.dispose()

    @contextmanager
    def _rights(self) -> Iterator[None]:
        """Turn a missing right and a database in use into ``Refused``."""
        try:
            yield
        except DBAPIError as error:
            if sqlstate(error) == IN_USE:
                raise Refused("database_in_use", file=self.database) from error
            if sqlstate(error) == NOT_ALLOWED:
                raise Refused(
                    "restore_forbidden", problem=reason_of(error), user=self._url.username or ""
                ) from error
            raise

    def rename(self, part: str, aside: str) -> bool:
        """Rename the database to ``aside`` and ``part`` to its name; return whether it was there.

        Both in one transaction. ``Refused`` while anybody is connected, or without the right.
        """
        assert self._engine is not None
        there = self.exists()
        engine = self._engine.execution_options(isolation_level="READ COMMITTED")
        with self._rights(), engine.connect() as opened, opened.begin():
            if there:
                _rename(opened, self.database, aside)
            _rename(opened, part, self.database)
        return there


@dataclass(frozen=True, slots=True)
class RestoredDatabase:
    """A database restored under another name, and what it holds."""

    server: RestoreServer
    part: str
    aside: str
    contents: DatabaseContents

    def put_in_place(self) -> tuple[str, ...]:
        """Give it the database's name; return the name under which the earlier one is kept."""
        return (self.aside,) if self.server.rename(self.part, self.aside) else ()


def _rename(opened: Connection, name: str, other: str) -> None:
    opened.execute(text(f"ALTER DATABASE {quoted(name)} RENAME TO {quoted(other)}"))


def sqlstate(error: DBAPIError) -> str:
    """Return the SQLSTATE of an error, empty where it has none."""
    state = getattr(error.orig, "sqlstate", None)
    if state is None and f'database "{MAINTENANCE[0]}" does not exist' in str(error.orig):
        return NO_SUCH_DATABASE  # the driver has no state where the connection failed
    return state or ""


def cut_name(database: str, suffix: str) -> str:
    """Return a name of a database with a suffix that PostgreSQL does not cut."""
    room = LONGEST_NAME - len(suffix)
    return database.encode()[:room].decode("utf-8", "ignore") + suffix


def quoted(name: str) -> str:
    """Return an identifier in quotes, its colons kept from being read as parameters."""
    escaped = name.replace('"', '""').replace(":", "\\:")
    return f'"{escaped}"'


def literal(value: str) -> str:
    """Return a text in quotes."""
    escaped = value.replace("'", "''").replace(":", "\\:")
    return f"'{escaped}'"
