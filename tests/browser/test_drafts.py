"""In a real browser: drafts are announced, conflicts offered, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.browser_world import DRAWN, FOREIGN, OWN, Site, served
from tests.browser.chromium import NEEDS_BROWSER, PHONE, Visitor, visitor
from tests.support.templates import SqliteTemplate

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser_shared"), pytest.mark.timeout(600)]
REPORT = f"/organizations/{OWN}/report"
MEMBERS, FLAG = "#f-measure\\.members", "#f-condition\\.national_flag"
SAVE = "main form button.main"
TYPE_LATER = """(place) => document.addEventListener('submit', (event) => setTimeout(() => {
    if (event.defaultPrevented) return;
    const field = document.querySelector(place);
    field.value = 'partial';
    field.dispatchEvent(new Event('input', {bubbles: true}));
}, 100))"""
"""Chooses in a list a moment after the form was sent."""


@pytest.fixture(scope="module")
def site(prepared_site: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a copy of the district on SQLite."""
    folder = tmp_path_factory.mktemp("served")
    with served(prepared_site.copy(folder), folder) as served_site:
        yield served_site


@pytest.fixture
def secretary(chromium: Browser, site: Site) -> Iterator[Visitor]:
    """Sign in a branch secretary on a phone."""
    with visitor(chromium, site.address, "branch", PHONE) as user:
        yield user


def hold_posts(page: Page, pattern: str) -> list[Route]:
    """Hold the forms sent to an address; the list collects them."""
    held: list[Route] = []

    def take(route: Route) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    page.route(pattern, take)
    return held


def wait_for(page: Page, held: list[Route]) -> Route:
    """Wait until a request is held."""
    for _ in range(200):
        if held:
            return held[0]
        page.wait_for_timeout(50)
    raise AssertionError("no request came")


def test_a_newer_saved_value_is_not_overwritten(
    chromium: Browser, site: Site, secretary: Visitor
) -> None:
    """A draft is announced; where somebody saved meanwhile, it is only offered."""
    page = secretary.go(REPORT)
    page.fill(MEMBERS, "40")
    page.select_option(FLAG, "unmet")
    with visitor(chromium, site.address, "township") as other:
        other.go(REPORT)
        other.page.fill(MEMBERS, "45")
        other.page.click(SAVE)
        other.page.wait_for_url("**done=reported**")
    tab = secretary.context.new_page()
    tab.goto(site.address + REPORT)
    expect(tab.locator(MEMBERS)).to_have_value("45")
    expect(tab.locator(FLAG)).to_have_value("unmet")
    expect(tab.locator("[data-drafted]")).to_contain_text("已恢复")
    expect(tab.locator("[data-offer]")).to_contain_text("40")
    assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 1
    tab.get_by_role("button", name="改用我填写的").click()
    expect(tab.locator(MEMBERS)).to_have_value("40")
    tab.reload()
    expect(tab.locator(MEMBERS)).to_have_value("40")
    expect(tab.locator("[data-offer]")).to_have_count(0)
    tab.get_by_role("button", name="清除这些内容").click()
    expect(tab.locator("[data-drafted]")).to_have_count(0)
    expect(tab.locator(MEMBERS)).to_have_value("45")


def test_what_is_typed_after_sending_stays(secretary: Visitor) -> None:
    """A field typed into while the form is on its way stays as a draft, and the page says so."""
    page = secretary.go(REPORT)
    page.fill(MEMBERS, "46")
    held = hold_posts(page, "**/report**")
    page.evaluate(TYPE_LATER, FLAG)  # Playwright itself waits for the answer before it types
    page.locator(SAVE).click(no_wait_after=True)
    route = wait_for(page, held)
    witness = secretary.context.new_page()
    witness.goto(secretary.address + "/static/icon.svg")
    witness.wait_for_function("JSON.stringify(localStorage).includes('partial')")
    route.continue_()
    expect(page.locator("main")).to_contain_text("不在刚才保存的范围内")
    expect(page.locator(MEMBERS)).to_have_value("46")
    expect(page.locator(FLAG)).to_have_value("partial")
    page.unroute("**/report**")
    page.click(SAVE)
    expect(page.locator("[data-drafted]")).to_have_count(0)
    page.wait_for_function("Object.keys(localStorage).length === 0")


def test_a_server_that_is_away_is_waited_for(secretary: Visitor) -> None:
    """While the server is away the form stays; when it is back, the form is sent once."""
    secretary.expected = ("net::ERR", "Failed to load")
    page = secretary.go(REPORT)
    page.fill(MEMBERS, "47")
    page.route("**/static/icon.svg", lambda route: route.abort())
    page.click(SAVE)
    expect(page.locator("[data-held]")).to_contain_text("服务器没有回应")
    expect(page.locator(MEMBERS)).to_have_value("47")
    page.unroute("**/static/icon.svg")
    page.wait_for_url("**done=reported**")
    expect(page.locator(MEMBERS)).to_have_value("47")


def test_a_lost_answer_keeps_the_draft(secretary: Visitor) -> None:
    """A page that reports an earlier save deletes nothing when it is loaded again."""
    page = secretary.go(REPORT + "?done=reported&count=1")
    page.fill(MEMBERS, "48")
    held = hold_posts(page, "**/report**")
    page.locator(SAVE).click(no_wait_after=True)
    wait_for(page, held).fulfill(status=204)  # the browser stays on the page
    page.unroute("**/report**")
    page.reload()
    expect(page.locator(MEMBERS)).to_have_value("48")
    expect(page.locator("[data-drafted]")).to_be_visible()
    page.get_by_role("button", name="清除这些内容").click()
    expect(page.locator("[data-drafted]")).to_have_count(0)


def test_a_fragment_opened_as_a_page_is_the_whole_form(secretary: Visitor) -> None:
    """After signing in nobody lands on a part of a form."""
    secretary.go(f"/organizations/{OWN}/record/parts?activity=study_session")
    expect(secretary.page).to_have_url(re.compile("/record\\?activity=study_session"))
    expect(secretary.page.locator("header.top")).to_be_visible()


def test_a_sheet_keeps_what_is_typed_while_it_is_sent(chromium: Browser, site: Site) -> None:
    """What an inspector adds while the sheet is on its way stays, and only that."""
    with visitor(chromium, site.address, "inspector") as user:
        page = user.go(f"/organizations/{FOREIGN}/sheet/{DRAWN}")
        box = page.locator("article[data-code='1.1.1']")
        box.locator("[data-do=change]").click()
        box.locator("input[type=radio][value='0']").check()
        box.locator("[data-text]").fill("没有国旗")
        held = hold_posts(page, "**/sheet/**")
        page.get_by_role("button", name="提交（我一人签字）").click()
        route = wait_for(page, held)
        page.locator("article[data-code='2.4.1.1'] [data-do=confirm]").click()
        route.continue_()
        expect(page.locator("#said")).to_contain_text("没有提交，请再次提交")
        expect(page.locator(".sheet-bar [data-count=judged]")).to_have_text("1")
        page.unroute("**/sheet/**")
        page.reload()
        expect(page.locator("[data-drafted]")).to_contain_text("1 项评判")
        page.get_by_role("button", name="提交（我一人签字）").click()
        page.wait_for_url("**/sheets/*?done=submitted")
        expect(page.get_by_role("heading", name="份检查表")).to_have_count(2)
