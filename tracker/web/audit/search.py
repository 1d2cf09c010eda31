"""The log searched by an auditor: every event in words, fifty a page, and as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.refusals.errors import Refused
from events.streams.cycles import PREFIX as CYCLE
from events.streams.organizations import PREFIX as ORGANIZATION
from projections.audit.trail import search
from projections.organizations.directory import entries_of
from tracker.accounts.credentials import names_of
from tracker.export.tables import FORMATS, Table, exported
from tracker.http.audit_query import FILTERS, query_of
from tracker.http.context import Context
from tracker.web.page.event_fields import EventFormatter, channel_name, subject_link
from tracker.web.page.event_words import EVENT_NAMES, event_name
from tracker.web.page.forms import FilledForm
from tracker.web.page.rendering import PageWords, page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from events.log.reader import Reader
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
PAGE = 50
MOST_EXPORTED = 10_000
RECENT_DAYS = 6
"""Days before today from which on an auditor sees events who asked for no day."""
TOLD_ELSEWHERE = frozenset({"scope", "period", "account"})


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """One event of the list: what it is about with its name and link, what it says, who did it."""

    event: dict[str, Any]
    name: str
    about: str
    link: str
    brief: str
    who: str
    channel: str
    address: str


@router.get("/audit")
def show(context: Context, request: Request) -> Response:
    """The search; without any filter the events of the last seven days."""
    given = request.query_params
    asked = {name: given.get(name, "").strip() for name in FILTERS}
    form, after = given.get("format", ""), given.get("after") or None
    filled = FilledForm(asked)
    rows: list[ListedEvent] = []
    more = None
    with context.read() as reader:
        if not any(asked.values()) and "all" not in given:
            asked["from"] = (context.today(reader) - timedelta(days=RECENT_DAYS)).isoformat()
        limit = MOST_EXPORTED if form in FORMATS else PAGE
        try:
            _check_days(asked)
            query = query_of(reader, context.scope(reader, "audit"), asked, limit, after)
            found = search(reader, query)
        except Refused as refused:
            filled.refuse(refused, context.language)
            found = []
        rows = _shown(context, reader, found)
        more = found[-1]["cursor"] if len(found) == PAGE else None
        if form in FORMATS and filled.ok:
            return exported(_table(context, reader, asked, rows), form)
        whole = context.scope(reader, "audit").whole
        today = context.today(reader)
    language = context.language
    return page(
        context,
        "audit/search.html",
        200 if filled.ok else 422,
        filled=filled,
        asked=asked,
        rows=rows,
        more=more,
        after=after,
        whole=whole,
        types=sorted(
            ((one, event_name(one, language)) for one in EVENT_NAMES), key=lambda one: one[1]
        ),
        spans=_spans(context, today),
    )


def _check_days(asked: Mapping[str, str]) -> None:
    """Refuse a last day before the first: nothing is found there, and nobody means it."""
    for first, last in (("from", "to"), ("occurred_from", "occurred_to")):
        if asked[first] and asked[last] and asked[last] < asked[first]:
            raise Refused("days_crossed", field=last)


def _spans(context: RequestContext, today: Any) -> list[tuple[str, str]]:
    """Days from which on one often asks, with their names."""
    return [
        (context.t(zh, en), (today - timedelta(days=days)).isoformat())
        for days, zh, en in (
            (0, "今天", "today"),
            (6, "7 天", "7 days"),
            (29, "30 天", "30 days"),
            (364, "一年", "a year"),
        )
    ]


def _shown(
    context: RequestContext, reader: Reader, found: Sequence[dict[str, Any]]
) -> list[ListedEvent]:
    """Events with the names of what they are about and of who acted."""
    teller = EventFormatter(PageWords(context.language, reader), context.language)
    entries = entries_of(
        reader, sorted({one["stream"] for one in found if one["stream"].startswith(ORGANIZATION)})
    )
    accounts = {one["stream"].removeprefix("account-") for one in found}
    names = names_of(reader, {one["actor"] for one in found} | accounts)
    rows = []
    for one in found:
        entry = entries.get(one["stream"])
        if entry is not None:
            about, link = entry.name, subject_link(entry.code, one["type"], one["data"])
        else:
            about, link = place_name(context, one["stream"], one["data"], names)
        rows.append(
            ListedEvent(
                one,
                event_name(one["type"], context.language),
                about,
                link,
                teller.brief(one["data"], TOLD_ELSEWHERE if entry is None else frozenset()),
                who_of(context, one["actor"], names),
                channel_name(one["channel"], context.language),
                f"/audit/{quote(one['stream'], safe='')}/{one['version']}",
            )
        )
    return rows


def who_of(context: RequestContext, actor: str, names: dict[str, str]) -> str:
    """Who acted, by name where one is known."""
    if actor == "scheduler":
        return context.t("系统定时", "scheduler")
    return names.get(actor, actor)


def place_name(
    context: RequestContext, stream: str, data: dict[str, Any], names: dict[str, str]
) -> tuple[str, str]:
    """What a stream that is no organization's is called, and where it is shown."""
    kind, _, name = stream.partition("-")
    if stream.startswith(CYCLE):
        period = data.get("period", "")
        return context.t(f"{period} 抽查", f"spot check {period}"), f"/cycles/{quote(period)}"
    if kind == "scheme":
        return context.t(f"评价标准 {name}", f"scheme {name}"), f"/schemes/{quote(name)}"
    if kind == "account":
        return context.t("账号 ", "account ") + names.get(name, name), ""
    known = {
        "person": ("检查人员", "inspector"),
        "policy": ("考核办法", "policy"),
        "import": ("导入", "import"),
        "seals": ("封存", "seals"),
        "district": ("考核区", "district"),
    }
    zh, en = known.get(kind, (kind, kind))
    return f"{context.t(zh, en)} {name[:12]}".strip(), ""


def _table(
    context: RequestContext, reader: Reader, asked: dict[str, str], rows: list[ListedEvent]
) -> Table:
    """What the filter leaves, at most ten thousand events, as a file."""
    t = context.t
    said = "  ".join(f"{name}={value}" for name, value in asked.items() if value)
    if len(rows) == MOST_EXPORTED:
        said += t(f" （只含前 {MOST_EXPORTED} 条）", f" (the first {MOST_EXPORTED} only)")
    heads = (
        t("记录时间", "Recorded at"), t("事件", "Event"), t("对象", "About"), t("内容", "Content"),
        t("操作人", "Who"), t("渠道", "Channel"), t("发生日期", "Occurred on"), t("流", "Stream"),
        t("序号", "Version"), t("哈希", "Hash"),
    )  # fmt: skip
    return Table(
        t("审计日志", "Audit log"),
        said,
        context.now().astimezone(context.district(reader).zone),
        heads,
        [
            [
                one.event["recorded_at"], one.name, one.about, one.brief, one.who, one.channel,
                one.event["occurred_on"], one.event["stream"], one.event["version"],
                one.event["hash"],
            ]
            for one in rows
        ],
    )  # fmt: skip
