from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import pytest

from events.periods import parse_month
from events.proofs.seals import newest_root
from events.proofs.verify import verify_log
from events.refusals.errors import Kind, Refused
from events.streams.cycles import Cycle, cycle_stream
from projections.compliance.evaluation import histories
from projections.documents.in_force import book, district
from projections.scoring.assessment import Assessment, assess
from scheduler.closing import (
    begin_closing,
    compute_in_snapshot,
    compute_postings,
    early_closing,
    end_inspections,
    finish_closing,
    post_page,
    read_closing_pages,
)
from scheduler.drawing import draw_sample
from tests.support.districts import SEPTEMBER, District, organization, scheme
from tracker.storage.database import open_engine

EVERYBODY = {"sampling": {"default": {"fraction": 1}}}
CLOSES = date(2026, 10, 10)


def with_meetings(url: str, **more: Any) -> District:
    """A district with a meeting recorded in time (c01) and one recorded late (c02)."""
    district = District(url, **more)
    for code, local in (("c01", "2026-09-12"), ("c02", "2026-10-06")):
        district.at(f"{local} 10:00")
        district.meet(code, "2026-09-12", record_id="a-1")
    district.at("2026-09-12 10:00")
    return district


@pytest.fixture
def place(database_url: str) -> Iterator[District]:
    """A district where everybody is drawn, on each kind of database."""
    district = with_meetings(database_url, policy=EVERYBODY)
    yield district
    district.dispose()


@pytest.fixture
def sqlite_district(sqlite_url: str) -> Iterator[District]:
    """The same district on SQLite, for what does not depend on the database."""
    district = with_meetings(sqlite_url, policy=EVERYBODY)
    yield district
    district.dispose()


def asked(
    sqlite_district: District, code: str, *, own_check: bool, on: date = CLOSES
) -> Assessment:
    """Return an organization's assessment on a day by the pinned versions."""
    month = parse_month(SEPTEMBER)
    with sqlite_district.read() as reader:
        facts = district(reader)
        history = histories(reader, [f"organization-{code}"], facts, month)
        organization = history[f"organization-{code}"]
        organization.code = code
        return assess(
            organization, book(reader), month, asked_on=on, first_month=facts.first_month,
            own_check=own_check, pinned={"community": ("community-test", 1)},
        )  # fmt: skip


def begin(sqlite_district: District, reason: str | None = None) -> Cycle:
    """Begin the closing, and return the cycle."""
    with sqlite_district.store.append() as log:
        assert begin_closing(log, "r", SEPTEMBER, sqlite_district.by, CLOSES, reason=reason)
    return sqlite_district.cycle()


def test_what_is_posted_is_what_scoring_answers(place: District) -> None:
    """Posted figures, digests and versions are those of an assessment at the close."""
    place.drawn()
    place.submit("c01", findings=[{"criterion": "m", "credit": "0.5", "reason": "缺签到"}])
    before = {code: len(place.events(f"organization-{code}")) for code in place.codes}
    place.at("2026-10-11 00:30")
    place.tick()
    posted = place.posted()
    assert set(posted) == set(place.codes)
    for code, data in posted.items():
        derived = asked(place, code, own_check=False)
        assert (data["derived"], data["digest"]) == (derived.score_text, derived.digest())
        assert (data["scheme"], data["scheme_version"]) == ("community-test", 1)
        missed = 0 if code == "c01" else 1
        assert data["stream_version"] == before[code] + missed
    inspected = asked(place, "c01", own_check=True)
    assert posted["c01"]["inspected"] == posted["c01"]["score"] == inspected.score_text == "42.86"
    assert posted["c01"]["inspected_digest"] == inspected.digest()
    assert posted["c01"]["derived"] == "57.14"
    assert {posted[code]["score"] for code in ("c02", "c03")} == {None}


def test_pinned_versions_are_posted(sqlite_district: District) -> None:
    """A scheme version published after the opening does not change what the cycle posts."""
    sqlite_district.drawn()
    sqlite_district.publish(scheme(version=2, effective_from="2026-10"))
    sqlite_district.at("2026-10-11 00:30")
    sqlite_district.tick()
    assert {data["scheme_version"] for data in sqlite_district.posted().values()} == {1}


