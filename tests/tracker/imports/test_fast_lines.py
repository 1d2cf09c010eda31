"""The fast path agrees with the exact path, or leaves the line to it."""

from typing import Any

import pytest

from events.streams.records import RecordActivity
from tracker.imports.fast_lines import parse_common_activity

LINE: dict[str, Any] = {
    "kind": "activity",
    "organization": "c01",
    "record_id": "r-1",
    "activity": "party_lesson",
    "occurred_on": "2026-09-01",
    "title": "九月党课",
    "attendance": {"present": 9, "expected": 10},
    "money": {"due": "10", "paid": "9.5"},
    "evidence": ["minutes"],
}


def test_a_common_line_is_the_command_of_the_model() -> None:
    """The command equals what full validation makes of the same line."""
    parsed = parse_common_activity(LINE)
    assert parsed is not None
    fields = {name: value for name, value in LINE.items() if name != "kind"}
    fields["evidence"] = [{"kind": "minutes"}]
    assert parsed == (RecordActivity.model_validate(fields), None)


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": "red"},
        {"record_id": " r-1"},
        {"record_id": 7},
        {"title": "e\u0301"},
        {"title": "two\nlines"},
        {"occurred_on": "2026-9-1"},
        {"attendance": {"present": "9", "expected": 10}},
        {"attendance": {"present": 9}},
        {"money": {"due": 10}},
        {"evidence": "minutes"},
        {"evidence": ["minutes"] * 51},
        {"organization": None},
    ],
)
def test_an_unusual_line_is_left_to_the_exact_path(changes: dict[str, Any]) -> None:
    """Whatever is not plainly valid gives None, never a fault."""
    assert parse_common_activity(LINE | changes) is None
