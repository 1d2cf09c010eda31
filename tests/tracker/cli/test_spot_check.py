"""The monthly process at the command line, and its events and answers."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.support.command_line import FIRST, MEETING, MONTH, ROOT, SECOND, STREET, CommandLine

CYCLE = {
    "period", "scope", "state", "seed", "frame_digest", "strata", "sample", "exclusions",
    "assignments",
}  # fmt: skip
LOGGED = {
    "cursor", "stream", "version", "type", "actor", "channel", "occurred_on", "recorded_at",
    "data", "hash",
}  # fmt: skip
RANKED = {
    "rank", "organization", "category", "score", "posted", "months_inspected", "band", "state",
}  # fmt: skip
FINDING = {"criterion": "1.1.1", "credit": "0.5", "reason": "现场查看"}


def log(cli: CommandLine, *options: str) -> list[dict[str, Any]]:
    """Return the events of the audit log."""
    answer: list[dict[str, Any]] = cli.ask("audit", "log", "--limit", "10000", *options)
    return answer


def closed(cli: CommandLine) -> None:
    """Close the first month on its day, with one sheet."""
    cli.drawn()
    sheet = cli.sheet(
        findings=[FINDING],
        rectify=[{"criterion": "1.1.1", "problem": "未悬挂", "due": "2026-10-25"}],
    )
    cli.done("spot-check", "score", cli.file(sheet, ".json"))
    cli.at("2026-10-11 00:30")
    cli.done("spot-check", "close", MONTH)


def test_a_month_without_a_cycle_has_no_state(cli: CommandLine) -> None:
    """Before its opening a month has state null and an empty sample."""
    answer = cli.ask("spot-check", "show", MONTH)
    assert answer.keys() >= CYCLE
    assert (answer["state"], answer["seed"], answer["sample"]) == (None, None, [])


def test_a_month_is_opened_drawn_and_closed_by_hand(cli: CommandLine) -> None:
    """Each step changes the state once; repeated, it reports changed false."""
    everybody = {"policy": "district", "sampling": {"default": {"fraction": 1}}}
    cli.done("policy", "publish", cli.file(everybody, ".yaml"))
    steps = [("open", "2026-10-01 00:30"), ("draw", "2026-10-06 12:00")]
    for step, state in zip([*steps, ("close", "2026-10-11 00:30")],
                           ["open", "drawn", "closed"], strict=True):  # fmt: skip
        cli.at(step[1])
        answer = [cli.ask("spot-check", step[0], MONTH) for _ in range(2)]
        assert [one["changed"] for one in answer] == [True, False]
        assert {one["state"] for one in answer} == {state}
        assert cli.ask("spot-check", "show", MONTH).keys() >= CYCLE
    assert cli.ask("audit", "verify")["ok"] is True


def test_a_draw_is_told_and_verified(cli: CommandLine) -> None:
    """The answer has strata, sample and inspectors, and the draw follows from the events."""
    cli.drawn()
    answer = cli.ask("spot-check", "show", MONTH, "--scope", ROOT)
    assert sorted(answer["sample"]) == [FIRST, SECOND]
    (stratum,) = answer["strata"]
    assert {"stratum": "community", "N": 2, "n": 2}.items() <= stratum.items()
    frame = sha256(f"{FIRST}\n{SECOND}\n".encode()).hexdigest()
    assert answer["frame_digest"] == frame
    assert all(
        one.keys() == {"organization", "inspectors", "state"}
        and sorted(one["inspectors"]) == ["p-1", "p-2"]
        and one["state"] == "open"
        for one in answer["assignments"]
    )
    verified = cli.ask("spot-check", "verify-draw", MONTH)
    assert (verified["ok"], verified["seed"]) == (True, answer["seed"])
    assert verified["sample"] == answer["sample"]


def test_a_draw_that_nobody_made_does_not_verify(cli: CommandLine) -> None:
    """Before the draw ``verify-draw`` does not end with 0."""
    cli.at("2026-10-01 00:30")
    cli.done("spot-check", "open", MONTH)
    assert cli("spot-check", "verify-draw", MONTH).status in {1, 3}


def test_a_sheet_is_taken_once(cli: CommandLine) -> None:
    """A repeated sheet is unchanged, and several sheets are answered in order."""
    cli.drawn()
    first = cli.file(cli.sheet(findings=[FINDING]), ".json")
    second = cli.file(cli.sheet(organization=SECOND), ".json")
    done = [cli.ask("spot-check", "score", first)["changed"] for _ in range(2)]
    assert done == [True, False]
    both = cli.ask("spot-check", "score", first, second)
    assert [one["changed"] for one in both["sheets"]] == [False, True]
    states = {one["state"] for one in cli.ask("spot-check", "show", MONTH)["assignments"]}
    assert states == {"scored"}


def test_the_scheduler_does_what_is_due_once(cli: CommandLine) -> None:
    """A tick executes all due steps in order, and a second tick none."""
    done = []
    for day in ("01", "06", "08", "11"):
        cli.at(f"2026-10-{day} 00:30")
        first = cli.ask("scheduler", "tick")
        again = cli.ask("scheduler", "tick")
        assert (first["changed"], again["changed"], again["steps"]) == (True, False, [])
        done += [one["step"] for one in first["steps"]]
    assert done == ["open", "draw", "remind", "close"]


def test_the_file_and_the_ranking_tell_what_was_posted(cli: CommandLine) -> None:
    """After the close the file, the ranking and the log show the same score."""
    closed(cli)
    (score,) = cli.ask("file", FIRST)["scores"]
    assert {"period", "kind", "derived", "inspected", "score", "adjustments", "posted_at"} <= set(
        score
    )
    (posted,) = log(cli, "--organization", FIRST, "--type", "ScorePosted")
    assert {name: posted["data"][name] for name in ("period", "kind", "derived")} == {
        name: score[name] for name in ("period", "kind", "derived")
    }
    ranking = cli.ask("rank", "--period", MONTH, "--category", "community")
    assert all(one.keys() == RANKED for one in ranking)
    assert {one["organization"]: one["score"] for one in ranking}[FIRST] == score["score"]
    below = cli.ask("rank", "--period", MONTH, "--under", STREET)
    assert {one["organization"] for one in below} >= {FIRST, SECOND}


def test_the_file_holds_everything(cli: CommandLine) -> None:
    """The electronic file has organization, rectifications, activities and the stream's head."""
    closed(cli)
    answer = cli.ask("file", FIRST)
    assert answer["organization"]["code"] == FIRST
    assert [one["problem"] for one in answer["rectifications"]] == ["未悬挂"]
    assert [one["record_id"] for one in answer["activities"]] == [MEETING["record_id"]]
    newest = log(cli, "--organization", FIRST)[-1]
    assert answer["head"] == {"version": newest["version"], "hash": newest["hash"]}


