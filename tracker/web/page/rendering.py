"""Templates with texts in two languages, and what every page shares: navigation, words, dates."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from events.documents.vocabulary import CATEGORIES
from projections.documents.in_force import vocabulary
from tracker.http.context import RequestContext, here_of
from tracker.web.page import charts

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import Response

    from events.documents.schemes import Text
    from events.log.reader import Reader
    from tracker.wording.refusals import Language

HERE = Path(__file__).parent.parent
DEFAULT_ZONE = "Asia/Shanghai"

NAVIGATION: tuple[tuple[str, str, str, str], ...] = (
    ("/", "", "首页", "Home"),
    ("/organizations", "see_many", "组织", "Organizations"),
    ("/cycles", "see_cycle", "抽查", "Spot checks"),
    ("/ranking", "see_ranking", "排名", "Ranking"),
    ("/rectifications", "see_file", "整改", "Rectification"),
    ("/schemes", "see_documents", "标准", "Schemes"),
    ("/audit", "audit", "日志", "Log"),
    ("/import", "import", "导入", "Import"),
    ("/admin", "administer", "管理", "Administration"),
)
"""Address, the action that opens it (empty: anybody), its name in both languages."""

STATUSES: dict[str, tuple[str, str, str]] = {
    "met": ("✓", "达标", "met"),
    "partial": ("◐", "部分", "partial"),
    "missed": ("✗", "未达标", "missed"),
    "pending": ("…", "未到期", "pending"),
    "unjudged": ("?", "待评判", "unjudged"),
    "not_applicable": ("–", "不适用", "not applicable"),
    "done": ("✓", "已完成", "done"),
    "due": ("…", "待完成", "due"),
    "late": ("!", "已逾期", "late"),
    "missing": ("✗", "未填报", "never reported"),
    "late_record": ("!", "迟报", "recorded late"),
    "late_reply": ("!", "超期回复", "replied late"),
    "open": ("…", "进行中", "open"),
    "missed_inspection": ("✗", "检查未完成", "inspection missed"),
    "scored": ("✓", "已检查", "inspected"),
    "not_held": ("–", "未进行", "not held"),
    "overdue": ("!", "逾期", "overdue"),
    "replied": ("✓", "已回复", "replied"),
    "drawn": ("◐", "已抽取", "drawn"),
    "closed": ("✓", "已截止", "closed"),
    "to_inspect": ("…", "待检查", "to inspect"),
    "unvisited": ("✗", "未完成", "missed"),
    "running": ("·", "未到期", "not due yet"),
    "closing": ("◐", "正在截止", "closing"),
    "longest without inspection": ("", "久未抽查优先", "longest without inspection"),
    "by key": ("", "按随机键抽取", "by key"),
    "standing": ("", "有效", "standing"),
    "corrected": ("✎", "已更正", "corrected"),
    "retracted": ("✗", "已撤回", "retracted"),
    "disallowed": ("✗", "不予采信", "disallowed"),
    "ranked": ("", "已排名", "ranked"),
    "not_inspected": ("–", "未抽查", "not inspected"),
    "not_applied": ("–", "无评价标准", "no scheme"),
    "veto": ("✗", "一票否决", "veto"),
}
"""Each state: a sign that is read without its colour, and its name in both languages."""
ROLE_NAMES: dict[str, tuple[str, str]] = {
    "branch": ("支部书记", "Branch secretary"),
    "township": ("乡镇（街道）专干", "Township clerk"),
    "inspector": ("检查人员", "Inspector"),
    "department": ("组织部门", "Department"),
    "auditor": ("监督审计", "Auditor"),
    "administrator": ("系统管理员", "Administrator"),
}


class FalsyUndefined(StrictUndefined):
    """A field that is not there may be asked whether it is, and nothing else."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override] # truth is all that may be asked
        """It is not."""
        return False


