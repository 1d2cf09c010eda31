"""The sheets of an inspection as they were handed in, and which finding replaced which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from events.log.texts import data_with_texts, texts_of
from projections.records.facts import sheet_versions
from projections.scores.outcomes import order_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader

Finding = dict[str, Any]
"""A finding as stored, with ``replaces`` and ``replaced_by``: ids of sheets, or None."""


@dataclass(frozen=True, slots=True)
class SheetCopy:
    """One sheet that was handed in, with its texts, and the event that proves it.

    ``findings``, ``disallow``, ``additions`` and ``rectify`` (the orders that came with it) have
    the fields of their events. A finding also names in ``replaced_by`` the next sheet that judged
    its criterion again, and in ``replaces`` the one before; None where there is none.
    """

    sheet_id: str
    inspectors: list[str]
    findings: list[Finding]
    disallow: list[dict[str, Any]]
    rectify: list[dict[str, Any]]
    additions: list[dict[str, Any]]
    actor: str
    channel: str
    recorded_at: str
    version: int
    hash: str


def sheets_of(reader: Reader, stream: str, period: str) -> list[SheetCopy]:
    """Return the sheets of an organization and month, oldest first, with what they ordered."""
    events = _read_events(reader, stream, sheet_versions(reader, stream, period, period))
    orders = _read_events(reader, stream, order_versions(reader, stream, period))
    ids = [data["sheet_id"] for _, data in events]
    findings = [data["findings"] for _, data in events]
    replaces = _earlier_sheets(zip(ids, findings, strict=True))
    replaced_by = _earlier_sheets(zip(ids[::-1], findings[::-1], strict=True))
    return [
        SheetCopy(
            data["sheet_id"],
            list(data["inspectors"]),
            [
                finding
                | {
                    "replaces": replaces[data["sheet_id"], finding["criterion"]],
                    "replaced_by": replaced_by[data["sheet_id"], finding["criterion"]],
                }
                for finding in data["findings"]
            ],
            list(data["disallow"]),
            [
                order
                for _, order in orders
                if order["rectification_id"].rpartition("/")[0] == data["sheet_id"]
            ],
            list(data.get("additions") or ()),
            event.actor,
            event.channel,
            event.recorded_at,
            event.version,
            event.hash.hex(),
        )
        for event, data in events
    ]


def _read_events(
    reader: Reader, stream: str, versions: Sequence[int]
) -> list[tuple[RecordedEvent, dict[str, Any]]]:
    """Read the events of a stream at some versions, each with its data and texts."""
    events = list(reader.events_at([(stream, version) for version in versions]).values())
    events.sort(key=lambda event: event.version)
    texts = texts_of(reader, events)
    return [(event, data_with_texts(event, texts)) for event in events]


def _earlier_sheets(
    sheets: Iterable[tuple[str, Sequence[dict[str, Any]]]],
) -> dict[tuple[str, str], str | None]:
    """Return by sheet and criterion the sheet that judged the criterion before, in given order."""
    newest: dict[str, str] = {}
    earlier: dict[tuple[str, str], str | None] = {}
    for sheet_id, findings in sheets:
        for finding in findings:
            earlier[sheet_id, finding["criterion"]] = newest.get(finding["criterion"])
        newest |= {finding["criterion"]: sheet_id for finding in findings}
    return earlier


def newest_findings(sheets: Sequence[SheetCopy]) -> dict[str, tuple[Finding, SheetCopy]]:
    """Return the newest finding on each criterion with its sheet, by criterion."""
    return {
        finding["criterion"]: (finding, sheet) for sheet in sheets for finding in sheet.findings
    }
