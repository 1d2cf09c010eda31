"""Rendering of templates in two languages with what all pages share: navigation, words, dates."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from events.documents.vocabulary import BUILT_IN
from projections.documents.in_force import vocabulary
from tracker.http import exports
from tracker.http.authorization import CSRF_FIELD
from tracker.http.context import RequestContext, context_of
from tracker.storage.versions import program_version
from tracker.web.page import charts
from tracker.wording.clock import LocalClock

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import Response

    from events.documents.schemes import Text
    from events.log.reader import Reader
    from tracker.wording.refusals import Language

FOLDER = Path(__file__).parent.parent
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
"""Address, the action that it requires (empty: none), its name in both languages."""

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
    "by key": ("", "随机抽取", "at random"),
    "standing": ("", "有效", "standing"),
    "corrected": ("✎", "已更正", "corrected"),
    "retracted": ("✗", "已撤回", "retracted"),
    "disallowed": ("✗", "不予采信", "disallowed"),
    "ranked": ("", "已排名", "ranked"),
    "not_inspected": ("–", "未抽查", "not inspected"),
    "not_applied": ("–", "无评价标准", "no scheme"),
    "veto": ("✗", "一票否决", "veto"),
}
"""Each state: a sign that is readable without colour, and its name in both languages."""
TRY_AGAIN = frozenset({429, 503, 507})
"""The statuses after which the same form may succeed."""
SECRET_FIELDS = frozenset({"password", "again", "old", "own"})
"""Fields with a password."""
ROLE_NAMES: dict[str, tuple[str, str]] = {
    "branch": ("支部书记", "Branch secretary"),
    "township": ("乡镇（街道）专干", "Township clerk"),
    "inspector": ("检查人员", "Inspector"),
    "department": ("组织部门", "Department"),
    "auditor": ("监督审计", "Auditor"),
    "administrator": ("系统管理员", "Administrator"),
}


class FalsyUndefined(StrictUndefined):
    """A missing field in a template: false, and an error on any other use."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override] # the base class raises here too
        """Return False."""
        return False


