from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.proofs.seals import seal_log
from events.refusals.errors import Kind, Refused
from events.streams.cycles import (
    Cycle,
    CycleEvent,
    CycleOpened,
    FrameCommitted,
    InspectionsAssigned,
    OrganizationExcluded,
    SampleDrawn,
    SampleListed,
    cycle_stream,
)
from events.streams.findings import FindingsSubmitted
from events.streams.organizations import stream_of
from scheduler.draw_check import months_inspected, verify_draw
from tests.support.districts import CLERK, SEPTEMBER, District, organization

TYPES: dict[str, type[CycleEvent]] = {
    event_class.TYPE: event_class
    for event_class in (
        CycleOpened,
        FrameCommitted,
        SampleDrawn,
        SampleListed,
        OrganizationExcluded,
        InspectionsAssigned,
    )
}
POLICY = {"sampling": {"default": {"count": 2}}}
EventData = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def district(database_url: str) -> Iterator[District]:
    """A district on each kind of database."""
    district = District(database_url, policy=POLICY)
    yield district
    district.dispose()


@pytest.fixture
def honest(tmp_path: Path) -> EventData:
    """The events of an honest draw, as type and data."""
    district = District(f"sqlite:///{tmp_path / 'honest.db'}", policy=POLICY)
    district.drawn()
    events = [(event.type, event.data) for event in district.events(cycle_stream("r", SEPTEMBER))]
    district.dispose()
    return events


@pytest.fixture
def sqlite_district(sqlite_url: str) -> Iterator[District]:
    """The same district, whose cycle a test is to forge."""
    district = District(sqlite_url, policy=POLICY)
    yield district
    district.dispose()


def check(district: District, period: str = SEPTEMBER) -> list[str]:
    """Return the places of the problems that the check reports."""
    with district.read() as reader:
        return [one.place for one in verify_draw(reader, "r", period)]


def groundless(district: District, period: str = SEPTEMBER) -> list[str]:
    """Return the organizations whose exclusion the check reports as unfounded."""
    with district.read() as reader:
        problems = verify_draw(reader, "r", period)
    return [one.place for one in problems if one.problem.startswith("was excluded as ")]


def forge(district: District, events: EventData, **changes: dict[str, Any]) -> list[str]:
    """Record the events with changes by type, and check them."""
    forged = [TYPES[name](**data | changes.get(name, {})) for name, data in events]
    district.tell(cycle_stream("r", SEPTEMBER), *forged)
    return check(district)


def data_of(events: EventData, name: str) -> dict[str, Any]:
    """Return the data of the one event of a type."""
    (data,) = [data for event_type, data in events if event_type == name]
    return data


def two_months(district: District) -> None:
    """Two cycles one after the other, both inspected; the second is still open."""
    district.drawn()
    first = district.cycle().sample[0]["organization"]
    district.submit(first)
    for local in ("2026-11-01 00:30", "2026-11-06 00:30"):
        district.at(local)
        district.tick()
    for row in district.cycle("2026-10").sample:
        district.submit(row["organization"], "2026-10")


def test_an_honest_draw_repeats(district: District) -> None:
    """A draw by the rules repeats from the events alone, month after month."""
    two_months(district)
    district.at("2026-12-06 00:30")
    district.tick()
    district.tick()
    assert check(district) == check(district, "2026-10") == []
    district.at("2026-12-11 00:30")
    district.tick()
    assert check(district, "2026-11") == []


def test_inspections_of_open_cycles_are_counted_by_name(sqlite_district: District) -> None:
    """A draw during an open cycle names who was inspected in that cycle, and repeats."""
    sqlite_district.at("2026-11-01 09:00")
    sqlite_district.open()
    sqlite_district.open("2026-10")
    sqlite_district.at("2026-11-06 09:00")
    sqlite_district.draw()
    (first, _) = (row["organization"] for row in sqlite_district.cycle().sample)
    sqlite_district.submit(first)
    sqlite_district.draw("2026-10")
    cycle = sqlite_district.cycle("2026-10")
    assert cycle.open_inspections == {first: SEPTEMBER}
    assert cycle.counted_cycles == ()
    assert check(sqlite_district, "2026-10") == []


