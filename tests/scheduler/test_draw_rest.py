"""Which cycles a rest looks at: recorded by the draw, and verified."""

import pytest

from events.streams.cycles import SampleDrawn, cycle_stream
from scheduler.draw_check import verify_draw
from tests.support.districts import SEPTEMBER, District


def faults(district: District) -> list[str]:
    """Return the places of the problems of September's draw."""
    with district.read() as reader:
        return [problem.place for problem in verify_draw(reader, "r", SEPTEMBER)]


@pytest.mark.parametrize("rest", [0, 1, 2])
def test_the_cycles_that_a_rest_looks_at_are_recorded(sqlite_url: str, rest: int) -> None:
    """A draw records the newest cycles before it, skipped months left out, and those rest."""
    policy = {
        "spot_check": {"rest_months": rest, "everyone_within_months": "none"},
        "sampling": {"default": {"count": 1}},
    }
    district = District(sqlite_url, policy=policy, size=2, first_month="2026-01")
    inspected = []
    for period, month in (("2026-06", "07"), ("2026-07", "08"), ("2026-09", "10")):
        district.at(f"2026-{month}-06 12:00")
        district.open(period)
        district.draw(period)
        (drawn,) = district.cycle(period).sample
        inspected.append(drawn["organization"])
        district.submit(inspected[-1], period)
    expected = ("2026-07", "2026-06")[:rest]
    assert district.cycle().earlier_cycles == expected
    if rest == 1:
        assert inspected[0] != inspected[1] != inspected[2]
    assert faults(district) == []
    district.dispose()


@pytest.mark.parametrize("listed", [(), ("2026-06",), ("2026-09",), ("2026-08", "2026-06")])
def test_another_list_of_earlier_cycles_is_found(sqlite_url: str, listed: tuple[str, ...]) -> None:
    """The cycles that a rest looked at must be the newest that had opened before the draw."""
    policy = {"spot_check": {"rest_months": 1}, "sampling": {"default": {"count": 2}}}
    district = District(sqlite_url, policy=policy, first_month="2026-01")
    for local, period in (("2026-07-06 09:00", "2026-06"), ("2026-09-06 09:00", "2026-08")):
        district.at(local)
        district.open(period)
    district.drawn()
    district.at("2026-11-01 09:00")
    district.open("2026-10")
    assert district.cycle().earlier_cycles == ("2026-08",)
    assert faults(district) == []
    cycle = district.cycle()
    assert cycle.seed is not None
    forged = SampleDrawn(
        scope="r", period=SEPTEMBER, randomness="31415", drawn_by_system=False, seed=cycle.seed,
        strata=cycle.strata, sample_digest=cycle.sample_digest, earlier_cycles=listed,
    )  # fmt: skip
    district.tell(cycle_stream("r", SEPTEMBER), forged)
    assert faults(district) == ["earlier_cycles"]
    district.dispose()
