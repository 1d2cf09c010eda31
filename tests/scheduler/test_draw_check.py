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
    one.TYPE: one
    for one in (
        CycleOpened,
        FrameCommitted,
        SampleDrawn,
        SampleListed,
        OrganizationExcluded,
        InspectionsAssigned,
    )
}
POLICY = {"sampling": {"default": {"count": 2}}}
Told = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def district(database_url: str) -> Iterator[District]:
    """A district on each kind of database."""
    found = District(database_url, policy=POLICY)
    yield found
    found.dispose()


@pytest.fixture
def honest(tmp_path: Path) -> Told:
    """The events of an honest draw, as type and data."""
    district = District(f"sqlite:///{tmp_path / 'honest.db'}", policy=POLICY)
    district.drawn()
    told = [(event.type, event.data) for event in district.events(cycle_stream("r", SEPTEMBER))]
    district.dispose()
    return told


@pytest.fixture
def one(sqlite_url: str) -> Iterator[District]:
    """The same district, whose cycle a test is to forge."""
    found = District(sqlite_url, policy=POLICY)
    yield found
    found.dispose()


def check(district: District, period: str = SEPTEMBER) -> list[str]:
    """What the check finds, as the places."""
    with district.read() as reader:
        return [one.place for one in verify_draw(reader, "r", period)]


def groundless(district: District, period: str = SEPTEMBER) -> list[str]:
    """Whose exclusion the check does not find borne out."""
    with district.read() as reader:
        found = verify_draw(reader, "r", period)
    return [one.place for one in found if one.problem.startswith("was left out as ")]


def forge(district: District, told: Told, **changes: dict[str, Any]) -> list[str]:
    """Tell the events with changes by type, and check them."""
    events = [TYPES[name](**data | changes.get(name, {})) for name, data in told]
    district.tell(cycle_stream("r", SEPTEMBER), *events)
    return check(district)


def data_of(told: Told, name: str) -> dict[str, Any]:
    """The data of the one event of a type."""
    (found,) = [data for one, data in told if one == name]
    return found


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
    """What was drawn by the rules is found again from the events alone, month after month."""
    two_months(district)
    district.at("2026-12-06 00:30")
    district.tick()
    district.tick()
    assert check(district) == check(district, "2026-10") == []
    district.at("2026-12-11 00:30")
    district.tick()
    assert check(district, "2026-11") == []


def test_inspections_of_open_cycles_are_counted_by_name(one: District) -> None:
    """A draw beside a cycle that has not closed names who was inspected in it, and repeats."""
    one.at("2026-11-01 09:00")
    one.open()
    one.open("2026-10")
    one.at("2026-11-06 09:00")
    one.draw()
    (first, _) = (row["organization"] for row in one.cycle().sample)
    one.submit(first)
    one.draw("2026-10")
    cycle = one.cycle("2026-10")
    assert cycle.open_inspections == {first: SEPTEMBER}
    assert cycle.counted_cycles == ()
    assert check(one, "2026-10") == []


def test_sheets_outside_the_draw_are_left_aside(one: District) -> None:
    """Sheets of other kinds, of cycles not counted and of others' organizations do not count."""
    one.take(organization("x", "r", "department"))
    sheet: dict[str, Any] = {"scope": "r", "inspectors": ("p-1",), "findings": (), "disallow": ()}
    one.tell(
        stream_of("c01"),
        FindingsSubmitted(**sheet, period="2026-H1", kind="half_year", sheet_id="h"),
        FindingsSubmitted(**sheet | {"scope": "q"}, period="2026-08", kind="monthly", sheet_id="q"),
    )
    one.tell(
        stream_of("x"),
        FindingsSubmitted(**sheet, period="2026-08", kind="monthly", sheet_id="x"),
    )
    one.at("2026-10-01 00:30")
    one.open()
    one.at("2026-10-06 00:30")
    one.draw()
    assert check(one) == []


