"""In a real browser: every page of every role, at a desk and on a phone, without a fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import DESK, NEEDS_BROWSER, PHONE, browser, visitor
from tests.browser_world import VISITORS, Site, make_world, served
from tests.postgres import Cluster

pytestmark = [NEEDS_BROWSER, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the module."""
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The district on SQLite, served."""
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{folder / 'tracker.db'}"
    make_world(url, folder)
    with served(url, folder) as found:
        yield found


@pytest.mark.parametrize("login", VISITORS)
def test_home_of_each_role(chromium: Browser, site: Site, login: str) -> None:
    """Each role's home opens without a fault and is accessible."""
    with visitor(chromium, site.address, login) as one:
        one.accessible()
        one.fits()
