"""Going live: before it nothing opens, its preview says what will, and then just that opens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.periods import local_date, month_of, parse_month
from events.refusals.errors import Refused
from scheduler.going_live import (
    CategoryReadiness,
    LivePreview,
    PlannedCycle,
    find_late_months,
    preview_live,
)
from tests.support.districts import CLERK, ZONE, District, meeting, scheme
from tracker.commands.district import go_live
from tracker.imports.importing import ImportResult, import_file

NOVEMBER = "2026-11-03 09:00"


@contextmanager
def set_up(at: str = NOVEMBER, size: int = 2) -> Iterator[District]:
    """A district that is being set up, in a database that is gone afterwards."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'tracker.db'}"
        district = District(url, size=size, at=at, first_month="2026-11", setup=True)
        with closing_district(district):
            yield district


@contextmanager
def closing_district(district: District) -> Iterator[None]:
    """Dispose of a district when the block ends."""

    class Disposal:
        def close(self) -> None:
            district.dispose()

    with closing(Disposal()):
        yield


def preview(district: District, month: str) -> LivePreview:
    """The preview of a month, now."""
    with district.read() as reader:
        now = district.clock().astimezone(ZONE)
        return preview_live(reader, parse_month(month), now, None)


def historical(district: District, on: str) -> ImportResult:
    """Import a meeting of a day as history."""
    line = meeting("c01", f"h-{on}", on) | {"recorded_on": on}
    return import_file(
        district.store,
        json.dumps(line).encode(),
        "history.jsonl",
        actor="os:clerk",
        today=local_date(district.clock(), ZONE),
        historical=True,
    )


def test_a_preview_names_what_opens_and_for_whom() -> None:
    """Past months open at once and keep their length, the next two come on their days."""
    with set_up() as district:
        district.meet("c01", "2026-11-02")
        shown = preview(district, "2026-09")
    assert shown.at_once == ["2026-09", "2026-10"]
    assert shown.span == "2026-09 to 2026-10"
    assert shown.cycles == [
        PlannedCycle("2026-09", "r", "2026-11-03", "2026-11-08", "2026-11-12", at_once=True),
        PlannedCycle("2026-10", "r", "2026-11-03", "2026-11-08", "2026-11-12", at_once=True),
        PlannedCycle("2026-11", "r", "2026-12-01", "2026-12-06", "2026-12-10", at_once=False),
        PlannedCycle("2026-12", "r", "2027-01-01", "2027-01-06", "2027-01-10", at_once=False),
    ]
    assert shown.categories == [
        CategoryReadiness("community", 2, 2, 0, 2, 1),
        CategoryReadiness("county", 1, 0, 1, 1, 1),
        CategoryReadiness("department", 1, 0, 1, 1, 1),
    ]


def test_a_preview_of_a_month_to_come() -> None:
    """The present month opens nothing at once; a month before any scheme is passed over."""
    with set_up() as district:
        shown = preview(district, "2026-11")
        before = preview(district, "2025-11")
    assert (shown.at_once, shown.span) == ([], "")
    assert [cycle.period for cycle in shown.cycles] == ["2026-11", "2026-12"]
    assert before.at_once[0] == "2026-01"


def test_one_month_at_once_is_one_month() -> None:
    """The span of one month is its name."""
    with set_up() as district:
        assert preview(district, "2026-10").span == "2026-10"


def test_unknown_working_days_end_the_list() -> None:
    """Months whose working days are not published yet are not listed, the others are."""

    def known(day: date) -> bool:
        if day.year > 2026:
            raise Refused("calendar_unknown", year=day.year)
        return True

    rolled = {"policy": "district", "spot_check": {"roll": "next_working_day"}}
    with set_up() as district:
        district.publish(rolled)
        with district.read() as reader:
            now = district.clock().astimezone(ZONE)
            shown = preview_live(reader, parse_month("2026-11"), now, known)
    assert [cycle.period for cycle in shown.cycles] == ["2026-11"]


def test_a_closed_root_opens_nothing_more() -> None:
    """The months of its life open, no month by the calendar follows."""
    with set_up(size=1) as district:
        for code in ("c01", "d", "r"):
            district.take(
                {"kind": "organization_change", "code": code, "on": "2026-10-20", "closed": True}
            )
        shown = preview(district, "2026-10")
    assert [(cycle.period, cycle.at_once) for cycle in shown.cycles] == [("2026-10", True)]
    assert shown.categories == []


