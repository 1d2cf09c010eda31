from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

import pytest

from events.periods import parse_month
from events.refusals.errors import Kind, Refused
from events.streams.cycles import CODES_PER_EVENT, cycle_stream
from projections.cycles.reading import read_cycle, read_cycle_head
from scheduler.opening import open_cycle
from tests.support.districts import SEPTEMBER, District, organization, scheme


def refused(district: District, period: str) -> Refused:
    """Return why a month is not opened, after asserting that nothing was written."""
    with pytest.raises(Refused) as caught:
        district.open(period)
    assert district.types(period) == []
    return caught.value


def test_the_frame_is_committed_by_its_digest(district: District) -> None:
    """The opening commits to the codes in order by the digest of docs/semantics.md, section 8.1."""
    district.at("2026-10-01 00:30")
    assert district.open()
    opened, *parts = (event.data for event in district.events(cycle_stream("r", SEPTEMBER)))
    assert parts == [
        {
            "scope": "r",
            "period": SEPTEMBER,
            "stratum": "community",
            "part": 1,
            "codes": ["c01", "c02", "c03", "c04", "c05"],
        }
    ]
    assert opened["frame_digest"] == sha256(b"c01\nc02\nc03\nc04\nc05\n").hexdigest()
    assert opened["strata"] == [{"stratum": "community", "N": 5, "n": 1}]
    assert opened["last_seal"] == "0" * 64


def test_versions_are_pinned(district: District) -> None:
    """The opening pins the scheme version of the month and the policy of the day of opening."""
    district.publish(scheme(version=2, effective_from="2026-09"))
    district.publish(scheme(version=3, effective_from="2026-10"))
    district.publish({"policy": "district", "unchecked_month": "derived"})
    district.at("2026-10-01 00:30")
    district.open()
    district.publish({"policy": "district", "unchecked_month": "none"})
    cycle = district.cycle()
    assert cycle.schemes == ({"category": "community", "scheme": "community-test", "version": 2},)
    assert (cycle.policy_version, cycle.policy["unchecked_month"]) == (1, "derived")


def test_nobody_is_drawn_at_the_opening(district: District) -> None:
    """Opening twice changes nothing, and no event of the opening names a drawn organization."""
    district.at("2026-10-01 00:30")
    assert district.open()
    assert not district.open()
    assert district.types() == ["CycleOpened", "FrameCommitted"]
    assert district.cycle().sample == ()
    assert district.states() == {}


def test_an_opening_is_done_once_whoever_asks(sqlite_district: District) -> None:
    """A second opening of an open month adds no event, even past the calendar's check."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.open()
    with sqlite_district.store.append() as log:
        assert not open_cycle(
            log, sqlite_district.root(), parse_month(SEPTEMBER), sqlite_district.by
        )


def test_a_large_frame_stands_in_parts(sqlite_district: District) -> None:
    """No event holds more than a thousand codes, and the parts put together are the frame."""
    codes = [f"x{number:04}" for number in range(2 * CODES_PER_EVENT)]
    sqlite_district.take(*(organization(code, "r") for code in codes))
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.open()
    parts = [event.data for event in sqlite_district.events(cycle_stream("r", SEPTEMBER))[1:]]
    assert [(part["part"], len(part["codes"])) for part in parts] == [(1, 1000), (2, 1000), (3, 5)]
    assert [code for part in parts for code in part["codes"]] == sorted(
        [*codes, *sqlite_district.codes]
    )
    lines = "".join(f"{code}\n" for code in sorted([*codes, *sqlite_district.codes]))
    assert sqlite_district.cycle().frame_digest == sha256(lines.encode()).hexdigest()


def test_the_frame_is_who_lives_on_the_last_day(sqlite_district: District) -> None:
    """The frame holds organizations registered by and not closed before the month's last day."""
    line: dict[str, Any] = {"kind": "organization_change", "reason": "撤销"}
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.take(
        organization("late", "r") | {"registered_on": "2026-09-30"},
        organization("next", "r") | {"registered_on": "2026-10-01"},
        line | {"code": "c01", "on": "2026-09-29", "closed": True},
        line | {"code": "c02", "on": "2026-09-30", "closed": True},
        line | {"code": "c03", "on": "2026-09-30", "category": "department"},
        line | {"code": "c04", "on": "2026-10-01", "category": "department"},
    )
    sqlite_district.open()
    assert sqlite_district.cycle().frame == {"community": ("c02", "c04", "c05", "late")}


def test_a_month_opens_when_it_is_over(sqlite_district: District) -> None:
    """Before its day ``opens`` a month is refused, the current month too."""
    sqlite_district.at("2026-09-30 23:59")
    error = refused(sqlite_district, SEPTEMBER)
    assert (error.code, error.kind) == ("too_early_to_open", Kind.NOT_NOW)


def test_no_month_before_the_first(sqlite_district: District) -> None:
    """No cycle is opened for a month before the district's first one."""
    sqlite_district.at("2026-10-01 00:30")
    error = refused(sqlite_district, "2026-08")
    assert (error.code, error.params["first"]) == ("before_first_month", SEPTEMBER)


