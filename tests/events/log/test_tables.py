"""The tables of the log are those of the migrations, and their keys begin with the stream."""

import pytest
from sqlalchemy import create_engine, inspect

from events.log.reader import COLUMNS
from events.log.tables import EVENTS, HEADS, METADATA, POSITION_ERAS, TEXTS


@pytest.mark.parametrize("table", [EVENTS, HEADS, TEXTS], ids=lambda table: str(table.name))
def test_keys_begin_with_the_stream(table: object) -> None:
    """PostgreSQL can partition the log by stream."""
    assert next(iter(METADATA.tables[str(table)].primary_key.columns)).name == "stream"


def test_the_reader_reads_every_column_of_an_event() -> None:
    """The columns of a row are those of the table, under the same names."""
    assert set(COLUMNS.split(", ")) == {column.name for column in EVENTS.columns}


# SQLAlchemy cannot reflect the index on an expression; this test needs no index
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
def test_the_migrations_make_these_tables(database_url: str) -> None:
    """Each table of the log is in a migrated database with the same columns and keys."""
    engine = create_engine(database_url)
    inspector = inspect(engine)
    tables = [table for table in METADATA.sorted_tables if table is not POSITION_ERAS]
    if engine.dialect.name == "postgresql":
        tables.append(POSITION_ERAS)
    for table in tables:
        columns = inspector.get_columns(table.name)
        assert {column["name"] for column in columns} == {column.name for column in table.columns}
        keys = [inspector.get_pk_constraint(table.name)["constrained_columns"]]
        keys += [key["column_names"] for key in inspector.get_unique_constraints(table.name)]
        assert [column.name for column in table.primary_key.columns] in keys
    engine.dispose()


def test_the_database_refuses_to_change_an_event(sqlite_url: str) -> None:
    """The events table has triggers against UPDATE and DELETE."""
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        triggers = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
        ).fetchall()
    said = " ".join(text.upper() for (text,) in triggers)
    assert "UPDATE" in said
    assert "DELETE" in said
    engine.dispose()
