from datetime import UTC, date, datetime

from tests.support.icalendar import read_calendar
from tracker.export.calendar import CalendarDay, calendar_response, calendar_text

NOW = datetime(2026, 9, 20, 1, 2, 3, tzinfo=UTC)


def test_days_are_read_back() -> None:
    """Whole days with their texts, however long or odd, are what a calendar program reads."""
    long = "支部委员会会议" * 20 + "，a;b\\c\nd\x07"
    days = [
        CalendarDay("u-1", date(2026, 12, 31), long, "红星社区, 和平社区"),
        CalendarDay("u-2", date(2026, 2, 28), "x"),
    ]
    first, second = read_calendar(calendar_text("待办; 日历", days, NOW))
    assert first["SUMMARY"] == long.removesuffix("\x07")
    assert first["DESCRIPTION"] == "红星社区, 和平社区"
    assert (first["DTSTART"], first["DTEND"]) == ("20261231", "20270101")
    assert (second["DTSTART"], second["DTEND"], second["UID"]) == ("20260228", "20260301", "u-2")
    assert second["DTSTAMP"] == "20260920T010203Z"
    assert "DESCRIPTION" not in second


def test_an_empty_calendar_is_one() -> None:
    """Nothing to do is a calendar without events."""
    assert read_calendar(calendar_text("空", [], NOW)) == []


def test_a_calendar_is_not_cached() -> None:
    """The answer is personal: its type is a calendar's, and nobody stores it."""
    answer = calendar_response(calendar_text("空", [], NOW))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
