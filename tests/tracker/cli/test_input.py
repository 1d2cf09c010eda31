"""Bad input at the command line: one clear line that names the place, and nothing recorded."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.support.command_line import FIRST, MEETING, MONTH, STREET, Answer, CommandLine

DEEP = 100_000
OTHER = MEETING | {"record_id": "a-2"}
COMMUNITY = {
    "kind": "organization",
    "code": "99-01-003",
    "name": "社区",
    "category": "community",
    "parent": STREET,
    "registered_on": "2026-01-01",
}
CORRECTION = {
    "kind": "correction",
    "organization": FIRST,
    "record_id": "a-1",
    "changes": {"occurred_on": "2026-09-13"},
    "reason": "笔误",
}
FLAG = {"kind": "condition", "organization": FIRST, "condition": "national_flag", "state": "met"}
MEMBERS = {"kind": "measure", "organization": FIRST, "measure": "members", "value": "7"}
ON = {"on": "2026-09-12"}


def changed(line: dict[str, Any], **more: Any) -> str:
    """Return a line with changed fields; None leaves a field out."""
    answer = {name: value for name, value in (line | more).items() if value is not None}
    return json.dumps(answer, ensure_ascii=False)


def refused(cli: CommandLine, *arguments: str) -> Answer:
    """Run a command that must be refused: exit 1, only our lines on stderr, nothing recorded."""
    before = cli.events()
    answer = cli(*arguments)
    assert answer.status == 1, answer.err
    assert answer.err.strip()
    assert all(line.startswith("tracker: ") for line in answer.err.splitlines())
    assert max(map(len, answer.err.splitlines())) < 600
    assert cli.events() == before
    return answer


LINES: dict[str, tuple[str | bytes, str, str]] = {
    "broken JSON": ('{"kind": "activity"', "", "the line is not JSON"),
    "no object": ("[1, 2]", "", "is not a JSON object"),
    "not UTF-8": ('{"kind": "activity", "title": "社"}'.encode("gbk"), "", "is not UTF-8"),
    "NUL": (b'{"kind": "activity\x00"}', "", "the line is not JSON"),
    "key twice": ('{"kind": "activity", "kind": "activity"}', "kind", "is given twice"),
    "inner key twice": (
        changed(OTHER).replace('"present": 7', '"present": 7, "present": 7'),
        "present",
        "is given twice",
    ),
    "no kind": (changed(OTHER, kind=None), "kind", "is missing"),
    "unknown kind": (changed(OTHER, kind="meeting"), "kind", "is not a kind of line"),
    "unknown field": (changed(OTHER, colour="red"), "colour", "is not a field of this kind"),
    "missing field": (changed(OTHER, record_id=None), "record_id", "is missing"),
    "unknown organization": (changed(OTHER, organization="98"), "organization", "98"),
    "unknown activity": (changed(OTHER, activity="tea_party"), "activity", "tea_party"),
    "evidence that is no word": (changed(OTHER, evidence=["a rumour"]), "evidence", "words"),
    "unknown condition": (changed(FLAG | ON, condition="sunshine"), "condition", "sunshine"),
    "unknown state": (changed(FLAG | ON, state="maybe"), "state", "must be"),
    "unknown measure": (changed(MEMBERS | ON, measure="sheep"), "measure", "sheep"),
    "unknown category": (changed(COMMUNITY, category="guild"), "category", "guild"),
    "future": (changed(OTHER, occurred_on="2026-09-21"), "occurred_on", "future"),
    "no such day": (changed(OTHER, occurred_on="2026-09-31"), "occurred_on", ""),
    "before registration": (changed(OTHER, occurred_on="2025-12-31"), "occurred_on", "2026-01-01"),
    "condition in the future": (changed(FLAG, on="2026-09-21"), "on", "future"),
    "missing parent": (changed(COMMUNITY, parent="98"), "parent", "98"),
    "own parent": (changed(COMMUNITY, parent="99-01-003"), "parent", ""),
    "code in use": (changed(COMMUNITY, code=FIRST, name="另一个"), "code", FIRST),
    "move below itself": (
        changed(
            {"kind": "organization_change", "code": STREET, "on": "2026-09-01", "parent": FIRST}
        ),
        "parent",
        "",
    ),
    "negative money": (changed(OTHER, money={"due": "-1.00", "paid": "0"}), "money.due", ""),
    "three decimals": (changed(OTHER, money={"due": "1.005", "paid": "1"}), "money.due", ""),
    "money NaN": (changed(OTHER, money={"due": "NaN", "paid": "1"}), "money.due", ""),
    "bare NaN": ('{"kind": "measure", "value": NaN}', "", "NaN is not a number"),
    "measure NaN": (changed(MEMBERS | ON, value="NaN"), "value", ""),
    "measure infinite": (changed(MEMBERS | ON, value="Infinity"), "value", ""),
    "long number": (changed(OTHER).replace("7", "7" * 5000), "", "too long"),
    "more present": (
        changed(OTHER, attendance={"present": 10, "expected": 9}),
        "attendance",
        "expected",
    ),
    "half a person": (
        changed(OTHER, attendance={"present": 1.5, "expected": 9}),
        "attendance.present",
        "must be a whole number",
    ),
    "truth for a count": (
        changed(OTHER, attendance={"present": True, "expected": 9}),
        "attendance.present",
        "must be a whole number",
    ),
    "reused record_id": (changed(MEETING, title="另一个会议"), "record_id", "a-1"),
    "correction of nothing": (changed(CORRECTION, record_id="a-9"), "record_id", "a-9"),
    "correction without reason": (changed(CORRECTION, reason=None), "reason", "is missing"),
    "empty reason": (changed(CORRECTION, reason=" "), "reason", ""),
    "correction into the future": (
        changed(CORRECTION, changes={"occurred_on": "2026-09-21"}),
        "changes.occurred_on",
        "future",
    ),
    "correction of nothing at all": (changed(CORRECTION, changes={}), "changes", ""),
    "retraction without reason": (
        changed({"kind": "retraction", "organization": FIRST, "record_id": "a-1"}),
        "reason",
        "is missing",
    ),
    "recorded_on": (
        changed(OTHER, recorded_on="2026-09-13"),
        "recorded_on",
        "only in a historical import (--historical)",
    ),
    "unknown inspector": (
        changed({"kind": "recusal", "inspector": "p-9", "organization": FIRST, "reason": "亲属"}),
        "inspector",
        "p-9",
    ),
    "30 MB": (b'{"kind": "' + b"x" * 30_000_000 + b'"}', "", "longer than 1000000 bytes"),
    "deep": (b"[" * DEEP, "", "nested too deeply"),
    "deep object": (b'{"a":' * DEEP, "", "nested too deeply"),
    "deep and closed": (
        b'{"kind": "activity", "note": ' + b"[" * DEEP + b"]" * DEEP + b"}",
        "",
        "nested too deeply",
    ),
    "control characters": (
        changed(OTHER, organization="\x1b[31m99"),
        "organization",
        "",
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_a_bad_line_is_refused_by_line_and_field(cli: CommandLine, name: str) -> None:
    """The third line of a file is refused with its number and field, and nothing is recorded."""
    line, field, problem = LINES[name]
    line = line if isinstance(line, bytes) else line.encode()
    good = changed(OTHER, record_id="a-3").encode()
    file = cli.file(good + b"\n\n" + line + b"\n")
    answer = refused(cli, "import", file)
    (message,) = answer.err.splitlines()
    assert message.startswith(f"tracker: {file}: line 3:")
    assert (
        f" field {field}: " in message
        if field
        else " field " not in message.partition(" line 3:")[2]
    )
    assert problem in message
    assert message.isprintable()


def test_every_bad_line_is_told(cli: CommandLine) -> None:
    """All faults of a file are named at once, and ``--json`` lists them too."""
    lines = [LINES[name][0] for name in ("unknown activity", "future", "missing parent")]
    file = cli.file("\n".join(str(one) for one in lines))
    answer = refused(cli, "--json", "import", file)
    assert [one["line"] for one in answer.document["refused"]] == [1, 2, 3]
    assert [one["field"] for one in answer.document["refused"]] == [
        "activity",
        "occurred_on",
        "parent",
    ]
    assert len(answer.err.splitlines()) == 3


def test_a_circle_within_a_file_is_refused(cli: CommandLine) -> None:
    """Two new organizations that are each other's parents are refused, each by its line."""
    pair = [COMMUNITY | {"parent": "99-01-004"}, COMMUNITY | {"code": "99-01-004"}]
    pair[1]["parent"] = "99-01-003"
    answer = refused(cli, "import", cli.file(pair))
    assert [line.split(": ")[2:4] for line in answer.err.splitlines()] == [
        ["line 1", "field parent"],
        ["line 2", "field parent"],
    ]


