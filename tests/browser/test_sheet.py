"""In a real browser: the inspection sheet without a connection, by keyboard, and signed by two."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.browser_world import DRAWN, FOREIGN, OWN, SIBLING, Site
from tests.browser.chromium import NEEDS_BROWSER, PHONE, Visitor, visitor

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser_sheet"), pytest.mark.timeout(600)]
MEETING, FLAG, JUDGED = "2.4.1.1", "1.1.1", "1.2.4"
BROKEN = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "net::ERR")
REFUSED = ("the server responded with a status of 4",)


def sheet(one: Visitor, code: str) -> None:
    """Open the sheet of an organization and wait until it can be filled in."""
    one.go(f"/organizations/{code}/sheet/{DRAWN}")
    expect(one.page.locator("#hand-in")).to_be_visible()


def criterion(one: Visitor, code: str) -> Locator:
    """One criterion of the sheet."""
    return one.page.locator(f"article[data-code='{code}']")


def judge(one: Visitor, code: str, value: str, reason: str = "") -> None:
    """Judge one criterion otherwise than derived."""
    box = criterion(one, code)
    box.locator("[data-do='change']").click()
    box.locator(f"input[type=radio][value='{value}']").check()
    if reason:
        box.locator("[data-text]").fill(reason)


def press(one: Visitor, name: str) -> None:
    """Press a button of the sheet's last part."""
    one.page.locator("#hand-in").get_by_role("button", name=name).click()


def sheets_in(one: Visitor, code: str) -> int:
    """How many sheets stand on the paper of an organization."""
    one.go(f"/organizations/{code}/sheets/{DRAWN}")
    return one.page.get_by_role("heading", name="份检查表").count()


def test_a_sheet_survives_a_dead_connection(chromium: Browser, site: Site) -> None:
    """What was judged without a connection survives a reload and is sent once it is back, once."""
    with visitor(chromium, site.address, "inspector", PHONE) as one:
        one.expected = BROKEN
        sheet(one, OWN)
        one.accessible()
        one.fits()
        one.page.wait_for_function(
            "async () => Boolean(await (await caches.open('sheets')).match(location.pathname))"
        )
        one.page.wait_for_function("navigator.serviceWorker.controller !== null")
        one.context.set_offline(True)
        judge(one, MEETING, "0.5", "记录不完整")
        criterion(one, FLAG).locator("[data-do='confirm']").click()
        press(one, "提交（我一人签字）")
        expect(one.page.locator("#said")).to_contain_text("没有网络")
        one.page.reload()
        expect(one.page.locator("#said")).to_contain_text("没有网络")
        box = criterion(one, MEETING)
        expect(box.locator("input[value='0.5']")).to_be_checked()
        expect(box.locator("[data-text]")).to_have_value("记录不完整")
        expect(one.page.locator(".sheet-bar [data-count=judged]")).to_have_text("2")
        one.context.set_offline(False)
        one.page.wait_for_url(f"**/organizations/{OWN}/sheets/{DRAWN}?done=submitted")
        expect(one.page.locator("main")).to_contain_text("记录不完整")
        one.accessible()
        one.fits()
        assert sheets_in(one, OWN) == 1
        sheet(one, OWN)
        expect(one.page.locator(".sheet-bar [data-count=judged]")).to_have_text("0")


def test_an_answer_that_was_lost_is_no_second_sheet(chromium: Browser, site: Site) -> None:
    """Where the line broke after the server had it, sending it again changes nothing."""
    with visitor(chromium, site.address, "inspector", PHONE) as one:
        one.expected = BROKEN
        sheet(one, OWN)
        judge(one, MEETING, "0", "没有开会")
        one.page.route("**/sheet/**", lambda route: (route.fetch(), route.abort())[1])
        press(one, "提交（我一人签字）")
        expect(one.page.locator("#said")).to_contain_text("没有网络")
        one.page.unroute("**/sheet/**")
        one.go("/")  # the home sends what waits
        paper = one.context.new_page()
        paper.goto(f"{one.address}/organizations/{OWN}/sheets/{DRAWN}")
        paper.wait_for_function("Object.keys(localStorage).length === 0")
        paper.reload()
        expect(paper.get_by_role("heading", name="份检查表")).to_have_count(1)
        expect(one.page.get_by_role("link", name="补充")).to_be_visible()


