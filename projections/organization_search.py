"""Organizations found by name or code, category and place in the tree, page by page by code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from events.reading import Reader
    from projections.scope import Scope

ALL, STANDING, CLOSED = "all", "open", "closed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which organizations: None leaves a filter out; ``under`` and ``parent`` are streams.

    ``text`` stands in the name or begins the code; ``life`` is open, closed or all on ``day``.
    """

    day: str
    text: str | None = None
    category: str | None = None
    under: str | None = None
    parent: str | None = None
    life: str = ALL


def organizations(
    reader: Reader, scope: Scope, wanted: Wanted, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """The first ``limit`` organizations of a scope after a code, by code.

    ``parent`` and ``merged_into`` are codes; ``depth`` is how far below ``under`` it stands.
    """
    condition, values = scope.condition()
    tests = [condition]
    depth, join, given = "0", "", []
    if wanted.under is not None:
        depth = "c.depth"
        join = (
            " JOIN closure c ON c.stream = o.stream AND c.ancestor = ? AND c.from_on <= ?"
            " AND (c.to_on IS NULL OR c.to_on >= ?)"
        )
        given = [wanted.under, wanted.day, wanted.day]
    for test, found in _tests(wanted):
        tests.append(test)
        values = [*values, *found]
    if after is not None:
        tests.append("o.code > ?")
        values = [*values, after]
    rows = reader.rows(
        "SELECT o.code, o.name, o.category, p.code, o.registered_on, o.closed_on, m.code,"
        f" {depth} FROM organizations o{join}"
        " LEFT JOIN organizations p ON p.stream = o.parent"
        " LEFT JOIN organizations m ON m.stream = o.merged_into"
        f" WHERE {' AND '.join(tests)} ORDER BY o.code LIMIT ?",
        [*given, *values, limit],
    )
    names = ("code", "name", "category", "parent", "registered_on", "closed_on", "merged_into",
             "depth")  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in rows]


def _tests(wanted: Wanted) -> list[tuple[str, list[Any]]]:
    found: list[tuple[str, list[Any]]] = []
    if wanted.text is not None:
        plain = wanted.text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        found.append(
            (
                "(o.name LIKE ? ESCAPE '!' OR o.code LIKE ? ESCAPE '!')",
                [f"%{plain}%", f"{plain}%"],
            )
        )
    if wanted.category is not None:
        found.append(("o.category = ?", [wanted.category]))
    if wanted.parent is not None:
        found.append(("o.parent = ?", [wanted.parent]))
    if wanted.life == STANDING:
        found.append(("(o.closed_on IS NULL OR o.closed_on >= ?)", [wanted.day]))
    elif wanted.life == CLOSED:
        found.append(("o.closed_on < ?", [wanted.day]))
    return found
