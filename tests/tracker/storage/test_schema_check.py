"""Dropped and foreign triggers and changed tables are found on both databases."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import Engine

from events.log.store import Store
from tests.support.command_line import CommandLine
from tests.support.logs import run
from tracker.storage.schema_check import find_schema_faults

CHANGES = {
    "sqlite": [
        ("DROP TRIGGER events_refuse_update", "events_refuse_update of events is missing"),
        (
            "CREATE TRIGGER sly AFTER INSERT ON texts BEGIN DELETE FROM leases; END",
            "sly of texts is none",
        ),
    ],
    "postgresql": [
        ("ALTER TABLE events DISABLE TRIGGER events_refuse_truncate", "events_refuse_truncate"),
        ("ALTER TABLE events_3 DISABLE TRIGGER ALL", "events_refuse_change of events_3"),
        (
            (
                "CREATE OR REPLACE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RETURN NEW; END $$"
            ),
            "the function events_refuse",
        ),
        (
            (
                "CREATE TRIGGER sly BEFORE UPDATE ON texts FOR EACH ROW"
                " EXECUTE FUNCTION events_refuse()"
            ),
            "sly of texts is none",
        ),
    ],
}
BOTH = [
    ("ALTER TABLE credentials ADD COLUMN back_door text", "the table credentials"),
    ("DROP TABLE evidence_senders", "the table evidence_senders"),
]


def engine_faults(engine: Engine, change: str) -> list[str]:
    """Make a change and return what is found."""
    run(engine, (change, ()))
    return find_schema_faults(engine)


def test_a_migrated_database_has_no_fault(store: Store) -> None:
    """Whatever the database, and also after it was used."""
    assert find_schema_faults(store.engine) == []


@pytest.mark.parametrize("number", range(6))
def test_a_change_is_named(store: Store, number: int) -> None:
    """One fault for a change of a trigger, its function or a table."""
    changes = [*BOTH, *CHANGES[store.engine.dialect.name]]
    change, words = changes[number % len(changes)]
    faults = engine_faults(store.engine, change)
    assert any(words in fault for fault in faults), faults


def test_the_verification_counts_it(cli: CommandLine) -> None:
    """``audit verify`` ends with 3 and names the trigger."""
    with closing(sqlite3.connect(cli.database)) as connection:
        connection.execute("DROP TRIGGER events_refuse_delete")
    answer = cli("audit", "verify", "--json")
    assert answer.status == 3
    (fault,) = answer.document["faults"]
    assert (fault["stream"], "events_refuse_delete" in fault["fault"]) == ("schema", True)
