import orjson
import pytest

from projections.organizations.tree import AncestorSpan, Parents, Tree, category_on

MOVED: dict[str, Parents] = {
    "a": [("2026-01-01", "t1"), ("2026-03-01", "t2")],
    "t1": [("2026-01-01", "r")],
    "t2": [("2026-01-01", "r")],
}


def test_a_move_ends_one_span_and_begins_the_next() -> None:
    """Each parent is an ancestor until the day before the next; the root's spans are joined."""
    chain = Tree(lambda stream: MOVED.get(stream, [])).chain("a")
    assert chain == [
        AncestorSpan("a", 0, "", None),
        AncestorSpan("t1", 1, "", "2026-02-28"),
        AncestorSpan("t2", 1, "2026-03-01", None),
        AncestorSpan("r", 2, "", None),
    ]


@pytest.mark.parametrize(
    ("day", "category"),
    [("2025-01-01", "community"), ("2026-02-28", "community"), ("2026-03-01", "village")],
)
def test_a_category_holds_from_its_day_on(day: str, category: str) -> None:
    """Before the first day the first category counts."""
    categories = orjson.dumps([["2026-01-01", "community"], ["2026-03-01", "village"]]).decode()
    assert category_on(categories, day) == category


def test_a_tree_with_a_circle_ends() -> None:
    """A circle, which commands refuse, ends the chain instead of running for ever."""
    parents: dict[str, list[tuple[str, str | None]]] = {
        "a": [("2026-01-01", "b")],
        "b": [("2026-01-01", "a")],
    }
    chain = Tree(lambda stream: parents.get(stream, [])).chain("a")
    assert chain == [AncestorSpan("a", 0, "", None), AncestorSpan("b", 1, "", None)]


def test_a_parent_nobody_knows_ends_the_chain() -> None:
    """An unknown parent is an ancestor and has none itself."""
    chain = Tree(lambda stream: [("2026-01-01", "gone")] if stream == "a" else []).chain("a")
    assert [(span.ancestor, span.depth) for span in chain] == [("a", 0), ("gone", 1)]
