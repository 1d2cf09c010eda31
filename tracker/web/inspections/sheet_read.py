"""An inspection's sheets as they were handed in: to read, to print, and what replaced what."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response

from events.periods import local_date, parse_month
from events.streams.scores import MONTHLY
from projections.cycles.reading import read_cycle_head
from projections.cycles.sheets import sheets_of, standing
from projections.organizations.directory import find
from projections.scores.outcomes import inspection_in, posted_score
from tracker.http.context import Context
from tracker.inspections.sheets import basis
from tracker.web.inspections.sheet import told
from tracker.web.inspections.sheet_rows import finding_words, sheet_of
from tracker.web.page.names import people_named
from tracker.web.page.rendering import page

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)


@router.get("/organizations/{code}/sheets/{period}")
def read(context: Context, code: str, period: str) -> Response:
    """Every sheet that was handed in for an inspection, as one paper."""
    month = str(parse_month(period))
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        inspection = inspection_in(reader, entry.stream, month)
        inspectors = () if inspection is None else inspection.inspectors
        scope = "" if inspection is None else inspection.scope
        sheets = sheets_of(reader, entry.stream, month)
        actors = [one["actor"] for one in sheets]
        values: dict[str, Any] = {
            "entry": entry,
            "asked": month,
            "state": "" if inspection is None else inspection.state,
            "inspectors": inspectors,
            "names": people_named(reader, [*inspectors, *actors]),
            "sheets": sheets,
            "paper": _paper(context, reader, entry, scope, month, sheets) if sheets else None,
            "may_inspect": context.account is not None and context.account.person in inspectors,
        }
    return page(context, "inspections/sheets.html", **values)


def _paper(
    context: RequestContext,
    reader: Reader,
    entry: OrganizationEntry,
    scope: str,
    month: str,
    sheets: list[dict[str, Any]],
) -> dict[str, Any]:
    """The criteria as derived when the last sheet came, with what stands of the findings."""
    cycle = read_cycle_head(reader, scope, month)
    then = datetime.fromisoformat(sheets[-1]["recorded_at"])
    day = local_date(then, context.district(reader).zone)
    on = basis(reader, entry, cycle, day, then)
    sheet = sheet_of(context, reader, on, records=False)
    checked = basis(reader, entry, cycle, context.today(reader), own_check=True)
    stands, rows = standing(sheets), sheet.rows
    places = {one["sheet_id"]: number for number, one in enumerate(sheets, start=1)}
    posted = posted_score(reader, entry.stream, MONTHLY, month)
    return {
        "sections": sheet.sections,
        "derived": on.found.score_text,
        "inspected": checked.found.score_text,
        "posted": None if posted is None else posted.inspected,
        "scheme": on.found.scheme,
        "version": on.found.version,
        "found": {
            code: {
                "said": finding_words(context, finding, rows[code]),
                "changed": rows[code].changed(finding),
                "raised": rows[code].raised(finding),
                "reason": finding.get("reason"),
                "place": places[by["sheet_id"]],
            }
            for code, (finding, by) in stands.items()
            if code in rows
        },
        "told": [told(context, rows, one) for one in sheets],
        "places": places,
    }
