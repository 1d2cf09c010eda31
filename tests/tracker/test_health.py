"""Sizes and unfinished imports as the health page shows them."""

import pytest

from tests.support.small_district import SmallDistrict
from tracker.health import UnfinishedImport, database_size, format_bytes, read_unfinished_imports
from tracker.imports.spool import SpooledHeader, spool_file


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (13 << 20, "13.0 MB"), (5 << 40, "5.0 TB")],
)
def test_a_size_is_readable(size: int, text: str) -> None:
    """A size in bytes has the largest unit that leaves a number below 1024."""
    assert format_bytes(size) == text


def test_the_database_and_unfinished_imports(sqlite_url: str) -> None:
    """The size is that of the database file, and every spooled import is unfinished."""
    small = SmallDistrict(sqlite_url)
    with small.store.append() as log:
        spool_file(log, "i-1", SpooledHeader("a.jsonl", historical=True), [b"line"])
    with small.read() as reader:
        assert read_unfinished_imports(reader) == [
            UnfinishedImport("i-1", "a.jsonl", historical=True)
        ]
        assert database_size(reader, sqlite_url) > 0
    small.dispose()
