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
    """Chromium without a window."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield found
        found.close()


@dataclass
class Visitor:
    """Somebody signed in at a desk or on a phone; what went wrong meanwhile."""

    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """Parts of console messages that a test brings about on purpose."""

    def watch(self) -> None:
        """Listen for errors of scripts, requests to elsewhere, faults of the server."""
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
        """Sign in as a person would."""
        self.go("/login")
        self.page.fill("#f-login", login)
        self.page.fill("#f-password", browser_world.PASSWORD)
        self.page.click("main button.main")
        self.page.wait_for_url(self.address + "/")

    def accessible(self) -> None:
        """No violation of the rules of accessibility on the page that is shown."""
        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": list(RULES)}})
        told = [
            f"{one['id']}: {one['help']}: {node['html'][:200]}"
            for one in found.response["violations"]
            for node in one["nodes"]
        ]
        assert not told, f"{self.page.url}\n" + "\n".join(told)

    def fits(self) -> None:
        """The page is not wider than its window: nobody scrolls sideways."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 1, f"{self.page.url} is {wide} px too wide"

    def fine(self) -> None:
        """Nothing went wrong so far."""
        assert not self.faults, "\n".join(self.faults)


@contextmanager
def visitor(
    found: Browser, address: str, login: str | None = None, size: dict[str, int] | None = None
) -> Iterator[Visitor]:
    """Somebody with a browser of their own; signed in where ``login`` says as whom."""
    context = found.new_context(
        viewport=size or DESK,  # type: ignore[arg-type]
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    page = context.new_page()
    one = Visitor(context, page, address)
    one.watch()
    try:
        if login is not None:
            one.sign_in(login)
        yield one
        one.fine()
    finally:
        context.close()
