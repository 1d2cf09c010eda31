"""The demonstration built day by day: thirteen months of a district in the order of their days.

Each day has what people do on it, through the same commands as the pages and the command line, and
the clock shows that day. The monthly process opens, draws, reminds and closes by itself. At the end
twelve months are closed, and the last one is drawn and half inspected.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rich.console import Console
from sqlalchemy.engine import make_url

from events.documents.schemes import Scheme
from events.documents.serialization import from_document, load_document
from events.periods import Period, month_of
from events.refusals.errors import Refused
from projections.scores.outcomes import inspections_by_state
from scheduler.spot_check import ProcessStep
from tracker.app import open_app
from tracker.commands.demonstration import set_demonstration_clock
from tracker.commands.district import initialize_district
from tracker.commands.documents import publish_scheme
from tracker.demonstration.accounts import DEPUTY, LOOK_AT, VISITORS, Staff
from tracker.demonstration.aftermath import adjust_one, answer_order, lend_role, reply_day
from tracker.demonstration.branches import ROOT, InventedDistrict, district
from tracker.demonstration.clock import (
    ZONE,
    BuildClock,
    closed_months,
    last_day,
    local_minute,
    shown_at_the_end,
)
from tracker.demonstration.district import inspectors, joined_on, timetable
from tracker.demonstration.inspecting import (
    FIRST_VISITS,
    LATER_VISITS,
    Order,
    inspect_closed,
    inspect_running,
    read_assignments,
)
from tracker.demonstration.recording import fill_in_pages, import_lines, is_typed
from tracker.documents.sources import built_in_schemes
from tracker.storage.database import sqlite_file

if TYPE_CHECKING:
    from tracker.app import App
    from tracker.settings import Settings

SEED = 2026
SCHEMES = ("community-2011", "branch-basics")
STEPS_AT = 35
"""The minute of the day at which the monthly process looks for what is due."""
VISITS_AT, REPLIES_AT, FILES_AT = 14 * 60, 16 * 60, 18 * 60
"""The minutes of the day at which sheets, replies and files of records come in."""
ADJUSTED_ON, LENT_ON = 20, 5
"""The days of the month of an adjustment, and of a loan of a role."""


@dataclass(slots=True)
class Build:
    """A demonstration that is being built: its days, its people, and what is still to come."""

    app: App
    clock: BuildClock
    console: Console
    last: date
    seed: int = SEED
    lines: int = 0
    sheets: int = 0
    replies: dict[date, list[Order]] = field(default_factory=lambda: defaultdict(list))

    def run(self) -> Staff:
        """Build everything from the first day to the last; return its people."""
        months = closed_months(self.last)
        running = months[-1].next()
        schemes = load_schemes()
        days = timetable(
            [*months, running, running.next()],
            schemes,
            today=self.last - timedelta(days=1),
            seed=self.seed,
        )
        world = district(months[0], self.seed)
        staff = self._set_up(world, months[0], days, set(schemes))
        day = joined_on(months[0])
        while (day := day + timedelta(days=1)) <= self.last:
            self._live(staff, day, days.get(day, []), months, running)
        return staff

    def _set_up(
        self,
        world: InventedDistrict,
        first: Period,
        days: dict[date, list[dict[str, Any]]],
        assessed: set[str],
    ) -> Staff:
        """Set up the district with its schemes, its organizations and everybody's account.

        ``assessed`` are the categories whose organizations have a secretary.
        """
        staff = Staff(self.app.store, self.seed)
        by, joined = staff.by(None), joined_on(first)
        initialize_district(self.app.store, str(ZONE), str(first), by)
        for name in SCHEMES:
            publish_scheme(self.app.store, name, f"{first.year}-01", by)
        lines = days.pop(joined)
        self.clock.move(joined, 10 * 60)
        import_lines(self.app, staff, joined, lines)
        self.lines += len(lines)
        registered = {line["code"] for line in lines if line["kind"] == "organization"}
        branches = [
            branch
            for branch in world.branches
            if branch.code in registered and branch.category in assessed
        ]
        people = [line["id"] for line in inspectors(world) if line["kind"] == "inspector"]
        self.clock.move(joined, 14 * 60)
        staff.open_all(branches, people, joined)
        self.console.print(f"{joined}: {len(registered)} organizations, {len(people)} inspectors")
        return staff

    def _live(
        self,
        staff: Staff,
        day: date,
        lines: list[dict[str, Any]],
        months: list[Period],
        running: Period,
    ) -> None:
        """Let one day pass: the monthly process, records, inspections, replies."""
        app, clock = self.app, self.clock
        clock.move(day, STEPS_AT)
        for done in app.runner().tick(app.scheduler_metadata()):
            if done.step is ProcessStep.CLOSE:
                self._report_closing(done.period, day)
        if day == self.last:
            return
        by_page: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
        for line in lines:
            by_page[is_typed(line, self.seed, on_pages=month_of(day) >= running)].append(line)
        fill_in_pages(app, clock, staff, day, by_page[True])
        self._inspect(staff, day, months, running)
        clock.move(day, REPLIES_AT)
        for order in self.replies.pop(day, ()):
            answer_order(app, staff, order, day)
        clock.move(day, FILES_AT)
        if by_page[False]:
            import_lines(app, staff, day, by_page[False])
        self.lines += len(lines)
        if month_of(day) == running and day.day == ADJUSTED_ON:
            adjust_one(app, staff, months[-1], read_assignments(app, months[-1]))
        if month_of(day) > running and day.day == LENT_ON:
            lend_role(app, staff, day)

    def _inspect(self, staff: Staff, day: date, months: list[Period], running: Period) -> None:
        """Hand in the sheets of a day, and note when their orders will be answered."""
        month = month_of(day).previous()
        if day.day not in {FIRST_VISITS, LATER_VISITS} or not months[0] <= month <= running:
            return
        self.clock.move(day, VISITS_AT)
        if month == running:
            orders = inspect_running(self.app, staff, month, day)
        else:
            orders = inspect_closed(self.app, staff, month, months.index(month) + 1, day)
        for order in orders:
            replied_on = reply_day(order, day, self.seed)
            if replied_on is not None:
                self.replies[replied_on].append(order)

    def _report_closing(self, period: str, day: date) -> None:
        with self.app.store.read() as reader:
            states = inspections_by_state(reader, ROOT, period)
        self.sheets += states.get("scored", 0)
        self.console.print(
            f"{day}: {period} closed by the process, {sum(states.values())} drawn,"
            f" {states.get('scored', 0)} inspected, {states.get('missed', 0)} missed"
        )


def run_demo(settings: Settings, machine: datetime, console: Console) -> dict[str, Any]:
    """Fill a new database and print example commands; return the figures of the summary.

    ``machine`` is what the machine's clock shows. Raise ``Refused`` if the database exists already.
    """
    file = sqlite_file(settings.database_url)
    if file is not None and file.exists():
        raise Refused("not_fresh", file=str(file))
    begun = perf_counter()
    last, shown = last_day(machine), shown_at_the_end(machine)
    first = closed_months(last)[0]
    clock = BuildClock(joined_on(first))
    app = open_app(settings, create=True, clock=clock)
    try:
        set_demonstration_clock(app.store, shown, machine, Staff(app.store, SEED).by(None))
        build = Build(app, clock, console, last)
        staff = build.run()
    finally:
        app.engine.dispose()
    summary = {
        "months": len(closed_months(last)),
        "lines": build.lines,
        "sheets": build.sheets,
        "shown": shown.isoformat(),
        "seconds": round(perf_counter() - begun, 1),
        "accounts": [
            {"login": account.login, "role": account.role, "password": staff.password}
            for account in VISITORS
        ],
    }
    _print_summary(console, settings.database_url, closed_months(last)[-1], summary)
    _print_accounts(console, staff.password)
    return summary


def load_schemes() -> dict[str, Scheme]:
    """Return the two built-in schemes by the categories that they cover."""
    shipped = built_in_schemes()
    schemes = [from_document(load_document(shipped[name], name)) for name in SCHEMES]
    return {category: scheme for scheme in schemes for category in scheme.categories}


def _print_summary(
    console: Console, database_url: str, month: Period, summary: dict[str, Any]
) -> None:
    """Print the figures, and commands that show the district."""
    url = make_url(database_url)
    file = sqlite_file(database_url)
    where = f"sqlite:///{file.absolute()}" if file else url.render_as_string()
    program = Path(sys.argv[0])
    shown = program.absolute() if program.name == "tracker" else "tracker"
    now = local_minute(datetime.fromisoformat(summary["shown"]))
    console.print(
        f"\n{summary['lines']} lines recorded, {summary['sheets']} sheets handed in,"
        f" {summary['months']} months closed in {summary['seconds']} s. Its clock shows {now};"
        f" {month.next()} is drawn and half inspected. To explore:\n"
    )
    for line in (
        f"export TRACKER_DATABASE_URL={where}",
        f"{shown} spot-check bulletin {month}",
        f"{shown} rank --period {month} --category community",
        f"{shown} compliance --period {month} --summary",
        f"{shown} file {LOOK_AT}",
        f"{shown} todo {LOOK_AT}",
        f"{shown} spot-check verify-draw {month}",
        f"{shown} audit verify",
    ):
        console.print(f"  {line}", markup=False, soft_wrap=True)


def _print_accounts(console: Console, password: str) -> None:
    """Print how to sign in to the pages."""
    console.print(f"\nAccounts for the web pages (tracker serve), password {password}:")
    for account in VISITORS:
        console.print(f"  {account.login:<11} {account.name} ({account.role})", markup=False)
    console.print(
        f"  {DEPUTY.login:<11} {DEPUTY.name} (township, lent for two weeks)", markup=False
    )
