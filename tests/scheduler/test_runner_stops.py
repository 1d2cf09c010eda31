"""The course of a month that stops at one transaction after the other, and is taken up again."""

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
from scheduler.closing import shares
from scheduler.runner import Runner
from tests.support.districts import BY_CLOCK, CLERK, SEPTEMBER, District, SetClock, sure_bytes
from tracker.inspections.sheets import submit_sheet
from tracker.storage.database import open_engine

EVERYBODY = {"sampling": {"default": {"fraction": 1}}}
DRAWN = "2026-10-06 00:30"
COURSE = ("2026-10-01 00:30", DRAWN, "2026-10-08 00:30", "2026-10-11 00:30")
TRANSACTIONS = 12
"""Open, draw, hand out and its end, remind, begin, two looks for inspections, three pages, end."""


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
    """Answers a copy of that district at each call."""

    def copy() -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
        shutil.copy(before, path)
        return f"sqlite:///{path}"

    return copy


def cycle(store: Store) -> Cycle:
    """September's cycle as it stands."""
    with store.read() as reader:
        return read_cycle(reader, "r", SEPTEMBER)


def hand_in(store: Store) -> None:
    """One sheet of the joint inspection, which changes nothing and so carries no text."""
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
    """The log after a month with one stop, and how many transactions ran to the stop or end."""
    engine = open_engine(url)
    clock = SetClock(COURSE[0])
    first = StoppingStore(engine, clock, at, inside=inside)
    runner = Runner(first, sure_bytes)
    heard = 0

    def progress(*_told: Any) -> None:
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


def told(log: list[RecordedEvent]) -> list[tuple[Any, ...]]:
    """What every event says, without what a text's salt or the row's place makes of it."""
    return [(one.stream, one.version, one.event_id, one.type, one.data) for one in log]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are posted two at a time."""
    monkeypatch.setattr("scheduler.closing.shares", partial(shares, page=2))


def test_a_stop_at_any_transaction_changes_nothing(fresh: Callable[[], str]) -> None:
    """Stopped before or inside any transaction, the next look comes to the very same events."""
    whole, transactions = course(fresh())
    assert transactions == TRANSACTIONS
    assert sum(one.type == "ScorePosted" for one in whole) == 5
    for at in range(1, TRANSACTIONS + 1):
        for inside in (False, True):
            log, begun = course(fresh(), at, inside=inside)
            assert begun == at
            assert told(log) == told(whole)


@pytest.mark.parametrize("by_progress", [1, 2, 3, 4])
def test_a_stop_between_pages_changes_nothing(fresh: Callable[[], str], by_progress: int) -> None:
    """Stopped after any page of the hand-out or of the postings, the events are the same."""
    whole, _ = course(fresh())
    log, begun = course(fresh(), by_progress=by_progress)
    assert begun < TRANSACTIONS
    assert told(log) == told(whole)
