"""The submitted sheets of an inspection, to read and print, with what replaced what."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response

from events.periods import local_date, parse_month
from events.streams.scores import MONTHLY
from projections.cycles.reading import read_cycle_head
from projections.cycles.sheets import newest_findings, sheets_of
from projections.organizations.directory import find
from projections.scores.outcomes import inspection_in, posted_score
from tracker.http.context import Context
from tracker.inspections.sheets import read_sheet_basis
from tracker.web.inspections.finding_words import finding_words
from tracker.web.inspections.sheet import describe_sheet
from tracker.web.inspections.sheet_rows import build_sheet_view
from tracker.web.page.names import read_people_names
from tracker.web.page.rendering import page

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.cycles.sheets import SheetCopy
    from projections.organizations.directory import OrganizationEntry
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)


@router.get("/organizations/{code}/sheets/{period}")
def show_sheets(context: Context, code: str, period: str) -> Response:
    """Show every submitted sheet of an inspection as one paper."""
    month = str(parse_month(period))
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        inspection = inspection_in(reader, entry.stream, month)
        inspectors = () if inspection is None else inspection.inspectors
        scope = "" if inspection is None else inspection.scope
        sheets = sheets_of(reader, entry.stream, month)
        actors = [sheet.actor for sheet in sheets]
        values: dict[str, Any] = {
            "entry": entry,
            "asked": month,
            "state": "" if inspection is None else inspection.state,
            "inspectors": inspectors,
            "names": read_people_names(reader, [*inspectors, *actors], context.language),
            "sheets": sheets,
            "paper": _sheet_paper(context, reader, entry, scope, month, sheets) if sheets else None,
            "may_inspect": context.account is not None and context.account.person in inspectors,
        }
    return page(context, "inspections/sheets.html", **values)


def _sheet_paper(
    context: RequestContext,
    reader: Reader,
    entry: OrganizationEntry,
    scope: str,
    month: str,
    sheets: list[SheetCopy],
) -> dict[str, Any]:
    """Return the criteria as derived at the last submission, with the current findings."""
    cycle = read_cycle_head(reader, scope, month)
    submitted_at = datetime.fromisoformat(sheets[-1].recorded_at)
    day = local_date(submitted_at, context.district(reader).zone)
    on = read_sheet_basis(reader, entry, cycle, day, submitted_at)
    sheet = build_sheet_view(context, reader, on, records=False)
    checked = read_sheet_basis(reader, entry, cycle, context.today(reader), own_check=True)
    current, rows = newest_findings(sheets), sheet.rows
    places = {copy.sheet_id: number for number, copy in enumerate(sheets, start=1)}
    posted = posted_score(reader, entry.stream, MONTHLY, month)
    return {
        "sections": sheet.sections,
        "derived": on.assessment.score_text,
        "pending": on.assessment.pending,
        "inspected": checked.assessment.score_text,
        "posted": None if posted is None else posted.inspected,
        "scheme": on.assessment.scheme,
        "version": on.assessment.version,
        "findings": {
            code: {
                "said": finding_words(context, finding, rows[code]),
                "changed": rows[code].changed(finding),
                "raised": rows[code].raised(finding),
                "reason": finding.get("reason"),
                "place": places[by.sheet_id],
            }
            for code, (finding, by) in current.items()
            if code in rows
        },
        "summaries": [describe_sheet(context, sheet, asdict(copy)) for copy in sheets],
        "places": places,
    }
