"""The evidence of an organization's year: files and what was named alone, kind by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from projections.records.current import records_between
from projections.records.trail import RETRACTED, read_trails

if TYPE_CHECKING:
    from events.log.reader import Reader

LAST = "9999"
"""After every instant."""


def evidence_of_year(
    reader: Reader, stream: str, year: int, until: str = "", limit: int = 30
) -> dict[str, Any]:
    """What the year's records that were not retracted are evidenced by, as known at an instant.

    ``records`` counts them, ``without`` those with no evidence at all; ``kinds`` are
    ``{kind, files, named}`` by name, ``named`` without a file; ``newest`` the records that have
    files, the first few by day, newest first: ``{record_id, activity, occurred_on, files}``.
    """
    first, last = f"{year:04}-01-01", f"{year:04}-12-31"
    rows = [record.record_id for record in records_between(reader, stream, first, last)]
    kinds: dict[str, dict[str, Any]] = {}
    with_files: list[dict[str, Any]] = []
    records = without = 0
    for record_id, trail in read_trails(reader, stream, rows).items():
        steps = [one for one in trail.steps if one.recorded_at <= (until or LAST)]
        if not steps or any(one.kind == RETRACTED for one in steps):
            continue
        fields = steps[-1].after
        evidence = fields.get("evidence") or ()
        records += 1
        without += not evidence
        for one in evidence:
            row = kinds.setdefault(one["kind"], {"kind": one["kind"], "files": 0, "named": 0})
            row["files" if one.get("file") else "named"] += 1
        files = [one for one in evidence if one.get("file")]
        if files:
            with_files.append(
                {
                    "record_id": record_id,
                    "activity": fields["activity"],
                    "occurred_on": fields["occurred_on"],
                    "files": [{"kind": one["kind"], "file": one["file"]} for one in files],
                }
            )
    with_files.sort(key=lambda one: (one["occurred_on"], one["record_id"]), reverse=True)
    return {
        "records": records,
        "without": without,
        "files": sum(one["files"] for one in kinds.values()),
        "named": sum(one["named"] for one in kinds.values()),
        "kinds": [kinds[name] for name in sorted(kinds)],
        "newest": with_files[:limit],
    }