def test_sheets_outside_the_draw_are_left_aside(sqlite_district: District) -> None:
    """Sheets of other kinds, of cycles not counted and of others' organizations do not count."""
    sqlite_district.take(organization("x", "r", "department"))
    sheet: dict[str, Any] = {"scope": "r", "inspectors": ("p-1",), "findings": (), "disallow": ()}
    sqlite_district.tell(
        stream_of("c01"),
        FindingsSubmitted(**sheet, period="2026-H1", kind="half_year", sheet_id="h"),
        FindingsSubmitted(**sheet | {"scope": "q"}, period="2026-08", kind="monthly", sheet_id="q"),
    )
    sqlite_district.tell(
        stream_of("x"),
        FindingsSubmitted(**sheet, period="2026-08", kind="monthly", sheet_id="x"),
    )
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.open()
    sqlite_district.at("2026-10-06 00:30")
    sqlite_district.draw()
    assert check(sqlite_district) == []


def test_a_draw_from_before_cycles_were_counted_repeats(
    sqlite_district: District, honest: EventData
) -> None:
    """A stored draw without the list of earlier cycles is repeated by the rule of its time."""
    old = {name: value for name, value in data_of(honest, "SampleDrawn").items()
           if name not in {"earlier_cycles", "drawn_on"}}  # fmt: skip
    events = [(name, old if name == "SampleDrawn" else data) for name, data in honest]
    assert forge(sqlite_district, events) == []
    assert sqlite_district.cycle().earlier_cycles is None


def test_a_copied_draw_repeats(sqlite_district: District, honest: EventData) -> None:
    """Honest events that the forger records pass the check."""
    assert forge(sqlite_district, honest) == []


def test_another_organization_in_the_sample_is_found(
    sqlite_district: District, honest: EventData
) -> None:
    """The organization put in and the one left out are both reported."""
    rows = [dict(row) for row in data_of(honest, "SampleListed")["drawn"]]
    left_out = rows[0]["organization"]
    put_in = next(
        code for code in sqlite_district.codes if code not in {row["organization"] for row in rows}
    )
    rows[0]["organization"] = put_in
    reported = forge(sqlite_district, honest, SampleListed={"drawn": tuple(rows)})
    assert set(reported) == {left_out, put_in}


@pytest.mark.parametrize("field", ["key", "why", "stratum"])
def test_another_reason_in_the_sample_is_found(
    sqlite_district: District, honest: EventData, field: str
) -> None:
    """A drawn organization whose key, reason or stratum was changed is reported."""
    rows = [dict(row) for row in data_of(honest, "SampleListed")["drawn"]]
    rows[1][field] = "changed"
    assert forge(sqlite_district, honest, SampleListed={"drawn": tuple(rows)}) == [
        rows[1]["organization"]
    ]


def test_another_seed_is_found(sqlite_district: District, honest: EventData) -> None:
    """A seed that does not follow from root and value is reported, with its keys."""
    reported = forge(sqlite_district, honest, SampleDrawn={"seed": "a" * 64})
    assert reported[0] == "seed"
    assert set(reported[1:]) & set(sqlite_district.codes)


def test_another_value_is_found(sqlite_district: District, honest: EventData) -> None:
    """A value changed after the draw no longer gives the seed."""
    assert forge(sqlite_district, honest, SampleDrawn={"randomness": "27182"}) == ["seed"]


