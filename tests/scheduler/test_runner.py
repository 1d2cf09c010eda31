import json
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from freezegun.api import FrozenDateTimeFactory

from events.log.store import Store
from events.proofs.verify import verify_log
from events.refusals.errors import Refused
from events.streams.cycles import cycle_stream
from projections.catalog import Projector
from scheduler.runner import Runner, StepResult
from scheduler.spot_check import ProcessStep
from tests.support.districts import (
    BY_CLOCK,
    CLERK,
    SEPTEMBER,
    District,
    SetClock,
    organization,
    steps,
    sure_bytes,
)
from tracker.cli.main import run
from tracker.inspections.sheets import append_sheet, lock_inspection
from tracker.storage.database import open_engine

EVERYBODY = {"sampling": {"default": {"fraction": 1}}}
WHOLE = [
    "CycleOpened",
    "FrameCommitted",
    "SampleDrawn",
    "SampleListed",
    "InspectionsAssigned",
    "InspectorsReminded",
    "CycleClosing",
    "CycleClosed",
]


def together(*jobs: Callable[[], object]) -> list[object]:
    """Return the results of jobs that begin at the same time; raise the first error."""
    barrier = Barrier(len(jobs))

    def begin(job: Callable[[], object]) -> object:
        barrier.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [done.result() for done in [pool.submit(begin, job) for job in jobs]]


def test_a_month_takes_its_run_course(district: District) -> None:
    """Each step runs on its day at 00:30, once, and nothing runs between them."""
    steps_done = []
    for day in ("09-30", *(f"10-{number:02}" for number in range(1, 13))):
        district.at(f"2026-{day} 00:30")
        steps_done += [(day, *step) for step in district.tick()]
        assert district.tick() == []
    assert steps_done == [
        ("10-01", SEPTEMBER, "open"),
        ("10-06", SEPTEMBER, "draw"),
        ("10-08", SEPTEMBER, "remind"),
        ("10-11", SEPTEMBER, "close"),
    ]
    assert district.types() == WHOLE
    assert set(district.posted()) == set(district.codes)


def test_twice_is_once(district: District) -> None:
    """Each step run again returns that nothing changed, and appends nothing."""
    cycle = district.drawn()
    district.at("2026-10-11 09:00")
    assert district.tick() == [(SEPTEMBER, "remind"), (SEPTEMBER, "close")]
    before = district.events(cycle_stream("r", SEPTEMBER))
    runner = district.runner
    assert not district.open()
    assert not district.draw()
    assert not runner.assign("r", SEPTEMBER, BY_CLOCK)
    assert not runner.remind("r", SEPTEMBER, BY_CLOCK)
    assert not district.close()
    assert district.events(cycle_stream("r", SEPTEMBER)) == before
    assert district.cycle().sample == cycle.sample


def test_steps_are_reported(sqlite_district: District) -> None:
    """Each step is reported as it is done, and long work as it progresses."""
    reported: list[StepResult] = []
    progress: list[tuple[str, int, int]] = []
    sqlite_district.runner.report, sqlite_district.runner.progress = (
        reported.append,
        lambda *more: progress.append(more),
    )
    for local in ("2026-10-20 09:00", "2026-10-25 09:00", "2026-10-30 09:00"):
        sqlite_district.at(local)
        sqlite_district.tick()
    assert len(reported) == 4
    assert reported[0] == StepResult("r", SEPTEMBER, ProcessStep.OPEN, changed=True)
    assert ("assign", 1, 1) in progress
    assert ("close", 5, 5) in progress


def test_what_is_due_can_be_asked_for(sqlite_district: District) -> None:
    """The due steps of every scope are listed in order of execution, and none is executed."""
    sqlite_district.take(organization("s", None, "county"), organization("s1", "s"))
    assert sqlite_district.runner.due({}) == []
    sqlite_district.at("2026-10-06 09:00")
    first, second = sqlite_district.runner.due({})
    assert (first[1], second[1]) == ("r", "s")
    assert (first[0].period, first[0].step) == (SEPTEMBER, ProcessStep.OPEN)
    assert first[0].since == datetime(2026, 9, 30, 16, 30, tzinfo=UTC)
    assert sqlite_district.types() == []
    refused: dict[str, Refused] = {"r": Refused("no_calendar")}
    assert sqlite_district.runner.due(refused) == [second]