def test_a_copied_draw_repeats(one: District, honest: Told) -> None:
    """The forger's way of telling events is not what the check finds fault with."""
    assert forge(one, honest) == []


def test_another_organization_in_the_sample_is_found(one: District, honest: Told) -> None:
    """Who was put in and who was left out are both named."""
    rows = [dict(row) for row in data_of(honest, "SampleListed")["drawn"]]
    left_out = rows[0]["organization"]
    put_in = next(code for code in one.codes if code not in {row["organization"] for row in rows})
    rows[0]["organization"] = put_in
    found = forge(one, honest, SampleListed={"drawn": tuple(rows)})
    assert set(found) == {left_out, put_in}


@pytest.mark.parametrize("field", ["key", "why", "stratum"])
def test_another_reason_in_the_sample_is_found(one: District, honest: Told, field: str) -> None:
    """A drawn organization whose key, reason or stratum was changed is named."""
    rows = [dict(row) for row in data_of(honest, "SampleListed")["drawn"]]
    rows[1][field] = "changed"
    assert forge(one, honest, SampleListed={"drawn": tuple(rows)}) == [rows[1]["organization"]]


def test_another_seed_is_found(one: District, honest: Told) -> None:
    """A seed that does not follow from root and value is named, with the keys that follow it."""
    found = forge(one, honest, SampleDrawn={"seed": "a" * 64})
    assert found[0] == "seed"
    assert set(found[1:]) & set(one.codes)


def test_another_value_is_found(one: District, honest: Told) -> None:
    """A value exchanged after the draw no longer gives the seed."""
    assert forge(one, honest, SampleDrawn={"randomness": "27182"}) == ["seed"]


@pytest.mark.parametrize(
    ("name", "change", "places"),
    [
        ("SampleDrawn", {"sample_digest": "b" * 64}, ["sample_digest"]),
        ("SampleDrawn", {"strata": ({"stratum": "community", "N": 9, "n": 2},)}, ["draw"]),
        ("SampleDrawn", {"strata": ()}, ["draw"]),
        ("CycleOpened", {"strata": ({"stratum": "community", "N": 5, "n": 1},)}, ["opening"]),
        ("SampleDrawn", {"counted_cycles": ("cycle-r-2026-08",)}, ["cycle-r-2026-08"]),
        ("CycleOpened", {"frame_digest": "b" * 64}, ["frame_digest"]),
        ("CycleOpened", {"last_seal": "b" * 64}, ["last_seal", "seed"]),
        ("SampleDrawn", {"open_inspections": {"c01": "2026-08"}}, ["c01"]),
        ("SampleDrawn", {"open_inspections": {"nobody": "2026-08"}}, ["nobody"]),
    ],
)
def test_changed_commitments_are_found(
    one: District, honest: Told, name: str, change: dict[str, Any], places: list[str]
) -> None:
    """Each thing that opening and draw committed to is held against the others."""
    found = forge(one, honest, **{name: change})
    assert [place for place in found if place not in one.codes or place in places] == places


def test_who_stands_twice_is_found(one: District, honest: Told) -> None:
    """A sample that names an organization twice is not the one that was drawn."""
    rows = data_of(honest, "SampleListed")["drawn"]
    assert forge(one, honest, SampleListed={"drawn": (*rows, rows[0])}) == ["sample"]


def test_a_frame_that_names_somebody_twice_is_found(one: District, honest: Told) -> None:
    """Whoever stands twice in the frame would have two chances, and is named."""
    codes = data_of(honest, "FrameCommitted")["codes"]
    assert forge(one, honest, FrameCommitted={"codes": (*codes, "c02", "c01")}) == ["c01", "c02"]


