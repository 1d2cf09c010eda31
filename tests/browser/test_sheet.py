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


def sheet(user: Visitor, code: str) -> None:
    """Open the sheet of an organization and wait until it can be filled in."""
    user.go(f"/organizations/{code}/sheet/{DRAWN}")
    expect(user.page.locator("#hand-in")).to_be_visible()


def criterion(user: Visitor, code: str) -> Locator:
    """Return one criterion of the sheet."""
    return user.page.locator(f"article[data-code='{code}']")


def judge(user: Visitor, code: str, value: str, reason: str = "") -> None:
    """Judge one criterion differently from the derived credit."""
    box = criterion(user, code)
    box.locator("[data-do='change']").click()
    box.locator(f"input[type=radio][value='{value}']").check()
    if reason:
        box.locator("[data-text]").fill(reason)


def press(user: Visitor, name: str) -> None:
    """Click a button in the sheet's last section."""
    user.page.locator("#hand-in").get_by_role("button", name=name).click()


def sheets_in(user: Visitor, code: str) -> int:
    """Return how many sheets the paper of an organization shows."""
    user.go(f"/organizations/{code}/sheets/{DRAWN}")
    return user.page.get_by_role("heading", name="份检查表").count()


def test_a_sheet_survives_a_dead_connection(chromium: Browser, site: Site) -> None:
    """Judgements made without a connection survive a reload and are submitted once."""
    with visitor(chromium, site.address, "inspector", PHONE) as user:
        user.expected = BROKEN
        sheet(user, OWN)
        user.accessible()
        user.fits()
        user.page.wait_for_function(
            "async () => Boolean(await (await caches.open('sheets')).match(location.pathname))"
        )
        user.page.wait_for_function("navigator.serviceWorker.controller !== null")
        user.context.set_offline(True)
        judge(user, MEETING, "0.5", "记录不完整")
        criterion(user, FLAG).locator("[data-do='confirm']").click()
        press(user, "提交（我一人签字）")
        expect(user.page.locator("#said")).to_contain_text("没有网络")
        user.page.reload()
        expect(user.page.locator("#said")).to_contain_text("没有网络")
        box = criterion(user, MEETING)
        expect(box.locator("input[value='0.5']")).to_be_checked()
        expect(box.locator("[data-text]")).to_have_value("记录不完整")
        expect(user.page.locator(".sheet-bar [data-count=judged]")).to_have_text("2")
        user.context.set_offline(False)
        user.page.wait_for_url(f"**/organizations/{OWN}/sheets/{DRAWN}?done=submitted")
        expect(user.page.locator("main")).to_contain_text("记录不完整")
        user.accessible()
        user.fits()
        assert sheets_in(user, OWN) == 1
        sheet(user, OWN)
        expect(user.page.locator(".sheet-bar [data-count=judged]")).to_have_text("0")


def test_an_answer_that_was_lost_is_no_second_sheet(chromium: Browser, site: Site) -> None:
    """After a lost answer, sending the sheet again changes nothing."""
    with visitor(chromium, site.address, "inspector", PHONE) as user:
        user.expected = BROKEN
        sheet(user, OWN)
        judge(user, MEETING, "0", "没有开会")
        user.page.route("**/sheet/**", lambda route: (route.fetch(), route.abort())[1])
        press(user, "提交（我一人签字）")
        expect(user.page.locator("#said")).to_contain_text("没有网络")
        user.page.unroute("**/sheet/**")
        user.go("/")  # the home sends what waits
        paper = user.context.new_page()
        paper.goto(f"{user.address}/organizations/{OWN}/sheets/{DRAWN}")
        paper.wait_for_function("Object.keys(localStorage).length === 0")
        paper.reload()
        expect(paper.get_by_role("heading", name="份检查表")).to_have_count(1)
        expect(user.page.get_by_role("link", name="补充")).to_be_visible()


def test_faults_stand_at_their_criteria(chromium: Browser, site: Site) -> None:
    """A missing reason is reported at its criterion before anything is sent."""
    with visitor(chromium, site.address, "inspector") as user:
        sheet(user, FOREIGN)
        judge(user, FLAG, "0.5")
        judge(user, JUDGED, "own", "群众评价")
        criterion(user, JUDGED).locator("[data-number]").fill("1.5")
        press(user, "送同事签字")
        fault = criterion(user, FLAG).locator("[data-fault]")
        expect(fault).to_have_text("与推算不同，请写明理由。")
        expect(criterion(user, JUDGED).locator("[data-fault]")).to_contain_text("不超过满分")
        expect(user.page.locator("#said")).to_contain_text("2 处需要修改")
        user.accessible()
        criterion(user, FLAG).locator("[data-text]").fill("只有旗杆")
        expect(fault).to_be_hidden()
        expect(criterion(user, JUDGED).locator("[data-text]")).to_have_value("群众评价")