def test_months_without_a_scheme_have_no_cycle(sqlite_url: str) -> None:
    """Months before the first scheme are skipped, and a district without organizations waits."""
    district = District(sqlite_url, first_month="2025-11", size=0, at="2026-02-05 09:00")
    assert district.tick() == []
    district.take(organization("c01", "r") | {"registered_on": "2026-01-31"})
    assert district.tick() == [("2026-01", "open")]
    district.dispose()


def test_each_root_has_cycles_of_its_own(sqlite_district: District) -> None:
    """Two roots go through the same month in parallel."""
    sqlite_district.take(organization("s", None, "county"), organization("s1", "s"))
    sqlite_district.at("2026-10-01 00:30")
    done = sqlite_district.runner.tick(BY_CLOCK)
    assert [(step.scope, step.step) for step in done] == [
        ("r", ProcessStep.OPEN),
        ("s", ProcessStep.OPEN),
    ]
    for local in ("2026-10-06 00:30", "2026-10-11 00:30"):
        sqlite_district.at(local)
        sqlite_district.tick()
    with sqlite_district.read() as reader:
        rows = reader.rows("SELECT scope, count(*) FROM scores GROUP BY scope ORDER BY scope")
    assert [tuple(row) for row in rows] == [("r", 5), ("s", 1)]


def test_dates_roll_to_working_days(sqlite_url: str) -> None:
    """If the policy says so, a step on a holiday moves to the next working day."""
    policy = {"spot_check": {"roll": "next_working_day"}}
    district = District(sqlite_url, policy=policy, first_month="2026-10")
    district.runner.is_working_day = lambda day: day.weekday() < 5
    district.at("2026-11-01 00:30")  # a Sunday
    assert district.tick() == []
    district.at("2026-11-02 00:30")
    assert district.tick() == [("2026-10", "open")]
    cycle = district.cycle("2026-10")
    assert (cycle.draws_on, cycle.closes_on) == (date(2026, 11, 6), date(2026, 11, 10))
    district.dispose()


def test_a_month_without_a_cycle_is_named(sqlite_district: District) -> None:
    """Closing or assigning a cycle that has not opened is refused with what to do."""
    with pytest.raises(Refused, match="there is no cycle of 2026-09 in r"):
        sqlite_district.close()
    with pytest.raises(Refused, match="open it with: tracker spot-check open 2026-09"):
        sqlite_district.runner.assign("r", SEPTEMBER, CLERK)


def run_course(url: str) -> list[list[tuple[str, str]]]:
    """Run a separate runner, in a worker process, on four days."""
    engine = open_engine(url)
    steps_done = []
    for local in ("2026-12-20 09:00", "2026-12-25 09:00", "2026-12-27 09:00", "2026-12-30 09:00"):
        store = Store(engine, SetClock(local), Projector())
        steps_done.append(steps(Runner(store, sure_bytes).tick(BY_CLOCK)))
    engine.dispose()
    return steps_done


def done_once(district: District) -> None:
    """Assert that three months are complete, posted once each, in a log that verifies."""
    for period in ("2026-09", "2026-10", "2026-11"):
        assert district.types(period) == WHOLE
        assert set(district.posted(period)) == set(district.codes)
    assert verify_log(district.engine).ok


