"""The lists behind the figures of the department's home page, as pages and files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import parse_month
from events.refusals.errors import Refused
from projections.cycles.cycles import newest_closed_month
from projections.documents.in_force import book
from projections.oversight.dashboard import largest_gaps, longest_uninspected, named_organizations
from projections.oversight.late_and_reused import late_rows, reused_files
from projections.oversight.worst_items import found_below
from tracker.http.context import Context
from tracker.web.page.listing import Cell, ListPage, Row, answer_list, make_organization_cell
from tracker.web.page.rendering import PageWords

if TYPE_CHECKING:
    from datetime import date

    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from projections.oversight.late_and_reused import ReusedFile
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)


@router.get("/lists/{name}")
def show(context: Context, request: Request, name: str) -> Response:
    """Show a list of the organizations in the account's scope; ``format`` csv or xlsx: a file.

    Raises ``Refused`` for an unknown list.
    """
    make = LISTS.get(name)
    if make is None:
        raise Refused("unknown_list", name=name)
    with context.read() as reader:
        scope, today = context.scope(reader, "see_many"), context.today(reader)
        listing = make(context, reader, scope, today)
    return answer_list(context, request, listing)


def _read_month(context: RequestContext, reader: Reader) -> str:
    """Return the month of the request, else the newest closed one.

    Raises ``Refused`` for an invalid month, and when no month is closed.
    """
    given = context.request.query_params.get("period") or newest_closed_month(reader)
    if given is None:
        raise Refused("nothing_closed")
    return str(parse_month(given))


def _list_uninspected(
    context: RequestContext, reader: Reader, scope: Scope, today: date
) -> ListPage:
    t, words = context.t, PageWords(context.language, reader)

    def rows(source: Reader, limit: int, offset: int) -> list[Row]:
        return [
            (
                make_organization_cell(row.name, row.organization), Cell(row.organization),
                Cell(words.category(row.category)), Cell(row.last or t("从未", "never")),
                Cell(row.registered_on),
            )
            for row in longest_uninspected(source, scope, today, limit, offset)
        ]  # fmt: skip

    return ListPage(
        t("最久未检查的组织", "Longest without an inspection"),
        today.isoformat(),
        t("从未检查的在前，其余按最近一次检查的月份。",
          "Never inspected first, then by month of the last inspection."),
        (t("组织", "Organization"), t("代码", "Code"), t("类别", "Category"),
         t("最近检查", "Last inspected"), t("成立", "Registered")),
        f"uninspected:{today}:{scope.key()}",
        rows,
    )  # fmt: skip


def _list_gaps(context: RequestContext, reader: Reader, scope: Scope, _today: date) -> ListPage:
    t, words, month = context.t, PageWords(context.language, reader), _read_month(context, reader)

    def rows(source: Reader, limit: int, offset: int) -> list[Row]:
        return [
            (
                make_organization_cell(row.name, row.organization), Cell(row.organization),
                Cell(words.category(row.category)), Cell(row.derived, number=True),
                Cell(row.inspected, number=True), Cell(row.gap, number=True),
            )
            for row in largest_gaps(source, scope, month, limit, offset)
        ]  # fmt: skip

    return ListPage(
        t("自报差距", "Self-report gaps"),
        month,
        t("推算得分高于检查得分的组织，差距大的在前。",
          "Derived score above inspected score, largest gap first."),
        (t("组织", "Organization"), t("代码", "Code"), t("类别", "Category"),
         t("推算", "Derived"), t("检查", "Inspected"), t("差距", "Gap")),
        f"gaps:{month}:{scope.key()}",
        rows,
        asked={"period": month},
    )  # fmt: skip


def _list_late_records(
    context: RequestContext, reader: Reader, scope: Scope, _today: date
) -> ListPage:
    t, words, month = context.t, PageWords(context.language, reader), _read_month(context, reader)

    def rows(source: Reader, limit: int, offset: int) -> list[Row]:
        return [
            (
                make_organization_cell(row.name, row.organization),
                Cell(words.category(row.category)),
                Cell(row.record_id, f"/organizations/{quote(row.organization)}/records/"
                                       f"{quote(row.record_id)}"),
                Cell(row.occurred_on), Cell(row.recorded_on),
                Cell(row.days, number=True),
            )
            for row in late_rows(source, scope, month, limit, offset)
        ]  # fmt: skip

    return ListPage(
        t("迟报记录", "Late records"),
        month,
        t("超过评价标准宽限期才记录的活动，最晚的在前。",
          "Recorded after the grace period, latest first."),
        (t("组织", "Organization"), t("类别", "Category"), t("记录", "Record"),
         t("活动日期", "Held"), t("记录日期", "Recorded"), t("月末后天数", "Days after the month")),
        f"late:{month}:{scope.key()}",
        rows,
        asked={"period": month},
    )  # fmt: skip


def _list_reused_files(
    context: RequestContext, _reader: Reader, scope: Scope, _today: date
) -> ListPage:
    t = context.t
    months = context.request.query_params.get("of") == "months"

    def used(row: ReusedFile) -> str:
        uses = [f"{use.name} {use.occurred_on or ''}".strip() for use in row.used[:6]]
        return t("；", "; ").join(uses) + ("…" if len(row.used) > len(uses) else "")

    def rows(source: Reader, limit: int, offset: int) -> list[Row]:
        return [
            (
                Cell(row.file[:12], f"/evidence/{row.file}"),
                Cell(row.organizations, number=True), Cell(row.months, number=True),
                Cell(row.uses, number=True), Cell(used(row)),
            )
            for row in reused_files(source, scope, limit, offset, months=months)
        ]  # fmt: skip

    return ListPage(
        t("重复使用的佐证材料", "Reused evidence"),
        t("跨月", "in several months") if months else t("多个组织", "by several organizations"),
        t("内容完全相同的文件；是否允许由人判断。",
          "Identical files; a person decides whether that is allowed."),
        (t("文件", "File"), t("组织数", "Organizations"), t("月数", "Months"), t("次数", "Uses"),
         t("用于", "Used by")),
        f"reused:{months}:{scope.key()}",
        rows,
        asked={"of": "months"} if months else {},
    )  # fmt: skip


def _list_below_full_credit(
    context: RequestContext, reader: Reader, scope: Scope, _today: date
) -> ListPage:
    t, words, month = context.t, PageWords(context.language, reader), _read_month(context, reader)
    given = context.request.query_params
    scheme, code = given.get("scheme", ""), given.get("criterion", "")
    key = f"item:{month}:{scheme}:{code}:{scope.key()}"

    def rows(source: Reader, limit: int, offset: int) -> list[Row]:
        streams = context.figures.get(
            f"{key}:all", lambda again: found_below(again, scope, month, scheme, code)
        ).value
        return [
            (make_organization_cell(row.name, row.organization), Cell(row.organization),
             Cell(words.category(row.category)))
            for row in named_organizations(source, scope, streams[offset : offset + limit])
        ]  # fmt: skip

    return ListPage(
        t("未得满分的组织", "Below full credit"),
        f"{month} · {code} {_read_criterion_text(reader, words, scheme, code)}".strip(),
        t("按当月检查表。", "According to the inspection sheets of the month."),
        (t("组织", "Organization"), t("代码", "Code"), t("类别", "Category")),
        key,
        rows,
        asked={"period": month, "scheme": scheme, "criterion": code},
    )


def _read_criterion_text(reader: Reader, words: PageWords, scheme: str, code: str) -> str:
    """Return the text of a criterion of a scheme version (``ID@VERSION``), empty if unknown."""
    name, _, version = scheme.partition("@")
    try:
        document = book(reader).version(name, int(version) if version.isdecimal() else 0)
    except Refused:
        return ""
    criterion = book(reader).catalogue(document).by_code.get(code)
    return "" if criterion is None else words.text(criterion.text)


LISTS: dict[str, Callable[[RequestContext, Reader, Scope, date], ListPage]] = {
    "uninspected": _list_uninspected,
    "gaps": _list_gaps,
    "late": _list_late_records,
    "reused": _list_reused_files,
    "item": _list_below_full_credit,
}
