"""Background jobs are waited for briefly, begin once, and report late refusals."""

import sqlite3
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from events.refusals.errors import Refused
from tracker.http.background_jobs import BackgroundJobs, JobOutcome

KEY = "r:2026-09"


@pytest.fixture
def jobs() -> Iterator[BackgroundJobs]:
    """Jobs that are waited for 50 ms."""
    background_jobs = BackgroundJobs(0.05)
    yield background_jobs
    background_jobs.close()


def refuse() -> bool:
    """Refuse, as a job may."""
    raise Refused("not_drawn", period="2026-09")


def test_a_quick_step_answers_at_once(jobs: BackgroundJobs) -> None:
    """Its outcome is known, and nothing is kept."""
    assert jobs.begin(KEY, lambda: True) == JobOutcome(True)
    assert jobs.begin(KEY, lambda: False) == JobOutcome(False)
    assert jobs.outcome(KEY) is None


def test_a_refusal_is_handed_back(jobs: BackgroundJobs) -> None:
    """The refusal is returned as an outcome, and then forgotten."""
    outcome = jobs.begin(KEY, refuse)
    assert outcome.refused is not None
    assert (outcome.changed, outcome.refused.code) == (None, "not_drawn")
    assert jobs.outcome(KEY) is None


def test_a_long_step_goes_on_and_is_begun_once(jobs: BackgroundJobs) -> None:
    """Meanwhile its outcome is open, and a second click begins nothing."""
    gate, begun = threading.Event(), []

    def long() -> bool:
        begun.append(1)
        return gate.wait(10)

    assert jobs.begin(KEY, long) == JobOutcome()
    assert jobs.begin(KEY, long) == JobOutcome()
    assert jobs.outcome(KEY) == JobOutcome()
    gate.set()
    assert jobs.begin("another", lambda: True).changed in {True, None}
    while jobs.outcome(KEY) is not None:
        pass
    assert begun == [1]


def test_a_late_refusal_is_kept_until_the_job_begins_again(jobs: BackgroundJobs) -> None:
    """A refusal after the wait is still reported."""
    gate = threading.Event()

    def long() -> bool:
        gate.wait(10)
        return refuse()

    assert jobs.begin(KEY, long) == JobOutcome()
    gate.set()
    while (outcome := jobs.outcome(KEY)) is None or outcome.refused is None:
        pass
    assert jobs.outcome(KEY) == outcome
    assert jobs.begin(KEY, lambda: True).changed is True
    assert jobs.outcome(KEY) is None


def test_a_bug_is_raised_to_who_waits_and_forgotten_later(jobs: BackgroundJobs) -> None:
    """A failure that is no refusal is never an answer."""
    gate = threading.Event()

    def broken() -> bool:
        gate.wait(10)
        raise ZeroDivisionError

    gate.set()
    with pytest.raises(ZeroDivisionError):
        jobs.begin(KEY, broken)
    gate.clear()
    assert jobs.begin("late", broken) == JobOutcome()
    gate.set()
    while jobs.outcome("late") is not None:
        pass


def test_a_late_full_disk_is_kept_as_a_refusal(jobs: BackgroundJobs) -> None:
    """A user who looks at the page later reads why the job ended."""
    gate = threading.Event()

    def work() -> bool:
        gate.wait(10)
        raise OperationalError("", {}, sqlite3.OperationalError("database or disk is full"))

    assert jobs.begin(KEY, work) == JobOutcome()
    gate.set()
    while (outcome := jobs.outcome(KEY)) == JobOutcome():
        pass
    assert outcome is not None
    assert outcome.refused is not None
    assert outcome.refused.code == "database_full"
