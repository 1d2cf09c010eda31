"""What every page shares: words in two languages, dates, addresses, and no silent gaps."""

import re
from datetime import UTC, date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from jinja2 import UndefinedError
from pydantic import BaseModel, Field

from events.documents.schemes import Text
from events.event import EVENT_TYPES
from events.refusals.errors import Refused
from tests.support.web_client import Web
from tracker.access.rights import ACTIONS
from tracker.web.page.event_words import EVENT_NAMES
from tracker.web.page.forms import FilledForm, present, read_form
from tracker.web.page.rendering import (
    HERE,
    NAVIGATION,
    ROLE_NAMES,
    STATUSES,
    PageWords,
    asset,
    day_text,
    environment,
    instant,
    local,
    period_text,
    query,
)
from tracker.wording.refusals import Language

BOTH: tuple[Language, Language] = ("zh", "en")


def test_days_and_instants() -> None:
    """In the words of the language, in the district's zone; nothing where there is nothing."""
    zh, en = (day_text(one) for one in BOTH)
    assert (zh("2026-09-02"), en(date(2026, 9, 2))) == ("9月2日", "2 Sep")
    assert (zh(None), en("")) == ("", "")
    at = local(ZoneInfo("Asia/Shanghai"))
    assert at("2026-09-30T16:30:59.123456Z") == "2026-10-01 00:30"
    assert at(datetime(2026, 9, 1, tzinfo=UTC)) == "2026-09-01 08:00"
    assert at(None) == ""
    assert instant("2026-09-01T08:00:00+08:00") == datetime(2026, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "zh"),
    [("2026-09", "2026年9月"), ("2026-Q3", "2026年第3季度"), ("2026-H1", "2026年上半年"),
     ("2026-H2", "2026年下半年"), ("2026", "2026年")],
)  # fmt: skip
def test_periods(period: str, zh: str) -> None:
    """In Chinese as they are said, in English as they are written."""
    assert period_text("zh")(period) == zh
    assert period_text("en")(period) == period


def test_a_query_string() -> None:
    """What was asked with some of it changed; empty fields are left out, others are escaped."""
    assert query({"q": "红&星", "page": 2}, page=3) == "?q=%E7%BA%A2%26%E6%98%9F&page=3"
    assert query({"q": "", "page": 2}, page=None) == "?"


def test_static_files_are_named_by_their_content() -> None:
    """So that a browser may keep them and never shows an old one."""
    assert re.fullmatch(r"/static/tracker\.css\?v=[0-9a-f]{10}", asset("tracker.css"))


def test_words() -> None:
    """Of the vocabulary, of states and roles; an unknown one is shown as it is."""
    zh, en = (PageWords(one, None) for one in BOTH)
    assert (zh.category("village"), en.category("village")) == ("村", "Village")
    assert (zh.category("moon"), zh.word("activities", "dance")) == ("moon", "dance")
    assert (zh.status("late"), en.status("late"), zh.sign("late")) == ("已逾期", "late", "!")
    assert (zh.status("odd"), zh.sign("odd")) == ("odd", "")
    assert (zh.role("auditor"), en.role("auditor")) == ("监督审计", "Auditor")
    assert en.role("odd") == "odd"
    one = Text(zh="一", en="one")
    assert zh.text(None, "otherwise") == "otherwise"
    assert (zh.text(one), en.text(one)) == ("一", "one")


def test_every_word_is_there() -> None:
    """Every role, every state in a template's style, every type of event has its name."""
    roles = {role for allowed in ACTIONS.values() for role in allowed}
    assert set(ROLE_NAMES) == roles
    shipped = {name for name, one in EVENT_TYPES.items() if one.__module__.startswith("events.")}
    assert shipped == set(EVENT_NAMES)
    for _, zh, en in (*STATUSES.values(), *(("", *one) for one in EVENT_NAMES.values())):
        assert re.search("[\u4e00-\u9fff]", zh)
        assert en.isascii()


def test_the_navigation_leads_somewhere(web: Web) -> None:
    """Every entry is a page that opens for whoever sees it."""
    assert all(action in {"", *ACTIONS} for _, action, _, _ in NAVIGATION)
    for login in ("branch", "township", "inspector", "department", "auditor", "administrator"):
        visitor = web.visitor(login)
        home = visitor.get("/")
        shown = [address for address, _, _, _ in NAVIGATION if address in home.links]
        for address in shown:
            assert visitor.get(address).status == 200, (login, address)


def test_a_missing_name_is_a_fault() -> None:
    """A template that asks for what nobody gave breaks at once; asking whether it is may be."""
    made = environment().from_string("{% if one %}x{% else %}-{% endif %}{{ one }}")
    assert made.render(one=1) == "x1"
    with pytest.raises(UndefinedError):
        made.render()
    made = environment().from_string("{% if one.two %}x{% else %}-{% endif %}")
    assert made.render(one={}) == "-"


def test_what_is_shown_is_text() -> None:
    """Whatever a name holds, it makes no marks."""
    made = environment().from_string("{{ name }}")
    assert made.render(name="<script>'\"") == "&lt;script&gt;&#39;&#34;"


@pytest.mark.parametrize(
    "path", sorted((HERE / "templates").glob("*.html")), ids=lambda path: str(path.name)
)
def test_a_template_keeps_the_strict_policy(path: object) -> None:
    """No inline script, style or handler, nothing from outside; forms carry the token."""
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son(click|change|submit|load)=", text)
    assert not re.search(r"(src|href|action)=[\"']?(https?:)?//", text)
    for form in re.findall(r"<form[^>]*method=\"?post.*?</form>", text, re.DOTALL | re.IGNORECASE):
        assert "token(csrf)" in form or 'name="csrf"' in form


class Meeting(BaseModel):
    """A form with two fields."""

    title: str = Field(min_length=1, max_length=5)
    present: int


def test_a_form_is_read_with_every_fault_at_its_field() -> None:
    """All at once, in the language; what was typed stays as it was typed."""
    filled = FilledForm({"title": "太长的题目了", "present": "x"})
    context = SimpleNamespace(language="zh")
    assert read_form(context, Meeting, filled.values, filled) is None  # type: ignore[arg-type]
    assert filled.errors == {"title": "太长，最多 5 个字", "present": "请填整数"}
    assert (filled["title"], filled["nothing"]) == ("太长的题目了", "")
    assert (filled.ok, filled.error("title"), filled.error("other")) == (
        False, "太长，最多 5 个字", ""
    )  # fmt: skip
    good = FilledForm()
    found = read_form(context, Meeting, {"title": "会", "present": "5"}, good)  # type: ignore[arg-type]
    assert (found, good.ok) == (Meeting(title="会", present=5), True)


def test_a_refusal_stands_at_its_field() -> None:
    """Or above the form where it names none; of a correction at the field that was corrected."""
    filled = FilledForm()
    filled.refuse(Refused("no_end", field="changes.until_on"), "zh")
    filled.refuse(Refused("sign_in_failed"), "en")
    assert filled.errors == {
        "until_on": "委托必须有最后一天",
        "": "the name or the password is wrong",
    }


def test_only_what_was_typed_is_present() -> None:
    """Empty fields are no values; a nought is one."""
    assert present({"a": "", "b": None, "c": [], "d": (), "e": 0, "f": "x"}) == {"e": 0, "f": "x"}
