"""In a real browser that several people share: nobody sees what the last user left."""

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
"""Returns the cached sheets, once they are so many or after five seconds."""
SENT = """async (code) => (await (await fetch(`/organizations/${code}/evidence`, {
    method: 'POST', body: Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, ...Array(64).fill(0)]),
    headers: {'X-CSRF-Token': document.body.dataset.csrf, Accept: 'application/json'},
})).json()).file"""
ASKED = """async ([path, cache]) => {
    const answer = await fetch(path, {cache, headers: {Accept: 'application/json'}});
    return [answer.status, answer.headers.get('content-type')];
}"""


@pytest.fixture
def user(chromium: Browser, site: Site) -> Iterator[Visitor]:
    """Open the shared browser; nobody is signed in."""
    with visitor(chromium, site.address) as opened_page:
        opened_page.expected = EXPECTED
        yield opened_page


def enter(user: Visitor, page: Page, login: str) -> None:
    """Sign in, in a tab of the browser."""
    page.goto(user.address + "/login")
    page.fill("#f-login", login)
    page.fill("#f-password", PASSWORD)
    page.click("main button.main")
    page.wait_for_url(user.address + "/")


def leave(page: Page) -> None:
    """Sign out, in a tab of the browser."""
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login")


def change(user: Visitor, login: str | None) -> None:
    """End the session without signing out; start another one without a page."""
    user.context.clear_cookies()
    chromium_browser = user.context.browser
    if login is not None and chromium_browser is not None:
        with visitor(chromium_browser, user.address, login) as elsewhere:
            user.context.add_cookies(elsewhere.context.cookies())  # type: ignore[arg-type]


def opened(user: Visitor) -> None:
    """Open the sheet until its copy is cached and the service worker controls the page."""
    user.go(SHEET)
    expect(user.page.locator("#hand-in")).to_be_visible()
    assert user.page.evaluate(COPIES, 1) == [SHEET]
    user.page.wait_for_function("navigator.serviceWorker.controller !== null")


def queued(user: Visitor) -> None:
    """Fill a sheet in as the first inspector and send it without a connection."""
    user.sign_in("inspector")
    opened(user)
    user.context.route(f"**{SHEET}", lambda route: route.abort())
    box = user.page.locator("article[data-code='2.4.1.1']")
    box.locator("[data-do='change']").click()
    box.locator("input[type=radio][value='0']").check()
    box.locator("[data-text]").fill("没有开会")
    user.page.get_by_role("button", name="提交（我一人签字）").click()
    expect(user.page.locator("#said")).to_contain_text("没有网络")


def again(user: Visitor) -> None:
    """Restore the connection, so that waiting sheets are sent again."""
    user.page.locator("#said").evaluate("(said) => { said.hidden = true; }")
    user.page.evaluate("window.dispatchEvent(new Event('online'))")


@pytest.mark.parametrize("next_one", ["inspector2", "branch2"])
def test_a_sheet_is_sent_by_its_owner_alone(user: Visitor, next_one: str) -> None:
    """A waiting sheet is sent only after its inspector signed in, once."""
    queued(user)
    tab = user.context.new_page()
    tab.goto(user.address + "/")
    leave(tab)
    enter(user, tab, next_one)
    user.context.unroute(f"**{SHEET}")
    again(user)
    expect(user.page.locator("#said")).to_contain_text("测试inspector 重新登录后才会提交")
    assert user.page.evaluate("Object.values(localStorage).some((one) => one.includes('没有开会'))")
    if next_one == "inspector2":
        tab.goto(user.address + SHEET)
        expect(tab.locator(".sheet-bar [data-count=judged]")).to_have_text("0")
        tab.goto(user.address + PAPER)
        assert tab.get_by_role("heading", name="份检查表").count() == 0
    leave(tab)
    enter(user, tab, "inspector")
    again(user)
    user.page.wait_for_url(f"**{PAPER}?done=submitted")
    expect(user.page.get_by_role("heading", name="份检查表")).to_have_count(1)
    expect(user.page.locator("main")).to_contain_text("没有开会")
    assert user.page.evaluate("Object.keys(localStorage)") == []


def title(page: Page) -> str:
    """Return the title in the form of a record."""
    return page.locator("[name=title]").input_value()