def test_what_was_known_then_is_told_again(cli: CommandLine) -> None:
    """``--known-at`` gives the same answer whatever is recorded after the instant."""
    ask = ("compliance", "--period", MONTH, "--organization", FIRST)
    known = ("--known-at", "2026-09-20T02:00:00+00:00")
    cli.at("2026-09-20 12:00")
    before = cli.ask(*ask, *known)
    cli.at("2026-10-08 09:00")
    assert cli.take(MEETING | {"record_id": "a-2", "activity": "party_lesson"}).status == 0
    assert cli.ask(*ask, *known) == before


def test_figures_are_summed_up(cli: CommandLine) -> None:
    """``--summary`` counts every organization once, by category."""
    answer = cli.ask("compliance", "--period", MONTH, "--summary")
    assert (answer["period"], answer["organizations"]) == (MONTH, 4)
    counts = {one["category"]: one["organizations"] for one in answer["categories"]}
    assert counts == {"county": 1, "street": 1, "community": 2}


def test_what_is_due_is_told_with_dates(cli: CommandLine) -> None:
    """The list shows what is due and missing; an organization without a scheme has no tasks."""
    answer = cli.ask("todo", FIRST)
    assert {one["state"] for one in answer} >= {"due", "missing"}
    assert all(one["due_on"] >= "2026-09-20" for one in answer if one["state"] == "due")
    assert cli.ask("todo", ROOT) == []


COMMANDS = [
    f"compliance --period {MONTH}",
    f"compliance --period {MONTH} --summary",
    f"compliance --period {MONTH} --organization {FIRST}",
    f"todo {FIRST}",
    f"file {FIRST}",
    f"rank --period {MONTH}",
    f"spot-check show {MONTH}",
    f"spot-check bulletin {MONTH}",
    f"spot-check verify-draw {MONTH}",
    "scheme list",
    "scheme show community-2011",
    "policy show",
    "audit log",
    "audit verify",
    "audit seal",
    "rebuild",
    "scheduler tick",
]