def test_two_processes_on_one_file_do_it_once(sqlite_district: District) -> None:
    """Two schedulers in separate processes on one SQLite file execute every step once."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        for job in [pool.submit(run_course, sqlite_district.url) for _ in range(2)]:
            job.result()
    done_once(sqlite_district)


def test_two_runners_at_once_do_it_once(district: District) -> None:
    """Two runners in threads that tick at the same instants execute every step once."""
    for local in ("2026-12-20 09:00", "2026-12-25 09:00", "2026-12-27 09:00", "2026-12-30 09:00"):
        district.at(local)
        together(*[lambda: Runner(district.store, sure_bytes).tick(BY_CLOCK)] * 3)
    done_once(district)


def test_closing_twice_at_once_posts_once(database_url: str) -> None:
    """Two closings of one cycle, by hand at the same time, post every figure once."""
    district = District(database_url, size=20, policy=EVERYBODY)
    district.drawn()
    district.at("2026-10-11 09:00")
    together(*[district.close] * 2)
    assert set(district.posted()) == set(district.codes)
    assert district.types().count("CycleClosed") == 1
    assert all(len(district.of(code, "InspectionMissed")) == 1 for code in district.codes)
    district.dispose()


@pytest.mark.parametrize("hurry", range(3))
def test_a_sheet_that_races_with_the_closing(postgres_url: str, hurry: int) -> None:
    """A sheet handed in while the cycle closes is either counted or refused, never lost."""
    district = District(postgres_url, size=8, policy=EVERYBODY)
    district.drawn()
    sheets = {code: district.inspectors(code) for code in district.codes}

    def hand_in(code: str) -> bool:
        try:
            return district.submit(code, inspectors=sheets[code])
        except Refused as error:
            if error.code != "cycle_not_drawn":
                raise
            return False

    jobs: list[Callable[[], object]] = [lambda code=code: hand_in(code) for code in district.codes]  # type: ignore[misc]
    jobs.insert(hurry * 4, lambda: district.close(reason="防汛"))
    answers = together(*jobs)
    del answers[hurry * 4]
    for code, taken in zip(district.codes, answers, strict=True):
        assert district.states()[code] == ("scored" if taken else "not_held")
        assert (district.posted()[code]["inspected"] is not None) is taken
    closed = district.events(cycle_stream("r", SEPTEMBER))[-1].data
    assert closed["inspected"] == answers.count(True)
    assert closed["not_held"] == answers.count(False)
    district.dispose()


def test_a_closing_waits_for_a_sheet_that_is_being_taken(postgres_url: str) -> None:
    """The closing begins when the pending sheet is written, and then the sheet counts."""
    district = District(postgres_url, size=2, policy=EVERYBODY)
    district.drawn()
    with ThreadPoolExecutor(1) as pool:
        with district.store.append() as log:
            assert append_sheet(
                log,
                lock_inspection(log, district.store, "c01", SEPTEMBER),
                district.sheet("c01"),
                CLERK,
            )
            closing = pool.submit(district.close, reason="防汛")
            with pytest.raises(TimeoutError):
                closing.result(0.5)
            assert district.cycle().state == "drawn"
        assert closing.result()
    assert district.states() == {"c01": "scored", "c02": "not_held"}
    assert district.posted()["c01"]["inspected"] is not None
    district.dispose()


def test_a_draw_that_races_with_a_closing(postgres_url: str) -> None:
    """A draw during a closing without inspections leaves no assignment open."""
    district = District(postgres_url, size=8, policy=EVERYBODY)
    district.at("2026-10-01 00:30")
    district.open()
    district.at("2026-10-06 12:00")

    def close() -> bool:
        while True:
            try:
                return district.close(reason="防汛")
            except Refused as error:
                if error.code != "draw_under_way":
                    raise

    def draw() -> bool:
        try:
            return district.draw()
        except Refused as error:
            if error.code != "cycle_state":  # closed before it was drawn
                raise
            return False

    together(draw, close)
    assert district.cycle().state == "closed"
    assert "open" not in district.states().values()
    assert set(district.posted()) == set(district.codes)
    district.dispose()


def test_the_command_line_reads_the_clock(
    sqlite_district: District,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """``tracker scheduler tick`` executes on a frozen day the steps that are due on that day."""
    monkeypatch.setenv("TRACKER_DATABASE_URL", sqlite_district.url)
    monkeypatch.setenv("TRACKER_WORKERS", "1")
    steps_done = []
    for day in (1, 6, 8, 11):
        freezer.move_to(datetime(2026, 10, day, 0, 30, tzinfo=UTC))
        assert run(["--json", "scheduler", "tick"]) == 0
        answer = json.loads(capfdbinary.readouterr().out)
        steps_done += [step["step"] for step in answer["steps"]]
    assert steps_done == ["open", "draw", "remind", "close"]
