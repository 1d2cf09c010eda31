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
    end_inspections,
    finish_closing,
    post,
    postings,
    shares,
    work_out,
)
from scheduler.drawing import draw_sample
from tests.support.districts import SEPTEMBER, District, organization, scheme
from tracker.storage.database import open_engine

EVERYBODY = {"sampling": {"default": {"fraction": 1}}}
CLOSES = date(2026, 10, 10)


def with_meetings(url: str, **more: Any) -> District:
    """A district with a meeting recorded in time (c01) and one recorded late (c02)."""
    found = District(url, **more)
    for code, local in (("c01", "2026-09-12"), ("c02", "2026-10-06")):
        found.at(f"{local} 10:00")
        found.meet(code, "2026-09-12", record_id="a-1")
    found.at("2026-09-12 10:00")
    return found


@pytest.fixture
def place(database_url: str) -> Iterator[District]:
    """A district where everybody is drawn, on each kind of database."""
    found = with_meetings(database_url, policy=EVERYBODY)
    yield found
    found.dispose()


@pytest.fixture
def one(sqlite_url: str) -> Iterator[District]:
    """The same on SQLite, for what does not depend on the database."""
    found = with_meetings(sqlite_url, policy=EVERYBODY)
    yield found
    found.dispose()


def asked(one: District, code: str, *, own_check: bool, on: date = CLOSES) -> Assessment:
    """The figure of an organization as scoring answers it on a day by the pinned versions."""
    month = parse_month(SEPTEMBER)
    with one.read() as reader:
        facts = district(reader)
        history = histories(reader, [f"organization-{code}"], facts, month)
        found = history[f"organization-{code}"]
        found.code = code
        return assess(
            found, book(reader), month, asked_on=on, first_month=facts.first_month,
            own_check=own_check, pinned={"community": ("community-test", 1)},
        )  # fmt: skip


def begin(one: District, reason: str | None = None) -> Cycle:
    """Take no more sheets from here on."""
    with one.store.append() as log:
        assert begin_closing(log, "r", SEPTEMBER, one.by, CLOSES, reason=reason)
    return one.cycle()


def test_what_is_posted_is_what_scoring_answers(place: District) -> None:
    """Derived and inspected figures, digests and versions are those asked as of the close."""
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


def test_pinned_versions_are_posted(one: District) -> None:
    """A scheme version published after the opening does not change what the cycle posts."""
    one.drawn()
    one.publish(scheme(version=2, effective_from="2026-10"))
    one.at("2026-10-11 00:30")
    one.tick()
    assert {data["scheme_version"] for data in one.posted().values()} == {1}


def test_what_came_after_the_close_does_not_count(place: District) -> None:
    """A meeting written down on the day after counts for nothing, when the closing runs later."""
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


def test_not_held_where_nobody_could(one: District) -> None:
    """Assigned after the last day an inspection is not held; so is one closed uninspected."""
    one.at("2026-10-01 00:30")
    one.open()
    one.at("2026-10-11 00:10")
    one.draw()
    one.at("2026-10-11 00:30")
    one.tick()
    assert set(one.states().values()) == {"not_held"}


def test_closing_uninspected(place: District) -> None:
    """With a reason a drawn cycle closes at once; sheets that stand are counted."""
    place.drawn()
    place.submit("c01")
    assert place.close(reason="防汛")
    assert place.states() == {"c01": "scored"} | dict.fromkeys(place.codes[1:], "not_held")
    assert place.cycle().closing_on == date(2026, 10, 6)
    assert place.posted()["c01"]["inspected"] is not None
    assert not place.close(reason="防汛")


def test_an_undrawn_cycle_closes_with_a_reason_alone(one: District) -> None:
    """Without a draw only ``--uninspected`` closes, and every derived figure is posted."""
    one.at("2026-10-01 00:30")
    one.open()
    one.at("2026-10-11 00:30")
    with pytest.raises(Refused, match="--uninspected REASON") as caught:
        one.close()
    assert caught.value.code == "not_drawn"
    assert one.close(reason="停电")
    assert set(one.posted()) == set(one.codes)


def test_unchecked_months_may_be_derived(sqlite_url: str) -> None:
    """Where the policy says so, the derived figure is the score of who was not inspected."""
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


def test_posted_is_for_whom_the_month_saw(one: District) -> None:
    """Who closed during the month is posted though not in the frame; who came later is not."""
    one.at("2026-10-01 00:10")
    change = {"kind": "organization_change", "reason": "撤销", "closed": True}
    one.take(
        change | {"code": "c04", "on": "2026-08-31"},
        change | {"code": "c05", "on": "2026-09-20"},
        organization("new", "r") | {"registered_on": "2026-10-01"},
        organization("was", "r", "department") | {"registered_on": "2026-09-01"},
        {"kind": "organization_change", "code": "was", "on": "2026-10-01", "category": "community",
         "reason": "改设"},
    )  # fmt: skip
    one.codes += ["new", "was"]
    one.drawn()
    assert one.cycle().frame == {"community": ("c01", "c02", "c03")}
    one.at("2026-10-11 00:30")
    one.tick()
    assert set(one.posted()) == {"c01", "c02", "c03", "c05"}