def test_half_a_finding_is_asked_for(chromium: Browser, site: Site) -> None:
    """A reason without a result is reported, not dropped or confirmed."""
    with visitor(chromium, site.address, "inspector") as user:
        sheet(user, FOREIGN)
        criterion(user, FLAG).locator("[data-do=change]").click()
        criterion(user, FLAG).locator("[data-text]").fill("只有旗杆")
        user.page.locator("[data-do=rest]").click()
        press(user, "送同事签字")
        fault = criterion(user, FLAG).locator("[data-fault]")
        expect(fault).to_contain_text("写了理由但没有选结果")
        criterion(user, FLAG).locator("[data-text]").fill("")
        expect(fault).to_be_hidden()
        expect(criterion(user, FLAG).locator("[data-verdict]")).to_be_empty()


def test_two_inspectors_sign_what_is_raised(chromium: Browser, site: Site) -> None:
    """A raised credit goes to the colleague, who returns it and later signs it."""
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
        second.page.wait_for_url("**/sheet/*?done=returned")
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
    """An inspector sees a colleague's sheet on the same criterion and may replace it."""
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
    """Single keys confirm, change and pass the criterion that has the focus."""
    with visitor(chromium, site.address, "inspector") as user:
        sheet(user, OWN)
        judged = user.page.locator(".sheet-bar [data-count=judged]")
        user.page.keyboard.press("c")
        expect(judged).to_have_text("0")
        codes = user.page.locator("article.criterion").evaluate_all(
            "all => all.slice(0, 3).map((one) => one.dataset.code)"
        )
        criterion(user, codes[0]).locator("[data-do]").first.focus()
        user.page.keyboard.press("c")
        expect(judged).to_have_text("1")
        expect(criterion(user, codes[1]).locator("[data-do]").first).to_be_focused()
        user.page.keyboard.press("j")
        expect(criterion(user, codes[2]).locator("[data-do]").first).to_be_focused()
        user.page.keyboard.press("k")
        user.page.keyboard.press("e")
        expect(criterion(user, codes[1]).locator("[data-panel=change]")).to_be_visible()
        user.page.keyboard.type("c")
        expect(judged).to_have_text("1")


def test_what_is_shown_can_be_narrowed(chromium: Browser, site: Site) -> None:
    """The sheet can be filtered, and the remaining criteria confirmed at once."""
    with visitor(chromium, site.address, "inspector", PHONE) as user:
        sheet(user, OWN)
        judge(user, MEETING, "0", "没有开会")
        shown = user.page.locator("article.criterion:visible")
        user.page.select_option("#only", "changed")
        expect(shown).to_have_count(1)
        user.page.select_option("#only", "site")
        checks = shown.evaluate_all("all => [...new Set(all.map((one) => one.dataset.check))]")
        assert checks == ["site"]
        user.page.select_option("#only", "")
        press(user, "项全部属实")
        user.page.select_option("#only", "open")
        statuses = shown.evaluate_all("all => [...new Set(all.map((one) => one.dataset.derived))]")
        assert statuses == [""]
        press(user, "提交（我一人签字）")
        user.page.wait_for_url("**/sheets/*?done=submitted")
        expect(user.page.locator("main")).to_contain_text("没有开会")


def test_a_doubted_record_is_disallowed(chromium: Browser, site: Site) -> None:
    """A record is disallowed with a reason at any criterion that counts it."""
    with visitor(chromium, site.address, "inspector") as user:
        sheet(user, OWN)
        row = criterion(user, MEETING).locator("[data-record]").first
        criterion(user, MEETING).locator("[data-do='confirm']").click()
        row.locator("[data-disallow]").check()
        expect(criterion(user, MEETING).locator("[data-verdict]")).to_contain_text("重新推算")
        press(user, "提交（我一人签字）")
        expect(criterion(user, MEETING).locator("[data-fault]")).to_contain_text("理由")
        row.locator("[data-why]").fill("照片是去年的")
        press(user, "提交（我一人签字）")
        user.page.wait_for_url("**/sheets/*?done=submitted")
        expect(user.page.locator("main")).to_contain_text("照片是去年的")
