"""Every command of docs/contracts.md: its JSON document, its repetition, what its events hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import FIRST, MEETING, MONTH, ROOT, SECOND, STREET, CommandLine

COMMANDS = [
    "init",
    "scheme check",
    "scheme publish",
    "scheme close",
    "scheme list",
    "scheme show",
    "policy check",
    "policy publish",
    "policy show",
    "import",
    "compliance",
    "todo",
    "file",
    "spot-check open",
    "spot-check draw",
    "spot-check show",
    "spot-check score",
    "spot-check close",
    "spot-check verify-draw",
    "rank",
    "audit log",
    "audit verify",
    "audit seal",
    "rebuild",
    "scheduler run",
    "scheduler tick",
    "demo",
]
USAGE = [
    "",
    "nothing",
    "scheme nothing",
    "scheme",
    "compliance",
    "compliance --colour red",
    "compliance --period",
    "rank",
    "todo",
    "file",
    "import",
    "scheme show",
    "scheme close community-2011",
    "spot-check draw",
    "spot-check score",
    "policy publish",
    "todo 99 98",
    "audit log --actor",
    "policy show --actor",
]
CRITERION = {"code", "points", "status", "credit", "reason"}


def log(cli: CommandLine, *options: str) -> list[dict[str, Any]]:
    """Return the events of the audit log."""
    answer: list[dict[str, Any]] = cli.ask("audit", "log", "--limit", "10000", *options)
    return answer


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(empty: CommandLine, command: str) -> None:
    """``--help`` prints the usage of a command, ends with 0 and creates nothing."""
    answer = empty(*command.split(), "--help")
    assert answer.status == 0
    assert f"tracker {command}" in answer.out
    assert list(empty.folder.iterdir()) == []


@pytest.mark.parametrize("command", USAGE)
def test_what_cannot_be_understood_ends_with_2(cli: CommandLine, command: str) -> None:
    """An unknown command or option and a missing argument end with 2 and a message."""
    before = cli.events()
    answer = cli(*command.split())
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.strip()
    assert cli.events() == before


def test_init_answers_what_stands(empty: CommandLine) -> None:
    """The first init creates and fixes, the second one changes nothing."""
    first = empty.ask("init", "--zone", "Asia/Urumqi", "--first-month", "2026-03")
    again = empty.ask("init")
    assert first == {
        "changed": True,
        "database": str(empty.database),
        "zone": "Asia/Urumqi",
        "first_month": "2026-03",
        "live": True,
    }
    assert again == first | {"changed": False}


def test_the_first_month_is_that_of_init(empty: CommandLine) -> None:
    """By default the zone is Shanghai and the first month is the current local one."""
    empty.at("2026-12-01 00:30")
    assert empty.ask("init")["first_month"] == "2026-12"


def test_scheme_check_counts_by_kind(cli: CommandLine) -> None:
    """Checking counts every criterion once, by its kind of rule, and makes no event."""
    before = cli.events()
    answer = cli.ask("scheme", "check", "branch-basics")
    assert answer.keys() == {"ok", "points", "items", "criteria", "kinds", "problems"}
    assert answer["ok"] is True
    assert sum(answer["kinds"].values()) == answer["criteria"]
    assert cli.events() == before


def test_scheme_check_names_problems(cli: CommandLine) -> None:
    """A faulty scheme ends with 3, each problem with place and severity."""
    shown = cli.ask("scheme", "show", "branch-basics")
    answer = cli.ask("scheme", "check", cli.file(shown | {"points": "1"}, ".yaml"), status=3)
    assert answer["ok"] is False
    assert all(one.keys() == {"place", "problem", "severity"} for one in answer["problems"])
    assert "error" in {one["severity"] for one in answer["problems"]}


def test_what_is_shown_can_be_published(cli: CommandLine) -> None:
    """The document that ``scheme show`` answers is a scheme that can be checked and published."""
    shown = cli.ask("scheme", "show", "community-2011@1")
    assert {"scheme", "version", "title", "categories", "sections", "policy"} <= shown.keys()
    assert (shown["scheme"], shown["version"]) == ("community-2011", 1)
    file = cli.file(shown | {"version": 2, "effective_from": "2026-12"}, ".yaml")
    assert cli.ask("scheme", "check", file)["ok"] is True
    done = cli.ask("scheme", "publish", file)
    assert (done["changed"], done["version"], done["effective_from"]) == (True, 2, "2026-12")


def test_publishing_and_closing_again_change_nothing(cli: CommandLine) -> None:
    """A scheme is published once and closed once; the list shows its status."""
    again = cli.ask("scheme", "publish", "community-2011", "--from", MONTH)
    assert again == {
        "changed": False, "id": "community-2011", "version": 1, "effective_from": MONTH,
    }  # fmt: skip
    rows = {one["scheme"]: one["status"] for one in cli.ask("scheme", "list")}
    assert rows == {"branch-basics": "draft", "community-2011": "in_force"}
    close = ("scheme", "close", "community-2011", "--from", "2027-01", "--yes")
    assert [cli.ask(*close)["changed"] for _ in range(2)] == [True, False]
    cli.at("2027-01-01 09:00")
    rows = {one["scheme"]: one["status"] for one in cli.ask("scheme", "list")}
    assert rows["community-2011"] == "closed"


def test_categories_change_hands_with_a_yes(cli: CommandLine) -> None:
    """Publishing or closing that takes a scheme from a category names it and needs ``--yes``."""
    shown = cli.ask("scheme", "show", "branch-basics")
    other = shown | {"categories": ["community", "school"], "version": 1}
    file = cli.file(other, ".yaml")
    before = cli.events()
    refused = cli("scheme", "publish", file, "--from", "2027-01")
    assert refused.status == 1
    assert "community: community-2011 -> branch-basics from 2027-01" in refused.err
    assert "school" not in refused.err
    closing = cli("scheme", "close", "community-2011", "--from", "2027-01")
    assert closing.status == 1
    assert "community: community-2011 -> no scheme from 2027-01" in closing.err
    assert cli.events() == before
    assert cli.ask("scheme", "publish", file, "--from", "2027-01", "--yes")["changed"] is True
    assert cli.ask("scheme", "publish", file, "--from", "2027-01")["changed"] is False
    # From 2027-01 on nobody has community-2011 any more, before it the communities do.
    assert cli.ask("scheme", "close", "community-2011", "--from", "2027-02")["changed"] is True


def test_a_policy_is_checked_published_and_shown(cli: CommandLine) -> None:
    """The policy that was published is shown with every default; again it changes nothing."""
    assert cli.ask("policy", "show")["version"] == 0
    file = cli.file({"policy": "district", "appeal_days": 10}, ".yaml")
    assert cli.ask("policy", "check", file) == {"ok": True, "problems": []}
    done = [cli.ask("policy", "publish", file) for _ in range(2)]
    assert [(one["changed"], one["version"]) for one in done] == [(True, 1), (False, 1)]
    shown = cli.ask("policy", "show")
    assert shown["version"] == 1
    assert str(shown["appeal_days"]) == "10"
    assert {"spot_check", "sampling", "rectification", "bands"} <= shown.keys()


def test_an_import_is_counted_and_repeated(cli: CommandLine) -> None:
    """Lines imported again are unchanged, whichever file holds them."""
    line = {"kind": "measure", "organization": FIRST, "measure": "members", "value": "7",
            "on": "2026-09-01"}  # fmt: skip
    file, both = cli.file([line]), cli.file([line, MEETING])
    new = {"lines": 1, "recorded": 1, "unchanged": 0, "superseded": [], "roots": 0, "refused": []}
    assert cli.ask("import", file) == new
    assert cli.ask("import", file) == new | {"recorded": 0, "unchanged": 1}
    assert cli.ask("import", both)["unchanged"] == 2


def test_a_partial_import_puts_the_refused_lines_beside(cli: CommandLine) -> None:
    """``--partial`` records the valid lines, ends with 3 and writes the others with reasons."""
    good = MEETING | {"record_id": "a-2"}
    bad = MEETING | {"record_id": "a-3", "organization": "98"}
    file = cli.file([good, bad])
    assert cli.ask("import", file, status=1)["recorded"] == 0
    answer = cli.ask("import", file, "--partial", status=3)
    assert (answer["lines"], answer["recorded"]) == (2, 1)
    (refused,) = answer["refused"]
    assert {"line": 2, "field": "organization"}.items() <= refused.items()
    (beside,) = Path(file + ".refused.jsonl").read_text("utf-8").splitlines()
    written = json.loads(beside)
    assert (written["line"], written["reason"]) == (2, refused["reason"])
    assert json.loads(written["content"]) == bad


def test_a_historical_import_says_so(cli: CommandLine) -> None:
    """A historical line keeps the date on which it was recorded, and the import its reason."""
    line = MEETING | {"record_id": "a-2", "recorded_on": "2026-09-13"}
    answer = cli.ask("import", cli.file([line]), "--historical", "--reason", "旧台账")
    assert answer["recorded"] == 1
    (started,) = [
        one for one in log(cli, "--type", "ImportStarted") if one["data"]["historical"]
    ]  # fmt: skip
    assert "旧台账" in json.dumps(started["data"], ensure_ascii=False)


def test_compliance_answers_by_code(cli: CommandLine) -> None:
    """Derived figures are in order of code; only activity rules have windows."""
    answer = cli.ask("compliance", "--period", MONTH)
    assert [one["organization"] for one in answer] == [ROOT, STREET, FIRST, SECOND]
    assert all(
        one.keys() >= {"organization", "period", "purpose", "scheme", "version", "score"}
        for one in answer
    )
    assert (answer[0]["scheme"], answer[0]["score"]) == (None, None)
    (first,) = cli.ask("compliance", "--period", MONTH, "--organization", FIRST)
    assert first == answer[2]
    kinds = {one["code"]: one["rule"]["kind"] for one in rules(cli)}
    for one in first["criteria"]:
        assert one.keys() >= CRITERION
        assert ("windows" in one) == (kinds[one["code"]] == "activity")
        for window in one.get("windows", []):
            assert window.keys() == {"window", "required", "counted", "records"}
    pending = sum(one["status"] == "pending" for one in first["criteria"])
    said = cli("compliance", "--period", MONTH, "--organization", FIRST).out
    assert f"{first['score']}, {pending} criteria not due yet (" in said
    below = cli.ask("compliance", "--period", MONTH, "--under", STREET)
    assert [one["organization"] for one in below] == [STREET, FIRST, SECOND]


def rules(cli: CommandLine) -> list[dict[str, Any]]:
    """Return every criterion of the built-in scheme."""

    def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for section in node.get("sections", []):
            yield from walk(section)
        for item in node.get("items", []):
            yield from item["criteria"]

    return list(walk(cli.ask("scheme", "show", "community-2011")))


def test_a_partial_import_loses_no_line_behind_an_open_quote(cli: CommandLine) -> None:
    """The line with the open mark is refused and written out; all others are recorded."""
    head = "kind,organization,record_id,activity,occurred_on,title\r\n"
    titles = ["走访", '"没有收住', "走访", "走访", '"走访"', "走访"]
    rows = [
        f"activity,{FIRST},q-{number},visit,2026-09-0{number},{title}\r\n"
        for number, title in enumerate(titles, 1)
    ]
    file = cli.file(head + "".join(rows), ".csv")
    answer = cli.ask("import", file, "--partial", status=3)
    assert (answer["lines"], answer["recorded"], len(answer["refused"])) == (6, 5, 1)
    (rejected,) = Path(file + ".refused.jsonl").read_text("utf-8").splitlines()
    assert json.loads(rejected)["content"] == rows[1].strip()


def test_the_command_line_reads_what_an_office_program_saved(cli: CommandLine) -> None:
    """A CSV file in GBK is recorded as the page records it."""
    text = (
        "kind,organization,record_id,activity,occurred_on,title\r\n"
        f"activity,{FIRST},g-1,visit,2026-09-01,走访慰问\r\n"
    )
    assert cli.ask("import", cli.file(text.encode("gbk"), ".csv"))["recorded"] == 1
    assert "走访慰问" in json.dumps(cli.ask("file", FIRST), ensure_ascii=False)
