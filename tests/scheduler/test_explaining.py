from typing import Any

import pytest

from projections.cycles.draw import DrawSnapshot
from projections.scores.packed import PackedStrings
from scheduler.explaining import _rule


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
    """Drawn by its rule; else left out for a reason, set aside below the last key, or above it."""
    standing: dict[str, Any] = {"why": why, "highest": highest}
    assert _rule(standing, key, reason) == rule


def test_a_picture_without_a_stratum_knows_nobody() -> None:
    """Outside every frame nothing is told."""
    empty = PackedStrings([])
    assert DrawSnapshot({}, empty, empty, empty, {}).of("organization-a") is None
