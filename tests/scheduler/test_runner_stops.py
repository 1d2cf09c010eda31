"""A month that stops at one transaction after the other, and is resumed."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from events.event import RecordedEvent
from events.log.store import Append, Store
from events.proofs.verify import verify_log
from events.streams.cycles import Cycle
from events.streams.findings import SubmitFindings
from projections.catalog import Projector
from projections.cycles.reading import read_cycle
from scheduler.closing import read_closing_pages
from scheduler.runner import Runner
from tests.support.districts import BY_CLOCK, CLERK, SEPTEMBER, District, SetClock, sure_bytes
from tracker.inspections.sheets import submit_sheet
from tracker.storage.database import open_engine

EVERYBODY = {"sampling": {"default": {"fraction": 1}}}
DRAWN = "2026-10-06 00:30"
COURSE = ("2026-10-01 00:30", DRAWN, "2026-10-08 00:30", "2026-10-11 00:30")
TRANSACTIONS = 15
"""Open, draw, hand out and its end, remind, begin, two pages of inspections, three pages, end; and
three seals of the day."""


class StoppedError(Exception):
    """The process ended here."""


class StoppingStore(Store):
    """A store that stops at one of its write transactions: before it begins, or inside."""

    def __init__(self, engine: Engine, clock: SetClock, at: int = 0, *, inside: bool) -> None:
        """``at`` counts the transactions from 1; 0 never stops."""
        super().__init__(engine, clock, Projector())
        self.at, self.inside, self.begun = at, inside, 0

    @contextmanager
    def append(self) -> Iterator[Append]:
        """A write transaction, unless it is the one to stop at."""
        self.begun += 1
        here = self.begun == self.at
        if here and not self.inside:
            raise StoppedError
        with super().append() as log:
            yield log
            if here:
                raise StoppedError


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a district before its first cycle."""
    path = tmp_path_factory.mktemp("stops") / "before.db"
    district = District(f"sqlite:///{path}", policy=EVERYBODY)
    district.at("2026-09-12 10:00")
    district.meet("c01", "2026-09-12")
    district.dispose()
    return path


@pytest.fixture
def fresh(before: Path, tmp_path: Path) -> Callable[[], str]:
    """Return a function that copies that district."""

    def copy() -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
        shutil.copy(before, path)
        return f"sqlite:///{path}"

    return copy


def cycle(store: Store) -> Cycle:
    """Return September's cycle."""
    with store.read() as reader:
        return read_cycle(reader, "r", SEPTEMBER)


def hand_in(store: Store) -> None:
    """Submit one sheet that changes no figure and so has no text."""
    (drawn,) = [one for one in cycle(store).sample if one["organization"] == "c01"]
    sheet = SubmitFindings(
        period=SEPTEMBER,
        organization="c01",
        sheet_id="s-1",
        inspectors=tuple(drawn["inspectors"]),
    )
    uncounted = Store(store.engine, store.clock, store.projector)
    assert submit_sheet(uncounted, sheet, "s.json", CLERK)


def course(
    url: str, at: int = 0, *, inside: bool = False, by_progress: int = 0
) -> tuple[list[RecordedEvent], int]:
    """Return the log after a month with one stop, and the number of transactions until it."""
    engine = open_engine(url)
    clock = SetClock(COURSE[0])
    first = StoppingStore(engine, clock, at, inside=inside)
    runner = Runner(first, sure_bytes)
    heard = 0

    def progress(*_values: Any) -> None:
        nonlocal heard
        heard += 1
        if heard == by_progress:
            raise StoppedError

    runner.progress = progress
    for local in COURSE:
        clock.now = SetClock(local).now
        try:
            runner.tick(BY_CLOCK)
        except StoppedError:
            runner = Runner(Store(engine, clock, Projector()), sure_bytes)
            runner.tick(BY_CLOCK)
        if local == DRAWN:
            hand_in(first)
    with first.read() as reader:
        streams = [row[0] for row in reader.rows("SELECT stream FROM heads ORDER BY stream")]
        log = [event for stream in streams for event in reader.stream(stream)]
    assert verify_log(engine).ok
    engine.dispose()
    return log, first.begun


def facts_of(log: list[RecordedEvent]) -> list[tuple[Any, ...]]:
    """Return what every event says, without salts and positions."""
    return [(one.stream, one.version, one.event_id, one.type, one.data) for one in log]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Post figures two at a time."""
    monkeypatch.setattr(
        "scheduler.closing.read_closing_pages", partial(read_closing_pages, page_size=2)
    )


def test_a_stop_at_any_transaction_changes_nothing(fresh: Callable[[], str]) -> None:
    """Stopped before or inside any transaction, the next tick reaches the same events."""
    whole, transactions = course(fresh())
    assert transactions == TRANSACTIONS
    assert sum(one.type == "ScorePosted" for one in whole) == 5
    for at in range(1, TRANSACTIONS + 1):
        for inside in (False, True):
            log, begun = course(fresh(), at, inside=inside)
            assert begun == at
            assert facts_of(log) == facts_of(whole)


@pytest.mark.parametrize("by_progress", [1, 2, 3, 4])
def test_a_stop_between_pages_changes_nothing(fresh: Callable[[], str], by_progress: int) -> None:
    """Stopped after any page of the hand-out or of the postings, the events are the same."""
    whole, _ = course(fresh())
    log, begun = course(fresh(), by_progress=by_progress)
    assert begun < TRANSACTIONS
    assert facts_of(log) == facts_of(whole)