def test_what_came_after_the_close_does_not_count(place: District) -> None:
    """A meeting recorded on the day after does not count, even when the closing runs later."""
    place.drawn()
    place.at("2026-10-11 00:10")
    place.meet("c03", "2026-09-15")
    place.at("2026-10-14 12:00")
    assert place.tick() == [(SEPTEMBER, "remind"), (SEPTEMBER, "close")]
    cycle = place.cycle()
    assert cycle.closing_on == CLOSES
    posted = place.posted()
    assert posted["c02"]["derived"] == asked(place, "c02", own_check=False).score_text
    assert posted["c03"]["derived"] == posted["c04"]["derived"]
    assert (
        asked(place, "c03", own_check=False, on=date(2026, 10, 14)).score_text
        != (posted["c03"]["derived"])
    )


def test_missed_by_name(place: District) -> None:
    """An assignment without a sheet is missed, by the people assigned; the event counts them."""
    place.drawn()
    place.submit("c01")
    place.at("2026-10-11 00:30")
    place.tick()
    assert place.states() == {"c01": "scored"} | dict.fromkeys(place.codes[1:], "missed")
    (missed,) = place.of("c02", "InspectionMissed")
    assert missed["inspectors"] == place.inspectors("c02")
    closed = place.events(cycle_stream("r", SEPTEMBER))[-1].data
    assert (closed["posted"], closed["inspected"], closed["missed"]) == (5, 1, 4)


def test_not_held_where_nobody_could(sqlite_district: District) -> None:
    """An inspection that was drawn in time and handed out after the last day is not held."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.open()
    sqlite_district.at("2026-10-06 00:30")
    with sqlite_district.store.append() as log:
        draw_sample(log, "r", SEPTEMBER, sqlite_district.by, None)
    sqlite_district.at("2026-10-11 00:30")
    sqlite_district.tick()
    assert set(sqlite_district.states().values()) == {"not_held"}


def test_closing_uninspected(place: District) -> None:
    """With a reason a drawn cycle closes at once; its sheets are counted."""
    place.drawn()
    place.submit("c01")
    assert place.close(reason="防汛")
    assert place.states() == {"c01": "scored"} | dict.fromkeys(place.codes[1:], "not_held")
    assert place.cycle().closing_on == date(2026, 10, 6)
    assert place.posted()["c01"]["inspected"] is not None
    assert not place.close(reason="防汛")


def test_an_undrawn_cycle_closes_with_a_reason_alone(sqlite_district: District) -> None:
    """Without a draw only ``--uninspected`` closes, and every derived figure is posted."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.open()
    sqlite_district.at("2026-10-11 00:30")
    with pytest.raises(Refused, match="--uninspected REASON") as caught:
        sqlite_district.close()
    assert caught.value.code == "not_drawn"
    assert sqlite_district.close(reason="停电")
    assert set(sqlite_district.posted()) == set(sqlite_district.codes)


def test_unchecked_months_may_be_derived(sqlite_url: str) -> None:
    """If the policy says so, the derived figure is the score of organizations not inspected."""
    policy = EVERYBODY | {"unchecked_month": "derived"}
    place = with_meetings(sqlite_url, policy=policy)
    place.drawn()
    place.submit("c01", findings=[{"criterion": "m", "credit": "0", "reason": "未开会"}])
    place.at("2026-10-11 00:30")
    place.tick()
    posted = place.posted()
    assert posted["c01"]["score"] == posted["c01"]["inspected"] == "28.57"
    for code in place.codes[1:]:
        assert posted[code]["inspected"] is None
        assert posted[code]["score"] == posted[code]["derived"]
    place.dispose()


def test_posted_is_for_whom_the_month_saw(sqlite_district: District) -> None:
    """An organization closed during the month is posted, one registered later is not."""
    sqlite_district.at("2026-10-01 00:10")
    change = {"kind": "organization_change", "reason": "撤销", "closed": True}
    sqlite_district.take(
        change | {"code": "c04", "on": "2026-08-31"},
        change | {"code": "c05", "on": "2026-09-20"},
        organization("new", "r") | {"registered_on": "2026-10-01"},
        organization("was", "r", "department") | {"registered_on": "2026-09-01"},
        {"kind": "organization_change", "code": "was", "on": "2026-10-01", "category": "community",
         "reason": "改设"},
    )  # fmt: skip
    sqlite_district.codes += ["new", "was"]
    sqlite_district.drawn()
    assert sqlite_district.cycle().frame == {"community": ("c01", "c02", "c03")}
    sqlite_district.at("2026-10-11 00:30")
    sqlite_district.tick()
    assert set(sqlite_district.posted()) == {"c01", "c02", "c03", "c05"}


