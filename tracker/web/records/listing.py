"""The records of one organization by month, newest first, with filters and as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.log.damage import refuse_damage
from projections.organizations.directory import find
from projections.records.current import list_records
from projections.records.trail import read_trails
from tracker.export.tables import FORMATS, Table, table_response
from tracker.http import exports
from tracker.http.context import Context
from tracker.web.page.rendering import PageWords, page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.records.current import RecordLine
    from projections.records.trail import RecordTrail
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
PAGE = 50
"""Records on a page."""
STATES = ("standing", "corrected", "disallowed", "retracted")
FILTERS = ("month", "activity", "state", "late")


@router.get("/organizations/{code}/records")
def show(context: Context, code: str, request: Request) -> Response:
    """Show the filtered records by pages; with ``format`` csv or xlsx all of them as a file."""
    asked = {name: request.query_params.get(name, "") for name in FILTERS}
    form = request.query_params.get("format", "")
    number = request.query_params.get("page", "1")
    place = max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        every = list_records(reader, entry)
        rows = [row for row in every if _matches(row, asked)]
        if form in FORMATS:
            return table_response(_make_table(context, reader, entry, rows, asked), form)
        shown = rows[(place - 1) * PAGE : place * PAGE]
        known = _trails(reader, entry, shown)
        may_record = context.may(reader, "record") and context.scope(reader, "record").covers(
            reader, entry
        )
    months: dict[str, list[RecordTrail]] = {}
    for row in shown:
        months.setdefault(row.occurred_on[:7], []).append(known[row.record_id])
    return page(
        context,
        "records/listing.html",
        entry=entry,
        months=months,
        late={row.record_id for row in shown if row.late},
        total=len(rows),
        asked=asked,
        place=place,
        pages=max(1, -(-len(rows) // PAGE)),
        choices={
            "month": sorted({row.occurred_on[:7] for row in every}, reverse=True),
            "activity": sorted({row.activity for row in every}),
        },
        states=STATES,
        may_record=may_record,
    )


def _matches(row: RecordLine, asked: dict[str, str]) -> bool:
    return (
        row.occurred_on.startswith(asked["month"])
        and asked["activity"] in {"", row.activity}
        and asked["state"] in {"", row.state}
        and (not asked["late"] or row.late)
    )


def _trails(
    reader: Reader, entry: OrganizationEntry, rows: Sequence[RecordLine]
) -> dict[str, RecordTrail]:
    refuse_damage(reader, entry.stream)
    return read_trails(reader, entry.stream, [record.record_id for record in rows])


def _make_table(
    context: RequestContext,
    reader: Reader,
    entry: OrganizationEntry,
    rows: list[RecordLine],
    asked: dict[str, str],
) -> Table:
    """Return the filtered records as a table, of a long list the first ones."""
    t, words = context.t, PageWords(context.language, reader)
    filters = (
        asked["month"],
        words.word("activities", asked["activity"]),
        words.status(asked["state"]),
        t("迟报", "late") if asked["late"] else "",
    )
    said = " ".join([entry.name, *(text for text in filters if text)])
    rows = rows[: exports.MOST_ROWS + 1]
    known = _trails(reader, entry, rows)
    heads = (
        t("日期", "Date"), t("活动", "Activity"), t("主题", "Title"), t("地点", "Place"),
        t("到会", "Present"), t("应到", "Expected"), t("应缴", "Due"), t("实缴", "Paid"),
        t("佐证材料", "Evidence"), t("状态", "State"), t("迟报", "Late"),
        t("计为记录日", "Recorded"), t("记录编号", "Record"),
    )  # fmt: skip
    return exports.make_table(
        context,
        reader,
        t("活动记录", "Records"),
        said,
        heads,
        [_make_row(context, words, row, known[row.record_id]) for row in rows],
    )


def _make_row(
    context: RequestContext, words: PageWords, row: RecordLine, trail: RecordTrail
) -> list[Any]:
    fields = trail.fields
    attendance, money = fields.get("attendance") or {}, fields.get("money") or {}
    return [
        row.occurred_on,
        words.word("activities", row.activity),
        fields.get("title"),
        fields.get("place"),
        attendance.get("present"),
        attendance.get("expected"),
        money.get("due"),
        money.get("paid"),
        "、".join(words.word("evidence", kind["kind"]) for kind in fields.get("evidence") or ()),
        words.status(row.state),
        context.t("迟报", "late") if row.late else "",
        row.known_on,
        row.record_id,
    ]
