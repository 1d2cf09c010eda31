"""Prepared databases that tests copy: what takes long to make is made once a process."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

from benchmarks.postgres import Cluster

NUMBERS = count(1)


class SqliteTemplate:
    """A SQLite file that is made once; each test writes to a copy."""

    def __init__(self, file: Path, make: Callable[[str], None]) -> None:
        """Let ``make`` fill the database at a URL."""
        self.file = file
        make(f"sqlite:///{file}")
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy(self, folder: Path) -> str:
        """Copy the file into a folder under its own name, and return the URL of the copy."""
        shutil.copyfile(self.file, folder / self.file.name)
        return f"sqlite:///{folder / self.file.name}"


class PostgresTemplate:
    """A PostgreSQL database that is made once; each test writes to a copy."""

    def __init__(self, cluster: Cluster, name: str, make: Callable[[str], None]) -> None:
        """Let ``make`` fill the database at a URL; it must leave no connection open."""
        self.cluster, self.name = cluster, name
        make(cluster.create_database(name))

    def copy(self) -> str:
        """Return the URL of a new copy."""
        return self.cluster.create_database(f"test_{next(NUMBERS)}", self.name)
