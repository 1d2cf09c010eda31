"""Instants are shown by the district's clock, which has a name in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tracker.wording.clock import LocalClock

SHANGHAI = LocalClock(ZoneInfo("Asia/Shanghai"))


def test_instants_are_local() -> None:
    """An instant, as such or as stored, is the local date and time; None is empty."""
    assert SHANGHAI.show("2026-09-30T16:30:59.123456Z") == "2026-10-01 00:30"
    assert SHANGHAI.show_seconds("2026-09-30T16:30:59.123456Z") == "2026-10-01 00:30:59"
    assert SHANGHAI.show(datetime(2026, 9, 1, tzinfo=UTC)) == "2026-09-01 08:00"
    assert SHANGHAI.show(None) == ""
    assert SHANGHAI.show_seconds("") == ""


def test_the_clock_has_a_name() -> None:
    """China's time is called as officials call it; other zones by their name."""
    assert (SHANGHAI.name("zh"), SHANGHAI.name("en")) == ("北京时间", "Asia/Shanghai")
    assert LocalClock(ZoneInfo("Asia/Urumqi")).name("zh") == "Asia/Urumqi"
