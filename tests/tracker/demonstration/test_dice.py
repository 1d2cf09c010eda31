"""Reproducible choices of the demonstration district."""

from __future__ import annotations

from tracker.demonstration.dice import Dice


def test_the_same_seed_and_place_choose_the_same() -> None:
    """A choice depends on seed, place and name alone."""
    assert Dice(1, "a").number("x") == Dice(1).at("a").number("x")
    numbers = {Dice(seed, place).number(name) for seed in (1, 2) for place in "ab" for name in "xy"}
    assert len(numbers) == 8


def test_choices_keep_their_bounds() -> None:
    """Numbers are between both bounds, and both occur."""
    numbers = {Dice(1).between(3, 5, str(place)) for place in range(100)}
    assert numbers == {3, 4, 5}
    assert not any(Dice(1).chance(0, str(place)) for place in range(100))
    assert all(Dice(1).chance(1000, str(place)) for place in range(100))


def test_options_are_picked_and_shuffled() -> None:
    """A pick is one of the options, and a shuffle keeps all of them."""
    options = list(range(50))
    assert Dice(1).pick(options, "x") in options
    shuffled = Dice(1).shuffled(options, "x")
    assert sorted(shuffled) == options
    assert shuffled != options