def test_while_it_is_set_up_nothing_opens() -> None:
    """Neither a tick nor a person opens a month, and history of every month is taken."""
    with set_up() as district:
        assert district.tick() == []
        with pytest.raises(Refused) as caught:
            district.open("2026-10")
        assert caught.value.code == "being_set_up"
        assert "tracker go-live" in str(caught.value)
        assert historical(district, "2026-10-12").recorded == 1


def test_then_what_was_shown_opens() -> None:
    """After going live the next tick opens the months of the preview, and refuses their history."""
    with set_up() as district:
        assert historical(district, "2026-08-12").recorded == 1
        shown = preview(district, "2026-09")
        assert go_live(district.store, parse_month("2026-09"), CLERK)
        with district.read() as reader:
            late = find_late_months(
                reader, parse_month("2026-09"), district.clock().astimezone(ZONE), None
            )
        assert late == shown.at_once
        assert district.tick() == [(month, "open") for month in shown.at_once]
        for cycle in shown.cycles[: len(shown.at_once)]:
            opened = district.cycle(cycle.period)
            assert (str(opened.draws_on), str(opened.closes_on)) == (
                cycle.draws_on,
                cycle.closes_on,
            )
        (refused,) = historical(district, "2026-09-12").refused
        assert refused.message.key == "history_closed"
        assert historical(district, "2026-08-13").recorded == 1


STEPS = ("tick", "open", "history", "publish", "day", "month")


@settings(max_examples=12, deadline=None)
@given(
    before=st.lists(st.sampled_from(STEPS), max_size=8),
    first=st.integers(min_value=-3, max_value=1),
    days=st.lists(st.integers(min_value=1, max_value=20), min_size=1, max_size=4),
)
def test_being_set_up_changes_nothing_but_the_beginning(
    before: list[str], first: int, days: list[int]
) -> None:
    """Whatever comes before, nothing opens and all history is taken; afterwards it is the same.

    The same as in a district that was live at once from that month: cycles with their dates.
    """
    with set_up("2026-10-15 09:00", size=1) as district:
        for number, step in enumerate(before):
            _take_step(district, step, number)
        assert opened_cycles(district) == {}
        now = district.clock()
        present = month_of(local_date(now, ZONE))
        month = present
        for _ in range(abs(first)):
            month = month.previous() if first < 0 else month.next()
        assert go_live(district.store, month, CLERK)
        begun = now.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        with TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'tracker.db'}"
            other = District(url, size=1, at=begun, first_month=str(month))
            with closing_district(other):
                _publish_as_often(other, before)
                for count in days:
                    for each in (district, other):
                        _pass_days(each, count)
                        each.tick()
                    assert opened_cycles(district) == opened_cycles(other)


def _take_step(district: District, step: str, number: int) -> None:
    """Take one step of those that are tried while the district is being set up."""
    match step:
        case "tick":
            assert district.tick() == []
        case "open":
            with pytest.raises(Refused):
                district.open("2026-09")
        case "history":
            assert historical(district, f"2026-{number + 1:02}-03").refused == []
        case "publish":
            district.publish(scheme(version=number + 2))
        case "day":
            _pass_days(district, 1)
        case _:
            _pass_days(district, 31)


def _publish_as_often(district: District, before: list[str]) -> None:
    """Publish the versions that the other district has."""
    for number, step in enumerate(before):
        if step == "publish":
            district.publish(scheme(version=number + 2))


def _pass_days(district: District, count: int) -> None:
    """Put the clock forward by whole days."""
    day = local_date(district.clock(), ZONE).toordinal() + count
    district.at(f"{date.fromordinal(day)} 09:00")


def opened_cycles(district: District) -> dict[str, tuple[str, str, str, str]]:
    """The state and dates of every cycle, by month."""
    with district.read() as reader:
        periods = [period for (period,) in reader.rows("SELECT period FROM cycles")]
    cycles = {period: district.cycle(period) for period in periods}
    return {
        period: (
            str(cycle.state),
            str(cycle.draws_on),
            str(cycle.closes_on),
            json.dumps(cycle.frame, sort_keys=True),
        )
        for period, cycle in cycles.items()
    }
