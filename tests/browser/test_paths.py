"""In a real browser: each role's main path on SQLite and PostgreSQL, and two users at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.postgres import Cluster
from tests.browser.browser_world import CLOSED, DRAWN, OWN, SIBLING, Site, make_world, served
from tests.browser.chromium import NEEDS_BROWSER, PHONE, Visitor, visitor
from tests.support.templates import SqliteTemplate

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser_paths"), pytest.mark.timeout(900)]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
FEWEST_CLICKS, FEWEST_FIELDS = 4, 1


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Serve the district on each kind of database."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        template: SqliteTemplate = request.getfixturevalue("prepared_site")
        url = template.copy(folder)
    else:
        cluster: Cluster = request.getfixturevalue("postgres")
        url = cluster.create_database("browser_paths")
        make_world(url, folder)
    with served(url, folder) as served_site:
        yield served_site


def saved(page: Page) -> None:
    """Fail unless the page reports that something was saved."""
    expect(page.locator("p.notice.good").first).to_be_visible()


def test_a_secretary_records_a_meeting(chromium: Browser, site: Site, tmp_path: Path) -> None:
    """A secretary records a meeting from the home in few taps and gets a receipt."""
    photo = tmp_path / "photo.png"
    photo.write_bytes(PNG)
    with visitor(chromium, site.address, "branch", PHONE) as user:
        page, clicks, fields = user.page, 0, 0
        row = page.locator(".todo li", has_text="支部委员会会议")
        row.get_by_role("link", name="记录").first.click()
        clicks += 1
        expect(page.locator("#f-activity")).to_have_value("branch_committee_meeting")
        expect(page.locator("#f-expected")).to_have_value("9")
        page.fill("#f-present", "8")
        clicks, fields = clicks + 1, fields + 1
        page.locator("input[name=evidence][value=minutes]").check()
        clicks += 1
        page.get_by_role("button", name="保存记录").click()
        clicks += 1
        page.wait_for_url("**/records/**done=recorded")
        saved(page)
        assert (clicks, fields) == (FEWEST_CLICKS, FEWEST_FIELDS)
        assert page.locator("main svg").count() >= 1
        user.accessible()
        user.go(f"/organizations/{OWN}/record?activity=study_session")
        page.set_input_files("[data-upload] input[type=file] >> nth=0", photo)
        expect(page.locator(".files li input[type=hidden]").first).to_have_count(1)
        page.fill("#f-present", "7")
        page.get_by_role("button", name="保存记录").click()
        page.wait_for_url("**/records/**done=recorded")
        assert page.locator("a[href^='/evidence/']").count() >= 1


def test_a_draft_outlives_the_page(chromium: Browser, site: Site) -> None:
    """Unsent input is there again when the form is opened the next time."""
    with visitor(chromium, site.address, "branch2", PHONE) as user:
        address = f"/organizations/{SIBLING}/record?activity=study_session"
        user.go(address)
        user.page.fill("#f-present", "5")
        user.go("/")
        user.go(address)
        expect(user.page.locator("#f-present")).to_have_value("5")


def test_two_people_correct_one_record(chromium: Browser, site: Site) -> None:
    """The second of two users sees that the record changed, and keeps the input."""
    record = f"/organizations/{OWN}/correct/branch_committee_meeting-{DRAWN}"
    with (
        visitor(chromium, site.address, "branch") as first,
        visitor(chromium, site.address, "township") as second,
    ):
        first.go(record)
        second.go(record)
        for user, present in ((first, "6"), (second, "5")):
            user.page.fill("#f-present", present)
            user.page.fill("#f-reason", f"实到 {present} 人")
        first.page.locator("main form button.main").click()
        first.page.wait_for_url("**/records/**")
        second.expected = ("422", "409")
        second.page.locator("main form button.main").click()
        expect(second.page.locator("[role=alert]").first).to_be_visible()
        expect(second.page.locator("#f-present")).to_have_value("5")


def test_a_click_sent_twice_records_once(chromium: Browser, site: Site) -> None:
    """The same form sent from two windows at once is one record."""
    with visitor(chromium, site.address, "branch2") as user:
        user.go(f"/organizations/{SIBLING}/record?activity=study_session")
        fields = user.page.eval_on_selector(
            "main form[data-draft]", "form => [...new FormData(form)]"
        )
        sent = dict(fields) | {"occurred_on": "2026-10-05", "present": "4", "expected": "9"}
        sent = {name: value for name, value in sent.items() if isinstance(value, str)}
        statuses = user.page.evaluate(
            "([to, sent]) => Promise.all([1, 2].map(() => fetch(to, {method: 'POST',"
            " body: new URLSearchParams(sent)}).then(a => a.status)))",
            [user.page.url.partition("?")[0], sent],
        )
        assert statuses == [200, 200]
        user.go(f"/organizations/{SIBLING}/records?period=2026-10")
        assert user.page.locator("tbody tr", has_text="10-05").count() == 1


def test_a_clerk_sees_who_owes_what(chromium: Browser, site: Site) -> None:
    """The township's home names only its organizations and links to the form."""
    with visitor(chromium, site.address, "township") as user:
        main = user.page.locator("main")
        expect(main).to_contain_text("和平社区")
        assert "西山社区" not in main.inner_text()
        main.get_by_role("link", name="记录").first.click()
        expect(user.page.locator("#f-activity")).not_to_have_value("")