@pytest.mark.parametrize(
    ("content", "suffix", "problem"),
    [
        (b"\xff\xfe{\x00}\x00", ".jsonl", "line 1: the file is saved as UTF-16"),
        ("kind,colour\ncondition,red\n", ".csv", "line 1: field colour: is not a column"),
        ("kind,on,on\n", ".csv", "line 1: field on: is given twice"),
        ("organization\n99\n", ".csv", "line 1: field kind: the first line must name"),
        ("kind,on\ncondition,2026-09-12,x\n", ".csv", "line 2: the line has more cells"),
        ('kind,on\ncondition,"2026\n', ".csv", "line 2: the line is not CSV"),
        (b"kind\n\xff\xff", ".csv", "line 2: the file is neither UTF-8 nor GB18030"),
        ("", ".csv", "line 1: field kind: the first line must name"),
        (b"PK\x03\x04", ".xlsx", "is damaged or not complete"),
        ("{}", "", "nor .jsonl"),
    ],
)
def test_a_bad_file_is_refused(
    cli: CommandLine, content: str | bytes, suffix: str, problem: str
) -> None:
    """Another encoding, a bad header, a torn row and an unknown form are refused by their place."""
    assert problem in refused(cli, "import", cli.file(content, suffix)).err


def test_a_historical_line_for_an_opened_month_is_refused(cli: CommandLine) -> None:
    """Once its cycle has opened, a month takes no historical line."""
    cli.drawn()
    file = cli.file([OTHER | {"recorded_on": "2026-09-13"}])
    answer = refused(cli, "import", file, "--historical", "--reason", "台账")
    assert "line 1:" in answer.err
    assert "2026-09" in answer.err


