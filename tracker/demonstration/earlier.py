"""A demonstration that is there already: what was recorded in it since it was built.

Only what nobody misses is replaced without asking: events of the build and of the scheduler, which
every demonstration gets again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.streams.demonstrations import STREAM
from events.streams.districts import STREAM as DISTRICT
from tracker.demonstration.accounts import ACTOR
from tracker.storage.database import sqlite_file

if TYPE_CHECKING:
    from pathlib import Path

    from events.log.reader import Reader

SCHEDULER = "scheduler"
SUFFIXES = ("", "-wal", "-shm", "-journal")
"""What SQLite adds to the name of a database's file."""


def is_demonstration(reader: Reader) -> bool:
    """Return whether the demonstration made a database."""
    return any(event.actor == ACTOR for event in reader.stream(DISTRICT))


def count_later_events(reader: Reader) -> int:
    """Return the number of events that people recorded in a demonstration since it was built.

    Those of the build have times before the one to which it set the clock; a demonstration without
    a clock was built by one actor.
    """
    built = [event.data["shown"] for event in reader.stream(STREAM)]
    return reader.count_except_actors([ACTOR, SCHEDULER], after=max(built, default=""))


def existing_file(database_url: str) -> Path | None:
    """Return the file of a SQLite database that exists, else None."""
    file = sqlite_file(database_url)
    return file if file is not None and file.exists() else None


def remove_database(file: Path) -> None:
    """Delete a SQLite database with the files next to it."""
    for suffix in SUFFIXES:
        file.with_name(file.name + suffix).unlink(missing_ok=True)
