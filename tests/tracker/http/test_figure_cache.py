"""Figures over many are made once for many readers, and anew behind the reader's back."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from events.log.reader import Reader
from tests.support.small_district import SmallDistrict
from tracker.http.figure_cache import KEPT, MAXIMUM_AGE, FigureCache


class Figures:
    """Something that takes long to make: how often it was made, and a gate that holds it up."""

    def __init__(self) -> None:
        """Nothing was made yet, and the gate is open."""
        self.made = 0
        self.gate = threading.Event()
        self.gate.set()
        self.broken = False

    def __call__(self, reader: Reader) -> int:
        """Make it."""
        assert self.gate.wait(10)
        if self.broken:
            raise RuntimeError("no figures")
        assert reader.rows("SELECT 1")[0][0] == 1
        self.made += 1
        return self.made


@pytest.fixture
def district(sqlite_url: str) -> Iterator[SmallDistrict]:
    """A clock and a store."""
    found = SmallDistrict(sqlite_url)
    yield found
    found.dispose()


@pytest.fixture
def fresh(district: SmallDistrict) -> Iterator[FigureCache]:
    """What is kept."""
    found = FigureCache(district.store)
    yield found
    found.close()


def settled(fresh: FigureCache) -> None:
    """Wait until nothing is made in the background any more."""
    fresh._pool.submit(lambda: None).result(10)


def test_many_readers_wait_for_one_maker(fresh: FigureCache) -> None:
    """Twenty ask at once for what nobody made yet: it is made once, all see the same."""
    figures = Figures()
    figures.gate.clear()
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(fresh.get, "k", figures) for _ in range(20)]
        figures.gate.set()
        found = {one.result(10) for one in asked}
    assert len(found) == 1
    assert figures.made == 1


def test_the_old_value_is_served_while_a_new_one_is_made(
    district: SmallDistrict, fresh: FigureCache
) -> None:
    """Nobody waits after the first; its age is told; it is made anew once, however many ask."""
    figures = Figures()
    first = fresh.get("k", figures)
    district.now += MAXIMUM_AGE
    figures.gate.clear()
    again = [fresh.get("k", figures) for _ in range(5)]
    assert {(one.value, one.made_at) for one in again} == {(1, first.made_at)}
    figures.gate.set()
    settled(fresh)
    newer = fresh.get("k", figures)
    assert (newer.value, newer.made_at > first.made_at + MAXIMUM_AGE) == (2, True)


def test_young_values_are_left_alone(district: SmallDistrict, fresh: FigureCache) -> None:
    """Within a minute nothing is made anew."""
    figures = Figures()
    fresh.get("k", figures)
    district.now += MAXIMUM_AGE - timedelta(seconds=10)
    fresh.get("k", figures)
    settled(fresh)
    assert figures.made == 1


def test_what_cannot_be_made_anew_stays(district: SmallDistrict, fresh: FigureCache) -> None:
    """The old value goes on with its age, the log says so, and the next reader tries again."""
    figures = Figures()
    fresh.get("k", figures)
    figures.broken = True
    with capture_logs() as lines:
        for _ in range(2):
            district.now += 2 * MAXIMUM_AGE
            assert fresh.get("k", figures).value == 1
            settled(fresh)
    assert [(one["event"], one["key"]) for one in lines] == [("figures not refreshed", "k")] * 2
    figures.broken = False
    fresh.get("k", figures)
    settled(fresh)
    assert fresh.get("k", figures).value == 2


def test_what_cannot_be_made_at_first_is_told(fresh: FigureCache) -> None:
    """Whoever asks first hears of the fault, and the next one may succeed."""
    figures = Figures()
    figures.broken = True
    with pytest.raises(RuntimeError, match="no figures"):
        fresh.get("k", figures)
    figures.broken = False
    assert fresh.get("k", figures).value == 1


def test_a_long_question_is_answered_soon(district: SmallDistrict, fresh: FigureCache) -> None:
    """Nothing is there while it is made for the first time; then it is, and grows old alike."""
    figures = Figures()
    figures.gate.clear()
    assert fresh.soon("k", figures) is None
    assert fresh.soon("k", figures) is None
    figures.gate.set()
    settled(fresh)
    found = fresh.soon("k", figures)
    assert found is not None
    assert found.value == figures.made == 1
    district.now += 2 * MAXIMUM_AGE
    assert fresh.soon("k", figures) == found
    settled(fresh)
    assert figures.made == 2


def test_what_changed_is_forgotten(fresh: FigureCache) -> None:
    """After a close or an adjustment everything is made anew, and waited for."""
    figures = Figures()
    fresh.get("k", figures)
    fresh.clear()
    assert fresh.get("k", figures).value == 2


def test_what_is_made_of_what_was_before_is_not_kept(fresh: FigureCache) -> None:
    """Figures that were being made while something changed are made again for the next reader."""
    figures = Figures()

    def overtaken(reader: Reader) -> int:
        fresh.clear()
        return figures(reader)

    assert fresh.get("k", overtaken).value == 1
    assert fresh.get("k", figures).value == 2


def test_the_oldest_questions_are_let_go(fresh: FigureCache) -> None:
    """So many are kept; one that was asked longest ago is made again."""
    figures = Figures()
    for number in range(KEPT + 1):
        fresh.get(f"k-{number}", figures)
    settled(fresh)
    assert list(fresh._kept) == [f"k-{number}" for number in range(1, KEPT + 1)]
