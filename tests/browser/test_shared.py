"""In a real browser that several people share: what one leaves behind is not the next one's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Error, Page, expect

from tests.browser.browser_world import DRAWN, OWN, PASSWORD, Site
from tests.browser.chromium import NEEDS_BROWSER, Visitor, visitor

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser_shared"), pytest.mark.timeout(600)]
SHEET = f"/organizations/{OWN}/sheet/{DRAWN}"
PAPER = f"/organizations/{OWN}/sheets/{DRAWN}"
RECORD = f"/organizations/{OWN}/record?activity=study_session"
EXPECTED = ("net::ERR", "Failed to fetch", "the server responded with a status of 4")
COPIES = """async (count) => {
    const found = async () => (await (await caches.open('sheets')).keys())
        .map((one) => new URL(one.url).pathname).filter((path) => path.includes('/sheet/'));
    for (let tries = 0; tries < 100 && (await found()).length !== count; tries += 1) {
        await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
    return found();
}"""
"""The copies of sheets that the worker keeps, once they are so many; else after five seconds."""
SENT = """async (code) => (await (await fetch(`/organizations/${code}/evidence`, {
    method: 'POST', body: Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, ...Array(64).fill(0)]),
    headers: {'X-CSRF-Token': document.body.dataset.csrf, Accept: 'application/json'},
})).json()).file"""
ASKED = """async ([path, cache]) => {
    const answer = await fetch(path, {cache, headers: {Accept: 'application/json'}});
    return [answer.status, answer.headers.get('content-type')];
}"""


@pytest.fixture
def one(chromium: Browser, site: Site) -> Iterator[Visitor]:
    """The shared browser; nobody is signed in yet."""
    with visitor(chromium, site.address) as found:
        found.expected = EXPECTED
        yield found


def enter(one: Visitor, page: Page, login: str) -> None:
    """Sign in, in one of the browser's tabs."""
    page.goto(one.address + "/login")
    page.fill("#f-login", login)
    page.fill("#f-password", PASSWORD)
    page.click("main button.main")
    page.wait_for_url(one.address + "/")


def leave(page: Page) -> None:
    """Sign out, in one of the browser's tabs."""
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login")


def change(one: Visitor, login: str | None) -> None:
    """The session ends without a sign-out; another begins without a page that says so."""
    one.context.clear_cookies()
    found = one.context.browser
    if login is not None and found is not None:
        with visitor(found, one.address, login) as elsewhere:
            one.context.add_cookies(elsewhere.context.cookies())  # type: ignore[arg-type]


def opened(one: Visitor) -> None:
    """Open the sheet until a copy of it is kept, and the next page comes by the worker."""
    one.go(SHEET)
    expect(one.page.locator("#hand-in")).to_be_visible()
    assert one.page.evaluate(COPIES, 1) == [SHEET]
    one.page.wait_for_function("navigator.serviceWorker.controller !== null")


def queued(one: Visitor) -> None:
    """The first inspector fills a sheet in and sends it over a line that is dead."""
    one.sign_in("inspector")
    opened(one)
    one.context.route(f"**{SHEET}", lambda route: route.abort())
    box = one.page.locator("article[data-code='2.4.1.1']")
    box.locator("[data-do='change']").click()
    box.locator("input[type=radio][value='0']").check()
    box.locator("[data-text]").fill("没有开会")
    one.page.get_by_role("button", name="提交（我一人签字）").click()
    expect(one.page.locator("#said")).to_contain_text("没有网络")


def again(one: Visitor) -> None:
    """The line is back: what waits is tried once more."""
    one.page.locator("#said").evaluate("(said) => { said.hidden = true; }")
    one.page.evaluate("window.dispatchEvent(new Event('online'))")


@pytest.mark.parametrize("next_one", ["inspector2", "branch2"])
def test_a_sheet_is_sent_by_its_owner_alone(one: Visitor, next_one: str) -> None:
    """It waits, and says for whom, while a colleague or somebody else is signed in; then once."""
    queued(one)
    tab = one.context.new_page()
    tab.goto(one.address + "/")
    leave(tab)
    enter(one, tab, next_one)
    one.context.unroute(f"**{SHEET}")
    again(one)
    expect(one.page.locator("#said")).to_contain_text("测试inspector 重新登录后才会提交")
    assert one.page.evaluate("Object.values(localStorage).some((one) => one.includes('没有开会'))")
    if next_one == "inspector2":
        tab.goto(one.address + SHEET)
        expect(tab.locator(".sheet-bar [data-count=judged]")).to_have_text("0")
        tab.goto(one.address + PAPER)
        assert tab.get_by_role("heading", name="份检查表").count() == 0
    leave(tab)
    enter(one, tab, "inspector")
    again(one)
    one.page.wait_for_url(f"**{PAPER}?done=submitted")
    expect(one.page.get_by_role("heading", name="份检查表")).to_have_count(1)
    expect(one.page.locator("main")).to_contain_text("没有开会")
    assert one.page.evaluate("Object.keys(localStorage)") == []


