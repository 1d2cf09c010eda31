"""What a runner refuses, and what it still does: other scopes, interrupted steps."""

from collections.abc import Callable
from datetime import date

import pytest

from events.refusals.errors import Kind, Refused
from projections.cycles.reading import read_cycle
from scheduler.drawing import draw_sample
from scheduler.runner import StepResult
from scheduler.spot_check import ProcessStep
from tests.support.districts import BY_CLOCK, SEPTEMBER, District, organization


def test_one_scope_that_refuses_does_not_stop_the_others(sqlite_district: District) -> None:
    """The refusal of one root is raised after the steps of the other roots."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.tick()
    sqlite_district.at("2026-10-06 09:00")
    sqlite_district.take(organization("s", None, "county"), organization("s1", "s"))
    sqlite_district.tick()  # s opens five days late, and is drawn on the day when r closes
    sqlite_district.at("2026-10-11 00:36")
    sqlite_district.meet("c05", "2026-10-02")
    sqlite_district.at("2026-10-11 00:30")
    reported: list[StepResult] = []
    sqlite_district.runner.report = reported.append
    with pytest.raises(Refused, match="correct the clock"):
        sqlite_district.tick()
    steps = (("r", ProcessStep.REMIND), ("s", ProcessStep.DRAW))
    assert reported == [StepResult(scope, SEPTEMBER, step, changed=True) for scope, step in steps]
    assert sqlite_district.cycle().state == "drawn"
    sqlite_district.at("2026-10-11 00:31")
    assert sqlite_district.runner.tick(BY_CLOCK) == [
        StepResult("r", SEPTEMBER, ProcessStep.CLOSE, changed=True)
    ]


def published_to(year: int) -> Callable[[date], bool]:
    """A calendar of working days that ends with a year."""

    def is_working_day(day: date) -> bool:
        if day.year > year:
            raise Refused("calendar_unknown", year=day.year)
        return day.weekday() < 5

    return is_working_day


def test_a_calendar_that_ends_stops_openings_alone(sqlite_url: str) -> None:
    """If next year's days are unknown, open cycles go on and the refusal is raised."""
    policy = {"spot_check": {"roll": "next_working_day"}}
    district = District(sqlite_url, policy=policy, first_month="2026-11")
    district.runner.is_working_day = published_to(2026)
    district.at("2026-12-28 09:00")
    district.open("2026-11")
    reported: list[StepResult] = []
    district.runner.report = reported.append
    for day in range(1, 10):
        district.at(f"2027-01-{day:02} 00:30")
        with pytest.raises(Refused, match="write them into the policy"):
            district.tick()
    steps = (ProcessStep.DRAW, ProcessStep.REMIND, ProcessStep.CLOSE)
    assert reported == [StepResult("r", "2026-11", step, changed=True) for step in steps]
    notice = {"2027": {"holidays": ["01-01..01-03"]}}
    (warning,) = district.runner.check_calendar()
    assert "the working days of 2027 are not known" in warning.problem
    district.publish(policy | {"policy": "district", "working_days": notice})
    assert district.runner.check_calendar() == ()
    assert district.tick() == [("2026-12", "open")]
    assert district.cycle("2026-12").closes_on == date(2027, 1, 16)
    district.dispose()


def test_a_draw_that_was_not_handed_out_is_finished(district: District) -> None:
    """If a process ends after the draw, the next tick hands the assignments out."""
    district.at("2026-10-01 00:30")
    district.open()
    district.at("2026-10-06 00:30")
    with district.store.append() as log:
        assert draw_sample(log, "r", SEPTEMBER, district.by, None)
    assert district.states() == {}
    assert district.tick() == [(SEPTEMBER, "assign")]
    assert set(district.states().values()) == {"open"}
    assert district.cycle().assigned


def test_by_hand_nothing_comes_before_its_day(sqlite_district: District) -> None:
    """Opening, draw and both kinds of closing are refused before their calendar days."""

    def too_early(step: Callable[[], bool], code: str, day: str) -> None:
        with pytest.raises(Refused, match=day) as caught:
            step()
        assert (caught.value.code, caught.value.kind) == (code, Kind.NOT_NOW)

    sqlite_district.at("2026-09-30 23:59")
    too_early(sqlite_district.open, "too_early_to_open", "2026-10-01")
    sqlite_district.at("2026-10-01 00:00")
    assert sqlite_district.open()
    sqlite_district.at("2026-10-05 23:59")
    too_early(sqlite_district.draw, "too_early_to_draw", "2026-10-06")
    too_early(lambda: sqlite_district.close(reason="防汛"), "too_early_to_close", "2026-10-06")
    sqlite_district.at("2026-10-06 00:00")
    assert sqlite_district.draw()
    sqlite_district.at("2026-10-10 23:59")
    too_early(sqlite_district.close, "too_early_to_close", "2026-10-11")
    sqlite_district.at("2026-10-11 00:00")
    assert sqlite_district.close()


def test_by_hand_a_late_cycle_is_done_at_once(sqlite_district: District) -> None:
    """A past month may be opened, drawn and closed by hand on one day."""
    sqlite_district.at("2026-12-20 09:00")
    assert sqlite_district.open()
    assert sqlite_district.cycle().draws_on == date(2026, 12, 25)
    assert sqlite_district.draw()
    assert sqlite_district.close()
    assert sqlite_district.cycle().closing_on == date(2026, 12, 20)
    assert set(sqlite_district.posted()) == set(sqlite_district.codes)


def move_under_new_root(district: District, *, on: str) -> None:
    """Bring the root under the new root z as of a day."""
    district.take(
        organization("z", None, "county"),
        {"kind": "organization_change", "code": "r", "on": on, "parent": "z", "reason": "归市管"},
    )


def test_the_cycle_of_a_root_that_got_a_parent_goes_on(sqlite_district: District) -> None:
    """The standing cycle is drawn and closed by its own scope; the new root opens the next."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.tick()
    sqlite_district.at("2026-10-02 09:00")
    move_under_new_root(sqlite_district, on="2026-10-02")
    for local in ("2026-10-06 00:30", "2026-10-11 00:30"):
        sqlite_district.at(local)
        sqlite_district.tick()
    assert sqlite_district.cycle().state == "closed"
    assert set(sqlite_district.posted()) == set(sqlite_district.codes)
    sqlite_district.at("2026-11-01 00:30")
    opened = [(step.scope, step.period) for step in sqlite_district.runner.tick(BY_CLOCK)]
    assert opened == [("z", "2026-10")]
    with pytest.raises(Refused, match="not a root") as caught:
        sqlite_district.open("2026-10")
    assert caught.value.code == "not_a_root"


def test_an_organization_is_in_one_frame_of_a_month(sqlite_district: District) -> None:
    """A parent as of a past day does not bring the frame of an open cycle into a second one."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.tick()
    sqlite_district.at("2026-10-02 09:00")
    move_under_new_root(sqlite_district, on="2026-09-15")
    sqlite_district.take(organization("c06", "z"))
    assert sqlite_district.tick() == [(SEPTEMBER, "open")]
    with sqlite_district.read() as reader:
        assert read_cycle(reader, "z", SEPTEMBER).frame == {"community": ("c06",)}
