"""In a real browser: an office's list is imported by keyboard, what its columns mean confirmed."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.browser_world import OWN, Site, served
from tests.browser.chromium import NEEDS_BROWSER, PHONE, visitor
from tests.support.templates import SqliteTemplate

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser_pages"), pytest.mark.timeout(600)]
SHOTS = os.environ.get("SHOTS")


@pytest.fixture(scope="module")
def site(prepared_site: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a copy of the district on SQLite."""
    folder = tmp_path_factory.mktemp("tables")
    with served(prepared_site.copy(folder), folder) as served_site:
        yield served_site


def ledger() -> bytes:
    """A ledger with a title, a column of other things, and one day that is none."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["2026年9月活动台账"],
        ["序号", "党支部", "会议类型", "开展日期", "情况", "应到", "实到"],
        [1, OWN, "支部委员会会议", "2026年9月3日", "研究九月工作", 9, 7],
        [2, OWN, "党员学习", "2026.9.40", "学习", 9, 8],
    ):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_ledger_by_keyboard(chromium: Browser, site: Site, tmp_path: Path) -> None:
    """File, proposal, one column changed, check, the rest recorded: no click, nothing too wide."""
    file = tmp_path / "台账.xlsx"
    file.write_bytes(ledger())
    with visitor(chromium, site.address, "department") as user:
        page = user.go("/import")
        page.set_input_files("#f-file", str(file))
        page.locator("main button.main").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/import/table?**")
        expect(page.get_by_label("名单种类")).to_have_value("activity")
        user.accessible()
        user.fits()
        column = page.get_by_label("情况", exact=True)
        column.focus()
        for _ in range(4):
            page.keyboard.press("ArrowDown")
        expect(column).to_have_value("field:title")
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/proposal.png", full_page=True)
        page.locator("button[value=check]").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("1 处问题")
        expect(page.locator("table.stack").first).to_contain_text("开展日期")
        user.accessible()
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/check.png", full_page=True)
        page.locator("button[value=partial]").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("其余已保存")
        user.fine()


def test_the_proposal_on_a_phone(chromium: Browser, site: Site, tmp_path: Path) -> None:
    """The columns scroll inside the page, which is no wider than the phone."""
    file = tmp_path / "台账.xlsx"
    file.write_bytes(ledger())
    with visitor(chromium, site.address, "department", PHONE) as user:
        page = user.go("/import")
        page.set_input_files("#f-file", str(file))
        page.locator("main button.main").first.click()
        page.wait_for_url("**/import/table?**")
        user.fits()
        user.accessible()
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/phone.png", full_page=True)
        user.fine()
