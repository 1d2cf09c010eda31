"""A district is initialized once."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from events.event import Metadata
from events.log.store import Store
from events.refusals.errors import Refused
from projections.catalog import Projector
from projections.documents.in_force import district
from tests.support.logs import Clock
from tracker.commands.district import initialize_district
from tracker.storage.database import migrate, open_engine

BY = Metadata("os:admin", "cli")


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    """An empty database."""
    engine = open_engine(sqlite_url)
    migrate(engine)
    yield engine
    engine.dispose()


def test_zone_and_first_month_are_fixed_once(engine: Engine) -> None:
    """The same values again change nothing, other values are refused."""
    store = Store(engine, Clock(), Projector(lambda _stream, _error: None))
    assert initialize_district(store, "Asia/Shanghai", "2026-01", BY)
    assert not initialize_district(store, "Asia/Shanghai", "2026-01", BY)
    with pytest.raises(Refused) as caught:
        initialize_district(store, "Asia/Shanghai", "2026-02", BY)
    assert caught.value.code == "district_fixed"
    with store.read() as reader:
        assert str(district(reader).first_month) == "2026-01"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused(engine: Engine, zone: str) -> None:
    """A name that is not in the database of time zones is refused."""
    store = Store(engine, Clock(), Projector(lambda _stream, _error: None))
    with pytest.raises(Refused) as caught:
        initialize_district(store, zone, "2026-01", BY)
    assert caught.value.code == "bad_zone"
