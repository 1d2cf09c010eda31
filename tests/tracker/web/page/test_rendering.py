"""Tests of what all pages share: words in two languages, dates, addresses, strict templates."""

import re
import sqlite3
from dataclasses import replace
from datetime import date, timedelta

import pytest
from jinja2 import UndefinedError
from sqlalchemy.exc import OperationalError

from events.documents.schemes import Text
from tests.support.web_client import Web
from tests.support.web_district import Visitor
from tracker.access.rights import ACTIONS
from tracker.web.page.rendering import (
    FOLDER,
    NAVIGATION,
    ROLE_NAMES,
    STATUSES,
    PageWords,
    asset,
    load_environment,
    make_day_filter,
    make_period_filter,
    query,
)
from tracker.wording.refusals import Language

BOTH: tuple[Language, Language] = ("zh", "en")


def test_days() -> None:
    """Dates are in the words of the language; None is empty."""
    zh, en = (make_day_filter(one) for one in BOTH)
    assert (zh("2026-09-02"), en(date(2026, 9, 2))) == ("9月2日", "2 Sep")
    assert (zh(None), en("")) == ("", "")


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [("2026-09", "2026年9月", "2026-09"), ("2026-Q3", "2026年第3季度", "2026 quarter 3"),
     ("2026-H1", "2026年上半年", "2026 half-year 1"),
     ("2026-H2", "2026年下半年", "2026 half-year 2"),
     ("2026", "2026年", "2026")],
)  # fmt: skip
def test_periods(period: str, zh: str, en: str) -> None:
    """A period is in words in either language; months and years are as stored in English."""
    assert make_period_filter("zh")(period) == zh
    assert make_period_filter("en")(period) == en


def test_a_query_string() -> None:
    """Fields can be changed or removed, empty ones are left out, and values are escaped."""
    assert query({"q": "红&星", "page": 2}, page=3) == "?q=%E7%BA%A2%26%E6%98%9F&page=3"
    assert query({"q": "", "page": 2}, page=None) == "?"


def test_static_files_are_named_by_their_content() -> None:
    """The address of a static file contains a hash of its content."""
    assert re.fullmatch(r"/static/tracker\.css\?v=[0-9a-f]{10}", asset("tracker.css"))


def test_words() -> None:
    """Categories, states, roles and texts have names in both languages; others are shown as is."""
    zh, en = (PageWords(one, None) for one in BOTH)
    assert (zh.category("village"), en.category("village")) == ("村", "Village")
    assert (zh.category("moon"), zh.word("activities", "dance")) == ("moon", "dance")
    assert (zh.status("late"), en.status("late"), zh.sign("late")) == ("已逾期", "late", "!")
    assert (zh.status("odd"), zh.sign("odd")) == ("odd", "")
    assert (zh.role("auditor"), en.role("auditor")) == ("监督审计", "Auditor")
    assert en.role("odd") == "odd"
    text = Text(zh="一", en="one")
    assert zh.text(None, "otherwise") == "otherwise"
    assert (zh.text(text), en.text(text)) == ("一", "one")


def test_every_word_is_there() -> None:
    """Every role and every state has its name in both languages."""
    roles = {role for allowed in ACTIONS.values() for role in allowed}
    assert set(ROLE_NAMES) == roles
    for zh, en in (*(names for _, *names in STATUSES.values()), *ROLE_NAMES.values()):
        assert re.search("[\u4e00-\u9fff]", zh)
        assert en.isascii()


def test_the_navigation_leads_somewhere(web: Web) -> None:
    """Every entry that a visitor sees opens a page for that visitor."""
    assert all(action in {"", *ACTIONS} for _, action, _, _ in NAVIGATION)
    for login in ("branch", "township", "inspector", "department", "auditor", "administrator"):
        visitor = web.visitor(login)
        home = visitor.get("/")
        shown = [address for address, _, _, _ in NAVIGATION if address in home.links]
        for address in shown:
            assert visitor.get(address).status == 200, (login, address)


def test_a_missing_name_is_a_fault() -> None:
    """A missing variable is an error in a template, except in a condition."""
    made = load_environment().from_string("{% if name %}x{% else %}-{% endif %}{{ name }}")
    assert made.render(name=1) == "x1"
    with pytest.raises(UndefinedError):
        made.render()
    made = load_environment().from_string("{% if row.name %}x{% else %}-{% endif %}")
    assert made.render(row={}) == "-"