def test_faults_stand_at_their_criteria(chromium: Browser, site: Site) -> None:
    """What lacks a reason is not sent, is told at its criterion, and nothing is lost."""
    with visitor(chromium, site.address, "inspector") as one:
        sheet(one, FOREIGN)
        judge(one, FLAG, "0.5")
        judge(one, JUDGED, "own", "群众评价")
        criterion(one, JUDGED).locator("[data-number]").fill("1.5")
        press(one, "送同事签字")
        fault = criterion(one, FLAG).locator("[data-fault]")
        expect(fault).to_have_text("与推算不同，请写明理由。")
        expect(criterion(one, JUDGED).locator("[data-fault]")).to_contain_text("不超过满分")
        expect(one.page.locator("#said")).to_contain_text("2 处需要修改")
        one.accessible()
        criterion(one, FLAG).locator("[data-text]").fill("只有旗杆")
        expect(fault).to_be_hidden()
        expect(criterion(one, JUDGED).locator("[data-text]")).to_have_value("群众评价")


def test_half_a_finding_is_asked_for(chromium: Browser, site: Site) -> None:
    """A reason without a result is neither forgotten nor taken as confirmed with the rest."""
    with visitor(chromium, site.address, "inspector") as one:
        sheet(one, FOREIGN)
        criterion(one, FLAG).locator("[data-do=change]").click()
        criterion(one, FLAG).locator("[data-text]").fill("只有旗杆")
        one.page.locator("[data-do=rest]").click()
        press(one, "送同事签字")
        fault = criterion(one, FLAG).locator("[data-fault]")
        expect(fault).to_contain_text("写了理由但没有选结果")
        criterion(one, FLAG).locator("[data-text]").fill("")
        expect(fault).to_be_hidden()
        expect(criterion(one, FLAG).locator("[data-verdict]")).to_be_empty()


def test_two_inspectors_sign_what_is_raised(chromium: Browser, site: Site) -> None:
    """A credit that is raised goes to the colleague, who hands it back, then signs it."""
    with (
        visitor(chromium, site.address, "inspector") as first,
        visitor(chromium, site.address, "inspector2", PHONE) as second,
    ):
        sheet(first, SIBLING)
        judge(first, FLAG, "1", "现场已悬挂国旗")
        press(first, "提交（我一人签字）")
        expect(first.page.locator("#said")).to_contain_text("须全体检查人员签字")
        press(first, "送同事签字")
        first.page.wait_for_url("**/sheet/*?done=proposed")
        second.go("/")
        expect(second.page.locator("main")).to_contain_text("等我签字")
        second.page.get_by_role("link", name="去签字").click()
        expect(second.page.locator("main")).to_contain_text("现场已悬挂国旗")
        second.accessible()
        second.fits()
        second.page.get_by_text("不同意，退回修改").click()
        second.page.get_by_label("哪里要改").fill("请附照片说明")
        second.page.get_by_role("button", name="退回", exact=True).click()
        first.go("/")
        first.page.get_by_role("link", name="去修改").click()
        expect(first.page.locator("main")).to_contain_text("请附照片说明")
        reason = criterion(first, FLAG).locator("[data-text]")
        expect(reason).to_have_value("现场已悬挂国旗")
        reason.fill("现场已悬挂国旗，见照片")
        press(first, "送同事签字")
        first.page.wait_for_url("**/sheet/*?done=proposed")
        second.go("/")
        second.page.get_by_role("link", name="去签字").click()
        second.page.get_by_role("button", name="我同意，签字").click()
        second.page.wait_for_url(f"**/organizations/{SIBLING}/sheets/{DRAWN}?done=signed")
        expect(second.page.locator("main")).to_contain_text("测试inspector、测试inspector2")
        expect(second.page.locator("main")).to_contain_text("见照片")
        second.accessible()


