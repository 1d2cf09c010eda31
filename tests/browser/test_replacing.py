"""In a real browser: parts of a page are replaced without losing input or focus."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.browser_world import OWN, Site, make_world, served
from tests.browser.chromium import NEEDS_BROWSER, Visitor, visitor

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser_pages"), pytest.mark.timeout(600)]
LIST = re.compile(r"/organizations\?")
PARTS = re.compile(r"/record/parts\?")
RECORD = f"/organizations/{OWN}/record?activity=study_session"
BUSY = {
    "status": 503,
    "content_type": "application/problem+json",
    "body": '{"type": "urn:x", "title": "系统正忙", "status": 503}',
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the district on SQLite."""
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{folder / 'tracker.db'}"
    make_world(url, folder)
    with served(url, folder) as district:
        yield district


@pytest.fixture
def clerk(chromium: Browser, site: Site) -> Iterator[Visitor]:
    """Open the list of organizations as the department."""
    with visitor(chromium, site.address, "department") as guest:
        guest.go("/organizations")
        yield guest


@pytest.fixture
def secretary(chromium: Browser, site: Site) -> Iterator[Visitor]:
    """Open the form to record an activity as a branch secretary."""
    with visitor(chromium, site.address, "branch") as guest:
        guest.go(RECORD)
        yield guest


