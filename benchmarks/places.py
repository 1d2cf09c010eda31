"""Databases of both kinds, fresh and durable, and proof of how durable they are."""

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
    """Where databases are made: a folder for SQLite files, or a cluster of PostgreSQL."""

    folder: Path
    cluster: Cluster | None = None

    @property
    def kind(self) -> str:
        """What the databases are."""
        return "SQLite" if self.cluster is None else "PostgreSQL"

    def fresh(self) -> str:
        """The URL of a database that nobody used yet."""
        name = f"bench_{next(NUMBERS)}"
        if self.cluster is not None:
            return self.cluster.create_database(name)
        return f"sqlite:///{self.folder / name}.db"

    def drop(self, url: str) -> None:
        """Remove a database that is done with."""
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
    """SQLite, and a durable PostgreSQL of our own where it is asked for."""
    found = [Place(folder)]
    if not postgres:
        yield found
        return
    with running(durable=True) as cluster:
        yield [*found, Place(folder, cluster)]


def durability(engine: Engine) -> dict[str, str]:
    """The settings that our own engine's connection runs with."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        return driver_durability(driver)


def driver_durability(driver: Any) -> dict[str, str]:
    """The settings of one open driver connection, ours or the peer's."""
    if isinstance(driver, sqlite3.Connection):
        return {
            name: str(driver.execute(f"PRAGMA {name}").fetchone()[0]).lower() for name in PRAGMAS
        }
    assert isinstance(driver, psycopg.Connection)
    found: dict[str, str] = {}
    with driver.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        for name in SETTINGS:
            row = cursor.execute(f"SHOW {name}").fetchone()
            assert row is not None
            found[name] = row[0]
    return found


def told(who: str, found: dict[str, str]) -> str:
    """One line about the durability of one contender; weaker than durable ends the run."""
    wanted = DURABLE_SQLITE if "journal_mode" in found else DURABLE_POSTGRES
    if found != wanted:
        sys.exit(f"{who} runs with {found}, not with {wanted}: such figures mean nothing")
    text = ", ".join(f"{name}={value}" for name, value in found.items())
    return f"{who}: {text}"
