"""The import spool keeps a file's bytes until its import is finished."""

from collections.abc import Iterator

import pytest

from tests.support.small_district import SmallDistrict
from tracker.imports.spool import (
    SpooledHeader,
    delete_spooled,
    read_spooled_file,
    read_spooled_imports,
    spool_file,
)

HEADER = SpooledHeader("ledger.csv", historical=True, reason="补录")


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """A small district on each kind of database."""
    district = SmallDistrict(database_url)
    yield district
    district.dispose()


def test_a_file_comes_back_whole(small: SmallDistrict) -> None:
    """The header and the chunks in their order are what was stored, of this import alone."""
    with small.store.append() as log:
        spool_file(log, "i-1", HEADER, [b"one\n", b"two\n"])
        spool_file(log, "i-2", SpooledHeader("b.jsonl", historical=False), [])
    with small.read() as reader:
        assert read_spooled_file(reader, "i-1") == (HEADER, b"one\ntwo\n")
        assert read_spooled_file(reader, "i-3") is None
        assert read_spooled_imports(reader) == {
            "i-1": HEADER,
            "i-2": SpooledHeader("b.jsonl", historical=False),
        }


def test_a_finished_import_is_deleted(small: SmallDistrict) -> None:
    """Deleting one import leaves the others."""
    with small.store.append() as log:
        spool_file(log, "i-1", HEADER, [b"one"])
        spool_file(log, "i-2", HEADER, [b"two"])
        delete_spooled(log, "i-1")
    with small.read() as reader:
        assert read_spooled_imports(reader).keys() == {"i-2"}
