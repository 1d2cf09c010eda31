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
from tracker.commands.district import initialize_district, require_zone
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


@pytest.mark.parametrize(
    "zone",
    ["Mars/Olympus", "", "../etc/passwd", "localtime", "right/Asia/Shanghai",
     "posix/Asia/Shanghai", "posixrules", "Factory", "asia/shanghai", "Asia/Shanghai "],
)  # fmt: skip
def test_an_unknown_zone_is_refused(engine: Engine, zone: str) -> None:
    """A name that is not in the IANA database is refused, also one that this machine knows."""
    store = Store(engine, Clock(), Projector(lambda _stream, _error: None))
    with pytest.raises(Refused) as caught:
        initialize_district(store, zone, "2026-01", BY)
    assert caught.value.code == "bad_zone"


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Urumqi", "UTC", "PRC", "Etc/GMT-8"])
def test_names_of_the_iana_database_are_taken(zone: str) -> None:
    """Zones and links of the IANA database are accepted."""
    require_zone(zone)
