"""In a real browser: a rubric of 15 lines with 150 causes is short on a phone, and searched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.browser_world import DRAWN, OWN, Site, make_world, served
from tests.browser.chromium import NEEDS_BROWSER, PHONE, Visitor, visitor
from tests.support.rubric import SUBJECTS, rubric

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser_sheet"), pytest.mark.timeout(600)]
SHEET = f"/organizations/{OWN}/sheet/{DRAWN}"
LONG, MOST = "1.1.1", SUBJECTS[0][2]
"""The criterion with the most causes, and how many these are."""
FEW = 5


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a district whose communities are assessed by the rubric."""
    folder = tmp_path_factory.mktemp("rubric")
    url = f"sqlite:///{folder / 'tracker.db'}"
    make_world(url, folder, rubric("community"))
    with served(url, folder) as district:
        yield district


def screens(user: Visitor) -> float:
    """The height of the page in screens of the phone."""
    height = user.page.evaluate("document.documentElement.scrollHeight")
    return float(height) / PHONE["height"]


@pytest.mark.parametrize(
    ("login", "path", "most"),
    [
        ("inspector", SHEET, 6),
        ("branch", "/schemes/rubric-community", 5),
        ("branch", f"/organizations/{OWN}/explain/{DRAWN}", 4),
        ("branch", f"/organizations/{OWN}/explain/{DRAWN}?criterion={LONG}", 2),
    ],
)
def test_a_real_rubric_is_short_on_a_phone(
    chromium: Browser, site: Site, login: str, path: str, most: int
) -> None:
    """Causes are folded lists, so that a page has no more screens than a third of the lines."""
    with visitor(chromium, site.address, login, PHONE) as user:
        user.go(path)
        expect(user.page.locator("details.causes").first).to_be_visible()
        assert screens(user) <= most
        user.fits()
        user.accessible()
        lists = user.page.locator("details.causes")
        lists.first.locator("summary").click()
        expect(lists.first.locator("li")).to_have_count(MOST)
        expect(lists.first.locator("li").first).to_be_visible()


def test_a_cause_is_found_by_typing(chromium: Browser, site: Site) -> None:
    """The list shows the first few causes and those with a count; typing finds the others."""
    with visitor(chromium, site.address, "inspector", PHONE) as user:
        user.go(SHEET)
        box = user.page.locator(f"article[data-code='{LONG}']")
        box.locator("[data-do='change']").click()
        box.locator("input[type=radio][value='causes']").check()
        shown = box.locator("[data-list] .cause:visible")
        expect(shown).to_have_count(FEW)
        assert shown.nth(0).inner_text().startswith("无年度计划（每次扣0.5分）")
        assert shown.nth(2).inner_text().count("0.5") == 1
        search = box.get_by_role("searchbox")
        search.fill("公开 上墙")
        expect(shown).to_have_count(1)
        expect(user.page.locator(".sheet-bar [data-count=judged]")).to_have_text("1")
        shown.locator("[data-cause]").fill("2")
        search.fill("没有这样的")
        expect(box.locator("[data-list] [role=status]")).to_have_text("没有符合的扣分情形")
        search.fill("")
        expect(shown).to_have_count(FEW + 1)
        user.accessible()
        user.fits()
        box.get_by_role("button", name=f"显示全部 {MOST} 种").click()
        expect(shown).to_have_count(MOST)
        box.get_by_role("button", name="收起").click()
        expect(shown).to_have_count(FEW + 1)
        box.locator("[data-text]").fill("两项承诺未上墙")
        expect(box.locator("[data-verdict]")).to_contain_text("承诺未公开上墙 × 2")
        user.page.reload()
        expect(shown).to_have_count(FEW + 1)
        user.page.locator("#hand-in").get_by_role("button", name="提交（我一人签字）").click()
        user.page.wait_for_url(f"**/organizations/{OWN}/sheets/{DRAWN}?done=submitted")
        expect(user.page.locator("main")).to_contain_text("承诺未公开上墙 × 2")
