"""A bare first start leads on: the steps in order, whose pages the user may open."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from events.streams.people import RegisterInspector
from tests.support.serving import serve
from tests.support.small_district import SmallDistrict
from tests.support.web_district import ADMINISTRATOR, Visitor, WebDistrict
from tracker.accounts.first_start import issue_first_link
from tracker.accounts.hashing import PasswordHasher
from tracker.accounts.sign_in import Authenticator
from tracker.app import App
from tracker.commands.organizations import organize
from tracker.settings import Settings


class BareDistrict(WebDistrict):
    """A district as ``tracker init`` leaves it."""

    def __init__(self, url: str, folder: Path) -> None:
        """Create the database and its application."""
        self.small = SmallDistrict(url)
        self.folder = folder
        tools = App(
            Settings(database_url=url, evidence_folder=folder),
            self.small.engine, self.small.store, "test",
        )  # fmt: skip
        quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
        self.authenticator = Authenticator(self.small.store, os.urandom, PasswordHasher(quick))
        self.app = serve(tools, self.authenticator)

    def first(self) -> Visitor:
        """The administrator of the first start signs in by the one-time link."""
        link = issue_first_link(self.authenticator, date(2026, 1, 1), ADMINISTRATOR)
        assert link is not None
        found = self.authenticator.use_link(link, "a long password")
        return Visitor(self, found.secret, found.account)


@pytest.fixture
def bare(sqlite_url: str, tmp_path: Path) -> Iterator[BareDistrict]:
    """Yield an empty district with its pages."""
    district = BareDistrict(sqlite_url, tmp_path)
    yield district
    district.dispose()


def steps_on(page: str) -> list[tuple[bool, str]]:
    """Each step on a home page: whether it is done, and its link."""
    listed = re.search(r'<ol class="start">(.*?)</ol>', page, re.DOTALL)
    assert listed is not None
    return [
        ("已完成" in step, "".join(re.findall(r'href="([^"]*)"', step)))
        for step in listed[1].split("<li")[1:]
    ]


def test_the_first_administrator_is_led_on(bare: BareDistrict) -> None:
    """The home has the steps in order; every link on it opens, and no figure is a zero."""
    admin = bare.first()
    home = admin.get("/")
    assert steps_on(home) == [
        (False, "/admin/register-organization"),
        (False, "/admin/open-account"),
        (False, ""),
        (False, ""),
        (False, "/admin/register-inspector"),
        (True, ""),
    ]
    assert home.count("由组织部门的账号操作") == 2
    main = home[home.index("<main") : home.index("</main>")]
    for address in sorted(set(re.findall(r'href="(/[^"#]*)"', main))):
        admin.get(address)
    assert "<b>0/0</b>" not in home


def test_the_department_is_led_on(bare: BareDistrict) -> None:
    """Before there are organizations and a scheme it sees the steps instead of six zeros."""
    bare.small.register("r", category="county")
    officer = bare.enter("department", "r")
    home = officer.get("/")
    assert steps_on(home) == [
        (True, ""), (True, ""), (False, "/schemes"), (False, "/import"), (False, ""),
        (True, ""),
    ]  # fmt: skip
    for address in ("/schemes", "/import"):
        officer.get(address)
    assert home.count("由系统管理员的账号操作") == 1
    assert "0/0" not in home
    assert "抽查覆盖" not in home


def test_the_steps_end_with_the_inspectors(bare: BareDistrict) -> None:
    """The figures come back with the scheme; the steps go once everything is there."""
    bare.small.publish()
    bare.small.register("r", category="county")
    bare.small.register("c", "r")
    admin, officer = bare.first(), bare.enter("department", "r")
    home = officer.get("/")
    assert [done for done, _ in steps_on(home)] == [True, True, True, True, False, True]
    assert "抽查覆盖" in home
    command = RegisterInspector(
        id="p-1", organization="r", team="社区组", categories=("community",)
    )
    organize(bare.small.store, command, ADMINISTRATOR, "i-1")
    for visitor in (admin, officer):
        assert "开始使用" not in visitor.get("/")
