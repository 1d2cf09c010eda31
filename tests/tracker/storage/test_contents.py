"""What a database holds is the same on SQLite, on PostgreSQL and in a dump."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect

from tests.support.logs import rows
from tests.support.small_district import SmallDistrict
from tracker.storage.contents import count_events, read_contents, root_of


def test_contents_are_read_from_any_database(database_url: str) -> None:
    """Events, streams, their root, and the schema; every head is at its newest event."""
    small = SmallDistrict(database_url)
    small.register("r", category="county")
    tables = inspect(small.engine).get_table_names()
    contents = read_contents(lambda sql: rows(small.engine, sql), tables)
    heads = rows(small.engine, "SELECT stream, version, hash FROM heads WHERE version > 0")
    assert contents.events == count_events(lambda sql: rows(small.engine, sql)) > 0
    assert contents.streams == len(heads)
    assert contents.root == root_of(
        [(name, version, bytes(hash_)) for name, version, hash_ in heads]
    )
    assert (contents.apart, contents.files) == (0, ())
    assert contents.schema >= "0005"
    small.dispose()


def test_an_older_database_has_fewer_tables(tmp_path: Path) -> None:
    """Without tables of evidence it names no file; a head without its event is counted."""
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.execute("CREATE TABLE events (stream, version, hash)")
        old.execute("CREATE TABLE heads (stream, version, hash)")
        old.execute("INSERT INTO heads VALUES ('a', 2, x'00'), ('b', 0, x'01')")
        contents = read_contents(old.execute, ["events", "heads"])
    assert (contents.events, contents.streams, contents.apart) == (0, 1, 1)
    assert (contents.files, contents.schema) == ((), "")
