"""The figure cache makes a value once for many readers and refreshes it in the background."""

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
    """A district with a clock and a store."""
    small = SmallDistrict(sqlite_url)
    yield small
    small.dispose()


@pytest.fixture
def cache(district: SmallDistrict) -> Iterator[FigureCache]:
    """A cache of the district's figures."""
    figure_cache = FigureCache(district.store)
    yield figure_cache
    figure_cache.close()


def settled(cache: FigureCache) -> None:
    """Wait until nothing is made in the background any more."""
    cache._pool.submit(lambda: None).result(10)


def test_many_readers_wait_for_one_maker(cache: FigureCache) -> None:
    """Twenty ask at once for what nobody made yet: it is made once, all see the same."""
    figures = Figures()
    figures.gate.clear()
    with ThreadPoolExecutor(20) as pool:
        pending = [pool.submit(cache.get, "k", figures) for _ in range(20)]
        figures.gate.set()
        values = {future.result(10) for future in pending}
    assert len(values) == 1
    assert figures.made == 1


def test_the_old_value_is_served_while_a_new_one_is_made(
    district: SmallDistrict, cache: FigureCache
) -> None:
    """Nobody waits after the first; the value has its age; it is refreshed only once."""
    figures = Figures()
    first = cache.get("k", figures)
    district.now += MAXIMUM_AGE
    figures.gate.clear()
    again = [cache.get("k", figures) for _ in range(5)]
    assert {(one.value, one.made_at) for one in again} == {(1, first.made_at)}
    figures.gate.set()
    settled(cache)
    newer = cache.get("k", figures)
    assert (newer.value, newer.made_at > first.made_at + MAXIMUM_AGE) == (2, True)


def test_young_values_are_left_alone(district: SmallDistrict, cache: FigureCache) -> None:
    """Within a minute nothing is refreshed."""
    figures = Figures()
    cache.get("k", figures)
    district.now += MAXIMUM_AGE - timedelta(seconds=10)
    cache.get("k", figures)
    settled(cache)
    assert figures.made == 1


def test_a_value_that_cannot_be_refreshed_stays(
    district: SmallDistrict, cache: FigureCache
) -> None:
    """The old value goes on with its age, the log says so, and the next reader tries again."""
    figures = Figures()
    cache.get("k", figures)
    figures.broken = True
    with capture_logs() as lines:
        for _ in range(2):
            district.now += 2 * MAXIMUM_AGE
            assert cache.get("k", figures).value == 1
            settled(cache)
    assert [(one["event"], one["key"]) for one in lines] == [("figures not refreshed", "k")] * 2
    figures.broken = False
    cache.get("k", figures)
    settled(cache)
    assert cache.get("k", figures).value == 2


def test_a_first_failure_is_raised(cache: FigureCache) -> None:
    """The first reader gets the error, and the next one may succeed."""
    figures = Figures()
    figures.broken = True
    with pytest.raises(RuntimeError, match="no figures"):
        cache.get("k", figures)
    figures.broken = False
    assert cache.get("k", figures).value == 1


def test_a_long_question_is_answered_soon(district: SmallDistrict, cache: FigureCache) -> None:
    """Nothing is there while it is made for the first time; then it is, and grows old alike."""
    figures = Figures()
    figures.gate.clear()
    assert cache.get_if_made("k", figures) is None
    assert cache.get_if_made("k", figures) is None
    figures.gate.set()
    settled(cache)
    cached = cache.get_if_made("k", figures)
    assert cached is not None
    assert cached.value == figures.made == 1
    district.now += 2 * MAXIMUM_AGE
    assert cache.get_if_made("k", figures) == cached
    settled(cache)
    assert figures.made == 2


def test_what_changed_is_forgotten(cache: FigureCache) -> None:
    """After a close or an adjustment every value is made again, and waited for."""
    figures = Figures()
    cache.get("k", figures)
    cache.clear()
    assert cache.get("k", figures).value == 2


def test_what_is_made_of_what_was_before_is_not_kept(cache: FigureCache) -> None:
    """Figures that were being made while something changed are made again for the next reader."""
    figures = Figures()

    def overtaken(reader: Reader) -> int:
        cache.clear()
        return figures(reader)

    assert cache.get("k", overtaken).value == 1
    assert cache.get("k", figures).value == 2


def test_the_oldest_values_are_dropped(cache: FigureCache) -> None:
    """At most ``KEPT`` values are kept; the least recently made is dropped."""
    figures = Figures()
    for number in range(KEPT + 1):
        cache.get(f"k-{number}", figures)
    settled(cache)
    assert list(cache._values) == [f"k-{number}" for number in range(1, KEPT + 1)]