def test_a_colleagues_later_sheet_is_told(chromium: Browser, site: Site) -> None:
    """Who judged the same criterion without knowing is told so, looks, and may replace it."""
    with (
        visitor(chromium, site.address, "inspector") as first,
        visitor(chromium, site.address, "inspector2") as second,
    ):
        first.expected = REFUSED
        sheet(first, OWN)
        judge(first, MEETING, "0", "没有开会")
        sheet(second, OWN)
        judge(second, MEETING, "0.5", "缺签到表")
        press(second, "提交（我一人签字）")
        second.page.wait_for_url("**/sheets/*?done=submitted")
        press(first, "提交（我一人签字）")
        fault = criterion(first, MEETING).locator("[data-fault]")
        expect(fault).to_contain_text("测试inspector2")
        press(first, "提交（我一人签字）")
        first.page.wait_for_url("**/sheets/*?done=submitted")
        expect(first.page.locator("main")).to_contain_text("替代了前面检查表")


def test_a_sheet_by_keyboard(chromium: Browser, site: Site) -> None:
    """Criteria are confirmed, changed and passed by single keys, only with the focus in one."""
    with visitor(chromium, site.address, "inspector") as one:
        sheet(one, OWN)
        judged = one.page.locator(".sheet-bar [data-count=judged]")
        one.page.keyboard.press("c")
        expect(judged).to_have_text("0")
        codes = one.page.locator("article.criterion").evaluate_all(
            "all => all.slice(0, 3).map((one) => one.dataset.code)"
        )
        criterion(one, codes[0]).locator("[data-do]").first.focus()
        one.page.keyboard.press("c")
        expect(judged).to_have_text("1")
        expect(criterion(one, codes[1]).locator("[data-do]").first).to_be_focused()
        one.page.keyboard.press("j")
        expect(criterion(one, codes[2]).locator("[data-do]").first).to_be_focused()
        one.page.keyboard.press("k")
        one.page.keyboard.press("e")
        expect(criterion(one, codes[1]).locator("[data-panel=change]")).to_be_visible()
        one.page.keyboard.type("c")
        expect(judged).to_have_text("1")


def test_what_is_shown_can_be_narrowed(chromium: Browser, site: Site) -> None:
    """Only what is seen on site, only what was changed, and the rest confirmed at once."""
    with visitor(chromium, site.address, "inspector", PHONE) as one:
        sheet(one, OWN)
        judge(one, MEETING, "0", "没有开会")
        shown = one.page.locator("article.criterion:visible")
        one.page.select_option("#only", "changed")
        expect(shown).to_have_count(1)
        one.page.select_option("#only", "site")
        checks = shown.evaluate_all("all => [...new Set(all.map((one) => one.dataset.check))]")
        assert checks == ["site"]
        one.page.select_option("#only", "")
        press(one, "项全部属实")
        one.page.select_option("#only", "open")
        statuses = shown.evaluate_all("all => [...new Set(all.map((one) => one.dataset.derived))]")
        assert statuses == [""]
        press(one, "提交（我一人签字）")
        one.page.wait_for_url("**/sheets/*?done=submitted")
        expect(one.page.locator("main")).to_contain_text("没有开会")


def test_a_doubted_record_is_disallowed(chromium: Browser, site: Site) -> None:
    """A record is disallowed with a reason at any criterion that it serves."""
    with visitor(chromium, site.address, "inspector") as one:
        sheet(one, OWN)
        row = criterion(one, MEETING).locator("[data-record]").first
        criterion(one, MEETING).locator("[data-do='confirm']").click()
        row.locator("[data-disallow]").check()
        expect(criterion(one, MEETING).locator("[data-verdict]")).to_contain_text("重新推算")
        press(one, "提交（我一人签字）")
        expect(criterion(one, MEETING).locator("[data-fault]")).to_contain_text("理由")
        row.locator("[data-why]").fill("照片是去年的")
        press(one, "提交（我一人签字）")
        one.page.wait_for_url("**/sheets/*?done=submitted")
        expect(one.page.locator("main")).to_contain_text("照片是去年的")