def test_a_month_without_a_scheme_does_not_open(sqlite_url: str) -> None:
    """Without a scheme in force no cycle opens, and the refusal says what to do."""
    district = District(sqlite_url, first_month="2025-11", at="2026-01-05 09:00")
    error = refused(district, "2025-12")
    assert error.code == "no_scheme_in_force"
    assert "tracker scheme publish" in str(error)
    district.dispose()


def test_a_cycle_that_opens_late_keeps_its_length(sqlite_district: District) -> None:
    """Draw, reminder and close follow the real opening after as many days as planned."""
    sqlite_district.at("2026-10-20 09:00")
    sqlite_district.open()
    cycle = sqlite_district.cycle()
    assert (cycle.opened_on, cycle.draws_on) == (date(2026, 10, 20), date(2026, 10, 25))
    assert (cycle.reminds_on, cycle.closes_on) == (date(2026, 10, 27), date(2026, 10, 29))


def test_the_source_of_randomness_is_named_before_it_speaks(sqlite_url: str) -> None:
    """The opening names the public source that the policy names."""
    policy = {"spot_check": {"randomness": "七星彩"}}
    district = District(sqlite_url, policy=policy, at="2026-10-01 00:30")
    district.open()
    assert district.cycle().randomness_source == "七星彩"
    district.dispose()


def test_a_second_cycle_names_the_seal_of_the_first(sqlite_district: District) -> None:
    """The opening after a closing commits to the root of the seal that the closing made."""
    sqlite_district.drawn()
    sqlite_district.at("2026-11-01 00:30")
    assert ("2026-10", "open") in sqlite_district.tick()
    closed = sqlite_district.events(cycle_stream("r", SEPTEMBER))[-1]
    assert sqlite_district.cycle("2026-10").last_seal == closed.data["seal_root"] != "0" * 64


def test_a_cycle_belongs_to_the_first_code_of_its_root(sqlite_district: District) -> None:
    """A root that got another code keeps the name of its cycles."""
    line = {"kind": "organization_change", "code": "r", "on": "2026-09-02", "new_code": "R2"}
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.take(line | {"reason": "改码"})
    sqlite_district.open()
    with sqlite_district.read() as reader:
        assert read_cycle(reader, "r", SEPTEMBER).state == "open"


def test_the_head_of_a_cycle_is_the_cycle_without_who(sqlite_district: District) -> None:
    """Dates, versions and state equal those of the whole cycle; frame and sample are left out."""
    whole = sqlite_district.drawn()
    with sqlite_district.read() as reader:
        head = read_cycle_head(reader, "r", SEPTEMBER)
    assert whole.frame
    assert whole.sample
    assert head == replace(whole, frame={}, sample=(), exclusions=())


def test_every_scheme_in_force_is_pinned(sqlite_district: District) -> None:
    """A scheme is pinned although nobody of its category is in the frame."""
    school = scheme("school-test", categories=["school"])
    sqlite_district.publish(school)
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.open()
    pins = {pin["category"]: pin["scheme"] for pin in sqlite_district.cycle().schemes}
    assert pins == {"community": "community-test", "school": "school-test"}
    assert set(sqlite_district.cycle().frame) == {"community"}


def test_the_last_of_a_district_gets_its_last_figure(sqlite_url: str) -> None:
    """Where the only organization with a scheme closed in the month, its cycle opens and posts."""
    district = District(sqlite_url, size=1)
    line = {"kind": "organization_change", "code": "c01", "on": "2026-09-20", "closed": True}
    district.at("2026-09-21 09:00")
    district.take(line | {"reason": "撤销"})
    done = []
    for day in ("01", "06", "11"):
        district.at(f"2026-10-{day} 00:30")
        done += [step for _, step in district.tick()]
    assert done == ["open", "draw", "remind", "close"]
    assert district.cycle().frame == {}
    assert set(district.posted()) == {"c01"}
    district.dispose()


def test_who_closed_before_the_month_opens_no_cycle(sqlite_url: str) -> None:
    """Where nobody with a scheme lived in the month, there is nothing to open."""
    district = District(sqlite_url, size=1)
    line = {"kind": "organization_change", "code": "c01", "on": "2026-09-20", "closed": True}
    district.at("2026-09-21 09:00")
    district.take(line | {"reason": "撤销"})
    district.at("2026-11-01 00:30")
    assert refused(district, "2026-10").code == "no_scheme_in_force"
    district.dispose()


def test_an_opening_names_the_months_that_it_passes_over(sqlite_url: str) -> None:
    """Months without a cycle before the one to open are named, those without a scheme are not."""
    district = District(sqlite_url, first_month="2025-11")
    root = district.root()

    def passed(period: str) -> tuple[str, ...]:
        return district.runner.months_passed_over(root, parse_month(period))

    district.at("2026-05-02 09:00")
    assert passed("2026-04") == ("2026-01", "2026-02", "2026-03")
    assert passed("2026-01") == ()
    assert passed("2026-05") == ()  # not over yet: it is not opened at all
    district.open("2026-03")
    assert passed("2026-04") == passed("2026-03") == passed("2026-02") == ()
    assert district.open("2026-02")
    assert passed("2026-04") == ()
    district.take(
        organization("z", None, "county"),
        {"kind": "organization_change", "code": "r", "on": "2026-05-01", "parent": "z",
         "reason": "归市管"},
    )  # fmt: skip
    assert district.runner.months_passed_over(district.root(), parse_month("2026-04")) == ()
    district.dispose()
