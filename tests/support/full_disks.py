"""Disks that take nothing more: a limit of pages for databases, a limit of bytes for files."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

from tests.support.logs import run
from tracker.storage.database import open_engine

TRIGGER = "CREATE TRIGGER failing BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION failing()"


@contextmanager
def full_database() -> Iterator[None]:
    """Let no SQLite database grow: SQLite answers as on a full disk."""

    def limit(driver: Any, *_: object) -> None:
        driver.execute("PRAGMA max_page_count = 1")  # SQLite makes it the pages there are now

    def release(driver: Any, *_: object) -> None:
        if driver is not None:
            driver.execute("PRAGMA max_page_count = 1000000")

    event.listen(Pool, "checkout", limit)
    event.listen(Pool, "checkin", release)
    try:
        yield
    finally:
        event.remove(Pool, "checkout", limit)
        event.remove(Pool, "checkin", release)


@contextmanager
def short_files(most: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: a write answers with an error."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def failing_server(url: str, state: str, said: str) -> Iterator[None]:
    """Let PostgreSQL refuse every new event with an SQLSTATE and a message."""
    engine = open_engine(url)
    raising = f"BEGIN RAISE EXCEPTION '{said}' USING ERRCODE = '{state}'; END"
    run(
        engine,
        (f"CREATE FUNCTION failing() RETURNS trigger LANGUAGE plpgsql AS $${raising}$$", ()),
        (TRIGGER, ()),
    )
    try:
        yield
    finally:
        run(engine, ("DROP FUNCTION failing CASCADE", ()))
        engine.dispose()
