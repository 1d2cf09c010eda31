"""In a real browser: every page of every role, at a desk and on a phone, without a fault.

From each role's home every link is followed, one page of each route; each page must log no error,
ask nobody else, be accessible, and be no wider than its window.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser

from tests.browser.browser_world import DRAWN, OWN, VISITORS, Site, served
from tests.browser.chromium import DESK, NEEDS_BROWSER, PHONE, Visitor, visitor
from tests.support.templates import SqliteTemplate
from tracker.web.pages import ROUTERS

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser_pages"), pytest.mark.timeout(900)]

PAGES = {
    route.path: route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ())
}
NOT_PAGES = {
    "/sw.js": "a script",
    "/evidence/{file}": "a file",
    "/import/template/{kind}": "a file",
    "/import/table": "needs an uploaded table: tests of importing a table",
    "/admin/organizations/{code}/children": "a part of the tree",
    "/organizations/{code}/record/parts": "a part of the form",
    "/pick/organizations": "suggestions for a field",
    "/pick/people": "suggestions for a field",
    "/calendar/{token}": "a file for calendar programs",
    "/welcome/{token}": "needs a separate link: tests of signing in",
}
"""Addresses that no link leads to as a page, each with the reason."""
BEGIN = {
    "inspector": (f"/organizations/{OWN}/sheet/{DRAWN}",),
    "branch": (f"/organizations/{OWN}/record?activity=study_session",),
    "department": ("/schemes/community-2011/compare?from=1&to=1",),
}
"""Where a role starts in addition to its home."""
MOST_PAGES = 60


@pytest.fixture(scope="module")
def site(prepared_site: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a copy of the district on SQLite."""
    folder = tmp_path_factory.mktemp("served")
    with served(prepared_site.copy(folder), folder) as served_site:
        yield served_site


def route_of(address: str) -> str | None:
    """Return the route of a page's address; None for an address that is no page."""
    path = urlsplit(address).path
    for name, route in PAGES.items():
        if route.path_regex.match(path) and name not in NOT_PAGES:
            return name
    return None


def links(user: Visitor) -> list[str]:
    """Return the links of the current page inside the site, without downloads."""
    addresses: list[str] = user.page.eval_on_selector_all(
        "a[href]", "all => all.map(a => a.getAttribute('href'))"
    )
    return [
        href.partition("#")[0]
        for href in addresses
        if href.startswith("/") and "format=" not in href and route_of(href)
    ]


def walk(user: Visitor, login: str) -> set[str]:
    """Visit one page of every route that links lead to; return the routes."""
    waiting = ["/", *BEGIN.get(login, ())]
    seen: set[str] = set()
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        route = route_of(address)
        if route is None or route in seen:
            continue
        seen.add(route)
        user.go(address)
        user.accessible()
        user.fits()
        waiting += links(user)
        user.fine()
    return seen


VISITED: dict[str, set[str]] = {}


@pytest.mark.parametrize("login", [name for name in VISITORS if not name.endswith("2")])
def test_every_page_that_a_role_is_led_to(chromium: Browser, site: Site, login: str) -> None:
    """On a desk every page reached by links is without an error and accessible."""
    with visitor(chromium, site.address, login, DESK) as user:
        VISITED[login] = walk(user, login)
    assert "/" in VISITED[login]


@pytest.mark.parametrize("login", ["branch", "inspector"])
def test_every_page_on_a_phone(chromium: Browser, site: Site, login: str) -> None:
    """On a phone every page of the roles that use one is without an error and accessible."""
    with visitor(chromium, site.address, login, PHONE) as user:
        assert len(walk(user, login)) > 5


def test_no_page_was_left_out() -> None:
    """Every page that needs a sign-in was reached by links in the tests above."""
    if len(VISITED) < 6:
        pytest.skip("asked alone: the walks of all roles come before this one")
    seen = set().union(*VISITED.values()) | {"/login", "/welcome"}
    assert set(PAGES) - seen - NOT_PAGES.keys() == set()


def test_english_by_switch(chromium: Browser, site: Site) -> None:
    """One click changes the pages to English and back."""
    with visitor(chromium, site.address, "branch") as user:
        user.page.get_by_role("button", name="English").click()
        user.page.wait_for_selector("html[lang=en]")
        assert user.page.get_by_role("link", name="Home", exact=True).count() == 1
        user.accessible()
        user.page.get_by_role("button", name="中文").click()
        user.page.wait_for_selector("html[lang=zh-CN]")


def test_a_page_reads_without_a_script(chromium: Browser, site: Site) -> None:
    """Without JavaScript a user can sign in and read an organization's file."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    user = Visitor(context, page, site.address)
    user.sign_in("department")
    user.go("/organizations")
    page.get_by_role("link", name="红星社区").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("红星社区")
    context.close()


def test_the_code_of_the_second_factor_can_be_scanned(chromium: Browser, site: Site) -> None:
    """The QR code on the account page is large enough for a camera."""
    with visitor(chromium, site.address, "branch", PHONE) as user:
        box = user.go("/account").locator(".qr svg").bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 150
        user.fits()
