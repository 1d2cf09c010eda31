"""The tour: ``python -m tests.tour`` makes ``docs/tour.md`` with its pictures from a demonstration.

It creates a fresh demonstration and visits the pages of each role in a browser; a meeting is
recorded with its minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import FilePayload, Page

from events.periods import Period, parse_month
from projections.cycles.assignments import assigned_to
from projections.scores.outcomes import streams_to_inspect
from tests.browser import browser_world
from tests.browser.chromium import DESK, PHONE, browser, visitor
from tests.palette import reduce_colours
from tracker.app import open_app
from tracker.demonstration.branches import ROOT as ROOT_CODE
from tracker.demonstration.dice import Dice
from tracker.demonstration.pictures import draw_signatures
from tracker.inspections.signatures import read_waiting
from tracker.settings import load_settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
STATIC = ROOT / "tracker" / "web" / "static"
IN_HANDBOOK = frozenset({"branch", "sheet", "township", "department", "auditor", "accounts"})
"""The pictures that the handbook shows too; the program serves them."""
LISTED = 1000
OWN = "990100-001-001"
PERSON = "p-001"
"""The first inspector."""
TRACKER = Path(sys.executable).parent / "tracker"
HEAD = """# A tour

The pages of the demonstration district, as each role sees them. All places and people are invented.
`make tour` generates this page and its pictures. The browser draws date fields in its own language:
here English, the only one in Debian's package.