def test_every_answer_is_told_to_people_and_to_programs(cli: CommandLine) -> None:
    """With ``--json`` anywhere a command prints one document, without it text."""
    closed(cli)
    for command in COMMANDS:
        words = command.split()
        people = cli(*words)
        assert (people.status, people.err) == (0, ""), command
        assert people.out.strip(), command
        answers = [cli("--json", *words), cli(*words[:1], "--json", *words[1:])]
        for one in answers:
            assert (one.status, one.err) == (0, ""), command
            assert isinstance(one.document, dict | list)


def test_events_tell_actor_channel_and_correlation(cli: CommandLine) -> None:
    """Each event has its actor and channel: by hand, by import or by the scheduler."""
    file = cli.file([MEETING | {"record_id": "a-2"}])
    cli.done("import", file, "--actor", "os:li")
    cli.at("2026-10-01 00:30")
    cli.done("scheduler", "tick", "--actor", "os:li")
    cli.done("--actor", "os:wang", "audit", "seal")
    answer = stored(cli)
    digest = sha256(Path(file).read_bytes()).hexdigest()
    recorded = [one for one in answer if one["actor"] == "os:li"]
    assert {(one["channel"], one["source"]) for one in recorded} == {("import", digest)}
    opened = [one for one in answer if one["type"] == "CycleOpened"]
    assert {(one["actor"], one["channel"]) for one in opened} == {("scheduler", "scheduler")}
    by_hand = [one for one in answer if one["actor"] == "os:wang"]
    assert {one["channel"] for one in by_hand} == {"cli"}
    assert all(one["correlation"] for one in answer)
    assert len({one["correlation"] for one in recorded + by_hand + opened}) == 3


def stored(cli: CommandLine) -> list[dict[str, Any]]:
    """Return actor, channel and correlation of every event, read without the store."""
    with closing(sqlite3.connect(cli.database)) as connection:
        rows = connection.execute("SELECT type, actor, channel, correlation, body FROM events")
        return [
            dict(zip(("type", "actor", "channel", "correlation"), row[:4], strict=True))
            | {"source": json.loads(row[4]).get("source")}
            for row in rows
        ]


def test_the_log_is_asked_by_actor_and_type(cli: CommandLine) -> None:
    """After ``audit log``, ``--actor`` filters the events by their actor."""
    cli.done("--actor", "os:wang", "audit", "seal")
    answer = log(cli, "--actor", "os:wang")
    assert answer
    assert all(one.keys() >= LOGGED and one["actor"] == "os:wang" for one in answer)
    assert log(cli, "--actor", "nobody") == []
    assert log(cli, "--actor=os:wang") == answer
    assert {one["type"] for one in log(cli, "--type", "ActivityRecorded")} == {"ActivityRecorded"}
    assert log(cli, "--under", STREET, "--occurred-from", "2026-09-12") != []
    assert log(cli, "--from", "2026-09-21") == []


def test_the_log_is_read_page_by_page(cli: CommandLine) -> None:
    """The pages after each cursor are the whole log, in order, without duplicates."""
    whole = log(cli)
    pages: list[dict[str, Any]] = []
    after: tuple[str, ...] = ()
    while page := cli.ask("audit", "log", "--limit", "3", *after):
        pages += page
        after = ("--after", page[-1]["cursor"])
    assert pages == whole
    assert len({one["cursor"] for one in whole}) == len(whole) == cli.events()
    assert all(a["recorded_at"] <= b["recorded_at"] for a, b in pairwise(whole))


def test_the_trail_is_verified_and_sealed(cli: CommandLine) -> None:
    """Verification reports counts and no faults; a seal is counted, a rebuild changes nothing."""
    before = cli.ask("audit", "verify")
    assert (before["ok"], before["faults"], before["events"]) == (True, [], cli.events())
    assert cli.ask("audit", "seal")
    assert cli.ask("audit", "verify")["seals"] == before["seals"] + 1
    answer = cli.ask("rebuild")
    assert (answer["events"], answer["streams"] > 0) == (cli.events(), True)
    assert cli.ask("audit", "verify")["ok"] is True