@cache
def load_environment() -> Environment:
    """Return the environment of the templates; a missing name is an error, not an empty text."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=FalsyUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"charts": charts, "asset": asset, "query": query}
    environment.globals["most_rows"] = exports.MOST_ROWS
    return environment


@cache
def asset(name: str) -> str:
    """Return the address of a static file with a hash of its content, so that browsers cache it."""
    content = (FOLDER / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def query(known: Mapping[str, Any], **changed: Any) -> str:
    """Return a query string: the known fields with some changed; None or empty removes a field."""
    fields = {key: value for key, value in {**known, **changed}.items() if value not in {None, ""}}
    return "?" + urlencode(fields) if fields else "?"


class PageWords:
    """The words of the vocabulary, of states and of roles in one language, for templates."""

    def __init__(self, language: Language, reader: Reader | None) -> None:
        """Without a reader, show the words of schemes by their identifiers."""
        self._language = language
        self._vocabulary = vocabulary(reader) if reader is not None else None
        self._categories = (self._vocabulary or BUILT_IN).categories

    def text(self, text: Text | None, otherwise: str = "") -> str:
        """Return a text of a document in the language, ``otherwise`` for None."""
        if text is None:
            return otherwise
        return text.in_language(self._language)

    def category(self, name: str) -> str:
        """Return the name of a category."""
        return self.text(self._categories.get(name), name)

    @property
    def categories(self) -> list[tuple[str, str]]:
        """Every category of the district with its name, the built-in ones first."""
        return [(name, self.category(name)) for name in self._categories]

    def word(self, family: str, name: str) -> str:
        """Return the name of a word in its family: activities, conditions, measures, evidence."""
        words = getattr(self._vocabulary, family, {}) if self._vocabulary is not None else {}
        return self.text(words.get(name), name)

    def status(self, name: str) -> str:
        """Return the name of a state."""
        _, zh, en = STATUSES.get(name, ("", name, name))
        return zh if self._language == "zh" else en

    def sign(self, name: str) -> str:
        """Return the sign of a state."""
        return STATUSES.get(name, ("", "", ""))[0]

    def role(self, name: str) -> str:
        """Return the name of a role."""
        zh, en = ROLE_NAMES.get(name, (name, name))
        return zh if self._language == "zh" else en


def make_day_filter(language: Language) -> Any:
    """Return a filter that shows a date in words of the language, such as 9月12日."""

    def shown(value: date | str | None) -> str:
        if value is None or value == "":
            return ""
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return f"{day.month}月{day.day}日" if language == "zh" else f"{day:%-d %b}"

    return shown


def make_period_filter(language: Language) -> Any:
    """Return a filter that shows a period in words of the language, such as 2026年9月."""

    def shown(value: object) -> str:
        text = str(value)
        year, _, rest = text.partition("-")
        if language == "en":
            part = {"H": "half-year", "Q": "quarter"}.get(rest[:1])
            return text if part is None else f"{year} {part} {rest[1:]}"
        if not rest:
            return f"{year}年"
        if rest.isdecimal():
            return f"{year}年{int(rest)}月"
        half = {"H1": "上半年", "H2": "下半年"}
        return f"{year}年" + half.get(rest, f"第{rest[1:]}季度")

    return shown


def page(context: RequestContext, template: str, status: int = 200, /, **values: Any) -> Response:
    """Return a page from a template; ``values`` are the variables of the template."""
    with context.read() as reader:
        return HTMLResponse(render_template(context, reader, template, **values), status)


def render_template(
    context: RequestContext, reader: Reader | None, template: str, /, **values: Any
) -> str:
    """Return the text of a template with the variables that all pages share."""
    language = context.language
    zone = ZoneInfo(DEFAULT_ZONE) if reader is None else context.district(reader).zone
    clock = LocalClock(zone)
    shared: dict[str, Any] = {
        "context": context,
        "lang": "zh-CN" if language == "zh" else "en",
        "t": context.t,
        "words": PageWords(language, reader),
        "csrf": context.session.csrf if context.session is not None else "",
        "navigation": _navigation(context, reader),
        "at": clock.show,
        "clock": clock.name(language),
        "day": make_day_filter(language),
        "period": make_period_filter(language),
        "now": context.now(),
        "demonstration": context.app.lead is not None,
        "today": None if reader is None else context.today(reader).isoformat(),
        "being_set_up": reader is not None and not context.district(reader).live,
        "goes_live": reader is not None and context.may(reader, "go_live"),
        "path": context.request.url.path,
        "version": program_version(),
        "done": context.request.query_params.get("done", ""),
    }
    return load_environment().get_template(template).render(shared | values)


def _navigation(context: RequestContext, reader: Reader | None) -> list[tuple[str, str]]:
    if context.account is None or reader is None:
        return []
    return [
        (address, context.t(zh, en))
        for address, action, zh, en in NAVIGATION
        if not action or context.may(reader, action)
    ]


def is_page_visit(request: Request) -> bool:
    """Whether a browser loads the address as a whole page, not a script as a part of one."""
    return request.headers.get("sec-fetch-dest") == "document"


def redirect(address: str) -> Response:
    """Return a redirect (303) after a form was processed, so that reloading does not repeat it."""
    return RedirectResponse(address, 303)


def render_refusal_page(request: Request, status: int, said: str, reference: str) -> Response:
    """Return the page of a refusal with its message and the reference to quote for help."""
    try:
        context = context_of(request)
    except AttributeError:  # refused before the request had a context
        tools = request.app.state.app
        text = (
            load_environment()
            .get_template("page/bare_refusal.html")
            .render(
                status=status,
                said=said,
                reference=reference,
                demonstration=tools.lead is not None,
                at=LocalClock(ZoneInfo(DEFAULT_ZONE)).show,
                now=tools.store.clock(),
            )
        )
        return HTMLResponse(text, status)
    text = render_template(
        context,
        None,
        "page/refusal.html",
        status=status,
        said=said,
        reference=reference,
        sent=_resendable(context, status),
    )
    return HTMLResponse(text, status)


def _resendable(context: RequestContext, status: int) -> list[tuple[str, str]]:
    """Return the fields of a form that can be sent again as it is, so that nothing is lost.

    None of a form with a password or a file: the first is never repeated, the second cannot be.
    Every form has ids that make a repetition idempotent.
    """
    if status not in TRY_AGAIN or context.form is None:
        return []
    fields = context.form.multi_items()
    texts = [(name, text) for name, text in fields if isinstance(text, str) and name != CSRF_FIELD]
    has_file = any(not isinstance(value, str) and value.filename for _, value in fields)
    return [] if has_file or SECRET_FIELDS & {name for name, _ in texts} else texts
