from collections.abc import Iterator
from typing import Any

import pytest

from events.log.store import Store
from projections.organizations.directory import OrganizationEntry, entries_under, find
from tests.tracker.imports.test_importing import (
    CLUB,
    MEETING,
    ROOT,
    counts,
    log,
    opened_store,
    refused,
    take,
)
from tracker.storage.database import migrate, open_engine


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """A district on SQLite."""
    engine = open_engine(sqlite_url)
    migrate(engine)
    yield opened_store(engine)
    engine.dispose()


@pytest.fixture
def both(database_url: str) -> Iterator[Store]:
    """A district on each kind of database."""
    engine = open_engine(database_url)
    migrate(engine)
    yield opened_store(engine)
    engine.dispose()


def place(code: str, parent: str | None = "r", **fields: Any) -> dict[str, Any]:
    """A line that registers an organization."""
    return CLUB | {"code": code, "name": code, "parent": parent} | fields


def change(code: str, on: str = "2026-06-01", **fields: Any) -> dict[str, Any]:
    """A line that changes an organization."""
    return {"kind": "organization_change", "code": code, "on": on} | fields


def entry(store: Store, code: str) -> OrganizationEntry:
    """An organization as the directory shows it."""
    with store.read() as reader:
        found = find(reader, code)
    assert found is not None
    return found


def test_parents_may_come_after_their_children(both: Store) -> None:
    """A whole tree is registered whatever the order of its lines, each under its parent."""
    lines = [place("d", "c"), place("e", "d"), place("c", "b"), place("b", "r"), ROOT]
    assert counts(take(both, *lines)) == (5, 5, 0, 0)
    with both.read() as reader:
        codes = [one.code for one in entries_under(reader, "organization-b", "2026-11-24")]
    assert codes == ["b", "c", "d", "e"]
    assert counts(take(both, *reversed(lines))) == (5, 0, 5, 0)


BAD: list[tuple[list[dict[str, Any]], int, str, str]] = [
    ([place("d", "x")], 1, "parent", "the parent x is not registered"),
    ([place("d", "d")], 1, "parent", "d cannot be the parent"),
    ([place("d", category="zoo")], 1, "category", "zoo is not a category"),
    ([place("d", registered_on="2026-11-25")], 1, "registered_on", "in the future"),
    ([place("c", name="other")], 1, "code", "c is already registered"),
    ([place("d"), place("d", name="other")], 2, "code", "d is already registered"),
    ([change("x", name="n")], 1, "code", "x is not a registered organization"),
    ([change("c", parent="x")], 1, "parent", "the parent x is not registered"),
    ([change("r", parent="c")], 1, "parent", "c cannot be the parent"),
    ([change("c", parent="c")], 1, "parent", "c cannot be the parent"),
    ([place("d", "c"), change("c", parent="d")], 2, "parent", "d cannot be the parent"),
    ([change("c", on="2026-11-25", name="n")], 1, "on", "in the future"),
    ([change("c", on="2026-01-31", name="n")], 1, "on", "is outside the life of c"),
    ([change("c", new_code="r")], 1, "new_code", "r is already registered"),
    ([change("c", merged_into="c")], 1, "merged_into", "not an active organization"),
    ([change("c", category="zoo")], 1, "category", "zoo is not a category"),
    ([change("c", closed=False)], 1, "closed", "cannot be reopened"),
    ([change("c", "2026-07-01", name="n"), change("c", "2026-06-01", name="m")],
     2, "on", "cannot come before"),
    ([change("c", closed=True), MEETING], 2, "occurred_on", "outside the life"),
    ([change("c", closed=True), place("d", "c", registered_on="2026-07-01")],
     1, "closed", "c still has 1 organizations under it (d)"),
    ([change("r", closed=True)], 1, "closed", "r still has 1 organizations under it (c)"),
    ([place("d"), change("r", merged_into="d")], 2, "merged_into", "r still has 2 organizations"),
    ([place("d"), change("d", closed=True), place("e", "d", registered_on="2026-06-02")],
     2, "closed", "d still has 1"),
    ([place("d", None)], 1, "parent", "the district has the root r already"),
    ([place("d", None, root=False)], 1, "parent", "the district has the root r already"),
    ([place("d", root=True)], 1, "root", "a root has no parent"),
    ([place("d", root="yes")], 1, "root", "true or false"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "number", "field", "reason"), BAD)
def test_a_bad_line_of_the_tree_is_named(
    store: Store, lines: list[dict[str, Any]], number: int, field: str, reason: str
) -> None:
    """What cannot stand in the tree is named with line and field, and nothing is recorded."""
    take(store, ROOT, CLUB)
    found = refused(store, *lines)
    assert (found.line, found.field) == (number, field)
    assert reason in found.reason


def test_a_circle_inside_a_file_is_named_on_its_lines(store: Store) -> None:
    """Organizations that are each other's parents are refused, every line of the circle."""
    report = take(store, ROOT, place("d", "e"), place("e", "d"), partial=True)
    assert [(fault.line, fault.field) for fault in report.refused] == [(2, "parent"), (3, "parent")]
    assert "e cannot be the parent" in report.refused[0].reason
    assert report.recorded == 1


def test_what_hangs_on_a_refused_line_is_refused(store: Store) -> None:
    """A child and a record of an organization that was refused are refused by name."""
    lines = [ROOT, place("d", category="zoo"), place("e", "d"), MEETING | {"organization": "d"}]
    report = take(store, *lines, partial=True)
    assert [(fault.line, fault.field) for fault in report.refused] == [
        (2, "category"),
        (3, "parent"),
        (4, "organization"),
    ]


