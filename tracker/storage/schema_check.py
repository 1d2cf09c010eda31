"""The tables and triggers of a database compared with those that the migrations create."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import StaticPool

from tracker.storage.database import migrate
from tracker.storage.transfer import durable_tables

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

STREAM = "schema"
"""The name under which faults of the schema are reported, as if it were a stream."""
ENABLED = "O"
PARTITIONS = 8
POSTGRES_TRIGGERS = {
    ("events", "events_refuse_change", ENABLED, "events_refuse"),
    ("events", "events_refuse_truncate", ENABLED, "events_refuse"),
    *(
        (f"events_{part}", name, ENABLED, "events_refuse")
        for part in range(PARTITIONS)
        for name in ("events_refuse_change", f"events_{part}_refuse_truncate")
    ),
}
"""Table, name, state and function of every trigger, as the first migration creates them."""
FUNCTION_BODY = "BEGIN RAISE EXCEPTION 'an event is never changed or deleted'; END"


class SchemaColumn(NamedTuple):
    """A column of a durable table: its type as SQLite names it, and whether it may be empty."""

    name: str
    kind: str
    nullable: bool


def find_schema_faults(engine: Engine) -> list[str]:
    """Return what differs from a freshly migrated database: tables, columns, triggers.

    A missing trigger would let events be changed without a trace, one too many can change rows.
    """
    fresh = create_engine("sqlite://", poolclass=StaticPool)
    try:
        migrate(fresh)
        expected, actual = _columns(fresh), _columns(engine)
        faults = [
            f"the table {table} is not as the migrations make it"
            for table, columns in expected.items()
            if actual.get(table) != columns
        ]
        with engine.connect().execution_options(read_only_transaction=True) as connection:
            if connection.dialect.name == "postgresql":
                return faults + _postgres_faults(connection)
            with fresh.connect() as model:
                return faults + _named(_sqlite_triggers(model), _sqlite_triggers(connection))
    finally:
        fresh.dispose()


def schema_faults(engine: Engine) -> list[dict[str, str | int]]:
    """Return each difference as a fault of the log's verification."""
    return [
        {"stream": STREAM, "version": 0, "fault": fault} for fault in find_schema_faults(engine)
    ]


def _columns(engine: Engine) -> dict[str, set[SchemaColumn]]:
    """Return the columns of each durable table; a key's columns are never empty."""
    tables: dict[str, set[SchemaColumn]] = {}
    with engine.connect().execution_options(read_only_transaction=True) as connection:
        inspector = inspect(connection)
        for table in durable_tables(engine):
            keys = set(inspector.get_pk_constraint(table)["constrained_columns"])
            tables[table] = {
                SchemaColumn(
                    column["name"],
                    _kind(table, column["name"], str(column["type"]).lower()),
                    bool(column["nullable"]) and column["name"] not in keys,
                )
                for column in inspector.get_columns(table)
            }
    return tables


def _kind(table: str, column: str, kind: str) -> str:
    if (table, column) == ("events", "position"):
        return "bigint"  # the row id on SQLite
    return {"bytea": "blob"}.get(kind, kind)


def _sqlite_triggers(connection: Connection) -> set[tuple[Any, ...]]:
    rows = connection.exec_driver_sql(
        "SELECT tbl_name, name, sql FROM sqlite_schema WHERE type = 'trigger'"
    )
    return {(table, name, " ".join(sql.split())) for table, name, sql in rows}


def _postgres_faults(connection: Connection) -> list[str]:
    rows = connection.exec_driver_sql(
        "SELECT c.relname, t.tgname, t.tgenabled::text, p.proname FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND t.tgconstraint = 0"
    )
    faults = _named(POSTGRES_TRIGGERS, {tuple(row) for row in rows})
    bodies = connection.exec_driver_sql(
        "SELECT prosrc FROM pg_proc WHERE proname = 'events_refuse'"
        " AND pronamespace = current_schema()::regnamespace"
    ).scalars()
    if [body.strip() for body in bodies] != [FUNCTION_BODY]:
        faults.append("the function events_refuse is not as the migrations make it")
    return faults


def _named(expected: set[tuple[Any, ...]], actual: set[tuple[Any, ...]]) -> list[str]:
    return [
        *(f"the trigger {name} of {table} is missing, changed or disabled"
          for table, name, *_ in sorted(expected - actual)),
        *(f"the trigger {name} of {table} is none of the migrations"
          for table, name, *_ in sorted(actual - expected)
          if (table, name) not in {row[:2] for row in expected}),
    ]  # fmt: skip