@pytest.mark.parametrize(
    ("name", "change", "places"),
    [
        ("SampleDrawn", {"sample_digest": "b" * 64}, ["sample_digest"]),
        ("SampleDrawn", {"strata": ({"stratum": "community", "N": 9, "n": 2},)}, ["draw"]),
        ("SampleDrawn", {"strata": ()}, ["draw"]),
        ("CycleOpened", {"strata": ({"stratum": "community", "N": 5, "n": 1},)}, ["opening"]),
        ("SampleDrawn", {"counted_cycles": ("cycle-r-2026-08",)}, ["cycle-r-2026-08"]),
        ("SampleDrawn", {"earlier_cycles": ("2026-08",)}, ["earlier_cycles"]),
        ("CycleOpened", {"frame_digest": "b" * 64}, ["frame_digest"]),
        ("CycleOpened", {"last_seal": "b" * 64}, ["last_seal", "seed"]),
        ("SampleDrawn", {"open_inspections": {"c01": "2026-08"}}, ["c01"]),
        ("SampleDrawn", {"open_inspections": {"nobody": "2026-08"}}, ["nobody"]),
    ],
)
def test_changed_commitments_are_found(
    sqlite_district: District,
    honest: EventData,
    name: str,
    change: dict[str, Any],
    places: list[str],
) -> None:
    """Each commitment of opening and draw is compared with the others."""
    reported = forge(sqlite_district, honest, **{name: change})
    assert [
        place for place in reported if place not in sqlite_district.codes or place in places
    ] == places


def test_a_sample_that_lists_somebody_twice_is_found(
    sqlite_district: District, honest: EventData
) -> None:
    """A sample that names an organization twice is not the one that was drawn."""
    rows = data_of(honest, "SampleListed")["drawn"]
    assert forge(sqlite_district, honest, SampleListed={"drawn": (*rows, rows[0])}) == ["sample"]


def test_a_frame_that_names_somebody_twice_is_found(
    sqlite_district: District, honest: EventData
) -> None:
    """An organization twice in the frame, which would have two chances, is reported."""
    codes = data_of(honest, "FrameCommitted")["codes"]
    assert forge(sqlite_district, honest, FrameCommitted={"codes": (*codes, "c02", "c01")}) == [
        "c01",
        "c02",
    ]


@pytest.mark.parametrize("reason", ["closed", "visit_cap_reached", "favour"])
@pytest.mark.parametrize("code", ["c01", "nobody"])
def test_an_exclusion_without_ground_is_found(
    sqlite_district: District, honest: EventData, reason: str, code: str
) -> None:
    """An organization excluded as closed or visited enough must be closed or visited enough."""
    excluded = {"scope": "r", "period": SEPTEMBER, "organization": code, "stage": "draw"}
    forge(sqlite_district, [*honest, ("OrganizationExcluded", excluded | {"reason": reason})])
    assert groundless(sqlite_district) == [code]


@pytest.mark.parametrize("merged", [True, False])
def test_who_closed_is_left_out_with_ground(district: District, merged: bool) -> None:
    """A draw that left out an organization closed or merged after the opening repeats."""
    district.at("2026-10-01 00:30")
    district.open()
    district.at("2026-10-06 12:00")
    end = {"merged_into": "c05"} if merged else {"closed": True}
    change = {"kind": "organization_change", "code": "c03", "on": "2026-10-05", "reason": "撤并"}
    district.take(change | end)
    district.draw()
    assert [one["reason"] for one in district.cycle().exclusions] == ["closed"]
    assert check(district) == []


def test_who_was_visited_enough_is_left_out_with_ground(sqlite_url: str) -> None:
    """A draw that excludes an organization visited as often as the policy allows repeats."""
    policy = {"sampling": {"default": {"fraction": 1}}, "burden": {"visits_per_year": 1}}
    district = District(sqlite_url, policy=policy, size=2)
    district.drawn()
    district.submit("c01")
    for local in ("2026-11-01 00:30", "2026-11-06 00:30"):
        district.at(local)
        district.tick()
    (excluded,) = district.cycle("2026-10").exclusions
    assert (excluded["organization"], excluded["reason"]) == ("c01", "visit_cap_reached")
    assert check(district, "2026-10") == []
    district.dispose()


