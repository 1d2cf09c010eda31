"""What a runner catches up after an outage, and in which order."""

from datetime import date

from events.proofs.verify import verify_log
from tests.support.districts import SEPTEMBER, District

WHOLE = [
    "CycleOpened",
    "FrameCommitted",
    "SampleDrawn",
    "SampleListed",
    "InspectionsAssigned",
    "InspectorsReminded",
    "CycleClosing",
    "CycleClosed",
]


def test_three_months_without_service(district: District) -> None:
    """Every due step runs once and in order, and late cycles keep their length."""
    periods = ["2026-09", "2026-10", "2026-11"]
    for local, done in {
        "2026-12-20 09:00": ["open"],
        "2026-12-25 00:30": ["draw"],
        "2026-12-30 09:00": ["remind", "close"],
    }.items():
        district.at(local)
        assert district.tick() == [(period, step) for step in done for period in periods]
    for period in periods:
        cycle = district.cycle(period)
        assert (cycle.opened_on, cycle.closes_on) == (date(2026, 12, 20), date(2026, 12, 29))
        assert district.types(period) == WHOLE
        assert set(district.posted(period)) == set(district.codes)
    assert verify_log(district.engine).ok


def test_a_late_draw_keeps_the_days_to_the_close(district: District) -> None:
    """After an outage from the 2nd to the 20th inspectors have their days before the close."""
    district.at("2026-10-01 00:30")
    district.tick()
    steps_done = []
    for day in range(20, 26):
        district.at(f"2026-10-{day} 09:00")
        steps_done += [(day, step) for _, step in district.tick()]
    assert steps_done == [(20, "draw"), (22, "remind"), (25, "close")]
    cycle = district.cycle()
    assert (cycle.draws_on, cycle.closes_on) == (date(2026, 10, 20), date(2026, 10, 24))
    assert cycle.closing_on == date(2026, 10, 24)
    assert set(district.states().values()) == {"missed"}
    assert set(district.posted()) == set(district.codes)


def test_a_sheet_after_a_late_draw_counts(sqlite_district: District) -> None:
    """An outage from the 5th to the 11th loses no inspection: sheets are taken until the 15th."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.tick()
    sqlite_district.at("2026-10-11 09:00")
    assert sqlite_district.tick() == [(SEPTEMBER, "draw")]
    (drawn,) = sqlite_district.cycle().sample
    sqlite_district.at("2026-10-15 23:00")
    sqlite_district.tick()
    assert sqlite_district.submit(drawn["organization"])
    sqlite_district.at("2026-10-16 00:30")
    assert sqlite_district.tick() == [(SEPTEMBER, "close")]
    assert sqlite_district.states() == {drawn["organization"]: "scored"}


def test_a_late_draw_may_be_closed_at_once_by_hand(sqlite_district: District) -> None:
    """With a reason the cycle closes on the day of its late draw, and nothing was held."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.tick()
    sqlite_district.at("2026-10-20 09:00")
    sqlite_district.tick()
    assert sqlite_district.close(reason="停电")
    assert set(sqlite_district.states().values()) == {"not_held"}
    assert sqlite_district.cycle().closing_on == date(2026, 10, 20)
    assert sqlite_district.tick() == []


def test_months_caught_up_close_in_order(sqlite_district: District) -> None:
    """A month drawn late closes before the next one, however the days of the next one fall."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.tick()
    sqlite_district.at("2026-11-09 09:00")
    assert sqlite_district.tick() == [(SEPTEMBER, "draw"), ("2026-10", "open")]
    steps_done = []
    for day in range(10, 20):
        sqlite_district.at(f"2026-11-{day} 00:30")
        steps_done += [(day, *step) for step in sqlite_district.tick()]
    assert steps_done == [
        (11, SEPTEMBER, "remind"),
        (14, SEPTEMBER, "close"),
        (14, "2026-10", "draw"),
        (16, "2026-10", "remind"),
        (19, "2026-10", "close"),
    ]


def test_three_months_without_service_in_the_middle_of_a_cycle(sqlite_district: District) -> None:
    """An open cycle is drawn first, and its inspections are held before it closes."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.tick()
    sqlite_district.at("2026-12-20 09:00")
    assert sqlite_district.tick() == [
        (SEPTEMBER, "draw"),
        ("2026-10", "open"),
        ("2026-11", "open"),
    ]
    assert set(sqlite_district.states().values()) == {"open"}
    assert sqlite_district.cycle().closes_on == date(2026, 12, 24)
