"""Rows of a table whose record is known with other content, proposed as corrections.

A table is the list that the office keeps: its rows have no identities, so a row that was
changed means the record that it named before. A person confirms the corrections, with one reason
for the file (docs/semantics.md, section 3).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from events.streams.records import FIELDS
from projections.organizations.directory import streams_of
from projections.records.trail import RETRACTED, read_trails
from tracker.imports.lines import ACTIVITY, CORRECTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from events.log.reader import Reader
    from projections.records.trail import Fields, RecordTrail
    from tracker.imports.lines import LineFault
    from tracker.imports.tables.reading import TableFile

CONFLICT = "identity_conflict"


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row whose record has other content: by field the value as it is and as the row says.

    ``line`` is the line of the table's payload, ``row`` the row of the sheet, both from 1. Without
    changes the record was already corrected to what the row says.
    """

    line: int
    row: int
    organization: str
    record_id: str
    changes: Mapping[str, tuple[Any, Any]]


def find_changed_rows(
    reader: Reader, table: TableFile, faults: Iterable[LineFault]
) -> list[ChangedRow]:
    """Return the rows that may be recorded as corrections, of the faults of a check.

    A record that was retracted is final, and one with stored files loses none of them by a list:
    rows that would change these stay refused.
    """
    lines = table.payload.splitlines()
    conflicts = {
        fault.line: orjson.loads(lines[fault.line - 1])
        for fault in faults
        if fault.message.key.startswith(CONFLICT)
    }
    by_organization: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for number, document in conflicts.items():
        if document["kind"] == ACTIVITY:
            by_organization[document["organization"]][number] = document
    streams = streams_of(reader, sorted(by_organization))
    columns = {name.partition(".")[0] for name in table.mapping.fields.values()} & set(FIELDS)
    rows = []
    for organization, documents in by_organization.items():
        ids = sorted({document["record_id"] for document in documents.values()})
        trails = read_trails(reader, streams[organization], ids)
        for number, document in documents.items():
            changes = _changes(trails[document["record_id"]], document, columns)
            if changes is not None:
                rows.append(
                    ChangedRow(
                        number,
                        table.rows[number - 1],
                        organization,
                        document["record_id"],
                        changes,
                    )
                )
    return sorted(rows, key=lambda row: row.line)


def apply_corrections(table: TableFile, changed: Sequence[ChangedRow], reason: str) -> TableFile:
    """Return the table with its changed rows as corrections; rows already corrected leave it."""
    by_line = {row.line: row for row in changed}
    payload, rows = [], []
    for number, line in enumerate(table.payload.splitlines(), start=1):
        row = by_line.get(number)
        if row is not None and not row.changes:
            continue
        rows.append(table.rows[number - 1])
        payload.append(line if row is None else _correction(row, orjson.loads(line), reason))
    return replace(table, payload=b"".join(line + b"\n" for line in payload), rows=rows)


def _correction(row: ChangedRow, document: dict[str, Any], reason: str) -> bytes:
    correction = {
        "kind": CORRECTION,
        "organization": row.organization,
        "record_id": row.record_id,
        "changes": {name: new for name, (_, new) in row.changes.items()},
        "reason": reason,
    }
    if "recorded_on" in document:
        correction["recorded_on"] = document["recorded_on"]
    return orjson.dumps(correction)


def _changes(
    trail: RecordTrail, document: Mapping[str, Any], columns: Iterable[str]
) -> dict[str, tuple[Any, Any]] | None:
    """Return what a row changes in the columns that the table has; None where it must not."""
    if trail.state == RETRACTED:
        return None
    changes = {}
    for name in FIELDS:
        if name not in columns:
            continue
        old, new = trail.fields.get(name), document.get(name)
        if _normal(name, old) == _normal(name, new):
            continue
        if name == "evidence" and _has_files(trail.fields):
            return None
        changes[name] = (old, new)
    return changes


def _has_files(fields: Fields) -> bool:
    return any(evidence.get("file") for evidence in fields.get("evidence") or ())


def _normal(name: str, value: Any) -> Any:
    """Return a value as it is compared: amounts as numbers, evidence as its kinds."""
    if not value:
        return None
    match name:
        case "evidence":
            return sorted({one if isinstance(one, str) else one["kind"] for one in value})
        case "money":
            return {part: Decimal(str(amount)) for part, amount in value.items() if amount != ""}
        case "attendance":
            return {part: int(count) for part, count in value.items() if count is not None}
        case _:
            return str(value)
