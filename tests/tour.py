"""The tour: ``python -m tests.tour`` makes ``docs/tour.md`` with its pictures from a demonstration.

A fresh demonstration is made, the month after its last closed one is opened and drawn by a clock
put ahead, and a browser visits what each role sees.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser

from events.periods import Period, parse_month
from projections.assignments import assigned_to
from tests import browser_world
from tests.browser import DESK, PHONE, browser, visitor
from tests.districts import instant
from tracker.app import open_app
from tracker.settings import load_settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
OWN = "990100-001-001"
TRACKER = Path(sys.executable).parent / "tracker"
HEAD = """# A tour

The pages of the demonstration district, as each role sees them. All places and people are invented.
Made anew, pictures and page, by `make tour`.

"""


@dataclass(frozen=True, slots=True)
class Stop:
    """One picture: who looks at which page on what, and what there is to see."""

    name: str
    login: str
    path: str
    said: str
    phone: bool = False
    whole: bool = False
    """The whole page, however long; else what fits the window."""


def stops(month: Period, drawn: str, record: str) -> Iterator[Stop]:
    """The pictures in order; ``drawn`` is an organization that the inspector is assigned to."""
    last = month.previous()
    own = f"/organizations/{OWN}"
    yield Stop("branch", "branch", "/", "A branch secretary's phone: what is due now, with dates;"
               " one tap opens the form filled in.", phone=True)  # fmt: skip
    yield Stop("record", "branch", f"{own}/record?activity=branch_committee_meeting",
               "Recording a meeting: who was there, what there is to show for it. What was known"
               " is filled in.", phone=True)  # fmt: skip
    yield Stop("receipt", "branch", f"{own}/records/{quote(record)}",
               "The record with its history, and a code that proves it.")  # fmt: skip
    yield Stop("file", "branch", own, "The electronic file: scores, the matrix of months and"
               " criteria, the timeline.")  # fmt: skip
    yield Stop("explain", "branch", f"{own}/explain/{last}",
               "Why a score is what it is: rule, windows, records, events.")  # fmt: skip
    yield Stop("township", "township", "/", "A township: its organizations and this month's"
               " duties at a glance.")  # fmt: skip
    yield Stop("inspector", "inspector", "/", "An inspector's phone: assignments with what is left"
               " of the days.", phone=True)  # fmt: skip
    yield Stop("sheet", "inspector", f"/organizations/{drawn}/sheet/{month}",
               "The inspection sheet: derived credit, records and evidence beside each criterion;"
               " it works without a connection.", phone=True)  # fmt: skip
    yield Stop("department", "department", "/", "The department: progress, coverage, distribution,"
               " what is worst, what is late.")  # fmt: skip
    yield Stop("cycle", "department", f"/cycles/{month}", "A month's cycle: frame, draw and why"
               " each one was drawn, assignments.")  # fmt: skip
    yield Stop("bulletin", "department", f"/cycles/{last}/bulletin", "The bulletin of a closed"
               " month, ready to print.")  # fmt: skip
    yield Stop("ranking", "department", f"/ranking?period={last}&category=community",
               "The ranking of a category.")  # fmt: skip
    yield Stop("rectifications", "department", "/rectifications", "Rectification orders, overdue"
               " ones first.")  # fmt: skip
    yield Stop("scheme", "department", "/schemes/community-2011", "A scheme as a tree, with each"
               " rule in words.")  # fmt: skip
    yield Stop("audit", "auditor", f"/audit?organization={OWN}", "The log: who did what, when.")
    yield Stop("auditor", "auditor", "/", "An auditor's home: what has been verified, and when.")
    yield Stop("accounts", "admin", "/admin/accounts", "Accounts with their roles and what they"
               " are over.")  # fmt: skip


def tell(folder: Path, at: datetime | None, *arguments: str) -> Any:
    """One command on the demonstration, by a clock put to ``at``; its JSON answer."""
    command = [str(TRACKER)]
    if at is not None:
        launcher = ROOT / "tests" / "launcher.py"
        began = str(time.time())  # noqa: TID251 - what the launcher wants
        command = [sys.executable, "-P", str(launcher), at.isoformat(), "1", began]
    done = subprocess.run(
        [*command, "--json", *arguments],
        cwd=folder,
        env=os.environ | {"TRACKER_DATABASE_URL": "sqlite:///tracker.db"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def ahead(folder: Path) -> tuple[Period, datetime]:
    """Open and draw the month after the last closed one; the month, and when it is looked at."""
    closed = tell(folder, None, "audit", "log", "--type", "CycleClosed")
    month = parse_month(closed[-1]["data"]["period"]).next()
    now = datetime.now(UTC) + timedelta(minutes=1)  # noqa: TID251 - when the demonstration was made
    opens = max(now, instant(f"{month.next()}-01 09:00"))
    draws = max(opens, instant(f"{month.next()}-06 09:00"))
    tell(folder, opens, "spot-check", "open", str(month))
    tell(folder, draws, "spot-check", "draw", str(month))
    return month, draws + timedelta(hours=25)


def assigned(folder: Path, month: Period) -> str:
    """An organization that the first inspector is assigned to in the month."""
    tools = open_app(load_settings(database_url=f"sqlite:///{folder / 'tracker.db'}"))
    try:
        with tools.store.read() as reader:
            streams = [
                stream for stream, _, period in assigned_to(reader, "p-001") if period == str(month)
            ]
    finally:
        tools.engine.dispose()
    return streams[0].removeprefix("organization-")


def picture(found: Browser, address: str, stop: Stop) -> None:
    """Take one picture."""
    with visitor(found, address, stop.login, PHONE if stop.phone else DESK) as one:
        one.go(stop.path)
        one.page.screenshot(path=DOCS / "tour" / f"{stop.name}.png", full_page=stop.whole)


def main() -> None:
    """Make the page and its pictures."""
    (DOCS / "tour").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tour-") as name:
        folder = Path(name)
        answer = tell(folder, None, "demo", "--no-serve")
        browser_world.PASSWORD = answer["accounts"][0]["password"]
        month, at = ahead(folder)
        drawn = assigned(folder, month)
        document = tell(folder, None, "file", OWN)
        record = document["activities"][-1]["record_id"]
        url = f"sqlite:///{folder / 'tracker.db'}"
        text = [HEAD]
        with browser_world.served(url, folder, at) as site, browser() as found:
            for stop in stops(month, drawn, record):
                picture(found, site.address, stop)
                text.append(f"## {stop.said}\n\n![{stop.name}](tour/{stop.name}.png)\n\n")
                print(stop.name, flush=True)  # noqa: T201 - a command that tells how far it is
    (DOCS / "tour.md").write_text("".join(text).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