def test_what_is_shown_is_text() -> None:
    """Values are escaped."""
    made = load_environment().from_string("{{ name }}")
    assert made.render(name="<script>'\"") == "&lt;script&gt;&#39;&#34;"


@pytest.mark.parametrize(
    "path", sorted((FOLDER / "templates").rglob("*.html")), ids=lambda path: str(path.name)
)
def test_a_template_keeps_the_strict_policy(path: object) -> None:
    """A template has no inline script, style or handler, no foreign address, and CSRF tokens."""
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son(click|change|submit|load)=", text)
    assert not re.search(r"(src|href|action)=[\"']?(https?:)?//", text)
    for form in re.findall(r"<form[^>]*method=\"?post.*?</form>", text, re.DOTALL | re.IGNORECASE):
        assert "token(csrf)" in form or 'name="csrf"' in form


def test_every_page_of_a_demonstration_says_so(web: Web) -> None:
    """Pages of everybody, refusals too, name it and what its clock shows; other districts' do not.

    Two templates hold whole pages; all others extend the first.
    """
    plain = web.anybody().get("/login").text
    web.inside.state.app = replace(web.tools, lead=timedelta(0))
    words = "时钟显示 2026-09-20 09:00"
    assert "演示系统" not in plain
    assert words in web.anybody().get("/login").text
    for login in ("branch", "inspector", "department"):
        visitor = web.visitor(login)
        assert words in visitor.get("/").text
        missing = visitor.get("/nowhere", accept="text/html")
        assert (missing.status, words in missing.text) == (404, True)
    whole = {path.name for path in FOLDER.rglob("*.html") if "<html" in path.read_text("utf-8")}
    assert whole == {"base.html", "bare_refusal.html"}


def test_a_busy_server_gives_the_form_back(
    secretary: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of a 503 holds what was typed, and sending it again records it."""

    def busy(*_: object, **__: object) -> None:
        raise OperationalError("", {}, sqlite3.OperationalError("database is locked"))

    path = "/organizations/c/record"
    form = secretary.form(f"{path}?activity=theme_day").fill(
        present="5", expected="7", place="院子"
    )
    with monkeypatch.context() as patch:
        patch.setattr("tracker.web.records.form.record_line", busy)
        told = secretary.send(form, 503)
    again = secretary.again(told, path)
    assert (again["present"], again["place"], again["record_id"]) == (
        "5",
        "院子",
        form["record_id"],
    )
    assert "done=recorded" in secretary.send(again).headers["location"]


def test_a_password_is_never_given_back(
    secretary: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of a 503 repeats no form with a password."""

    def busy(*_: object, **__: object) -> None:
        raise OperationalError("", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr("tracker.accounts.sign_in.Authenticator.change_password", busy)
    form = secretary.form("/account", "/account/password")
    typed = form.fill(old="a long password", password="a newer password", again="a newer password")
    told = secretary.send(typed, 503)
    assert "a newer password" not in told.text
    assert "data-resend" not in told.text


def test_a_part_opened_as_a_page_leads_to_the_page(secretary: Visitor, admin: Visitor) -> None:
    """A browser that opens a part of a page is sent to the whole page."""
    visit = {"sec-fetch-dest": "document"}
    parts = "/organizations/c/record/parts?activity=theme_day&occurred_on=2026-04-02"
    answer = secretary.client.get(parts, headers=visit)
    assert answer.headers["location"] == "/organizations/c/record?activity=theme_day&on=2026-04-02"
    branch = admin.client.get("/admin/organizations/r/children", headers=visit)
    assert branch.headers["location"] == "/admin/organizations?at=r"


def test_signing_in_again_reports_no_old_save(secretary: Visitor) -> None:
    """A form of an ended session leads back to its page, without the report of an earlier save."""
    secretary.client.cookies.clear()
    origin = str(secretary.client.base_url).rstrip("/")
    referer = {"referer": f"{origin}/organizations/c/report?done=reported&count=2&condition=x"}
    answer = secretary.client.post("/organizations/c/report", headers=referer)
    assert answer.headers["location"].endswith(
        "/login?next=/organizations/c/report%3Fcondition%3Dx&expired=1"
    )
