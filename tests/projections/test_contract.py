"""Every read model of the catalog keeps the contract."""

import pytest

from events.event import EVENT_TYPES
from projections.catalog import CATALOG
from projections.contract import Projection
from tests.support.small_district import SmallDistrict


@pytest.mark.parametrize("model", CATALOG, ids=lambda model: model.name)
def test_a_read_model_keeps_the_contract(sqlite_url: str, model: Projection) -> None:
    """It folds known event types, and its tables exist with a column ``stream``."""
    assert model.version >= 1
    assert model.types <= EVENT_TYPES.keys()
    small = SmallDistrict(sqlite_url)
    with small.read() as reader:
        for table in model.tables:
            columns = [name for _, name, *_ in reader.rows(f"PRAGMA table_info({table})")]
            assert "stream" in columns, table
    small.dispose()


def test_names_are_unique() -> None:
    """No two read models have one name: faults are marked by it."""
    names = [model.name for model in CATALOG]
    assert len(set(names)) == len(names)
