"""A district's zone and first month are fixed once, its first month at the latest by going live."""

import pytest

from events.event import Event
from events.periods import parse_month
from events.refusals.errors import Kind
from events.streams.districts import (
    DECIDER,
    DistrictInitialized,
    DistrictState,
    GoLive,
    InitializeDistrict,
    WentLive,
)
from events.streams.imports import ImportFinished
from tests.support.given import Given

given = Given(DECIDER)
FIXED = DistrictInitialized(zone="Asia/Shanghai", first_month="2026-01")
FIX = InitializeDistrict("Asia/Shanghai", "2026-01")
SET_UP = DistrictInitialized(zone="Asia/Shanghai", first_month="2026-01", setup=True)
LIVE = WentLive(first_month="2026-09")


def go_live(month: str, today: str = "2026-11") -> GoLive:
    """The command, given in a month."""
    return GoLive(parse_month(month), parse_month(today))


def test_a_district_is_initialized_once() -> None:
    """The first time it is an event, the same again changes nothing."""
    given().when(FIX).then(FIXED)
    given(FIXED).when(FIX).then()


def test_zone_and_first_month_never_change() -> None:
    """Another zone or another month is refused, and the refusal names those that stand."""
    for other in (
        InitializeDistrict("UTC", "2026-01"),
        InitializeDistrict("Asia/Shanghai", "2027-01"),
    ):
        refused = given(FIXED).when(other).refused("district_fixed", month="2026-01")
        assert refused.kind is Kind.CONFLICT


def test_without_setup_the_event_is_the_old_one() -> None:
    """A district that is live at once is stored as before the setting up existed."""
    assert FIXED.data() == {"zone": "Asia/Shanghai", "first_month": "2026-01"}
    assert not given(FIXED).state.being_set_up


def test_other_events_leave_the_district_as_it_is() -> None:
    """What is none of its events changes nothing."""
    assert given(FIXED, ImportFinished(recorded=1, unchanged=0)).state == DistrictState(
        "Asia/Shanghai", "2026-01"
    )


def test_a_district_is_set_up_and_goes_live_once() -> None:
    """Going live sets the first month; the same month again changes nothing, another is refused."""
    given().when(InitializeDistrict("Asia/Shanghai", "2026-01", setup=True)).then(SET_UP)
    assert given(SET_UP).state.being_set_up
    given(SET_UP).when(go_live("2026-09")).then(LIVE)
    assert given(SET_UP, LIVE).state == DistrictState(
        "Asia/Shanghai", "2026-09", planned_month="2026-01"
    )
    given(SET_UP, LIVE).when(go_live("2026-09")).then()
    given(SET_UP, LIVE).when(go_live("2026-10")).refused("already_live", month="2026-09")


def test_a_district_that_is_live_at_once_has_gone_live() -> None:
    """Its own first month changes nothing, another is refused; without a district both are."""
    given(FIXED).when(go_live("2026-01")).then()
    given(FIXED).when(go_live("2026-02")).refused("already_live", month="2026-01")
    given().when(go_live("2026-01")).refused("no_district")


def test_the_first_month_is_at_most_a_year_ahead() -> None:
    """The same month of next year is taken, the one after it is refused."""
    given(SET_UP).when(go_live("2027-11")).then(WentLive(first_month="2027-11"))
    given(SET_UP).when(go_live("2027-12")).refused("live_too_late", latest="2027-11")


@pytest.mark.parametrize("history", [(SET_UP,), (SET_UP, LIVE)])
def test_setting_up_is_repeated(history: tuple[Event, ...]) -> None:
    """The same initialization again changes nothing, with or without the option."""
    for setup in (True, False):
        given(*history).when(InitializeDistrict("Asia/Shanghai", "2026-01", setup)).then()


def test_a_live_district_is_not_set_up_again() -> None:
    """A district that began live cannot be set up afterwards."""
    again = InitializeDistrict("Asia/Shanghai", "2026-01", setup=True)
    given(FIXED).when(again).refused("already_live", month="2026-01")