@pytest.mark.parametrize("day", ["2026-09-11", "2026-09-21", "soon"])
def test_recorded_on_is_held_to_the_dates(cli: CommandLine, day: str) -> None:
    """``recorded_on`` before the activity, in the future or not a date is refused by its field."""
    file = cli.file([OTHER | {"recorded_on": day}])
    answer = refused(cli, "import", file, "--historical")
    assert f"{file}: line 1: field recorded_on: " in answer.err


def test_a_damaged_event_is_one_line(cli: CommandLine) -> None:
    """Every command that reads it names stream, version and the check; none prints a traceback."""
    with closing(sqlite3.connect(cli.database)) as connection:
        connection.execute("DROP TRIGGER events_refuse_update")
        connection.execute(
            "UPDATE events SET body = 'x' WHERE stream = ?", [f"organization-{FIRST}"]
        )
        connection.commit()
    file = cli.file([MEETING | {"record_id": "a-2"}])
    for command in (("file", FIRST), ("import", file), ("compliance", "--period", MONTH)):
        answer = cli(*command)
        (line,) = answer.err.splitlines()
        assert (answer.status, answer.out) == (1, ""), command
        assert f"of the stream organization-{FIRST} is damaged" in line
        assert "tracker audit verify" in line
    assert cli("audit", "verify").status == 3


def test_no_escape_reaches_the_terminal(cli: CommandLine) -> None:
    """Sequences in the name of a file or in a value are written out."""
    evil = cli.folder / "a\x1b[31m\x9b2J.jsonl"
    evil.write_text(json.dumps(MEETING | {"record_id": "x", "activity": "\x1b]0;x\x07"}))
    for command in (("import", str(evil)), ("import", "none\x1b[2J.jsonl"), ("todo", "\x1b[2J"),
                    ("import", "--partial", str(evil))):  # fmt: skip
        answer = cli(*command)
        assert "\x1b" not in answer.out + answer.err, command
        assert "\x9b" not in answer.out + answer.err, command
        assert "\\x1b" in answer.out + answer.err, command
