from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from events.event import RecordedEvent
from events.log.reader import Reader
from events.streams.organizations import OrganizationRenamed, stream_of
from projections.catalog import CATALOG, VERSION, Projector, create_read_models, stale_streams
from projections.contract import Statement
from tests.support.small_district import SmallDistrict, meeting


def test_every_table_belongs_to_one_model() -> None:
    """No two read models write one table, and each creates what it owns."""
    tables = [table for model in CATALOG for table in model.tables]
    assert len(set(tables)) == len(tables)
    created = " ".join(one for model in CATALOG for one in model.create)
    assert all(f"CREATE TABLE IF NOT EXISTS {table} " in created for table in tables)


def test_an_append_leaves_a_checkpoint(database_url: str) -> None:
    """A checkpoint names the version of the stream and of the fold that its rows are made from."""
    district = SmallDistrict(database_url)
    district.register("a")
    district.record("a", "a-1", "2026-01-02")
    assert (stream_of("a"), 2, VERSION, None) in district.rows("checkpoints")
    with district.engine.begin() as connection:
        create_read_models(connection)
    district.dispose()


def test_only_the_faulty_stream_is_marked(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a batch over two streams the one whose fold raises is stale, the other has its rows."""
    district = SmallDistrict(database_url)
    district.register("a")
    district.register("b")
    real = CATALOG[1].plan

    def broken(reader: Reader, events: Sequence[RecordedEvent], zone: str) -> list[Statement]:
        if any(event.stream == stream_of("a") for event in events):
            message = "a bug"
            raise ValueError(message)
        return real(reader, events, zone)

    told = [(stream_of(code), meeting("a-1", "2026-01-02")) for code in "ab"]
    with monkeypatch.context() as bug:
        bug.setattr(type(CATALOG[1]), "plan", staticmethod(broken))
        district.tell_many(told)
    district.tell(stream_of("a"), OrganizationRenamed(on=date(2026, 1, 3), name="新"))
    with district.read() as reader:
        assert stale_streams(reader) == [(stream_of("a"), "facts: ValueError: a bug")]
        rows = reader.rows("SELECT stream FROM record_facts")
        assert [row[0] for row in rows] == [stream_of("b")]
        assert reader.head(stream_of("a")) is not None
    assert district.faults == [stream_of("a")]
    assert district.entry("a").name == "新"
    district.dispose()


def test_a_bug_is_marked_without_a_report(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A projector without a report keeps the event too."""
    district = SmallDistrict(sqlite_url)
    district.register("a")
    district.store.projector = Projector()
    monkeypatch.setattr("projections.records.facts.entry_of", lambda *_: 1 / 0)
    district.record("a", "a-1", "2026-01-02")
    with district.read() as reader:
        assert stale_streams(reader)[0][1].startswith("facts: ZeroDivisionError")
    district.dispose()


def test_a_fault_of_the_database_stops_the_append(sqlite_url: str) -> None:
    """A read model whose table is gone is no bug in a fold: nothing is recorded."""
    district = SmallDistrict(sqlite_url)
    district.register("a")
    with district.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE organizations")
    with pytest.raises(DBAPIError):
        district.tell(stream_of("a"), OrganizationRenamed(on=date(2026, 1, 3), name="新"))
    with district.read() as reader:
        assert len(reader.stream(stream_of("a"))) == 1
    district.dispose()


def test_the_zone_is_that_of_the_district(sqlite_url: str) -> None:
    """Recording dates are local ones; before there is a district the zone is UTC."""
    district = SmallDistrict(sqlite_url)
    with district.read() as reader:
        assert Projector().zone(reader) == "Asia/Shanghai"
        assert Projector(zone="UTC").zone(reader) == "UTC"
    with district.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER events_refuse_delete")
        connection.exec_driver_sql("DELETE FROM events")
    with district.read() as reader:
        assert Projector().zone(reader) == "UTC"
    district.dispose()
