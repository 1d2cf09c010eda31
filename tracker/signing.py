"""Two inspectors sign one sheet: what one proposes the other signs or hands back.

A proposal stands beside the log until it is signed; the sheet that both signed is the event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from events.errors import Kind, Refused
from events.periods import instant_text
from tracker.sheets import parse_sheet, submit_sheet

if TYPE_CHECKING:
    from events.event import Metadata
    from events.findings import SubmitFindings
    from events.reading import Reader
    from events.store import Store
    from projections.directory import Entry

COLUMNS = "stream, period, sheet_id, payload, person, proposed_at, remark"


def proposals(reader: Reader, stream: str, period: str) -> list[dict[str, Any]]:
    """The proposals of an inspection, oldest first: the sheet, who proposes, a remark to it."""
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM sheet_proposals WHERE stream = ? AND period = ?"
        " ORDER BY proposed_at, sheet_id",
        [stream, period],
    )
    return [
        {
            "sheet_id": row[2],
            "sheet": orjson.loads(row[3]),
            "person": row[4],
            "proposed_at": row[5],
            "remark": row[6],
        }
        for row in rows
    ]


def waiting_for(reader: Reader, person: str) -> set[tuple[str, str]]:
    """The (stream, period) pairs where a colleague's proposal waits for a person's signature."""
    rows = reader.rows(
        "SELECT DISTINCT p.stream, p.period FROM sheet_proposals p JOIN assignments a"
        " ON a.stream = p.stream AND a.period = p.period AND a.person = ?"
        " WHERE p.person <> ? AND p.remark IS NULL",
        [person, person],
    )
    return {(row[0], row[1]) for row in rows}


def propose(store: Store, entry: Entry, period: str, document: dict[str, Any], person: str) -> None:
    """Keep a sheet for the colleagues to sign; the same sheet id again replaces it.

    Raises ``Refused`` for a document that is no sheet.
    """
    sheet = parse_sheet(orjson.dumps(document), document["sheet_id"])
    payload = orjson.dumps(document).decode()
    with store.append() as log:
        log.write(
            f"INSERT INTO sheet_proposals ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, NULL)"
            " ON CONFLICT (stream, period, sheet_id) DO UPDATE SET payload = excluded.payload,"
            " person = excluded.person, proposed_at = excluded.proposed_at, remark = NULL",
            [(entry.stream, period, sheet.sheet_id, payload, person,
              instant_text(store.clock()))],
        )  # fmt: skip


def _proposal(reader: Reader, entry: Entry, period: str, sheet_id: str) -> dict[str, Any]:
    for one in proposals(reader, entry.stream, period):
        if one["sheet_id"] == sheet_id:
            return one
    raise Refused(
        "no_proposal",
        "sheet {sheet_id} does not wait for a signature any more; open the page again",
        kind=Kind.CONFLICT,
        sheet_id=sheet_id,
    )


def sign(
    store: Store, entry: Entry, period: str, sheet_id: str, person: str, metadata: Metadata
) -> bool:
    """Sign a colleague's proposal: the sheet is handed in with both names.

    ``Refused`` for one's own proposal, and for whatever the sheet is refused for.
    """
    with store.read() as reader:
        found = _proposal(reader, entry, period, sheet_id)
    if found["person"] == person:
        raise Refused(
            "own_proposal",
            "you proposed sheet {sheet_id} yourself; a colleague signs it",
            kind=Kind.FORBIDDEN,
            sheet_id=sheet_id,
        )
    document = found["sheet"] | {"inspectors": sorted([found["person"], person])}
    sheet: SubmitFindings = parse_sheet(orjson.dumps(document), sheet_id)
    changed = submit_sheet(store, sheet, sheet_id, metadata)
    drop(store, entry, period, sheet_id)
    return changed


def hand_back(
    store: Store, entry: Entry, period: str, sheet_id: str, remark: str, person: str
) -> None:
    """Hand a colleague's proposal back with a remark."""
    with store.append() as log:
        found = _proposal(log, entry, period, sheet_id)
        if found["person"] == person:
            raise Refused(
                "own_proposal",
                "you proposed sheet {sheet_id} yourself; a colleague signs it",
                kind=Kind.FORBIDDEN,
                sheet_id=sheet_id,
            )
        log.write(
            "UPDATE sheet_proposals SET remark = ?"
            " WHERE stream = ? AND period = ? AND sheet_id = ?",
            [(remark.strip()[:500] or "-", entry.stream, period, sheet_id)],
        )


def drop(store: Store, entry: Entry, period: str, sheet_id: str) -> None:
    """Forget a proposal: its sheet was handed in."""
    with store.append() as log:
        log.write(
            "DELETE FROM sheet_proposals WHERE stream = ? AND period = ? AND sheet_id = ?",
            [(entry.stream, period, sheet_id)],
        )