def test_an_event_that_was_changed_is_found(cli: CommandLine) -> None:
    """If an event was changed without the store, verification names its stream and ends with 3."""
    with closing(sqlite3.connect(cli.database)) as connection:
        connection.execute("DROP TRIGGER events_refuse_update")
        connection.execute("UPDATE events SET actor = 'x' WHERE type = 'ActivityRecorded'")
        connection.commit()
    answer = cli.ask("audit", "verify", status=3)
    assert answer["ok"] is False
    assert {one["stream"] for one in answer["faults"]} == {f"organization-{FIRST}", "schema"}


def test_an_opening_says_what_it_passes_over(cli: CommandLine) -> None:
    """Opening November first names September and October, to people and to programs."""
    cli.at("2026-12-02 09:00")
    opened = cli.ask("spot-check", "open", "2026-11")
    assert (opened["changed"], opened["passed_over"]) == (True, ["2026-09", "2026-10"])
    assert cli.ask("spot-check", "open", "2026-11")["passed_over"] == []
    cli.at("2027-02-02 09:00")
    said = cli("spot-check", "open", "2027-01").out
    assert "passed over 2026-12: only by hand, tracker spot-check open 2026-12" in said


def test_a_second_draw_from_another_value_is_refused(cli: CommandLine) -> None:
    """The same value again changes nothing, another one is refused with both values."""
    cli.drawn()
    assert cli.ask("spot-check", "draw", MONTH, "--randomness", "31415")["changed"] is False
    assert cli.ask("spot-check", "draw", MONTH)["changed"] is False
    refused = cli("spot-check", "draw", MONTH, "--randomness", "27182")
    assert refused.status == 1
    assert "2026-09 was drawn from the value 31415" in refused.err
    assert "the value 27182 was not used" in refused.err


def test_closing_early_wants_a_yes(cli: CommandLine) -> None:
    """A month opened late and closed by hand before its day asks, and its sheets are not held."""
    cli.at("2026-10-22 09:00")
    cli.done("spot-check", "open", MONTH)
    cli.done("spot-check", "draw", MONTH)
    cli.at("2026-10-23 09:00")
    refused = cli("spot-check", "close", MONTH)
    assert refused.status == 1
    assert "2026-09 closes on 2026-10-31; 1 of 1 sheets are still open" in refused.err
    assert cli.ask("spot-check", "show", MONTH)["state"] == "drawn"
    closed_now = cli.ask("spot-check", "close", MONTH, "--yes")
    assert {row["state"] for row in closed_now["assignments"]} == {"not_held"}
    assert cli.ask("spot-check", "close", MONTH)["changed"] is False


def test_a_reason_is_the_yes(cli: CommandLine) -> None:
    """With ``--uninspected REASON`` an early closing asks nothing."""
    cli.at("2026-10-22 09:00")
    cli.done("spot-check", "open", MONTH)
    cli.done("spot-check", "draw", MONTH)
    cli.done("spot-check", "close", MONTH, "--uninspected", "汛期")
    assert cli.ask("spot-check", "show", MONTH)["state"] == "closed"


def test_scope_takes_a_former_root_with_a_cycle(cli: CommandLine) -> None:
    """After the root got a parent its cycle is drawn by ``--scope``, and it opens no other."""
    cli.at("2026-10-02 09:00")
    cli.done("spot-check", "open", MONTH)
    lines: list[dict[str, Any]] = [
        {"kind": "organization", "code": "9", "name": "示例市", "category": "county",
         "registered_on": "2026-10-02", "root": True},
        {"kind": "organization_change", "code": ROOT, "on": "2026-10-02", "parent": "9",
         "reason": "归市管"},
    ]  # fmt: skip
    assert cli.take(*lines).status == 0
    cli.at("2026-10-07 00:30")
    assert cli.ask("spot-check", "show", MONTH, "--scope", ROOT)["state"] == "open"
    cli.done("scheduler", "tick")
    assert cli.ask("spot-check", "show", MONTH, "--scope", ROOT)["state"] == "drawn"
    assert cli.ask("spot-check", "verify-draw", MONTH, "--scope", ROOT)["ok"]
    refused = cli("spot-check", "open", "2026-08", "--scope", ROOT)
    assert "not a root" in refused.err
    assert "not a root" in cli("spot-check", "show", MONTH, "--scope", STREET).err
