"""A district's zone and first month are fixed once."""

from events.refusals.errors import Kind
from events.streams.districts import DECIDER, DistrictInitialized, DistrictState, InitializeDistrict
from events.streams.imports import ImportFinished
from tests.support.given import Given

given = Given(DECIDER)
FIXED = DistrictInitialized(zone="Asia/Shanghai", first_month="2026-01")
FIX = InitializeDistrict("Asia/Shanghai", "2026-01")


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


def test_other_events_leave_the_district_as_it_is() -> None:
    """What is none of its events changes nothing."""
    assert given(FIXED, ImportFinished(recorded=1, unchanged=0)).state == DistrictState(
        "Asia/Shanghai", "2026-01"
    )
