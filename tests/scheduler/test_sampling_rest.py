"""Who rests after an inspection, and when they are drawn all the same."""

from typing import Any

from scheduler.sampling import DrawPlan, draw, seed_of
from tests.scheduler.test_sampling import PERIOD, SEED, SUMMER, codes_of, in_key_order, simple


def test_rest() -> None:
    """Organizations inspected in the last k cycles are set aside, earlier ones are not."""
    codes = codes_of(6)
    last = dict(
        zip(codes, ["2026-08", "2026-07", "2026-06", "2026-09", "2025-12", "2026-08"], strict=True)
    )
    result = simple(codes, DrawPlan(count=2, rest_months=2), **last)
    assert result.set_aside == {codes[0], codes[1], codes[3], codes[5]}
    assert set(result.codes) == {codes[2], codes[4]}


def test_rest_counts_cycles() -> None:
    """The last cycle is July's where none opened in August: who was inspected in it rests."""
    result = draw(
        ["a", "b", "c"],
        DrawPlan(count=1, rest_months=1),
        seed=SEED,
        period=PERIOD,
        last_inspected={"a": "2026-07", "b": "2026-06", "c": "2026-07"},
        earlier_cycles=["2026-07", "2026-06"],
    )
    assert result.set_aside == {"a", "c"}
    assert result.codes == ("b",)


def test_with_fewer_cycles_than_the_rest_all_of_them_count() -> None:
    """Who was inspected in one of the cycles there are rests; before the first nobody does."""
    plan = DrawPlan(count=1, rest_months=3)
    last = {"a": "2026-07"}
    for earlier, resting in ((["2026-08", "2026-07"], {"a"}), (["2026-08"], set()), ([], set())):
        result = draw(
            ["a", "b"], plan, seed=SEED, period=PERIOD, last_inspected=last, earlier_cycles=earlier
        )
        assert result.set_aside == resting


def test_rest_gives_way() -> None:
    """Where too few remain, those who rest are drawn after all others, by key."""
    codes = codes_of(6)
    last = dict.fromkeys(codes[:4], "2026-08")
    result = simple(codes, DrawPlan(count=3, rest_months=1), **last)
    first, *others = in_key_order(codes[:4])
    assert set(result.codes) == {codes[4], codes[5], first}
    assert result.set_aside == set(others)


def test_two_of_three_rested() -> None:
    """Of two to draw, the only one that does not rest is drawn for certain."""
    for number in range(20):
        result = draw(
            ["a", "b", "c"],
            DrawPlan(count=2, rest_months=1),
            seed=seed_of("0" * 64, str(number)),
            period=PERIOD,
            last_inspected={"a": "2026-08", "b": "2026-08"},
            earlier_cycles=SUMMER,
        )
        assert "c" in result.codes
        assert len(result.codes) == 2


def test_a_draw_that_counted_months_repeats() -> None:
    """Without the earlier cycles the old rule holds: calendar months, and nobody set aside."""
    codes = codes_of(6)
    plan = DrawPlan(count=3, rest_months=1)
    old: dict[str, Any] = {"seed": SEED, "period": PERIOD, "earlier_cycles": None}
    july = dict.fromkeys(codes[:3], "2026-07")
    assert draw(codes, plan, last_inspected=july, **old).set_aside == frozenset()
    august = dict.fromkeys(codes[:3], "2026-08")
    result = draw(codes, plan, last_inspected=august, **old)
    assert result.set_aside == set(codes[:3])
    assert set(result.codes) == set(codes[3:])
    result = draw(codes, plan, last_inspected=dict.fromkeys(codes[:4], "2026-08"), **old)
    assert result.set_aside == frozenset()
    assert list(result.codes) == in_key_order(codes)[:3]


def test_rest_over_the_turn_of_the_year() -> None:
    """The cycles before January's are those of the year before."""
    result = draw(
        ["a", "b"],
        DrawPlan(count=1, rest_months=1),
        seed=SEED,
        period="2027-01",
        last_inspected={"a": "2026-12", "b": "2026-11"},
        earlier_cycles=["2026-12", "2026-11"],
    )
    assert result.codes == ("b",)
