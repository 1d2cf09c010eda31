"""The evidence of an organization's year: files, and evidence named without a file, by kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from projections.records.current import records_between
from projections.records.trail import RETRACTED, read_trails

if TYPE_CHECKING:
    from events.log.reader import Reader

LAST = "9999"
"""After every instant."""


@dataclass(frozen=True, slots=True)
class EvidenceKindCount:
    """A kind of evidence: how often a file was given, and how often it was only named."""

    kind: str
    files: int
    named: int


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file of a record (its SHA-256) and the kind of evidence that it is."""

    kind: str
    file: str


@dataclass(frozen=True, slots=True)
class RecordFiles:
    """A record that has files."""

    record_id: str
    activity: str
    occurred_on: str
    files: list[EvidenceFile]


@dataclass(frozen=True, slots=True)
class YearEvidence:
    """The evidence of the year's records that were not retracted.

    ``records`` counts them, ``without`` those without any evidence; ``files`` and ``named`` are the
    sums over ``kinds``. ``newest`` are the records that have files, newest day first.
    """

    records: int
    without: int
    files: int
    named: int
    kinds: list[EvidenceKindCount]
    newest: list[RecordFiles]


def evidence_of_year(
    reader: Reader, stream: str, year: int, until: str = "", limit: int = 30
) -> YearEvidence:
    """Return the evidence of a year's records, as known at an instant (empty: now)."""
    first, last = f"{year:04}-01-01", f"{year:04}-12-31"
    ids = [record.record_id for record in records_between(reader, stream, first, last)]
    files: Counter[str] = Counter()
    named: Counter[str] = Counter()
    with_files: list[RecordFiles] = []
    records = without = 0
    for record_id, trail in read_trails(reader, stream, ids).items():
        steps = [step for step in trail.steps if step.recorded_at <= (until or LAST)]
        if not steps or any(step.kind == RETRACTED for step in steps):
            continue
        fields = steps[-1].after
        evidence = fields.get("evidence") or ()
        records += 1
        without += not evidence
        given = [
            EvidenceFile(piece["kind"], piece["file"]) for piece in evidence if piece.get("file")
        ]
        files.update(piece.kind for piece in given)
        named.update(piece["kind"] for piece in evidence if not piece.get("file"))
        if given:
            with_files.append(
                RecordFiles(record_id, fields["activity"], fields["occurred_on"], given)
            )
    with_files.sort(key=lambda record: (record.occurred_on, record.record_id), reverse=True)
    return YearEvidence(
        records=records,
        without=without,
        files=files.total(),
        named=named.total(),
        kinds=[
            EvidenceKindCount(kind, files[kind], named[kind]) for kind in sorted({*files, *named})
        ],
        newest=with_files[:limit],
    )
