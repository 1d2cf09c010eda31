"""In a real browser: saving waits for uploads and for the connection."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browser_world import OWN, Site, served
from tests.browser.chromium import NEEDS_BROWSER, PHONE, Visitor, visitor
from tests.support.templates import SqliteTemplate

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser_sheet"), pytest.mark.timeout(600)]
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200_000)
BYTES_A_SECOND = 100_000
RECEIPT = re.compile(r".*/records/.*done=recorded")


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


def form(user: Visitor, activity: str, day: str) -> Page:
    """Open the form to record an activity and fill it in, without a file."""
    page = user.go(f"/organizations/{OWN}/record?activity={activity}")
    page.fill("#f-occurred_on", day)
    page.wait_for_load_state("networkidle")
    page.fill("#f-present", "6")
    return page


def slowly(user: Visitor, *, throughput: int = BYTES_A_SECOND) -> None:
    """Slow the connection down."""
    session = user.context.new_cdp_session(user.page)
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": throughput},
    )


def choose(page: Page, content: bytes, name: str = "照片.png") -> None:
    """Choose a photo."""
    chosen = page.locator("[data-upload][data-kind=photo] input[type=file]").first
    chosen.set_input_files({"name": name, "mimeType": "image/png", "buffer": content})


def test_saving_waits_for_the_photo(secretary: Visitor) -> None:
    """Saving during an upload waits for it, so that the record has the photo."""
    page = form(secretary, "study_session", "2026-10-02")
    slowly(secretary)
    choose(page, PICTURE + b"1")
    page.get_by_role("button", name="保存记录").click()
    expect(page.get_by_text("文件还在上传")).to_be_visible()
    page.wait_for_url(RECEIPT)
    expect(page.get_by_role("link", name="照片.png")).to_be_visible()


def test_another_day_does_not_lose_the_photo(secretary: Visitor) -> None:
    """Reloading the fields during an upload keeps its row and its file."""
    page = form(secretary, "study_session", "2026-10-02")
    slowly(secretary)
    choose(page, PICTURE + b"2")
    with page.expect_response("**/record/parts**"):
        page.fill("#f-occurred_on", "2026-10-03")
    expect(page.locator(".files progress")).to_have_count(1)
    expect(page.locator(".files input[type=hidden]")).to_have_count(1)
    page.get_by_role("button", name="保存记录").click()
    page.wait_for_url(RECEIPT)
    expect(page.get_by_role("link", name="照片.png")).to_be_visible()


def test_a_dead_connection_is_waited_for(secretary: Visitor) -> None:
    """Without a connection nothing is lost; afterwards it is recorded once."""
    page = form(secretary, "study_session", "2026-10-04")
    secretary.context.set_offline(True)
    button = page.get_by_role("button", name="保存记录")
    button.click()
    button.click()
    expect(page.get_by_text("请不要关闭本页")).to_have_count(1)
    expect(page.locator("#f-present")).to_have_value("6")
    secretary.context.set_offline(False)
    page.wait_for_url(RECEIPT)
    assert "10月4日" in page.locator(".crumbs").inner_text()


def test_what_failed_is_told_and_taken_away(secretary: Visitor) -> None:
    """A text file named as a picture is reported at its row and removed by one tap."""
    secretary.expected = ("422",)
    page = form(secretary, "study_session", "2026-10-05")
    choose(page, b"no picture at all")
    fault = page.locator(".files .fault")
    expect(fault).to_contain_text("改扩展名不算")
    fault.get_by_role("button", name="移除").click()
    expect(fault).to_have_count(0)
    page.get_by_role("button", name="保存记录").click()
    page.wait_for_url(RECEIPT)
