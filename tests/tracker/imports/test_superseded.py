"""A, B and A again without an ``id``: named, never dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from events.log.store import Store
from projections.people.inspectors import inspector
from tests.tracker.imports.test_importing import (
    CLUB,
    CORRECTION,
    FLAG,
    HOUSES,
    INSPECTOR,
    MEETING,
    RECUSAL,
    RETRACTION,
    ROOT,
    counts,
    log,
    opened_store,
    take,
)
from tracker.storage.database import migrate, open_engine

RENAME: dict[str, Any] = {"kind": "organization_change", "code": "c", "on": "2026-06-01"}
PAIRS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (HOUSES, HOUSES | {"value": "2500"}),
    (FLAG, FLAG | {"state": "unmet"}),
    (INSPECTOR, INSPECTOR | {"team": "streets"}),
    (RENAME | {"name": "甲"}, RENAME | {"name": "乙"}),
    (RENAME | {"category": "village"}, RENAME | {"category": "community"}),
    (CORRECTION, CORRECTION | {"changes": {"occurred_on": "2026-09-14"}}),
    (CORRECTION | {"changes": {"note": "甲"}}, CORRECTION | {"changes": {"note": "乙"}}),
]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A district with a community and a meeting, on each kind of database."""
    engine = open_engine(database_url)
    migrate(engine)
    store = opened_store(engine)
    take(store, ROOT, CLUB, MEETING)
    yield store
    engine.dispose()


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_there_and_back_is_named(
    store: Store, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """The third line is not recorded and named; with an id it is recorded."""
    assert counts(take(store, first)) == (1, 1, 0, 0)
    assert counts(take(store, first)) == (1, 0, 1, 0)
    assert counts(take(store, second)) == (1, 1, 0, 0)
    before = log(store)
    report = take(store, first)
    assert counts(report) == (1, 0, 0, 0)
    assert [(line.line, line.field) for line in report.superseded] == [(1, "id")]
    assert log(store) == before
    if first["kind"] == "inspector":
        assert "to register p-1 so again, use the page of inspectors" in report.superseded[0].reason
    else:
        assert "give the line an id" in report.superseded[0].reason
        assert counts(take(store, first | {"id": "again"})) == (1, 1, 0, 0)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_file_again_is_unchanged(
    store: Store, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """A line that a later line of the same file replaces is unchanged, file by file."""
    assert counts(take(store, first, second)) == (2, 2, 0, 0)
    report = take(store, first, second)
    assert (counts(report), report.superseded) == ((2, 0, 2, 0), [])
    assert take(store, first, FLAG | {"on": "2026-04-01"}).superseded != []


def test_there_and_back_in_one_file(store: Store) -> None:
    """A known line after a new one on the same inspector is named, and the new one counts."""
    take(store, INSPECTOR)
    report = take(store, INSPECTOR | {"team": "streets"}, INSPECTOR)
    assert counts(report) == (2, 1, 0, 0)
    assert [line.line for line in report.superseded] == [2]
    with store.read() as reader:
        person = inspector(reader, "p-1")
    assert person is not None
    assert person.team == "streets"


def test_final_lines_are_unchanged(store: Store) -> None:
    """Registrations, retractions, recusals and closings have nothing that replaces them."""
    lines = [INSPECTOR, RECUSAL, CORRECTION, RETRACTION]
    take(store, *lines)
    lines.append(RENAME | {"on": "2026-11-20", "closed": True})
    take(store, lines[-1])
    report = take(store, ROOT, CLUB, *lines)
    assert (report.unchanged, report.superseded) == (7, [])
