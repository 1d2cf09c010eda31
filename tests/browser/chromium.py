"""A real browser for tests: Debian's Chromium driven by Playwright, every page watched.

A page that logs an error, asks another host, or answers a request with a fault of the server fails
its test; accessibility is checked with axe-core.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import browser_world

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_BROWSER = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium: install Debian's package chromium"
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@contextmanager
def browser() -> Iterator[Browser]:
    """Run Chromium without a window."""
    with sync_playwright() as playwright:
        chromium_browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS)
        )
        yield chromium_browser
        chromium_browser.close()


@dataclass
class Visitor:
    """A user's browser on a desk or a phone; collects what goes wrong."""

    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """Parts of console messages that a test brings about on purpose."""

    def watch(self) -> None:
        """Collect script errors, requests to other hosts and server errors."""
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _heard(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind in {"error", "warning"} and not any(part in text for part in self.expected):
            self.faults.append(f"console {kind} on {self.page.url}: {text}")

    def _asked(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        if not url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked elsewhere: {url}")

    def _answered(self, response: object) -> None:
        if int(getattr(response, "status", 0)) >= 500:
            self.faults.append(f"fault of the server: {getattr(response, 'url', '')}")

    def go(self, path: str) -> Page:
        """Open a page of the site."""
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, login: str) -> None:
        """Sign in through the form."""
        self.go("/login")
        self.page.fill("#f-login", login)
        self.page.fill("#f-password", browser_world.PASSWORD)
        self.page.click("main button.main")
        self.page.wait_for_url(self.address + "/")

    def accessible(self) -> None:
        """Fail if the page violates a rule of accessibility."""
        result = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": list(RULES)}})
        told = [
            f"{violation['id']}: {violation['help']}: {node['html'][:200]}"
            for violation in result.response["violations"]
            for node in violation["nodes"]
        ]
        assert not told, f"{self.page.url}\n" + "\n".join(told)

    def fits(self) -> None:
        """Fail if the page is wider than its window."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 1, f"{self.page.url} is {wide} px too wide"

    def fine(self) -> None:
        """Fail if anything went wrong so far."""
        assert not self.faults, "\n".join(self.faults)


@contextmanager
def visitor(
    chromium_browser: Browser,
    address: str,
    login: str | None = None,
    size: dict[str, int] | None = None,
) -> Iterator[Visitor]:
    """Open a separate browser, signed in as ``login`` if it is given."""
    context = chromium_browser.new_context(
        viewport=size or DESK,  # type: ignore[arg-type]
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    page = context.new_page()
    user = Visitor(context, page, address)
    user.watch()
    try:
        if login is not None:
            user.sign_in(login)
        yield user
        user.fine()
    finally:
        context.close()
