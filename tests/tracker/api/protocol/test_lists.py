"""Cursors are opaque texts of sort keys, and nothing else is a cursor."""

from __future__ import annotations

import pytest

from events.refusals.errors import Refused
from tracker.api.protocol.lists import read_cursor, write_cursor


def test_a_cursor_is_read_as_it_was_written() -> None:
    """Texts and numbers of a sort key come back unchanged."""
    assert read_cursor(write_cursor(["2026-09", 7]), str, int) == ["2026-09", 7]


@pytest.mark.parametrize(
    "parts", [["2026-09"], ["2026-09", "7"], ["2026-09", -1], ["a", 1 << 63], ["\0", 7]]
)
def test_a_forged_cursor_is_refused(parts: list[str | int]) -> None:
    """Another number of parts, another type or a number that no database holds is refused."""
    with pytest.raises(Refused) as refused:
        read_cursor(write_cursor(parts), str, int)
    assert (refused.value.code, refused.value.field) == ("bad_cursor", "after")