def test_the_seal_is_made(place: District) -> None:
    """The closing seals the log, names the root, and the chain and the seal verify."""
    place.drawn()
    place.at("2026-10-11 00:30")
    place.tick()
    closed = place.events(cycle_stream("r", SEPTEMBER))[-1]
    with place.read() as reader:
        assert closed.data["seal_root"] == newest_root(reader) != "0" * 64
    assert verify_log(place.engine).ok


def test_a_clock_behind_the_log_stops_the_closing(sqlite_district: District) -> None:
    """A clock more than five minutes behind the newest event stops the closing; five do not."""
    sqlite_district.drawn()
    sqlite_district.at("2026-10-11 00:36")
    sqlite_district.meet("c05", "2026-10-02")
    sqlite_district.at("2026-10-11 00:30")
    with pytest.raises(Refused, match="correct the clock") as caught:
        sqlite_district.tick()
    assert (caught.value.code, caught.value.kind) == ("clock_behind", Kind.NOT_NOW)
    sqlite_district.at("2026-10-11 00:31")
    assert sqlite_district.tick() == [(SEPTEMBER, "close")]


def test_cycles_close_in_order(sqlite_district: District) -> None:
    """A later cycle is refused while the one before is open, by hand too."""
    sqlite_district.at("2026-11-12 09:00")
    sqlite_district.open()
    sqlite_district.open("2026-10")
    sqlite_district.draw()
    sqlite_district.draw("2026-10")
    with pytest.raises(Refused, match="the cycle of 2026-09 is not closed yet") as caught:
        sqlite_district.close("2026-10")
    assert (caught.value.code, caught.value.kind) == ("earlier_cycle_open", Kind.CONFLICT)
    assert sqlite_district.close()
    assert sqlite_district.close("2026-10")


