"""The draw of a cycle: the place of each organization, and the chance to detect a bad one."""

from collections.abc import Iterator

import pytest

from events.streams.organizations import stream_of
from projections.cycles.draw import DrawPlace, detection_chance, draw_snapshot
from tests.support.districts import SEPTEMBER, District


@pytest.fixture
def drawn(database_url: str) -> Iterator[District]:
    """Eight communities, September drawn."""
    district = District(database_url, size=8)
    district.at("2026-10-01 09:00")
    district.open()
    district.at("2026-10-06 09:00")
    district.draw()
    yield district
    district.dispose()


def test_the_snapshot_is_the_draw(drawn: District) -> None:
    """The snapshot has stratum, key and rule of each organization of the frame, and no other."""
    cycle_now = drawn.drawn()
    with drawn.read() as reader:
        snapshot = draw_snapshot(reader, "r", SEPTEMBER)
    sample = {row["organization"]: row for row in cycle_now.sample}
    by_key = [row["key"] for row in cycle_now.sample if row["why"] == "by key"]
    for code in drawn.codes:
        assert snapshot.of(stream_of(code)) == DrawPlace(
            "community",
            population=8,
            code=code,
            key=sample[code]["key"] if code in sample else None,
            why=sample[code]["why"] if code in sample else None,
            highest=max(by_key, default=None),
        )
    assert snapshot.of(stream_of("d")) is None


def test_a_cycle_that_was_not_drawn_has_no_places(drawn: District) -> None:
    """Before a cycle opens the snapshot has no frame, and nobody a place."""
    with drawn.read() as reader:
        snapshot = draw_snapshot(reader, "r", "2026-10")
    assert snapshot.frame == {}
    assert snapshot.of(stream_of(drawn.codes[0])) is None


@pytest.mark.parametrize(
    ("population", "size", "bad", "chance"),
    [
        (500, 10, 2, "18.4"), (500, 20, 5, "64.8"), (500, 100, 5, "99.6"),
        (10_000, 30, 10, "95.7"), (3, 3, 5, "100.0"), (20, 0, 5, "0.0"), (0, 0, 5, None),
    ],
)  # fmt: skip
def test_the_chance_to_meet_one_of_the_bad(
    population: int, size: int, bad: int, chance: str | None
) -> None:
    """The chance is hypergeometric, exact, and rounded down."""
    assert detection_chance(population, size, bad) == chance
