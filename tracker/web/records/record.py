"""One record as it stands, with its history, evidence and what it serves; also its receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.refusals.errors import Refused
from events.streams.records import record_subject
from projections.compliance.criteria_served import places_of
from projections.documents.in_force import book
from projections.organizations.directory import find
from projections.records.current import in_time_until
from projections.records.trail import read_trail
from projections.scoring.figures import exact
from tracker.accounts.credentials import names_of
from tracker.http.context import Context
from tracker.web.page.attachments import attached
from tracker.web.page.qr import qr
from tracker.web.page.rendering import page

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.records.trail import RecordTrail
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
SHORT = 16
"""Digits of an event's hash that a receipt shows and its code holds: enough to tell it by."""


def unknown_record(record_id: str) -> Refused:
    """The refusal of a record that the organization does not have."""
    return Refused("unknown_record", record_id=record_id)


def found_record(
    reader: Reader, code: str, record_id: str
) -> tuple[OrganizationEntry, RecordTrail]:
    """An organization's record with its history; ``Refused`` where there is none."""
    entry = find(reader, code)
    assert entry is not None
    found = read_trail(reader, entry.stream, record_id)
    if found is None:
        raise unknown_record(record_id)
    return entry, found


def address_of(code: str, record_id: str) -> str:
    """The address of a record's page on this server."""
    return f"/organizations/{quote(code)}/records/{quote(record_id)}"


@router.get("/organizations/{code}/records/{record_id:path}")
def show(context: Context, code: str, record_id: str, request: Request) -> Response:
    """The record; just after it was recorded, the receipt."""
    with context.read() as reader:
        entry, found = found_record(reader, code, record_id)
        today = context.today(reader)
        places = (
            places_of(reader, entry.stream, context.district(reader), record_id, today)
            if found.state != "retracted"
            else []
        )
        own = (entry.stream, record_subject(record_id))
        in_time = in_time_until(book(reader), entry, found.fields["occurred_on"])
        values = {
            "entry": entry,
            "trail": found,
            "fields": found.fields,
            "files": attached(context, reader, found.fields.get("evidence") or (), own),
            "places": places,
            "exact": exact,
            "names": names_of(reader, [one.actor for one in found.steps]),
            "late_after": in_time if found.known_on > in_time else "",
            "may_change": context.may(reader, "record")
            and context.scope(reader, "record").covers(reader, entry)
            and found.state != "retracted",
            "receipt": _receipt(context, code, found),
            "matches": _matches(request, found),
        }
    return page(context, "records/record.html", **values)


def _receipt(context: RequestContext, code: str, found: RecordTrail) -> dict[str, object]:
    """What proves the newest event: where it stands, its hash, and both as a code to scan."""
    newest = found.steps[-1]
    marks = urlencode({"version": newest.version, "hash": newest.hash[:SHORT]})
    return {
        "version": newest.version,
        "hash": newest.hash,
        "code": qr(f"{context.site}{address_of(code, found.record_id)}?{marks}"),
    }


def _matches(request: Request, found: RecordTrail) -> str:
    """Whether a scanned receipt agrees with what stands: newest, older, no, or empty for none."""
    version, digest = (request.query_params.get(name, "") for name in ("version", "hash"))
    if not version or not digest:
        return ""
    for place, one in enumerate(reversed(found.steps)):
        if str(one.version) == version and len(digest) >= SHORT and one.hash.startswith(digest):
            return "older" if place else "newest"
    return "no"
