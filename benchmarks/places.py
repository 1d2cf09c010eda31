"""New durable databases of both kinds, and a check of their durability."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from benchmarks.postgres import Cluster, running

PRAGMAS = ("journal_mode", "synchronous")
SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")
NUMBERS = count(1)
DURABLE_SQLITE = {"journal_mode": "wal", "synchronous": "2"}
DURABLE_POSTGRES = dict.fromkeys(SETTINGS, "on")


@dataclass(slots=True)
class Place:
    """Where databases are created: a folder for SQLite files, or a PostgreSQL cluster."""

    folder: Path
    cluster: Cluster | None = None

    @property
    def kind(self) -> str:
        """Return the name of the database system."""
        return "SQLite" if self.cluster is None else "PostgreSQL"

    def fresh(self) -> str:
        """Return the URL of a new database."""
        name = f"bench_{next(NUMBERS)}"
        if self.cluster is not None:
            return self.cluster.create_database(name)
        return f"sqlite:///{self.folder / name}.db"

    def drop(self, url: str) -> None:
        """Delete a database."""
        database = make_url(url).database
        assert database is not None
        if self.cluster is not None:
            self.cluster.drop_database(database)
            return
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(database + suffix).unlink()


@contextmanager
def places(folder: Path, *, postgres: bool) -> Iterator[list[Place]]:
    """Yield SQLite, and with ``postgres`` also a temporary durable PostgreSQL server."""
    if not postgres:
        yield [Place(folder)]
        return
    with running(durable=True) as cluster:
        yield [Place(folder), Place(folder, cluster)]


def durability(engine: Engine) -> dict[str, str]:
    """Return the durability settings of a connection of our engine."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        return driver_durability(driver)


def driver_durability(driver: Any) -> dict[str, str]:
    """Return the durability settings of an open driver connection, ours or the peer's."""
    if isinstance(driver, sqlite3.Connection):
        return {
            name: str(driver.execute(f"PRAGMA {name}").fetchone()[0]).lower() for name in PRAGMAS
        }
    assert isinstance(driver, psycopg.Connection)
    settings: dict[str, str] = {}
    with driver.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        for name in SETTINGS:
            row = cursor.execute(f"SHOW {name}").fetchone()
            assert row is not None
            settings[name] = str(row[0])
    return settings


def check_durability(contender: str, settings: dict[str, str]) -> str:
    """Return a line about a contender's durability; exit if it is weaker than required."""
    required = DURABLE_SQLITE if "journal_mode" in settings else DURABLE_POSTGRES
    if settings != required:
        sys.exit(
            f"{contender} runs with {settings}, not with {required}:"
            " its figures would not be comparable"
        )
    text = ", ".join(f"{name}={value}" for name, value in settings.items())
    return f"{contender}: {text}"
