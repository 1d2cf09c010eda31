"""Imports at the command line: several files, refused lines, the file's digest; rebuild."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.command_line import FIRST, MEETING, MONTH, SECOND, CommandLine


def test_import_answers_the_contract(cli: CommandLine) -> None:
    """An import counts lines, recorded, unchanged and refused over all its files."""
    one = cli.file([MEETING, MEETING | {"record_id": "a-2"}])
    two = cli.file(
        "kind,organization,record_id,activity,occurred_on,attendance.present,attendance.expected,"
        f"money.due,money.paid,evidence\nactivity,{SECOND},b-1,party_lesson,2026-09-02,3,4,"
        "10.00,10.00,minutes;photo\n",
        ".csv",
    )
    answer = {
        "lines": 3,
        "recorded": 2,
        "unchanged": 1,
        "superseded": [],
        "roots": 0,
        "refused": [],
    }
    assert cli.ask("import", one, two) == answer
    assert cli.ask("import", one, two) == answer | {"recorded": 0, "unchanged": 3}


def test_an_import_that_is_refused_answers_its_lines(cli: CommandLine) -> None:
    """A refused file is reported line by line, ends with 1 and records nothing."""
    before = cli.events()
    good, bad = MEETING | {"record_id": "a-2"}, MEETING | {"record_id": "a-3", "activity": "tea"}
    file = cli.file([good, bad])
    answer = cli.ask("import", file, status=1)
    (refused,) = answer.pop("refused")
    assert answer == {"lines": 2, "recorded": 0, "unchanged": 0, "superseded": [], "roots": 0}
    assert {"line", "field", "reason"} <= set(refused)
    assert (refused["line"], refused["field"]) == (2, "activity")
    assert cli.events() == before


def test_of_several_files_those_before_a_refused_one_stand(cli: CommandLine) -> None:
    """Files are imported in order up to one that is refused; later files are not begun."""
    files = [cli.file([MEETING | {"record_id": name}]) for name in ("a-2", "a-3")]
    bad = cli.file([MEETING | {"record_id": "a-4", "activity": "tea"}])
    answer = cli.ask("import", files[0], bad, files[1], status=1)
    assert (answer["lines"], answer["recorded"]) == (2, 1)
    assert cli.ask("import", files[1])["recorded"] == 1


def test_an_imported_event_holds_the_digest_of_its_file(cli: CommandLine) -> None:
    """The channel of an import is ``import``, its source the SHA-256 of the file."""
    file = cli.file([MEETING | {"record_id": "a-2"}])
    cli.done("import", file, "--actor", "p:ann")
    digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    with closing(sqlite3.connect(cli.database)) as connection:
        rows = connection.execute("SELECT type, channel, body FROM events WHERE actor = 'p:ann'")
        answer = {kind: (channel, json.loads(body)) for kind, channel, body in rows}
    assert set(answer) == {"ImportStarted", "ActivityRecorded", "ImportFinished"}
    assert all(channel == "import" for channel, _ in answer.values())
    assert {body["source"] for _, body in answer.values()} == {digest}
    assert len({body["correlation"] for _, body in answer.values()}) == 1


def test_a_rebuild_mends_a_read_model(cli: CommandLine) -> None:
    """A read model that was changed is a fault until a rebuild corrects it."""
    with closing(sqlite3.connect(cli.database)) as connection, connection:
        connection.execute("UPDATE record_facts SET record_id = 'a-7'")
    answer = cli.ask("audit", "verify", status=3)
    assert answer["ok"] is False
    assert {one["stream"] for one in answer["faults"]} == {f"organization-{FIRST}"}
    assert cli.ask("rebuild")["events"] == cli.events()
    assert cli.ask("audit", "verify")["ok"]


@pytest.mark.parametrize("name", ["guild", "", "社区"])
def test_a_ranking_of_no_category_is_refused(cli: CommandLine, name: str) -> None:
    """A ranking of an unknown category is refused, not answered with an empty list."""
    answer = cli("rank", "--period", MONTH, "--category", name)
    assert answer.status == 1
    (line,) = answer.err.splitlines()
    assert line.startswith("tracker: --category: ")
    assert "community" in line


def test_times_are_by_the_districts_clock(cli: CommandLine) -> None:
    """Tables show local time and name the clock; JSON has UTC."""
    cli.drawn()
    cli.at("2026-10-11 00:30")
    cli.done("spot-check", "close", MONTH)
    for words in (["file", FIRST], ["audit", "log", "--type", "ScorePosted"]):
        said = cli(*words).out
        assert "(Asia/Shanghai)" in said
        assert "2026-10-11 00:30:" in said
        assert "2026-10-10" not in said
    (event, *_) = cli.ask("audit", "log", "--type", "ScorePosted")
    assert event["recorded_at"].startswith("2026-10-10T16:30:")
    assert event["recorded_at"].endswith("Z")
