"""The sheets of an inspection as they were handed in, with what each one replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.log.texts import data_with_texts, texts_of
from projections.records.facts import sheet_versions
from projections.scores.outcomes import order_versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader


def sheets_of(reader: Reader, stream: str, period: str) -> list[dict[str, Any]]:
    """The sheets of an organization and month, oldest first, in clear, with what they ordered.

    A finding names in ``replaced_by`` the next sheet that judged its criterion again, and in
    ``replaces`` the one before; None where there is none.
    """
    sheets = _read(reader, stream, sheet_versions(reader, stream, period, period))
    orders = _read(reader, stream, order_versions(reader, stream, period))
    found = [
        {
            "sheet_id": data["sheet_id"],
            "inspectors": list(data["inspectors"]),
            "findings": data["findings"],
            "disallow": list(data["disallow"]),
            "rectify": [
                order
                for _, order in orders
                if order["rectification_id"].rpartition("/")[0] == data["sheet_id"]
            ],
            "actor": event.actor,
            "channel": event.channel,
            "recorded_at": event.recorded_at,
            "version": event.version,
            "hash": event.hash.hex(),
        }
        for event, data in sheets
    ]
    for name, far in (("replaces", found), ("replaced_by", found[::-1])):
        _neighbours(far, name)
    return found


def _read(
    reader: Reader, stream: str, versions: Sequence[int]
) -> list[tuple[RecordedEvent, dict[str, Any]]]:
    """The events of a stream at some versions, each with its data in clear."""
    events = list(reader.events_at([(stream, version) for version in versions]).values())
    events.sort(key=lambda event: event.version)
    texts = texts_of(reader, events)
    return [(event, data_with_texts(event, texts)) for event in events]


def _neighbours(sheets: Sequence[dict[str, Any]], name: str) -> None:
    """Write into every finding which sheet judged its criterion last, in the order given."""
    seen: dict[str, str] = {}
    for sheet in sheets:
        sheet["findings"] = [one | {name: seen.get(one["criterion"])} for one in sheet["findings"]]
        seen |= {one["criterion"]: sheet["sheet_id"] for one in sheet["findings"]}


def standing(sheets: Sequence[dict[str, Any]]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """The newest finding on each criterion with its sheet, by criterion."""
    return {
        finding["criterion"]: (finding, sheet) for sheet in sheets for finding in sheet["findings"]
    }