def test_a_closing_waits_for_the_assignments_of_a_draw(sqlite_district: District) -> None:
    """A closing does not begin while a draw is being handed out; the runner hands out the rest."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.open()
    sqlite_district.at("2026-10-11 09:00")
    with sqlite_district.store.append() as log:
        draw_sample(log, "r", SEPTEMBER, sqlite_district.by, None)
    with (
        pytest.raises(Refused, match="is being drawn; close it again") as caught,
        sqlite_district.store.append() as log,
    ):
        begin_closing(log, "r", SEPTEMBER, sqlite_district.by, CLOSES, reason=None)
    assert caught.value.code == "draw_under_way"
    assert sqlite_district.close()
    assert set(sqlite_district.states().values()) == {"not_held"}


@pytest.mark.parametrize("stop", range(1, 5))
def test_a_closing_that_stopped_is_taken_up_again(place: District, stop: int) -> None:
    """After a stop between any two transactions the next tick finishes the closing once."""
    place.drawn()
    place.submit("c01")
    place.at("2026-10-11 00:30")
    cycle = begin(place)
    if stop >= 2:
        with place.store.append() as log:
            assert end_inspections(log, cycle, place.by, page_size=2) == 2
    if stop >= 3:
        with place.store.append() as log:
            assert end_inspections(log, cycle, place.by) == 2
    if stop >= 4:
        with place.read() as reader:
            share = read_closing_pages(reader, cycle, page_size=2)[0]
        with place.store.append() as log:
            assert post_page(log, share, compute_in_snapshot(place.engine, share), place.by) == 2
    place.at("2026-10-12 09:00")
    assert place.tick() == [(SEPTEMBER, "close")]
    assert set(place.posted()) == set(place.codes)
    assert place.types().count("CycleClosed") == 1
    assert all(len(place.of(code, "InspectionMissed")) == 1 for code in place.codes[1:])
    assert place.tick() == []
    with place.store.append() as log:
        assert not finish_closing(log, "r", SEPTEMBER, place.by)
        assert not begin_closing(log, "r", SEPTEMBER, place.by, CLOSES, reason=None)


def test_a_figure_whose_stream_moved_is_worked_out_again(place: District) -> None:
    """A record between computing and posting is in the version that is posted."""
    place.drawn()
    place.at("2026-10-11 00:30")
    cycle = begin(place)
    with place.read() as reader:
        (share,) = read_closing_pages(reader, cycle)
    ready = compute_in_snapshot(place.engine, share)
    place.meet("c04", "2026-09-20")
    with place.store.append() as log:
        assert post_page(log, share, ready, place.by) == len(place.codes)
        assert post_page(log, share, ready, place.by) == 0
    versions = {stream: version for stream, version, _ in ready}
    moved = versions["organization-c04"] + 1
    assert place.posted()["c04"]["stream_version"] == moved
    assert place.posted()["c03"]["stream_version"] == versions["organization-c03"]
    assert place.posted()["c04"]["derived"] == place.posted()["c03"]["derived"]


def test_processes_post_what_one_process_posts(place: District) -> None:
    """Computed in two worker processes, the postings equal those of one process."""
    place.drawn()
    place.at("2026-10-11 00:30")
    cycle = begin(place)
    with place.read() as reader:
        (whole,) = read_closing_pages(reader, cycle)
        expected = {
            stream: event for stream, _, event in compute_postings(reader, whole, whole.streams)
        }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "scheduler.closing.read_closing_pages", partial(read_closing_pages, page_size=2)
        )
        place.runner.reopen, place.runner.workers = partial(open_engine, place.url), 2
        heard: list[tuple[str, int, int]] = []
        place.runner.progress = lambda *values: heard.append(values)
        assert place.tick() == [(SEPTEMBER, "close")]
    assert heard[-1] == ("close", 5, 5)
    for code, data in place.posted().items():
        event = expected[f"organization-{code}"]
        assert (data["derived"], data["digest"]) == (event.derived, event.digest)


def test_a_category_without_a_figure_posts_nothing(sqlite_district: District) -> None:
    """An organization without a scheme on the month's last day gets no posting."""
    sqlite_district.at("2026-10-01 00:10")
    change = {"kind": "organization_change", "on": "2026-09-15", "category": "department"}
    sqlite_district.take(change | {"code": "c02", "reason": "改设"})
    sqlite_district.drawn()
    sqlite_district.at("2026-10-11 00:30")
    sqlite_district.tick()
    assert set(sqlite_district.posted()) == {"c01", "c03", "c04", "c05"}


def test_not_held_where_the_organization_closed_after_the_draw(sqlite_district: District) -> None:
    """Drawn on the 6th, closed as of the 8th: not held; who closed after the last day: missed."""
    sqlite_district.drawn()
    line = {"kind": "organization_change", "closed": True, "reason": "撤销"}
    sqlite_district.at("2026-10-08 09:00")
    sqlite_district.take(line | {"code": "c01", "on": "2026-10-08"})
    sqlite_district.at("2026-10-11 00:10")
    sqlite_district.take(line | {"code": "c02", "on": "2026-10-11"})
    sqlite_district.at("2026-10-11 00:30")
    sqlite_district.tick()
    missed = dict.fromkeys(sqlite_district.codes[1:], "missed")
    assert sqlite_district.states() == {"c01": "not_held"} | missed
    (not_held,) = sqlite_district.of("c01", "InspectionNotHeld")
    assert not_held["inspectors"] == sqlite_district.inspectors("c01")


def test_nothing_is_cut_short_once_every_sheet_is_in(sqlite_district: District) -> None:
    """An early closing counts the open sheets, and is none before the draw and after the last."""

    def cut_short() -> tuple[int, int] | None:
        with sqlite_district.read() as reader:
            early = early_closing(reader, "r", SEPTEMBER, date(2026, 10, 8))
        return None if early is None else (early.open_sheets, early.assigned)

    assert cut_short() is None
    sqlite_district.drawn()
    number = len(sqlite_district.codes)
    assert cut_short() == (number, number)
    for left, code in reversed(list(enumerate(sqlite_district.codes))):
        sqlite_district.submit(code)
        assert cut_short() == ((left, number) if left else None)