@cache
def environment() -> Environment:
    """The templates, strict: a name that is missing is a fault, not an empty place."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=FalsyUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {"charts": charts, "asset": asset, "query": query}
    return found


@cache
def asset(name: str) -> str:
    """The address of a static file, which changes when its content does."""
    content = (HERE / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def query(known: Mapping[str, Any], **changed: Any) -> str:
    """A query string: what is known, with some of it changed; None takes a field out."""
    found = {key: one for key, one in {**known, **changed}.items() if one not in {None, ""}}
    return "?" + urlencode(found) if found else "?"


class PageWords:
    """Words of the vocabulary and of states in one language, for templates."""

    def __init__(self, language: Language, reader: Reader | None) -> None:
        """Without a reader the words of schemes are shown as they are."""
        self._language = language
        self._vocabulary = vocabulary(reader) if reader is not None else None

    def text(self, found: Text | None, otherwise: str = "") -> str:
        """One text of a document in the language."""
        if found is None:
            return otherwise
        return found.zh if self._language == "zh" else found.en

    def category(self, name: str) -> str:
        """A category's name."""
        return self.text(CATEGORIES.get(name), name)

    def word(self, family: str, name: str) -> str:
        """A word's name by its family: activities, conditions, measures, evidence."""
        words = getattr(self._vocabulary, family, {}) if self._vocabulary is not None else {}
        return self.text(words.get(name), name)

    def status(self, name: str) -> str:
        """A state's name."""
        _, zh, en = STATUSES.get(name, ("", name, name))
        return zh if self._language == "zh" else en

    def sign(self, name: str) -> str:
        """A state's sign."""
        return STATUSES.get(name, ("", "", ""))[0]

    def role(self, name: str) -> str:
        """A role's name."""
        zh, en = ROLE_NAMES.get(name, (name, name))
        return zh if self._language == "zh" else en


def local(zone: ZoneInfo) -> Any:
    """A filter: an instant (or its text) as local date and time, to the minute."""

    def shown(value: datetime | str | None) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")

    return shown


def day_text(language: Language) -> Any:
    """A filter: a date in words of the language, such as 9月12日."""

    def shown(value: date | str | None) -> str:
        if value is None or value == "":
            return ""
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return f"{day.month}月{day.day}日" if language == "zh" else f"{day:%-d %b}"

    return shown


def period_text(language: Language) -> Any:
    """A function: a period in words of the language, such as 2026年9月."""

    def shown(value: object) -> str:
        text = str(value)
        year, _, rest = text.partition("-")
        if language == "en" or not rest:
            return text if language == "en" else f"{year}年"
        if rest.isdecimal():
            return f"{year}年{int(rest)}月"
        half = {"H1": "上半年", "H2": "下半年"}
        return f"{year}年" + half.get(rest, f"第{rest[1:]}季度")

    return shown


def page(context: RequestContext, template: str, status: int = 200, /, **values: Any) -> Response:
    """One page for who asks, from a template; ``values`` are what the template shows."""
    with context.read() as reader:
        return HTMLResponse(rendered(context, reader, template, **values), status)


def rendered(
    context: RequestContext, reader: Reader | None, template: str, /, **values: Any
) -> str:
    """The text of a template with everything that pages share."""
    language = context.language
    zone = ZoneInfo(DEFAULT_ZONE) if reader is None else context.district(reader).zone
    shared: dict[str, Any] = {
        "context": context,
        "lang": "zh-CN" if language == "zh" else "en",
        "t": context.t,
        "words": PageWords(language, reader),
        "csrf": context.session.csrf if context.session is not None else "",
        "navigation": _navigation(context, reader),
        "at": local(zone),
        "day": day_text(language),
        "period": period_text(language),
        "now": context.now(),
        "today": None if reader is None else context.today(reader).isoformat(),
        "path": context.request.url.path,
        "done": context.request.query_params.get("done", ""),
    }
    return environment().get_template(template).render(shared | values)


def _navigation(context: RequestContext, reader: Reader | None) -> list[tuple[str, str]]:
    if context.account is None or reader is None:
        return []
    return [
        (address, context.t(zh, en))
        for address, action, zh, en in NAVIGATION
        if not action or context.may(reader, action)
    ]


def redirect(address: str) -> Response:
    """Send a browser elsewhere after something was done."""
    return RedirectResponse(address, 303)


def refusal_page(request: Request, status: int, said: str, reference: str) -> Response:
    """The page that tells a person why something was refused, and the number to ask about."""
    try:
        context = here_of(request)
    except AttributeError:
        text = (
            environment()
            .get_template("page/bare_refusal.html")
            .render(status=status, said=said, reference=reference)
        )
        return HTMLResponse(text, status)
    text = rendered(
        context, None, "page/refusal.html", status=status, said=said, reference=reference
    )
    return HTMLResponse(text, status)


def instant(text: str) -> datetime:
    """An instant of the log."""
    return datetime.fromisoformat(text).astimezone(UTC)