@pytest.mark.parametrize(
    ("sheet_fields", "reason", "places"),
    [
        ({}, "visit_cap_reached", []),
        ({}, "favour", ["c01"]),
        ({"period": "2025-12"}, "visit_cap_reached", ["c01"]),
        ({"period": "2026-H1", "kind": "half_year"}, "visit_cap_reached", ["c01"]),
    ],
)
def test_only_monthly_visits_of_the_year_reach_the_cap(
    sqlite_url: str, sheet_fields: dict[str, Any], reason: str, places: list[str]
) -> None:
    """Sheets of another year or kind justify no exclusion, nor do visits justify another reason."""
    district = District(sqlite_url, policy={"burden": {"visits_per_year": 1}})
    sheet: dict[str, Any] = {"scope": "r", "period": "2026-08", "kind": "monthly", "sheet_id": "s",
                             "inspectors": ("p-1",), "findings": (), "disallow": ()}  # fmt: skip
    district.tell(stream_of("c01"), FindingsSubmitted(**sheet | sheet_fields))
    district.drawn()
    excluded = {"scope": "r", "period": SEPTEMBER, "organization": "c01", "stage": "draw"}
    district.tell(cycle_stream("r", SEPTEMBER), OrganizationExcluded(**excluded, reason=reason))
    assert groundless(district) == places
    district.dispose()


def test_a_draw_that_found_too_few_inspectors_repeats(sqlite_url: str) -> None:
    """An organization drawn without inspectors was not excluded from the draw."""
    district = District(sqlite_url, policy=POLICY, people=1)
    assert {one["stage"] for one in district.drawn().exclusions} == {"assignment"}
    assert check(district) == []
    district.dispose()


def test_who_waited_longest_follows_from_the_sheets(sqlite_url: str) -> None:
    """The second draw first takes those that the first did not draw, and repeats."""
    district = District(sqlite_url, size=6, policy={"spot_check": {"everyone_within_months": 3}})
    inspected = {row["organization"] for row in district.drawn().sample}
    for code in sorted(inspected):
        district.submit(code)
    for local in ("2026-11-01 00:30", "2026-11-06 00:30"):
        district.at(local)
        district.tick()
    sample = district.cycle("2026-10").sample
    longest = {row["organization"] for row in sample if row["why"].startswith("longest")}
    assert longest == set(district.codes) - inspected
    assert check(district, "2026-10") == []
    district.dispose()


def test_the_newest_inspection_counts() -> None:
    """The newest of an organization's counted and named inspections counts."""
    cycle = Cycle(counted_cycles=("s-1", "s-2"), open_inspections={"b": "2026-09", "c": "2026-07"})
    sheets = {
        "a": {("s-1", "2026-06"), ("s-2", "2026-07"), ("s-3", "2026-08")},
        "b": {("s-2", "2026-07")},
        "c": {("s-3", "2026-08")},
    }
    assert months_inspected(cycle, sheets) == {"a": "2026-07", "b": "2026-09", "c": "2026-07"}


def test_a_frame_out_of_order_is_found(sqlite_district: District, honest: EventData) -> None:
    """The committed codes must be in order, although the draw does not depend on it."""
    codes = data_of(honest, "FrameCommitted")["codes"]
    assert forge(sqlite_district, honest, FrameCommitted={"codes": tuple(reversed(codes))}) == [
        "frame"
    ]


def test_an_opening_that_passes_over_the_last_seal_is_found(
    sqlite_district: District, honest: EventData
) -> None:
    """If a seal precedes the opening, the opening must name one."""
    with sqlite_district.store.append() as log:
        seal_log(log, CLERK, "by hand")
    assert forge(sqlite_district, honest) == ["last_seal"]


@pytest.mark.parametrize("opened", [True, False])
def test_what_was_not_drawn_cannot_be_repeated(sqlite_district: District, opened: bool) -> None:
    """A cycle without a draw, and a month without a cycle, are refused."""
    if opened:
        sqlite_district.at("2026-10-01 00:30")
        sqlite_district.open()
    with pytest.raises(Refused, match="is not drawn yet") as caught:
        check(sqlite_district)
    assert (caught.value.code, caught.value.kind) == ("not_drawn_yet", Kind.NOT_FOUND)
