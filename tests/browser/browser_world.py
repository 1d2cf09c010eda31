"""A small district with a user of every role, served by a real process for tests in a browser.

The root ``99`` has the streets ``99-01`` and ``99-02`` with communities below; August's cycle is
closed, September's is drawn with every organization in the sample, and the clock of the served
process is set to the days of the inspections.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from events.event import Metadata
from events.streams.accounts import GrantRole
from tests.support.command_line import CommandLine
from tests.support.districts import instant
from tracker.accounts.hashing import PasswordHasher
from tracker.accounts.sign_in import Authenticator
from tracker.app import open_app
from tracker.settings import load_settings

ROOT = Path(__file__).parents[2]
PASSWORD = "a-password-of-tests"
NOW = "2026-10-07 09:00"
CLOSED, DRAWN = "2026-08", "2026-09"
OWN, SIBLING, FOREIGN = "99-01-001", "99-01-002", "99-02-001"
BY = Metadata("tester", "test")
RECTIFY = {"criterion": "1.1.1", "problem": "室外未悬挂国旗", "due": "2026-10-25"}
VISITORS: dict[str, tuple[str, str | None, str | None]] = {
    "branch": ("branch", OWN, None),
    "branch2": ("branch", SIBLING, None),
    "township": ("township", "99-01", None),
    "inspector": ("inspector", "99", "p-1"),
    "inspector2": ("inspector", "99", "p-2"),
    "department": ("department", "99", None),
    "auditor": ("auditor", "99", None),
    "admin": ("administrator", None, None),
}
"""User names with role, organization and inspector."""


def _organizations() -> Iterator[dict[str, Any]]:
    rows = [
        ("99", "示例县委", "county", None),
        ("99-01", "东风街道", "street", "99"),
        ("99-02", "西山街道", "street", "99"),
        ("99-d", "示例部门", "department", "99"),
        (OWN, "红星社区", "community", "99-01"),
        (SIBLING, "和平社区", "community", "99-01"),
        (FOREIGN, "西山社区", "community", "99-02"),
    ]
    for code, name, category, parent in rows:
        line = {"kind": "organization", "code": code, "name": name, "category": category,
                "registered_on": "2026-01-01"}  # fmt: skip
        yield line if parent is None else line | {"parent": parent}
    for number in (1, 2):
        yield {"kind": "inspector", "id": f"p-{number}", "organization": "99-d",
               "team": "社区组", "categories": ["community"]}  # fmt: skip


def _records(month: str, codes: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for code in codes:
        for number, activity in enumerate(("branch_committee_meeting", "study_session"), start=1):
            yield {
                "kind": "activity", "organization": code, "record_id": f"{activity}-{month}",
                "activity": activity, "occurred_on": f"{month}-{10 + number}",
                "title": "支部会议", "place": "社区活动室",
                "attendance": {"present": 8, "expected": 9},
                "evidence": ["minutes", "sign_in_sheet"],
            }  # fmt: skip
        yield {"kind": "measure", "organization": code, "measure": "members", "value": "9",
               "on": f"{month}-01"}  # fmt: skip


def make_world(url: str, folder: Path, scheme: dict[str, Any] | None = None) -> None:
    """Fill a fresh database with the real commands, then open the accounts.

    ``scheme`` governs the communities, by default the built-in one.
    """
    with pytest.MonkeyPatch.context() as patch:
        tell = CommandLine(folder, patch)
        tell.on(url)
        tell.at("2026-08-20 09:00")
        tell.done("init", "--first-month", CLOSED)
        document = "community-2011" if scheme is None else tell.file(scheme, ".yaml")
        tell.done("scheme", "publish", document, "--from", CLOSED)
        everybody = {"policy": "district", "sampling": {"default": {"fraction": 1}}}
        tell.done("policy", "publish", tell.file(everybody, ".yaml"))
        assert tell.take(*_organizations(), *_records(CLOSED, (OWN, SIBLING))).status == 0
        for month, opens, draws, closes in (
            (CLOSED, "2026-09-01 09:00", "2026-09-06 09:00", "2026-09-11 09:00"),
            (DRAWN, "2026-10-01 09:00", "2026-10-06 09:00", None),
        ):
            tell.at(opens)
            tell.done("spot-check", "open", month)
            tell.at(draws)
            tell.done("spot-check", "draw", month, "--randomness", "31415")
            if closes is not None:
                sheet = {"period": month, "organization": OWN, "inspectors": ["p-1", "p-2"],
                         "sheet_id": "s-august", "findings": [], "rectify": [RECTIFY]}  # fmt: skip
                tell.done("spot-check", "score", tell.file(sheet, ".json"))
                tell.at(closes)
                tell.done("spot-check", "close", month)
                tell.at("2026-09-20 09:00")
                assert tell.take(*_records(DRAWN, (OWN,))).status == 0
        _accounts(url)


def _accounts(url: str) -> None:
    tools = open_app(load_settings(database_url=url))
    hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    authenticator = Authenticator(tools.store, os.urandom, PasswordHasher(hasher))
    for login, (role, code, person) in VISITORS.items():
        opened = authenticator.open_account(login, f"测试{login}", BY, person=person)
        grant = {"grant_id": "g", "role": role, "organization": code, "from_on": "2026-01-01"}
        authenticator.grant_role(opened.account, GrantRole.model_validate(grant), BY)
        authenticator.use_link(opened.link, PASSWORD)
    tools.engine.dispose()


@dataclass(frozen=True)
class Site:
    """A served district with its address."""

    address: str


@contextmanager
def served(url: str, folder: Path, at: datetime | None = None) -> Iterator[Site]:
    """Serve a database by ``tracker serve`` in a separate process with its clock set to ``at``.

    The default is the days of the inspections of ``DRAWN``.
    """
    launcher = [sys.executable, "-P", str(ROOT / "tests" / "support" / "launcher.py")]
    clock = [(at or instant(NOW)).isoformat(), "1", str(time.time())]  # noqa: TID251 - what the launcher wants
    process = subprocess.Popen(
        [*launcher, *clock, "serve", "--port", "0", "--no-scheduler"],
        env=os.environ | {"TRACKER_DATABASE_URL": url},
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        line = ""
        while not line.startswith("Serving"):
            line = process.stderr.readline()
            assert line, "the server did not start"
        yield Site(line.split()[1])
    finally:
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
    assert "Traceback" not in said, said
