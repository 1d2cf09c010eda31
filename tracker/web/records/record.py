"""One record with its history, its evidence, the criteria that it serves, and its receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.log.damage import refuse_damage
from events.refusals.errors import Refused
from events.streams.records import record_subject
from projections.compliance.criteria_served import places_of
from projections.documents.in_force import book
from projections.organizations.directory import find
from projections.records.current import in_time_until
from projections.records.trail import read_trail
from projections.scoring.figures import exact
from tracker.http.context import Context
from tracker.web.page.attachments import read_attachments
from tracker.web.page.names import read_people_names
from tracker.web.page.qr import draw_qr_code
from tracker.web.page.rendering import page

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.records.trail import RecordTrail
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
SHORT = 16
"""Digits of an event's hash in the QR code of a receipt: 64 bits, and the code stays small."""


def find_record(reader: Reader, code: str, record_id: str) -> tuple[OrganizationEntry, RecordTrail]:
    """Return an organization and its record with its history; raises ``Refused`` if unknown."""
    entry = find(reader, code)
    assert entry is not None
    refuse_damage(reader, entry.stream)
    history = read_trail(reader, entry.stream, record_id)
    if history is None:
        raise Refused("unknown_record", record_id=record_id)
    return entry, history


def make_record_address(code: str, record_id: str) -> str:
    """Return the address of a record's page on this server."""
    return f"/organizations/{quote(code)}/records/{quote(record_id)}"


@router.get("/organizations/{code}/records/{record_id:path}")
def show(context: Context, code: str, record_id: str, request: Request) -> Response:
    """Show the record with its receipt; a scanned receipt is compared with the record."""
    with context.read() as reader:
        entry, history = find_record(reader, code, record_id)
        today = context.today(reader)
        places = (
            places_of(reader, entry.stream, context.district(reader), record_id, today)
            if history.state != "retracted"
            else []
        )
        own = (entry.stream, record_subject(record_id))
        in_time = in_time_until(book(reader), entry, history.fields["occurred_on"])
        values = {
            "entry": entry,
            "trail": history,
            "fields": history.fields,
            "files": read_attachments(context, reader, history.fields.get("evidence") or (), own),
            "places": places,
            "exact": exact,
            "names": read_people_names(
                reader, [one.actor for one in history.steps], context.language
            ),
            "late_after": in_time if history.known_on > in_time else "",
            "may_change": context.may(reader, "record")
            and context.scope(reader, "record").covers(reader, entry)
            and history.state != "retracted",
            "receipt": _make_receipt(context, code, history),
            "matches": _compare_receipt(request, history),
        }
    return page(context, "records/record.html", **values)


def _make_receipt(context: RequestContext, code: str, history: RecordTrail) -> dict[str, object]:
    """Return the version and hash of the newest event, and both in a QR code of the page."""
    newest = history.steps[-1]
    marks = urlencode({"version": newest.version, "hash": newest.hash[:SHORT]})
    return {
        "version": newest.version,
        "hash": newest.hash,
        "code": draw_qr_code(
            f"{context.site}{make_record_address(code, history.record_id)}?{marks}"
        ),
    }


def _compare_receipt(request: Request, history: RecordTrail) -> str:
    """Compare a scanned receipt with the record: newest, older, no, or empty without a receipt."""
    version, digest = (request.query_params.get(name, "") for name in ("version", "hash"))
    if not version or not digest:
        return ""
    for place, step in enumerate(reversed(history.steps)):
        if str(step.version) == version and len(digest) >= SHORT and step.hash.startswith(digest):
            return "older" if place else "newest"
    return "no"
