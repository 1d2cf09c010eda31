"""In a real browser: the inspection sheet without a connection, and signed by two."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import NEEDS_BROWSER, PHONE, Visitor, browser, visitor
from tests.browser_world import DRAWN, FOREIGN, OWN, SIBLING, Site, make_world, served

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the module."""
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The district on SQLite, served."""
    folder = tmp_path_factory.mktemp("sheets")
    url = f"sqlite:///{folder / 'tracker.db'}"
    make_world(url, folder)
    with served(url, folder) as found:
        yield found


def sheet(one: Visitor, code: str) -> None:
    """Open the sheet of an organization."""
    one.go(f"/organizations/{code}/sheet/{DRAWN}")


def judge(one: Visitor, criterion: str, value: str, reason: str = "") -> None:
    """Judge one criterion."""
    box = one.page.locator(f"fieldset[data-code='{criterion}']")
    box.locator(f"input[type=radio][value='{value}']").check()
    if reason:
        box.locator("[data-text]").fill(reason)


def test_a_sheet_survives_a_dead_connection(chromium: Browser, site: Site) -> None:
    """What was judged without a connection survives a reload and is sent once it is back, once."""
    with visitor(chromium, site.address, "inspector", PHONE) as one:
        one.expected = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "net::ERR")
        sheet(one, OWN)
        one.page.evaluate("navigator.serviceWorker.ready")
        sheet(one, OWN)  # the service worker keeps this one
        one.accessible()
        one.fits()
        one.context.set_offline(True)
        judge(one, "2.4.1.1", "0.5", "记录不完整")
        one.page.get_by_role("button", name="提交（我一人签字）").click()
        expect(one.page.locator("#said")).to_contain_text("没有网络")
        one.page.reload()
        box = one.page.locator("fieldset[data-code='2.4.1.1']")
        expect(box.locator("input[value='0.5']")).to_be_checked()
        expect(box.locator("[data-text]")).to_have_value("记录不完整")
        one.context.set_offline(False)
        one.page.wait_for_url(f"**/organizations/{OWN}/sheets/{DRAWN}?done=submitted")
        expect(one.page.locator("main")).to_contain_text("记录不完整")
        assert one.page.locator("main section.card h2").count() == 1


def test_a_reason_is_asked_for_at_its_criterion(chromium: Browser, site: Site) -> None:
    """A credit that differs without a reason is not sent, and told at its criterion."""
    with visitor(chromium, site.address, "inspector") as one:
        sheet(one, FOREIGN)
        judge(one, "1.1.1", "0.5")
        one.page.get_by_role("button", name="送同事签字").click()
        fault = one.page.locator("fieldset[data-code='1.1.1'] [data-fault]")
        expect(fault).to_be_visible()
        expect(fault).to_have_text("与推算不同，请写明理由。")


def test_two_inspectors_sign_what_is_raised(chromium: Browser, site: Site) -> None:
    """A credit that is raised goes to the colleague, who signs it; the sheet bears both names."""
    with (
        visitor(chromium, site.address, "inspector") as first,
        visitor(chromium, site.address, "inspector2", PHONE) as second,
    ):
        sheet(first, SIBLING)
        judge(first, "1.1.1", "1", "现场已悬挂国旗")
        first.page.get_by_role("button", name="提交（我一人签字）").click()
        expect(first.page.locator("#said")).to_contain_text("须同事共同签字")
        first.page.get_by_role("button", name="送同事签字").click()
        first.page.wait_for_url("**/?done=proposed")
        second.go("/")
        expect(second.page.locator("main")).to_contain_text("待我签字")
        second.page.get_by_role("link", name="去签字").click()
        expect(second.page.locator("main")).to_contain_text("现场已悬挂国旗")
        second.page.get_by_role("button", name="我同意，签字提交").click()
        second.page.wait_for_url(f"**/organizations/{SIBLING}/sheets/{DRAWN}?done=signed")
        expect(second.page.locator("main")).to_contain_text("p-1、p-2")
        second.accessible()
