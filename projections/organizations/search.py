"""Organizations searched by name or code, category and place in the tree, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope

ALL, STANDING, CLOSED = "all", "open", "closed"
UNDER = "c.ancestor = ? AND c.from_on <= ? AND (c.to_on IS NULL OR c.to_on >= ?)"
CONTAINS = {False: "instr(o.name, ?) > 0", True: "strpos(o.name, ?) > 0"}
"""The test whether a name contains a text, on SQLite and (True) on PostgreSQL."""
FEW = 2000
"""Up to so many descendants are looked up in ``closure`` first; with more of them, candidates are
walked by code and each is tested, because a page is full long before all of them are read."""
LAST = "\U0010ffff"
"""The last character: a code that begins with a text sorts before the text with it appended."""


@dataclass(frozen=True, slots=True)
class OrganizationQuery:
    """Which organizations to search: a filter is not used where it is None.

    ``text`` is in the name or begins the code; ``under`` and ``parent`` are streams; ``life`` is
    open, closed or all on ``day``.
    """

    day: str
    text: str | None = None
    category: str | None = None
    under: str | None = None
    parent: str | None = None
    life: str = ALL


class FoundOrganization(NamedTuple):
    """One organization of an answer, as it is now.

    ``parent`` and ``merged_into`` are codes, dates are ISO texts. ``depth`` is how far below
    ``under`` of the query the organization is, 0 without ``under``.
    """

    code: str
    name: str
    category: str
    parent: str | None
    registered_on: str
    closed_on: str | None
    merged_into: str | None
    depth: int


def search_organizations(
    reader: Reader, scope: Scope, wanted: OrganizationQuery, after: str | None, limit: int
) -> list[FoundOrganization]:
    """Return the first ``limit`` organizations of a scope after a code, by code."""
    condition, values = scope.condition()
    tests, given = [condition], list(values)
    few = wanted.under is None or _has_few(reader, wanted.under)
    for test, test_values in _tests(wanted, CONTAINS[reader.postgres], few=few):
        tests.append(test)
        given += test_values
    if after is not None:
        tests.append("o.code > ?")
        given.append(after)
    # This query reads nothing but an index; the rows themselves are read for one page only.
    page = reader.rows(
        f"SELECT o.stream FROM organizations o WHERE {' AND '.join(tests)} ORDER BY o.code LIMIT ?",
        [*given, limit],
    )
    streams = [stream for (stream,) in page]
    rows = reader.select_in(
        "SELECT o.stream, o.code, o.name, o.category, p.code, o.registered_on, o.closed_on, m.code"
        " FROM organizations o LEFT JOIN organizations p ON p.stream = o.parent"
        " LEFT JOIN organizations m ON m.stream = o.merged_into WHERE o.stream",
        streams,
    )
    depths = _depths(reader, wanted, streams)
    by_stream = {
        stream: FoundOrganization._make((*columns, depths.get(stream, 0)))
        for stream, *columns in rows
    }
    return [by_stream[stream] for stream in streams]


def _has_few(reader: Reader, ancestor: str) -> bool:
    """Return whether at most ``FEW`` organizations ever were under one."""
    rows = reader.rows("SELECT 1 FROM closure WHERE ancestor = ? LIMIT ?", [ancestor, FEW + 1])
    return len(rows) <= FEW


def _depths(reader: Reader, wanted: OrganizationQuery, streams: list[str]) -> dict[str, int]:
    """Return how far below ``under`` each organization is."""
    if wanted.under is None:
        return {}
    rows = reader.select_in(
        f"SELECT c.stream, c.depth FROM closure c WHERE {UNDER} AND c.stream",
        streams,
        given=[wanted.under, wanted.day, wanted.day],
    )
    return dict(rows)


def _tests(wanted: OrganizationQuery, contains: str, *, few: bool) -> list[tuple[str, list[Any]]]:
    """Return the conditions of a query, each with its values."""
    tests: list[tuple[str, list[Any]]] = []
    if wanted.text is not None:
        text = wanted.text
        tests.append((f"({contains} OR (o.code >= ? AND o.code < ?))", [text, text, text + LAST]))
    if wanted.under is not None:
        tests.append(
            (
                f"o.stream IN (SELECT c.stream FROM closure c WHERE {UNDER})"
                if few
                else f"EXISTS (SELECT 1 FROM closure c WHERE c.stream = o.stream AND {UNDER})",
                [wanted.under, wanted.day, wanted.day],
            )
        )
    if wanted.category is not None:
        tests.append(("o.category = ?", [wanted.category]))
    if wanted.parent is not None:
        tests.append(("o.parent = ?", [wanted.parent]))
    if wanted.life == STANDING:
        tests.append(("(o.closed_on IS NULL OR o.closed_on >= ?)", [wanted.day]))
    elif wanted.life == CLOSED:
        tests.append(("o.closed_on < ?", [wanted.day]))
    return tests
