"""The search of the log for auditors: events in words, fifty a page, and exports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.refusals.errors import Refused
from events.streams.cycles import PREFIX as CYCLE
from events.streams.organizations import PREFIX as ORGANIZATION
from projections.audit.trail import AuditEntry, AuditQuery, search
from projections.organizations.directory import entries_of
from tracker.accounts.credentials import accounts_named, names_of
from tracker.accounts.picking import PeopleKind
from tracker.export.tables import FORMATS, streamed_response, table_response
from tracker.http import exports
from tracker.http.audit_query import FILTERS, read_audit_query, read_rows
from tracker.http.context import Context
from tracker.web.page.event_fields import EventFormatter, link_subject, name_channel
from tracker.web.page.event_words import EVENT_NAMES, name_event_type
from tracker.web.page.forms import FilledForm
from tracker.web.page.listing import FilterField, pick_filter
from tracker.web.page.picker import pick_person, typed_text
from tracker.web.page.rendering import PageWords, page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from events.log.reader import Reader
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
PAGE = 50
RECENT_DAYS = 6
"""Without a filter the list begins so many days before today."""
SHOWN_AS_PLACE = frozenset({"scope", "period", "account"})
"""Fields that the name of a stream already shows."""


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """One event of the list: its name, subject and link, content, actor and channel."""

    event: AuditEntry
    name: str
    about: str
    link: str
    brief: str
    who: str
    channel: str
    address: str


@router.get("/audit")
def show_log(context: Context, request: Request) -> Response:
    """Show the search; without a filter the events of the last seven days."""
    parameters = request.query_params
    asked = {name: parameters.get(name, "").strip() for name in FILTERS}
    export, after = parameters.get("format", ""), parameters.get("after") or None
    rows: list[ListedEvent] = []
    more = None
    with context.read() as reader:
        if not any(asked.values()) and "all" not in parameters:
            asked["from"] = (context.today(reader) - timedelta(days=RECENT_DAYS)).isoformat()
        filled = FilledForm(dict(parameters) | asked)
        found_events: list[AuditEntry] = []
        try:
            _check_days(asked)
            _pick_filters(context, reader, filled, asked)
            query = read_audit_query(reader, context.scope(reader, "audit"), asked, PAGE, after)
            if export in FORMATS and filled.ok:
                return _export(context, reader, asked, replace(query, after=None), export)
            found_events = search(reader, query) if filled.ok else []
        except Refused as refused:
            filled.refuse(refused, context.language)
        rows = _listed_events(context, reader, found_events)
        more = found_events[-1].cursor if len(found_events) == PAGE else None
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
            ((one, name_event_type(one, language)) for one in EVENT_NAMES), key=lambda one: one[1]
        ),
        spans=_day_ranges(context, today),
    )


def _pick_filters(
    context: RequestContext, reader: Reader, filled: FilledForm, asked: dict[str, str]
) -> None:
    """Replace the names of organizations and of the actor by what they mean, in ``asked``.

    An actor who is nobody's name may still be an id of the log, such as the scheduler's; a name
    that several accounts have means all of them.
    """
    for name in ("organization", "under"):
        pick_filter(context, filled, asked, FilterField(name, "audit"), reader)
    text = typed_text(filled, "actor")
    if not text or accounts_named(reader, text):
        return
    actor = pick_person(context, reader, filled, "actor", PeopleKind.ACTORS)
    if actor is not None:
        asked["actor"] = actor.value
    elif "actor" not in filled.candidates:
        filled.errors.pop("actor", None)


def _check_days(asked: Mapping[str, str]) -> None:
    """Raise ``Refused`` for a last day before the first day."""
    for first, last in (("from", "to"), ("occurred_from", "occurred_to")):
        if asked[first] and asked[last] and asked[last] < asked[first]:
            raise Refused("days_crossed", field=last)


def _day_ranges(context: RequestContext, today: Any) -> list[tuple[str, str]]:
    """Return the first days of common ranges, with the names of the ranges."""
    return [
        (context.t(zh, en), (today - timedelta(days=days)).isoformat())
        for days, zh, en in (
            (0, "今天", "today"),
            (6, "7 天", "7 days"),
            (29, "30 天", "30 days"),
            (364, "一年", "a year"),
        )
    ]


def _listed_events(
    context: RequestContext, reader: Reader, found_events: Sequence[AuditEntry]
) -> list[ListedEvent]:
    """Return the events with the names of their subjects and actors."""
    formatter = EventFormatter(PageWords(context.language, reader), context.language)
    entries = entries_of(
        reader,
        sorted({event.stream for event in found_events if event.stream.startswith(ORGANIZATION)}),
    )
    accounts = {event.stream.removeprefix("account-") for event in found_events}
    names = names_of(reader, {event.actor for event in found_events} | accounts)
    rows = []
    for event in found_events:
        entry = entries.get(event.stream)
        if entry is not None:
            about, link = entry.name, link_subject(entry.code, event.type, event.data)
        else:
            about, link = stream_place(context, event.stream, event.data, names)
        rows.append(
            ListedEvent(
                event,
                name_event_type(event.type, context.language),
                about,
                link,
                formatter.brief(event.data, SHOWN_AS_PLACE if entry is None else frozenset()),
                actor_name(context, event.actor, names),
                name_channel(event.channel, context.language),
                f"/audit/{quote(event.stream, safe='')}/{event.version}",
            )
        )
    return rows


def actor_name(context: RequestContext, actor: str, names: dict[str, str]) -> str:
    """Return the name of the actor, or the id if the name is unknown."""
    if actor == "scheduler":
        return context.t("系统定时", "scheduler")
    return names.get(actor, actor)


def stream_place(
    context: RequestContext, stream: str, data: dict[str, Any], names: dict[str, str]
) -> tuple[str, str]:
    """Return the name and the address of a stream that is not an organization's."""
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


def _export(
    context: RequestContext, reader: Reader, asked: dict[str, str], query: AuditQuery, form: str
) -> Response:
    """Return the filtered events as a file: CSV with all of them, a workbook with the first."""
    t = context.t
    name = t("审计日志", "Audit log")
    note = "  ".join(f"{name}={value}" for name, value in asked.items() if value)
    heads = (
        t("记录时间", "Recorded at"), t("事件", "Event"), t("对象", "About"), t("内容", "Content"),
        t("操作人", "Who"), t("渠道", "Channel"), t("发生日期", "Occurred on"), t("流", "Stream"),
        t("序号", "Version"), t("哈希", "Hash"),
    )  # fmt: skip
    if form == "xlsx":
        entries = search(reader, replace(query, limit=exports.MOST_ROWS))
        full = len(entries) == exports.MOST_ROWS
        more = full and search(reader, replace(query, limit=1, after=entries[-1].cursor))
        left_out = exports.note_first(context, exports.MOST_ROWS) if more else ""
        cells = _export_rows(context, reader, entries)
        return table_response(
            exports.fill_table(context, reader, name, note, heads, cells, left_out), form
        )
    every = read_rows(context, query, lambda again, entries: _export_rows(context, again, entries))
    return streamed_response(exports.fill_table(context, reader, name, note, heads, every))


def _export_rows(
    context: RequestContext, reader: Reader, entries: Sequence[AuditEntry]
) -> list[list[Any]]:
    """Return events as the rows of a file."""
    clock = exports.local_clock(context, reader)
    return [
        [
            clock.show_seconds(row.event.recorded_at), row.name, row.about, row.brief, row.who,
            row.channel, row.event.occurred_on, row.event.stream, row.event.version,
            row.event.hash,
        ]
        for row in _listed_events(context, reader, entries)
    ]  # fmt: skip