def test_the_seal_is_made(place: District) -> None:
    """The closing seals the log, names the root, and the chain and the seal verify."""
    place.drawn()
    place.at("2026-10-11 00:30")
    place.tick()
    closed = place.events(cycle_stream("r", SEPTEMBER))[-1]
    with place.read() as reader:
        assert closed.data["seal_root"] == newest_root(reader) != "0" * 64
    assert verify_log(place.engine).ok


def test_a_clock_behind_the_log_stops_the_closing(one: District) -> None:
    """More than five minutes behind the newest event nothing is closed; five minutes are borne."""
    one.drawn()
    one.at("2026-10-11 00:36")
    one.meet("c05", "2026-10-02")
    one.at("2026-10-11 00:30")
    with pytest.raises(Refused, match="correct the clock") as caught:
        one.tick()
    assert (caught.value.code, caught.value.kind) == ("clock_behind", Kind.NOT_NOW)
    one.at("2026-10-11 00:31")
    assert one.tick() == [(SEPTEMBER, "close")]


def test_cycles_close_in_order(one: District) -> None:
    """A later cycle is refused while the one before is open, by hand too."""
    one.at("2026-11-12 09:00")
    one.open()
    one.open("2026-10")
    one.draw()
    one.draw("2026-10")
    with pytest.raises(Refused, match="the cycle of 2026-09 is not closed yet") as caught:
        one.close("2026-10")
    assert (caught.value.code, caught.value.kind) == ("earlier_cycle_open", Kind.CONFLICT)
    assert one.close()
    assert one.close("2026-10")


def test_a_closing_waits_for_the_assignments_of_a_draw(one: District) -> None:
    """While a draw is still handed out the closing does not begin, and it hands out the rest."""
    one.at("2026-10-01 00:30")
    one.open()
    one.at("2026-10-11 09:00")
    with one.store.append() as log:
        draw_sample(log, "r", SEPTEMBER, one.by, None)
    with (
        pytest.raises(Refused, match="is being drawn just now") as caught,
        one.store.append() as log,
    ):
        begin_closing(log, "r", SEPTEMBER, one.by, CLOSES, reason=None)
    assert caught.value.code == "draw_under_way"
    assert one.close()
    assert set(one.states().values()) == {"not_held"}


@pytest.mark.parametrize("stop", range(1, 5))
def test_a_closing_that_stopped_is_taken_up_again(place: District, stop: int) -> None:
    """After a stop between any two transactions the next look finishes the closing once."""
    place.drawn()
    place.submit("c01")
    place.at("2026-10-11 00:30")
    cycle = begin(place)
    if stop >= 2:
        with place.store.append() as log:
            assert end_inspections(log, cycle, place.by, page=2) == 2
    if stop >= 3:
        with place.store.append() as log:
            assert end_inspections(log, cycle, place.by) == 2
    if stop >= 4:
        with place.read() as reader:
            share = shares(reader, cycle, page=2)[0]
        with place.store.append() as log:
            assert post(log, share, work_out(place.engine, share), place.by) == 2
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
    """What is recorded between working out and posting is in the version that is posted."""
    place.drawn()
    place.at("2026-10-11 00:30")
    cycle = begin(place)
    with place.read() as reader:
        (share,) = shares(reader, cycle)
    ready = work_out(place.engine, share)
    place.meet("c04", "2026-09-20")
    with place.store.append() as log:
        assert post(log, share, ready, place.by) == len(place.codes)
        assert post(log, share, ready, place.by) == 0
    versions = {stream: version for stream, version, _ in ready}
    moved = versions["organization-c04"] + 1
    assert place.posted()["c04"]["stream_version"] == moved
    assert place.posted()["c03"]["stream_version"] == versions["organization-c03"]
    assert place.posted()["c04"]["derived"] == place.posted()["c03"]["derived"]


def test_processes_post_what_one_process_posts(place: District) -> None:
    """Worked out in two processes of their own, the postings are those of one."""
    place.drawn()
    place.at("2026-10-11 00:30")
    cycle = begin(place)
    with place.read() as reader:
        (whole,) = shares(reader, cycle)
        expected = {stream: event for stream, _, event in postings(reader, whole, whole.streams)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scheduler.closing.shares", partial(shares, page=2))
        place.runner.reopen, place.runner.workers = partial(open_engine, place.url), 2
        heard: list[tuple[str, int, int]] = []
        place.runner.progress = lambda *told: heard.append(told)
        assert place.tick() == [(SEPTEMBER, "close")]
    assert heard[-1] == ("close", 5, 5)
    for code, data in place.posted().items():
        event = expected[f"organization-{code}"]
        assert (data["derived"], data["digest"]) == (event.derived, event.digest)


def test_a_category_without_a_figure_posts_nothing(one: District) -> None:
    """Who has no scheme on the month's last day is worked out, and gets no posting."""
    one.at("2026-10-01 00:10")
    change = {"kind": "organization_change", "on": "2026-09-15", "category": "department"}
    one.take(change | {"code": "c02", "reason": "改设"})
    one.drawn()
    one.at("2026-10-11 00:30")
    one.tick()
    assert set(one.posted()) == {"c01", "c03", "c04", "c05"}