def title(page: Page) -> str:
    """What the form of a record has as its title."""
    return page.locator("[name=title]").input_value()


def drafted(one: Visitor) -> None:
    """Somebody types a title into the form of a record, and does not send it."""
    one.go(RECORD)
    one.page.locator("details", has_text="主题、备注").locator("summary").click()
    one.page.fill("[name=title]", "内部讨论")


def test_a_draft_is_its_accounts_alone(one: Visitor) -> None:
    """Where a session just ended, the next account is not shown it; its owner gets it back."""
    one.sign_in("branch")
    drafted(one)
    one.context.clear_cookies()
    one.sign_in("township")
    one.go(RECORD)
    expect(one.page.locator("[data-drafted]")).to_be_hidden()
    assert title(one.page) == ""
    leave(one.page)
    one.sign_in("branch")
    one.go(RECORD)
    expect(one.page.locator("[data-drafted]")).to_be_visible()
    assert title(one.page) == "内部讨论"


def test_signing_out_takes_drafts_along(one: Visitor) -> None:
    """It is asked first, once; who says no stays and keeps them, who says yes leaves nothing."""
    one.sign_in("branch")
    drafted(one)
    asked: list[str] = []

    def no(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    one.page.once("dialog", no)
    one.page.get_by_role("button", name="退出").click()
    assert ["1 份" in message for message in asked] == [True]
    one.go(RECORD)
    assert title(one.page) == "内部讨论"
    one.page.once("dialog", lambda dialog: dialog.accept())
    leave(one.page)
    assert one.page.evaluate("Object.keys(localStorage)") == []
    one.page.go_back()
    expect(one.page.locator("#f-password")).to_be_visible()
    one.sign_in("branch")
    one.go(RECORD)
    assert title(one.page) == ""
    leave(one.page)


def test_evidence_is_not_left_in_the_browser(one: Visitor) -> None:
    """After signing out, and for the next account, a file that was shown comes from nowhere."""
    one.sign_in("branch")
    path = "/evidence/" + one.page.evaluate(SENT, OWN)
    for _ in range(2):
        shown: Any = one.page.evaluate(ASKED, [path, "default"])
        assert shown == [200, "image/png"]
    leave(one.page)
    for cache in ("default", "force-cache"):
        assert one.page.evaluate(ASKED, [path, cache])[0] == 401
    one.sign_in("branch")
    assert one.page.evaluate(ASKED, [path, "default"]) == [200, "image/png"]
    one.context.clear_cookies()
    one.sign_in("branch2")
    assert one.page.evaluate(ASKED, [path, "default"])[0] == 404


def test_a_kept_sheet_does_not_open_for_somebody_else(one: Visitor) -> None:
    """Its copy goes with the first page of another account, and stays with those of its own."""
    one.sign_in("inspector")
    opened(one)
    one.go("/")
    one.page.wait_for_timeout(300)
    assert one.page.evaluate(COPIES, 1) == [SHEET]
    change(one, "branch2")
    one.go("/")
    assert one.page.evaluate(COPIES, 0) == []
    one.context.set_offline(True)
    with pytest.raises(Error, match="net::ERR"):
        one.go(SHEET)
    one.context.set_offline(False)
    change(one, "inspector")
    one.go(SHEET)
    assert one.page.evaluate(COPIES, 1) == [SHEET]
    one.context.set_offline(True)
    one.page.reload()
    expect(one.page.locator("#hand-in")).to_be_visible()
    one.context.set_offline(False)


@pytest.mark.parametrize("entrance", ["/login", "/welcome/none"])
def test_an_entrance_leaves_no_sheet(one: Visitor, entrance: str) -> None:
    """Whoever comes in there, by a password or a one-time link, finds no copy of a sheet."""
    one.sign_in("inspector")
    opened(one)
    if entrance == "/login":
        one.context.clear_cookies()
    one.go(entrance)
    assert one.page.evaluate(COPIES, 0) == []
    assert one.page.evaluate("async () => (await (await caches.open('sheets')).keys()).length") > 0


@pytest.mark.parametrize(
    ("login", "redirect"), [(None, "follow"), (None, "manual"), ("branch2", "follow")]
)
def test_what_the_server_refuses_is_not_kept(
    one: Visitor, login: str | None, redirect: str
) -> None:
    """Once the server was asked for a sheet and shows it no more, its copy is gone."""
    one.sign_in("inspector")
    opened(one)
    change(one, login)
    one.page.evaluate("([path, redirect]) => fetch(path, {redirect})", [SHEET, redirect])
    assert one.page.evaluate(COPIES, 0) == []
