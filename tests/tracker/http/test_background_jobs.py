import threading
from collections.abc import Iterator

import pytest

from events.refusals.errors import Refused
from tracker.http.background_jobs import BackgroundJobs, JobOutcome

KEY = "r:2026-09"


@pytest.fixture
def underway() -> Iterator[BackgroundJobs]:
    """Steps that are waited for a twentieth of a second."""
    found = BackgroundJobs(0.05)
    yield found
    found.close()


def refuse() -> bool:
    """A step that is refused."""
    raise Refused("not_drawn", period="2026-09")


def test_a_quick_step_answers_at_once(underway: BackgroundJobs) -> None:
    """Whether it changed anything is known, and nothing is kept."""
    assert underway.begin(KEY, lambda: True) == JobOutcome(True)
    assert underway.begin(KEY, lambda: False) == JobOutcome(False)
    assert underway.of(KEY) is None


def test_a_refusal_is_handed_back(underway: BackgroundJobs) -> None:
    """It is an answer; the next look shows nothing."""
    outcome = underway.begin(KEY, refuse)
    assert outcome.refused is not None
    assert (outcome.changed, outcome.refused.code) == (None, "not_drawn")
    assert underway.of(KEY) is None


def test_a_long_step_goes_on_and_is_begun_once(underway: BackgroundJobs) -> None:
    """Who asks meanwhile is told that it goes on, a second click begins nothing."""
    gate, begun = threading.Event(), []

    def long() -> bool:
        begun.append(1)
        return gate.wait(10)

    assert underway.begin(KEY, long) == JobOutcome()
    assert underway.begin(KEY, long) == JobOutcome()
    assert underway.of(KEY) == JobOutcome()
    gate.set()
    assert underway.begin("another", lambda: True).changed in {True, None}
    while underway.of(KEY) is not None:
        pass
    assert begun == [1]


def test_a_late_refusal_stands_until_it_is_begun_again(underway: BackgroundJobs) -> None:
    """What nobody waited for is still told."""
    gate = threading.Event()

    def long() -> bool:
        gate.wait(10)
        return refuse()

    assert underway.begin(KEY, long) == JobOutcome()
    gate.set()
    while (found := underway.of(KEY)) is None or found.refused is None:
        pass
    assert underway.of(KEY) == found
    assert underway.begin(KEY, lambda: True).changed is True
    assert underway.of(KEY) is None


def test_a_bug_is_raised_to_who_waits_and_forgotten_later(underway: BackgroundJobs) -> None:
    """A failure that is no refusal is never an answer."""
    gate = threading.Event()

    def broken() -> bool:
        gate.wait(10)
        raise ZeroDivisionError

    gate.set()
    with pytest.raises(ZeroDivisionError):
        underway.begin(KEY, broken)
    gate.clear()
    assert underway.begin("late", broken) == JobOutcome()
    gate.set()
    while underway.of("late") is not None:
        pass
