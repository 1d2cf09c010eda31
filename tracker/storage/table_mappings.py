"""What people chose for the columns of a table, remembered by the shape of its file.

A convenience outside the log: losing it costs a few choices, and no figure depends on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.log.reader import Reader
    from events.log.store import Append


def recall_mapping(reader: Reader, shape: str) -> tuple[str, dict[int, str]] | None:
    """Return the kind of list and the meaning of each column (from 0), or None if unknown.

    ``shape`` is the digest of the headings, ``tracker.imports.tables.mapping.shape_of``.
    """
    rows = reader.rows("SELECT kind, columns FROM table_mappings WHERE shape = ?", [shape])
    for kind, columns in rows:
        return kind, {int(place): meaning for place, meaning in orjson.loads(columns).items()}
    return None


def remember_mapping(log: Append, shape: str, kind: str, columns: Mapping[int, str]) -> None:
    """Keep what a person chose for files of a shape, in the place of an earlier choice."""
    text = orjson.dumps({str(place): meaning for place, meaning in columns.items()}).decode()
    log.write(
        "INSERT INTO table_mappings (shape, kind, columns) VALUES (?, ?, ?)"
        " ON CONFLICT (shape) DO UPDATE SET kind = excluded.kind, columns = excluded.columns",
        [(shape, kind, text)],
    )