def hold(page: Page, pattern: re.Pattern[str]) -> list[Route]:
    """Hold every request to an address; the list collects them."""
    held: list[Route] = []
    page.route(pattern, lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    return held


def wait_for(page: Page, held: list[Route], count: int) -> None:
    """Wait until so many requests are held."""
    for _ in range(100):
        if len(held) >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{len(held)} requests came, {count} were expected")


def names(page: Page) -> list[str]:
    """Return the names of the organizations in the list."""
    return page.locator("#rows tbody td:nth-child(2) a").all_inner_texts()


def test_the_list_follows_what_is_typed(clerk: Visitor) -> None:
    """Three quick keys make one request, keep the focus and update the address."""
    page, asked = clerk.page, []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#f-q").press_sequentially("99-02-001", delay=20)
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    assert names(page) == ["西山社区"]
    assert len([url for url in asked if LIST.search(url)]) == 1
    expect(page.locator("#f-q")).to_be_focused()
    expect(page).to_have_url(re.compile("q=99-02-001"))
    page.reload()
    assert names(page) == ["西山社区"]
    page.go_back()
    expect(page.locator("#rows tbody tr")).to_have_count(7)


def test_an_older_answer_is_dropped(clerk: Visitor) -> None:
    """An answer to an older question does not replace a newer one."""
    page = clerk.page
    held = hold(page, LIST)
    page.fill("#f-q", "西山社区")
    wait_for(page, held, 1)
    expect(page.locator("#rows")).to_have_attribute("aria-busy", "true")
    page.fill("#f-q", "红星社区")
    wait_for(page, held, 2)
    held[1].continue_()
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    held[0].fulfill(body='<div id="rows">西山社区</div>', content_type="text/html")
    page.wait_for_timeout(200)
    assert names(page) == ["红星社区"]
    assert page.locator("[aria-busy]").count() == 0


def test_an_error_is_shown_and_tried_again(clerk: Visitor) -> None:
    """A server error appears above the rows, which stay; one click retries."""
    page = clerk.page
    clerk.expected = ("503",)
    page.route(LIST, lambda route: route.fulfill(**BUSY))
    page.fill("#f-q", "红星")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("系统正忙")
    assert len(names(page)) == 7
    clerk.accessible()
    page.unroute(LIST)
    alert.get_by_role("button", name="再试一次").click()
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(alert).to_have_count(0)
    clerk.faults.clear()


def test_a_dead_connection_is_said(clerk: Visitor) -> None:
    """Without a connection the rows stay and the page says so."""
    clerk.expected = ("net::ERR",)
    clerk.context.set_offline(True)
    clerk.page.fill("#f-q", "红星")
    expect(clerk.page.get_by_role("alert")).to_contain_text("请检查网络")
    clerk.context.set_offline(False)


def test_an_unknown_top_is_said_at_the_rows(clerk: Visitor) -> None:
    """An unknown code is reported in place of the rows."""
    clerk.page.fill("#f-under", "no-such")
    clerk.page.locator("#f-under").press("Tab")
    expect(clerk.page.locator("#rows .fault")).to_be_visible()


def test_an_ended_session_leads_to_signing_in(clerk: Visitor) -> None:
    """After the session ended, a page without input leads to signing in and back."""
    clerk.expected = ("401",)
    clerk.context.clear_cookies()
    clerk.page.fill("#f-q", "红星")
    clerk.page.wait_for_url("**/login?next=%2Forganizations")


def test_an_ended_session_takes_nothing_typed(secretary: Visitor) -> None:
    """After the session ended, the page goes to sign-in and comes back with the draft."""
    page = secretary.page
    secretary.expected = ("401",)
    page.fill("#f-present", "7")
    secretary.context.clear_cookies()
    page.fill("#f-occurred_on", "2026-10-03")
    page.wait_for_url("**/login?next=**")
    page.fill("#f-login", "branch")
    page.fill("#f-password", "a-password-of-tests")
    page.click("main button.main")
    page.wait_for_url("**" + RECORD)
    expect(page.locator("#f-present")).to_have_value("7")
    expect(page.locator("#f-occurred_on")).to_have_value("2026-10-03")


def test_what_is_typed_meanwhile_stays(secretary: Visitor) -> None:
    """Replaced fields keep the user's input and the focus."""
    page = secretary.page
    held = hold(page, PARTS)
    page.fill("#f-occurred_on", "2026-10-04")
    wait_for(page, held, 1)
    page.fill("#f-place", "会议室")
    page.locator("input[name=evidence][value=minutes]").check()
    page.locator("#f-place").focus()
    with page.expect_response(PARTS):
        held[0].continue_()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    expect(page.locator("#f-place")).to_have_value("会议室")
    expect(page.locator("#f-place")).to_be_focused()
    expect(page.locator("input[name=evidence][value=minutes]")).to_be_checked()


def test_a_section_of_the_file_opens_in_place(clerk: Visitor) -> None:
    """The focus stays on the section's link, which says whether it is open."""
    page = clerk.go(f"/organizations/{OWN}")
    page.evaluate("window.kept = true")
    link = page.locator("#matrix a[aria-expanded]").first
    state = link.get_attribute("aria-expanded")
    link.focus()
    link.press("Enter")
    expect(link).to_have_attribute("aria-expanded", "false" if state == "true" else "true")
    expect(link).to_be_focused()
    assert page.evaluate("window.kept") is True


def test_the_tree_opens_level_by_level(chromium: Browser, site: Site) -> None:
    """A level of the tree loads in place, and its last link loads more."""
    with visitor(chromium, site.address, "admin") as guest:
        page = guest.go("/admin/organizations")
        page.get_by_role("link", name="展开 东风街道").click()
        street = page.locator("[id='under-99-01']")
        expect(street.locator("li")).to_have_count(2)
        street.evaluate(
            "(list) => list.insertAdjacentHTML('beforeend', '<li><a data-extend=\"under-99-01\""
            ' href="/admin/organizations/99-01/children?after=99-01-001">more</a></li>\')'
        )
        page.get_by_role("link", name="more").click()
        expect(street.locator("> li")).to_have_count(3)
        expect(page.get_by_role("link", name="more")).to_have_count(0)
        expect(street.locator("> li:last-child a")).to_be_focused()


def test_a_part_asks_again_until_it_is_done(chromium: Browser, site: Site) -> None:
    """During a verification the part polls until the result is there."""
    with visitor(chromium, site.address, "auditor") as guest:
        page, asked = guest.page, []

        def answer(route: Route) -> None:
            asked.append(route.request.url)
            waiting = ' data-every="0.1" data-from="/audit/verify"' if len(asked) < 3 else ""
            body = route.fetch().text()
            text = body.replace('id="verification"', f'id="verification"{waiting}')
            route.fulfill(body=text, content_type="text/html")

        page.route("**/audit/verify", answer)
        guest.go("/audit/verify")
        expect(page.locator("#verification[data-every]")).to_have_count(0)
        page.wait_for_timeout(300)
        assert len(asked) == 3