def test_the_department_closes_a_month(chromium: Browser, site: Site) -> None:
    """A cycle closed early with a reason has its bulletin and its ranking."""
    with visitor(chromium, site.address, "department") as user:
        user.go(f"/cycles/{CLOSED}")
        expect(user.page.locator("main")).to_contain_text("31415")
        user.go(f"/cycles/{CLOSED}/bulletin")
        expect(user.page.locator("main")).to_contain_text("红星社区")
        user.go(f"/cycles/{DRAWN}")
        user.page.locator("details", has_text="提前截止").locator("summary").click()
        user.page.locator("details input[name=reason], details textarea[name=reason]").first.fill(
            "演练：提前截止"
        )
        user.page.locator("#f-month-uninspected").fill(DRAWN)
        user.page.locator("details", has_text="提前截止").get_by_role("button").first.click()
        expect(user.page.locator("main")).to_contain_text("已截止", timeout=60_000)
        user.go(f"/ranking?period={CLOSED}")
        expect(user.page.locator("tbody")).to_contain_text("红星社区")


def test_an_auditor_asks_the_log(chromium: Browser, site: Site) -> None:
    """The log of one organization names the actors, and the page of an event verifies it."""
    with visitor(chromium, site.address, "auditor") as user:
        user.go(f"/audit?organization={OWN}&type=ActivityRecorded")
        expect(user.page.locator("main")).to_contain_text("记录活动")
        user.page.locator("main a[href^='/audit/organization-']").first.click()
        expect(user.page.locator("main")).to_contain_text("一致")


def test_an_administrator_lets_somebody_in(chromium: Browser, site: Site) -> None:
    """A new account gets a role, and its one-time link works once."""
    with visitor(chromium, site.address, "admin") as user:
        link = opened_account(user)
        with visitor(chromium, site.address) as guest:
            guest.page.goto(link)
            guest.accessible()
            guest.page.fill("#f-password", "a-new-password")
            guest.page.fill("#f-again", "a-new-password")
            guest.page.get_by_role("button", name="保存并登录").click()
            guest.page.wait_for_url(site.address + "/")
            guest.expected = ("404",)
            guest.page.goto(link)
            expect(guest.page.locator("[role=alert]")).to_contain_text("此链接已使用")


def opened_account(user: Visitor) -> str:
    """Open an account in the pages of administration; return its one-time link."""
    user.go("/admin/accounts")
    user.page.get_by_role("link", name="开设账号").first.click()
    user.page.fill("#f-login", "new-person")
    user.page.fill("#f-name", "新来的人")
    user.page.get_by_role("button", name="开设").click()
    expect(user.page.locator("main")).to_contain_text("/welcome/")
    text = user.page.locator("main").inner_text()
    return user.address + text[text.index("/welcome/") :].split()[0]