def drafted(user: Visitor) -> None:
    """Type a title into the form of a record without sending it."""
    user.go(RECORD)
    user.page.locator("details", has_text="主题、备注").locator("summary").click()
    user.page.fill("[name=title]", "内部讨论")


def test_a_draft_is_its_accounts_alone(user: Visitor) -> None:
    """A draft is shown only to the account that wrote it."""
    user.sign_in("branch")
    drafted(user)
    user.context.clear_cookies()
    user.sign_in("township")
    user.go(RECORD)
    expect(user.page.locator("[data-drafted]")).to_be_hidden()
    assert title(user.page) == ""
    leave(user.page)
    user.sign_in("branch")
    user.go(RECORD)
    expect(user.page.locator("[data-drafted]")).to_be_visible()
    assert title(user.page) == "内部讨论"


def test_signing_out_takes_drafts_along(user: Visitor) -> None:
    """Signing out asks once, then deletes the drafts."""
    user.sign_in("branch")
    drafted(user)
    asked: list[str] = []

    def no(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    user.page.once("dialog", no)
    user.page.get_by_role("button", name="退出").click()
    assert ["1 份" in message for message in asked] == [True]
    user.go(RECORD)
    assert title(user.page) == "内部讨论"
    user.page.once("dialog", lambda dialog: dialog.accept())
    leave(user.page)
    assert user.page.evaluate("Object.keys(localStorage)") == []
    user.page.go_back()
    expect(user.page.locator("#f-password")).to_be_visible()
    user.sign_in("branch")
    user.go(RECORD)
    assert title(user.page) == ""
    leave(user.page)


def test_evidence_is_not_left_in_the_browser(user: Visitor) -> None:
    """After signing out and for other accounts no file comes from the cache."""
    user.sign_in("branch")
    path = "/evidence/" + user.page.evaluate(SENT, OWN)
    for _ in range(2):
        shown: Any = user.page.evaluate(ASKED, [path, "default"])
        assert shown == [200, "image/png"]
    leave(user.page)
    for cache in ("default", "force-cache"):
        assert user.page.evaluate(ASKED, [path, cache])[0] == 401
    user.sign_in("branch")
    assert user.page.evaluate(ASKED, [path, "default"]) == [200, "image/png"]
    user.context.clear_cookies()
    user.sign_in("branch2")
    assert user.page.evaluate(ASKED, [path, "default"])[0] == 404


def test_a_kept_sheet_does_not_open_for_somebody_else(user: Visitor) -> None:
    """The first page of another account deletes the copy of a sheet."""
    user.sign_in("inspector")
    opened(user)
    user.go("/")
    user.page.wait_for_timeout(300)
    assert user.page.evaluate(COPIES, 1) == [SHEET]
    change(user, "branch2")
    user.go("/")
    assert user.page.evaluate(COPIES, 0) == []
    user.context.set_offline(True)
    with pytest.raises(Error, match="net::ERR"):
        user.go(SHEET)
    user.context.set_offline(False)
    change(user, "inspector")
    user.go(SHEET)
    assert user.page.evaluate(COPIES, 1) == [SHEET]
    user.context.set_offline(True)
    user.page.reload()
    expect(user.page.locator("#hand-in")).to_be_visible()
    user.context.set_offline(False)


@pytest.mark.parametrize("entrance", ["/login", "/welcome/none"])
def test_an_entrance_leaves_no_sheet(user: Visitor, entrance: str) -> None:
    """After a page that signs somebody in, no copy of a sheet is left."""
    user.sign_in("inspector")
    opened(user)
    if entrance == "/login":
        user.context.clear_cookies()
    user.go(entrance)
    assert user.page.evaluate(COPIES, 0) == []
    assert user.page.evaluate("async () => (await (await caches.open('sheets')).keys()).length") > 0


@pytest.mark.parametrize(
    ("login", "redirect"), [(None, "follow"), (None, "manual"), ("branch2", "follow")]
)
def test_what_the_server_refuses_is_not_kept(
    user: Visitor, login: str | None, redirect: str
) -> None:
    """A sheet that the server refuses is deleted from the cache."""
    user.sign_in("inspector")
    opened(user)
    change(user, login)
    user.page.evaluate("([path, redirect]) => fetch(path, {redirect})", [SHEET, redirect])
    assert user.page.evaluate(COPIES, 0) == []
