import pytest

from projections.cycles.draw import DrawPlace, DrawSnapshot
from projections.scores.packed import PackedStrings
from scheduler.explaining import find_rule


@pytest.mark.parametrize(
    ("why", "key", "highest", "reason", "rule"),
    [
        ("by key", "a", "b", None, "key"),
        ("longest without inspection", "f", "b", None, "longest"),
        (None, "a", "b", "visit_cap_reached", "left_out"),
        (None, "a", "b", None, "set_aside"),
        (None, "c", "b", None, "key_too_high"),
        (None, "c", None, None, "key_too_high"),
    ],
)
def test_the_rule_that_decided(
    why: str | None, key: str, highest: str | None, reason: str | None, rule: str
) -> None:
    """The rule is that of the draw, else left out, set aside below the last key, or above it."""
    place = DrawPlace("community", 8, "c", None, why, highest)
    assert find_rule(place, key, reason) == rule


def test_a_snapshot_without_a_stratum_is_empty() -> None:
    """An organization outside every frame has no place in the draw."""
    empty = PackedStrings([])
    assert DrawSnapshot({}, empty, empty, empty, {}).of("organization-a") is None
