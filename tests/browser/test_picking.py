"""In a real browser: an organization is picked by keyboard, and without a script by a choice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.browser_world import OWN, Site, served
from tests.browser.chromium import NEEDS_BROWSER, PHONE, Visitor, visitor
from tests.support.templates import SqliteTemplate

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser_pages"), pytest.mark.timeout(600)]
MOVE = f"/admin/organizations/{OWN}?do=move"


@pytest.fixture(scope="module")
def site(prepared_site: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a copy of the district on SQLite."""
    folder = tmp_path_factory.mktemp("served")
    with served(prepared_site.copy(folder), folder) as served_site:
        yield served_site


def test_a_parent_is_picked_by_keyboard(chromium: Browser, site: Site) -> None:
    """Initials open a list; arrows choose, Escape closes, Enter takes; the page stays clean."""
    with visitor(chromium, site.address, "admin") as user:
        page = user.go(MOVE)
        field = page.get_by_role("combobox", name="新的上级组织")
        field.focus()
        page.keyboard.type("xs")
        options = page.get_by_role("option")
        expect(options).to_have_count(3)
        expect(field).to_have_attribute("aria-expanded", "true")
        user.accessible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        expect(field).to_have_attribute(
            "aria-activedescendant", str(options.nth(1).get_attribute("id"))
        )
        page.keyboard.press("Escape")
        expect(options).to_have_count(0)
        expect(field).to_have_value("xs")
        page.keyboard.press("ArrowDown")
        expect(options).to_have_count(3)
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(field).to_have_value("西山街道（99-02）")
        expect(options).to_have_count(0)
        assert page.url.endswith(MOVE)
        page.keyboard.press("Enter")
        page.wait_for_url("**?done=move")
        expect(page.locator(".crumbs")).to_contain_text("西山街道")


def test_a_choice_needs_no_script(chromium: Browser, site: Site) -> None:
    """Without JavaScript a text that may mean several comes back as radio buttons, on a phone."""
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": PHONE["width"], "height": PHONE["height"]}
    )
    page = context.new_page()
    user = Visitor(context, page, site.address)
    user.sign_in("department")
    user.go("/organizations")
    page.get_by_label("在此组织之下").fill("西山")
    page.get_by_role("button", name="查找").click()
    user.fits()
    page.get_by_label("西山社区（99-02-001）").check()
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_label("在此组织之下")).to_have_value("西山社区（99-02-001）")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    context.close()