@pytest.mark.parametrize("reason", ["closed", "visit_cap_reached", "favour"])
@pytest.mark.parametrize("code", ["c01", "nobody"])
def test_an_exclusion_without_ground_is_found(
    one: District, honest: Told, reason: str, code: str
) -> None:
    """Who is left out of the draw as closed or visited enough must have closed or been visited."""
    excluded = {"scope": "r", "period": SEPTEMBER, "organization": code, "stage": "draw"}
    forge(one, [*honest, ("OrganizationExcluded", excluded | {"reason": reason})])
    assert groundless(one) == [code]


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
    """A draw that left out who was visited as often as the policy allows repeats."""
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
    ("told", "reason", "found"),
    [
        ({}, "visit_cap_reached", []),
        ({}, "favour", ["c01"]),
        ({"period": "2025-12"}, "visit_cap_reached", ["c01"]),
        ({"period": "2026-H1", "kind": "half_year"}, "visit_cap_reached", ["c01"]),
    ],
)
def test_only_monthly_visits_of_the_year_reach_the_cap(
    sqlite_url: str, told: dict[str, Any], reason: str, found: list[str]
) -> None:
    """Sheets of another year or another kind bear out nothing, nor do visits another reason."""
    district = District(sqlite_url, policy={"burden": {"visits_per_year": 1}})
    sheet: dict[str, Any] = {"scope": "r", "period": "2026-08", "kind": "monthly", "sheet_id": "s",
                             "inspectors": ("p-1",), "findings": (), "disallow": ()}  # fmt: skip
    district.tell(stream_of("c01"), FindingsSubmitted(**sheet | told))
    district.drawn()
    excluded = {"scope": "r", "period": SEPTEMBER, "organization": "c01", "stage": "draw"}
    district.tell(cycle_stream("r", SEPTEMBER), OrganizationExcluded(**excluded, reason=reason))
    assert groundless(district) == found
    district.dispose()


def test_a_draw_that_found_too_few_inspectors_repeats(sqlite_url: str) -> None:
    """Who was drawn and found no inspectors was not left out of the draw."""
    district = District(sqlite_url, policy=POLICY, people=1)
    assert {one["stage"] for one in district.drawn().exclusions} == {"assignment"}
    assert check(district) == []
    district.dispose()


def test_who_waited_longest_is_told_from_the_sheets(sqlite_url: str) -> None:
    """The second draw takes first whom the first one left, and repeats."""
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
    """Of several counted inspections of an organization, and those named, the newest one counts."""
    cycle = Cycle(counted_cycles=("s-1", "s-2"), open_inspections={"b": "2026-09", "c": "2026-07"})
    sheets = {
        "a": {("s-1", "2026-06"), ("s-2", "2026-07"), ("s-3", "2026-08")},
        "b": {("s-2", "2026-07")},
        "c": {("s-3", "2026-08")},
    }
    assert months_inspected(cycle, sheets) == {"a": "2026-07", "b": "2026-09", "c": "2026-07"}


def test_a_frame_out_of_order_is_found(one: District, honest: Told) -> None:
    """The committed codes must come in order, though the draw does not depend on it."""
    codes = data_of(honest, "FrameCommitted")["codes"]
    assert forge(one, honest, FrameCommitted={"codes": tuple(reversed(codes))}) == ["frame"]


def test_an_opening_that_passes_over_the_last_seal_is_found(one: District, honest: Told) -> None:
    """Where a seal was made before the opening, the opening must name one."""
    with one.store.append() as log:
        seal_log(log, CLERK, "by hand")
    assert forge(one, honest) == ["last_seal"]


@pytest.mark.parametrize("opened", [True, False])
def test_what_was_not_drawn_cannot_be_repeated(one: District, opened: bool) -> None:
    """A cycle without a draw, and a month without a cycle, are refused."""
    if opened:
        one.at("2026-10-01 00:30")
        one.open()
    with pytest.raises(Refused, match="was not drawn yet") as caught:
        check(one)
    assert (caught.value.code, caught.value.kind) == ("not_drawn_yet", Kind.NOT_FOUND)
