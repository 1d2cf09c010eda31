"""A clock that may be wrong stops the scheduler until a person confirms it."""

from datetime import UTC, datetime, timedelta

import pytest

from events.log.store import Store
from events.refusals.errors import Kind, Refused
from projections.catalog import Projector
from scheduler.clock_check import ClockWatch, check_clock_ahead, check_clock_behind, read_newest
from tests.support.districts import CLERK, SEPTEMBER, District
from tracker.commands.clock import confirm_clock
from tracker.storage.database import migrate, open_engine


def refused(district: District) -> str:
    """The code under which a tick is refused."""
    with pytest.raises(Refused) as caught:
        district.tick()
    assert caught.value.kind is Kind.NOT_NOW
    return caught.value.code


def confirm(district: District, reason: str = "已校准") -> datetime:
    """A person confirms the clock."""
    return confirm_clock(district.store, reason, CLERK, district.runner.database_now)


def test_a_clock_a_year_ahead_opens_nothing(district: District) -> None:
    """A clock more than 180 days after the newest event stops every step until it is confirmed."""
    district.at("2027-10-11 00:30")
    assert refused(district) == "clock_quiet"
    assert district.types() == []
    confirm(district)
    assert (SEPTEMBER, "open") in district.tick()


def test_half_a_year_is_caught_up_without_a_question(sqlite_district: District) -> None:
    """A clock 180 days after the newest event is no reason to stop."""
    with sqlite_district.read() as reader:
        newest = sqlite_district.clock()
        check_clock_ahead(reader, newest + timedelta(days=180))
        with pytest.raises(Refused, match="180 days"):
            check_clock_ahead(reader, newest + timedelta(days=180, seconds=1))


def test_events_of_the_future_stop_closing_until_a_person_confirms(district: District) -> None:
    """After an import by a clock a year ahead the month closes once the clock is confirmed."""
    district.drawn()
    district.at("2027-09-20 09:00")
    district.meet("c05", "2026-10-02")
    district.at("2026-10-11 00:30")
    assert refused(district) == "clock_behind"
    confirm(district)
    assert district.tick() == [(SEPTEMBER, "close")]
    assert set(district.posted()) == set(district.codes)


def test_a_confirmation_is_no_leave_for_a_clock_that_goes_back(sqlite_district: District) -> None:
    """After it the clock may be five minutes behind the confirmed instant, not six."""
    sqlite_district.drawn()
    sqlite_district.at("2027-09-20 09:00")
    sqlite_district.meet("c05", "2026-10-02")
    sqlite_district.at("2026-10-11 00:36")
    confirm(sqlite_district)
    sqlite_district.at("2026-10-11 00:30")
    assert refused(sqlite_district) == "clock_behind"
    sqlite_district.at("2026-10-11 00:31")
    assert sqlite_district.tick() == [(SEPTEMBER, "close")]


def test_a_database_server_with_another_clock_stops(sqlite_district: District) -> None:
    """More than five minutes from the database's clock stop; the confirmed difference does not."""
    sqlite_district.at("2026-10-01 00:30")
    ahead = timedelta(minutes=5)
    sqlite_district.runner.database_now = lambda _reader: sqlite_district.clock() - ahead
    assert sqlite_district.tick() == [(SEPTEMBER, "open")]
    ahead = timedelta(minutes=60)
    sqlite_district.at("2026-10-06 00:30")
    assert refused(sqlite_district) == "clock_differs"
    confirm(sqlite_district)
    assert sqlite_district.tick() == [(SEPTEMBER, "draw")]
    ahead = timedelta(minutes=66)
    assert refused(sqlite_district) == "clock_differs"


class SetSeconds:
    """A steady clock that a test sets."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.seconds = 0.0

    def __call__(self) -> float:
        """The seconds."""
        return self.seconds


def test_a_clock_put_forward_while_the_process_runs_stops(sqlite_district: District) -> None:
    """A gain on the steady clock stops every step, and a later confirmation ends it."""
    sqlite_district.at("2026-10-01 00:00")
    steady = SetSeconds()
    sqlite_district.runner.watch = ClockWatch(sqlite_district.clock, steady)
    sqlite_district.at("2026-10-01 00:35")
    steady.seconds = 30.0 * 60
    assert sqlite_district.tick() == [(SEPTEMBER, "open")]
    confirm(sqlite_district)
    sqlite_district.at("2026-10-06 00:30")
    assert refused(sqlite_district) == "clock_jumped"
    sqlite_district.at("2026-10-06 00:31")
    confirm(sqlite_district)
    assert sqlite_district.tick() == [(SEPTEMBER, "draw")]
    steady.seconds += 30
    assert sqlite_district.tick() == []


def test_a_clock_that_was_put_right_needs_no_confirmation(sqlite_district: District) -> None:
    """When the gain is gone the steps go on."""
    steady = SetSeconds()
    sqlite_district.runner.watch = ClockWatch(sqlite_district.clock, steady)
    before = sqlite_district.clock()
    sqlite_district.at("2026-10-06 00:30")
    assert refused(sqlite_district) == "clock_jumped"
    sqlite_district.clock.now = before
    assert sqlite_district.tick() == []


def test_a_confirmation_needs_a_reason(sqlite_district: District) -> None:
    """Spaces are no reason."""
    with pytest.raises(Refused, match="why the clock is right"):
        confirm(sqlite_district, "  ")


def test_a_log_without_events_has_no_clock_to_be_behind(sqlite_url: str) -> None:
    """Before ``tracker init`` any clock will do."""
    engine = open_engine(sqlite_url)
    migrate(engine)
    store = Store(engine, lambda: datetime(2026, 1, 1, tzinfo=UTC), Projector())
    with store.read() as reader:
        assert read_newest(reader) is None
        check_clock_behind(reader, datetime(1999, 1, 1, tzinfo=UTC))
    engine.dispose()
