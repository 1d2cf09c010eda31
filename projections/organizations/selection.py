"""Short lists of organizations: by scope, by parent, by code.

Each function is one query of the directory's tables, for pages and for the draw.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from events.periods import Period
    from projections.organizations.scope import Scope


def only_root(reader: Reader) -> str | None:
    """Return the stream of the district's only root, None where there are several or none."""
    rows = reader.rows("SELECT stream FROM organizations WHERE parent IS NULL LIMIT 2")
    streams: list[str] = [stream for (stream,) in rows]
    return streams[0] if len(streams) == 1 else None


def count_open(reader: Reader) -> int:
    """Count the organizations that are not closed."""
    return int(reader.rows("SELECT count(*) FROM organizations WHERE closed_on IS NULL")[0][0])


def count_ever_in_categories(reader: Reader) -> Counter[str]:
    """Count by category the organizations that have or ever had it."""
    counts: Counter[str] = Counter()
    for categories, organizations in reader.rows(
        "SELECT categories, count(*) FROM organizations GROUP BY categories"
    ):
        for category in {category for _, category in orjson.loads(categories)}:
            counts[category] += organizations
    return counts


def streams_in(reader: Reader, scope: Scope, limit: int, open_on: str | None = None) -> list[str]:
    """Return the first organizations of a scope by code; ``open_on``: not closed by then."""
    condition, values = scope.condition()
    if open_on is not None:
        condition += " AND (o.closed_on IS NULL OR o.closed_on >= ?)"
        values.append(open_on)
    rows = reader.rows(
        f"SELECT o.stream FROM organizations o WHERE {condition} ORDER BY o.code LIMIT ?",
        [*values, limit],
    )
    return [stream for (stream,) in rows]


def streams_alive(
    reader: Reader, scope: Scope, period: Period, limit: int, offset: int
) -> list[str]:
    """Return the organizations of a scope that were alive in a month, by code, a page of them."""
    condition, values = scope.condition()
    rows = reader.rows(
        f"SELECT o.stream FROM organizations o WHERE {condition} AND o.registered_on <= ?"
        " AND (o.closed_on IS NULL OR o.closed_on >= ?) ORDER BY o.code LIMIT ? OFFSET ?",
        [*values, period.last_day.isoformat(), period.first_day.isoformat(), limit, offset],
    )
    return [stream for (stream,) in rows]


def parents_in(reader: Reader, scope: Scope, limit: int) -> list[tuple[str, str]]:
    """Return code and name of the first organizations of a scope that have others under them."""
    condition, values = scope.condition()
    rows = reader.rows(
        f"SELECT o.code, o.name FROM organizations o WHERE {condition} AND o.closed_on IS NULL"
        " AND o.stream IN (SELECT c.parent FROM organizations c WHERE c.parent IS NOT NULL)"
        " ORDER BY o.code LIMIT ?",
        [*values, limit],
    )
    return [(code, name) for code, name in rows]


def children_of(reader: Reader, streams: Sequence[str]) -> dict[str, set[str]]:
    """Return the children of some organizations; those without children are left out."""
    children: dict[str, set[str]] = {}
    for child, parent in reader.select_in(
        "SELECT stream, parent FROM organizations WHERE parent", streams
    ):
        children.setdefault(parent, set()).add(child)
    return children


def read_wards(reader: Reader, stream: str) -> set[str]:
    """Return the closed organizations for which an organization acts, at any remove.

    They were merged into it, or were closed as its children (docs/semantics.md, section 1.2).
    """
    wards: set[str] = set()
    waiting = {stream}
    while waiting:
        found: set[str] = set()
        for column, condition in (("merged_into", ""), ("parent", " AND merged_into IS NULL")):
            rows = reader.select_in(
                f"SELECT stream FROM organizations WHERE {column}",
                sorted(waiting),
                f"{condition} AND closed_on IS NOT NULL",
            )
            found |= {ward for (ward,) in rows}
        waiting = found - wards
        wards |= waiting
    return wards


def count_children(reader: Reader, streams: Sequence[str]) -> dict[str, int]:
    """Count the organizations that are not closed directly under each of some others."""
    rows = reader.select_in(
        "SELECT parent, count(*) FROM organizations WHERE closed_on IS NULL AND parent",
        streams,
        " GROUP BY parent",
    )
    return {parent: int(count) for parent, count in rows}


def names_of_codes(reader: Reader, codes: Sequence[str]) -> dict[str, str]:
    """Return the names of organizations by their present codes."""
    return dict(reader.select_in("SELECT code, name FROM organizations WHERE code", codes))


class CodeAbove(NamedTuple):
    """A code of one ancestor of an organization, and the days it was above (ISO texts)."""

    stream: str
    code: str
    from_on: str
    to_on: str | None


def codes_above(reader: Reader, streams: Sequence[str]) -> list[CodeAbove]:
    """Return every code, old ones too, of organizations and of all that ever were above them."""
    rows = reader.select_in(
        "SELECT c.stream, k.code, c.from_on, c.to_on FROM closure c"
        " JOIN codes k ON k.stream = c.ancestor WHERE c.stream",
        streams,
    )
    return [CodeAbove._make(row) for row in rows]


def codes_of(reader: Reader, stream: str) -> list[str]:
    """Return every code of an organization, old ones too, in the order of their UTF-8 bytes."""
    rows = reader.rows("SELECT code FROM codes WHERE stream = ?", [stream])
    return sorted((code for (code,) in rows), key=str.encode)