"""


@dataclass(frozen=True, slots=True)
class Stop:
    """One picture: the account, the page, the device and the caption."""

    name: str
    login: str
    path: str
    caption: str
    phone: bool = False
    act: Callable[[Page], None] | None = None
    """An action on the page before the picture is taken."""


def stops(last: Period, opened: str, proposed: str) -> Iterator[Stop]:
    """Yield the pictures; ``last`` is the last closed month.

    The inspector has still to inspect ``opened``, and to sign a colleague's sheet on ``proposed``.
    """
    month = last.next()
    own = f"/organizations/{OWN}"
    form = f"{own}/record?activity=branch_committee_meeting"
    yield Stop("branch", "branch", "/", "A branch secretary's phone: what is due, with dates; one"
               " tap opens a form that is already filled in.", phone=True)  # fmt: skip
    yield Stop("record", "branch", form, "Recording a meeting: attendance and evidence. Known"
               " values are filled in.", phone=True)  # fmt: skip
    yield Stop("receipt", "branch", form, "The receipt: the record, its evidence, the criteria"
               " that it counts for, and a QR code that leads back to it.",
               act=meeting)  # fmt: skip
    yield Stop("file", "branch", own, "The electronic file: scores, the matrix of months and"
               " criteria, the timeline.")  # fmt: skip
    yield Stop("explain", "branch", f"{own}/explain/{last}",
               "Why a score is what it is: rule, windows, records, events.")  # fmt: skip
    yield Stop("inspector", "inspector", "/", "An inspector's phone: assignments with the days that"
               " are left.", phone=True)  # fmt: skip
    yield Stop("sheet", "inspector", f"/organizations/{opened}/sheet/{month}",
               "The inspection sheet: derived credit, records and evidence next to each criterion;"
               " it works without a connection.", phone=True)  # fmt: skip
    yield Stop("signature", "inspector", f"/organizations/{proposed}/sheet/{month}",
               "A colleague's sheet raises a credit: it waits for the second signature.",
               phone=True)  # fmt: skip
    yield Stop("township", "township", "/", "A township: its organizations and what is due this"
               " month.")  # fmt: skip
    yield Stop("department", "department", "/", "The department: progress, coverage, distribution,"
               " the worst criteria, late records.")  # fmt: skip
    yield Stop("cycle", "department", f"/cycles/{month}", "A month's cycle: frame, draw with the"
               " reason for each organization, assignments.", act=checked)  # fmt: skip
    yield Stop("ranking", "department", f"/ranking?period={last}&category=community",
               "The ranking of a category.")  # fmt: skip
    yield Stop("bulletin", "department", f"/cycles/{last}/bulletin", "The bulletin of a closed"
               " month, ready to print.")  # fmt: skip
    yield Stop("rectifications", "department", "/rectifications", "Rectification orders, overdue"
               " ones first.")  # fmt: skip
    yield Stop("scheme", "department", "/schemes/community-2011", "A scheme as a tree, with each"
               " rule in words.")  # fmt: skip
    yield Stop("audit", "auditor", f"/audit?organization={OWN}&from={month}-20",
               "The audit log: who did what, when.")  # fmt: skip
    yield Stop("auditor", "auditor", "/", "An auditor's home: what was verified, and when.")
    yield Stop("accounts", "admin", "/admin/accounts?q=演示", "Accounts with their roles and the"
               " organizations these cover.")  # fmt: skip


def meeting(page: Page) -> None:
    """Record a meeting with its minutes, as a secretary would; end on its receipt."""
    page.fill("#f-present", "5")
    page.set_input_files("input[type=file] >> nth=0", minutes())
    page.click("main form button.main")
    page.wait_for_url("**/records/**")


def minutes() -> FilePayload:
    """Return a picture of a sheet of paper with five signatures."""
    drawn = draw_signatures(date(2026, 11, 8), 5, Dice("tour"))
    return {"name": "会议记录.png", "mimeType": "image/png", "buffer": drawn}


def checked(page: Page) -> None:
    """Wait until the background job has repeated the draw."""
    waiting = page.get_by_text("正在复核")
    for _ in range(60):
        if not waiting.count():
            return
        page.wait_for_timeout(500)
        page.reload()
    message = "the draw was not repeated within half a minute"
    raise RuntimeError(message)


def build(folder: Path) -> Any:
    """Build the demonstration; return what it answers."""
    done = subprocess.run(
        [TRACKER, "--json", "demo", "--no-serve"],
        cwd=folder,
        env=os.environ | {"TRACKER_DATABASE_URL": "sqlite:///tracker.db"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def inspections(folder: Path) -> tuple[Period, str, str]:
    """Return the last closed month, and an open and a proposed inspection of the month after it.

    Both are organizations that the first inspector is assigned to.
    """
    tools = open_app(load_settings(database_url=f"sqlite:///{folder / 'tracker.db'}"))
    try:
        with tools.store.read() as reader:
            running = assigned_to(reader, PERSON)[0][2]
            ((proposed, _),) = read_waiting(reader, PERSON).to_sign
            left = streams_to_inspect(reader, ROOT_CODE, running, LISTED)
            own = {stream for stream, _, period in assigned_to(reader, PERSON) if period == running}
    finally:
        tools.engine.dispose()
    prefix = "organization-"
    opened = next(stream for stream in left if stream in own - {proposed}).removeprefix(prefix)
    return parse_month(running).previous(), opened, proposed.removeprefix(prefix)


def pictures(folder: Path, all_stops: Iterable[Stop]) -> Iterator[str]:
    """Take the pictures of the served demonstration; yield the Markdown of each."""
    url = f"sqlite:///{folder / 'tracker.db'}"
    now = datetime.now(UTC)  # noqa: TID251 - the machine's clock, from which the demonstration's differs
    with browser_world.served(url, folder, now) as site, browser() as chromium:
        for stop in all_stops:
            size = PHONE if stop.phone else DESK
            with visitor(chromium, site.address, stop.login, size) as person:
                person.go(stop.path)
                if stop.act is not None:
                    stop.act(person.page)
                picture = reduce_colours(person.page.screenshot())
                (DOCS / "tour" / f"{stop.name}.png").write_bytes(picture)
                if stop.name in IN_HANDBOOK:
                    (STATIC / f"help-{stop.name}.png").write_bytes(picture)
            print(stop.name, flush=True)  # noqa: T201 - a command that shows its progress
            yield f"## {stop.caption}\n\n![{stop.name}](tour/{stop.name}.png)\n\n"


def main() -> None:
    """Create the page and its pictures."""
    (DOCS / "tour").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tour-") as name:
        folder = Path(name)
        browser_world.PASSWORD = build(folder)["accounts"][0]["password"]
        text = [HEAD, *pictures(folder, stops(*inspections(folder)))]
    (DOCS / "tour.md").write_text("".join(text).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
