"""The records of one organization by month, newest first, with filters and as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from projections.organizations.directory import find
from projections.records.current import list_records
from projections.records.trail import read_trails
from tracker.export.tables import FORMATS, Table, exported
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
MOST_EXPORTED = 10_000
STATES = ("standing", "corrected", "disallowed", "retracted")
FILTERS = ("month", "activity", "state", "late")


@router.get("/organizations/{code}/records")
def show(context: Context, code: str, request: Request) -> Response:
    """The list, fifty a page; ``format`` csv or xlsx hands over all that the filter leaves."""
    asked = {name: request.query_params.get(name, "") for name in FILTERS}
    form = request.query_params.get("format", "")
    number = request.query_params.get("page", "1")
    place = max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        every = list_records(reader, entry)
        rows = [record for record in every if _wanted(record, asked)]
        if form in FORMATS:
            return exported(_table(context, reader, entry, rows, asked), form)
        shown = rows[(place - 1) * PAGE : place * PAGE]
        known = _trails(reader, entry, shown)
        may_record = context.may(reader, "record") and context.scope(reader, "record").covers(
            reader, entry
        )
    months: dict[str, list[RecordTrail]] = {}
    for record in shown:
        months.setdefault(record.occurred_on[:7], []).append(known[record.record_id])
    return page(
        context,
        "records/listing.html",
        entry=entry,
        months=months,
        late={record.record_id for record in shown if record.late},
        total=len(rows),
        asked=asked,
        place=place,
        pages=max(1, -(-len(rows) // PAGE)),
        choices={
            "month": sorted({record.occurred_on[:7] for record in every}, reverse=True),
            "activity": sorted({record.activity for record in every}),
        },
        states=STATES,
        may_record=may_record,
    )


def _wanted(record: RecordLine, asked: dict[str, str]) -> bool:
    return (
        record.occurred_on.startswith(asked["month"])
        and asked["activity"] in {"", record.activity}
        and asked["state"] in {"", record.state}
        and (not asked["late"] or record.late)
    )


def _trails(
    reader: Reader, entry: OrganizationEntry, rows: Sequence[RecordLine]
) -> dict[str, RecordTrail]:
    return read_trails(reader, entry.stream, [record.record_id for record in rows])


def _table(
    context: RequestContext,
    reader: Reader,
    entry: OrganizationEntry,
    rows: list[RecordLine],
    asked: dict[str, str],
) -> Table:
    """What the filter leaves, at most ten thousand rows, as a file."""
    t, words = context.t, PageWords(context.language, reader)
    told = {
        "month": asked["month"],
        "activity": words.word("activities", asked["activity"]),
        "state": words.status(asked["state"]),
        "late": t("迟报", "late") if asked["late"] else "",
    }
    said = " ".join([entry.name, *(one for one in told.values() if one)])
    if len(rows) > MOST_EXPORTED:
        said += t(f" （只含前 {MOST_EXPORTED} 条）", f" (the first {MOST_EXPORTED} only)")
        rows = rows[:MOST_EXPORTED]
    known = _trails(reader, entry, rows)
    heads = (
        t("日期", "Date"), t("活动", "Activity"), t("主题", "Title"), t("地点", "Place"),
        t("到会", "Present"), t("应到", "Expected"), t("应缴", "Due"), t("实缴", "Paid"),
        t("佐证材料", "Evidence"), t("状态", "State"), t("迟报", "Late"),
        t("计为记录日", "Recorded"), t("记录编号", "Record"),
    )  # fmt: skip
    return Table(
        t("活动记录", "Records"),
        said,
        context.now().astimezone(context.district(reader).zone),
        heads,
        [_line(context, words, record, known[record.record_id]) for record in rows],
    )


def _line(
    context: RequestContext, words: PageWords, record: RecordLine, known: RecordTrail
) -> list[Any]:
    fields = known.fields
    attendance, money = fields.get("attendance") or {}, fields.get("money") or {}
    return [
        record.occurred_on,
        words.word("activities", record.activity),
        fields.get("title"),
        fields.get("place"),
        attendance.get("present"),
        attendance.get("expected"),
        money.get("due"),
        money.get("paid"),
        "、".join(words.word("evidence", kind["kind"]) for kind in fields.get("evidence") or ()),
        words.status(record.state),
        context.t("迟报", "late") if record.late else "",
        record.known_on,
        record.record_id,
    ]
