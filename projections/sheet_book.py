"""The sheets of an inspection as they were handed in, with what each one replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.findings import FindingsSubmitted
from projections.audit_trail import data_with_texts, texts_of

if TYPE_CHECKING:
    from events.reading import Reader


def sheets_of(reader: Reader, stream: str, period: str) -> list[dict[str, Any]]:
    """The sheets of an organization and month, oldest first, in clear.

    A finding that a later sheet replaced names it in ``replaced_by``.
    """
    rows = reader.rows(
        "SELECT version FROM sheet_facts WHERE stream = ? AND period = ? ORDER BY version",
        [stream, period],
    )
    events = [event for (version,) in rows for event in reader.stream(stream, version - 1, 1)]
    texts = texts_of(reader, events)
    found: list[dict[str, Any]] = []
    newest: dict[str, str] = {}
    for event in reversed(events):
        assert event.type == FindingsSubmitted.TYPE
        data = data_with_texts(event, texts)
        findings = [one | {"replaced_by": newest.get(one["criterion"])} for one in data["findings"]]
        for one in data["findings"]:
            newest.setdefault(one["criterion"], data["sheet_id"])
        found.append(
            {
                "sheet_id": data["sheet_id"],
                "inspectors": list(data["inspectors"]),
                "findings": findings,
                "disallow": list(data["disallow"]),
                "actor": event.actor,
                "channel": event.channel,
                "recorded_at": event.recorded_at,
                "version": event.version,
                "hash": event.hash.hex(),
            }
        )
    return list(reversed(found))