def test_one_line_changes_all_that_it_names(both: Store) -> None:
    """A change has name, parent, category and code at once; repeating it changes nothing."""
    take(both, ROOT, CLUB, place("d"), MEETING)
    line = change("c", name="新社区", parent="d", category="village", new_code="c2", reason="调整")
    assert counts(take(both, line)) == (1, 1, 0, 0)
    found = entry(both, "c2")
    assert (found.stream, found.code, found.name) == ("organization-c", "c2", "新社区")
    assert (found.parent, found.category) == ("organization-d", "village")
    assert counts(take(both, line)) == (1, 0, 1, 0)


def test_a_change_with_an_id_is_known_again(store: Store) -> None:
    """A change under an id is unchanged when repeated, and refused with other content."""
    take(store, ROOT, CLUB, place("d"))
    line = change("c", id="x", name="n", parent="d", reason="调整")
    assert counts(take(store, line, line)) == (2, 1, 1, 0)
    take(store, change("c", "2026-08-01", name="later"))
    assert counts(take(store, line)) == (1, 0, 1, 0)
    for other in ({"name": "m"}, {"reason": "other"}, {"parent": None}, {"category": "village"}):
        assert refused(store, line | other).field == "id"


def test_old_codes_still_name_the_organization(store: Store) -> None:
    """Lines may use the code of before and the new one; both go to one stream, in file order."""
    take(store, ROOT, CLUB, change("c", new_code="c2"))
    correction = {"kind": "correction", "organization": "c2", "record_id": "a-1",
                  "changes": {"note": "n"}, "reason": "补充"}  # fmt: skip
    assert counts(take(store, MEETING, correction)) == (2, 2, 0, 0)
    assert counts(take(store, MEETING | {"organization": "c2"})) == (1, 0, 1, 0)
    assert counts(take(store, change("c", "2026-07-01", name="n"))) == (1, 1, 0, 0)
    assert counts(take(store, place("e", "c"))) == (1, 1, 0, 0)
    assert entry(store, "e").parent == "organization-c"


def test_a_file_may_build_on_its_own_changes(store: Store) -> None:
    """A new code, a move and a merger may refer to what the same file registers or recodes."""
    lines = [
        place("e", "c2", registered_on="2026-06-02"),
        change("c", new_code="c2"),
        change("f", merged_into="e", on="2026-07-01", reason="合并"),
        CLUB,
        place("f"),
        ROOT,
    ]
    assert counts(take(store, *lines)) == (6, 6, 0, 0)
    assert entry(store, "f").merged_into == "organization-e"
    assert entry(store, "e").parent == "organization-c"
    before = log(store)
    assert counts(take(store, *lines)) == (6, 0, 6, 0)
    assert log(store) == before


def test_the_same_registration_in_another_file_changes_nothing(store: Store) -> None:
    """A registration that is recorded already is unchanged, whatever id its line has."""
    assert counts(take(store, ROOT, CLUB, CLUB)) == (3, 2, 1, 0)
    assert counts(take(store, CLUB | {"id": "another"})) == (1, 0, 1, 0)


def test_a_registration_that_was_overtaken_is_refused(store: Store) -> None:
    """Who registers a code meanwhile wins, and what hangs on it is decided again."""
    take(store, ROOT)
    first = [place(f"n-{number:04}") for number in range(2000)]
    state = {"done": False}

    def meanwhile(_done: int, _total: int) -> None:
        if not state["done"]:
            state["done"] = True
            take(store, place("z", name="rival", registered_on="2026-10-01"))

    report = take(
        store, *first, place("z"), MEETING | {"organization": "z"}, progress=meanwhile
    )  # fmt: skip
    assert [(fault.line, fault.field) for fault in report.refused] == [
        (2001, "code"),
        (2002, "occurred_on"),
    ]
    assert counts(report) == (2002, 2000, 0, 2)


def test_a_root_is_said_on_purpose(both: Store) -> None:
    """A second root needs ``root``, the first one does not, and roots are counted."""
    first = take(both, ROOT, CLUB)
    assert (counts(first), first.roots) == ((2, 2, 0, 0), 1)
    second = take(both, place("s", None, root=True), place("t", "s"))
    assert (counts(second), second.roots) == ((2, 2, 0, 0), 1)
    assert entry(both, "s").parent is None
    assert counts(take(both, ROOT, ROOT | {"root": True}, place("s", None, root=True))) == (
        3, 0, 3, 0,
    )  # fmt: skip


def test_a_second_root_of_one_file_needs_its_word(store: Store) -> None:
    """In an empty district one line of a file may lack its parent, a second one says it."""
    fault = refused(store, ROOT, place("d", None))
    assert (fault.line, fault.field) == (2, "parent")
    assert counts(take(store, ROOT, place("s", None, root=True))) == (2, 2, 0, 0)


def test_a_file_closes_a_tree_from_below(both: Store) -> None:
    """Children that the same file moves away or closes do not keep their parent open."""
    take(both, ROOT, place("d"), place("e", "d"), place("f", "d"))
    take(both, place("g", "e"))
    lines = [
        change("d", closed=True),
        change("e", closed=True),
        change("g", closed=True),
        change("f", parent="r"),
    ]
    assert counts(take(both, *lines)) == (4, 4, 0, 0)
    assert entry(both, "d").closed_on == "2026-06-01"
    assert counts(take(both, *lines)) == (4, 0, 4, 0)


def test_a_parent_that_closes_the_same_day_takes_nobody(store: Store) -> None:
    """Nobody is registered, moved or merged under an organization on its last day."""
    take(store, ROOT, CLUB, place("d"))
    take(store, change("d", closed=True))
    for line, name in (
        (place("e", "d", registered_on="2026-06-01"), "parent"),
        (change("c", parent="d"), "parent"),
        (change("c", merged_into="d"), "merged_into"),
    ):
        assert refused(store, line).field == name
