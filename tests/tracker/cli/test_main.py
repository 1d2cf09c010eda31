"""The entry of the command line: help, options anywhere, the exit status, the real program."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

from tests.support.command_line import FIRST, CommandLine
from tracker.cli.main import app, hoist_options

TRACKER = Path(sys.executable).parent / "tracker"


def names_of(group: Any, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return every command of a typer application, each as its words."""
    answer = [
        (*before, one.name or one.callback.__name__.replace("_", "-"))
        for one in group.registered_commands
    ]
    for one in group.registered_groups:
        answer += names_of(one.typer_instance, (*before, one.name))
    return answer


COMMANDS = names_of(app)
CONTRACT = """init; scheme check; scheme publish; scheme close; scheme list; scheme show;
policy check; policy publish; policy show; import; compliance; todo; file; spot-check open;
spot-check draw; spot-check show; spot-check score; spot-check close; spot-check verify-draw; rank;
audit log; audit verify; audit seal; rebuild; scheduler run; scheduler tick; serve; demo;
backup; restore; check"""


def test_every_command_of_the_contract_is_there() -> None:
    """The command line offers every command that docs/contracts.md names."""
    assert set(CONTRACT.replace("\n", " ").split("; ")) <= {" ".join(words) for words in COMMANDS}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["nonsense"], "No such command 'nonsense'."),
        (["scheme", "nonsense"], "No such command 'nonsense'."),
        (["todo"], "Missing argument 'CODE'."),
        (["compliance"], "Missing option '--period'."),
        (["todo", FIRST, "--loud"], "No such option: --loud"),
        (["todo", FIRST, "--actor"], "Option '--actor' requires an argument."),
        (["audit", "log", "--actor"], "Option '--actor' requires an argument."),
        (["todo", FIRST, "more"], "Got unexpected extra argument(s) (more)"),
    ],
)
def test_a_line_that_is_no_command_ends_with_2(
    cli: CommandLine, line: list[str], said: str
) -> None:
    """What is unknown or missing on the line is named in one line, with exit status 2."""
    answer = cli(*line)
    assert answer.status == 2
    assert answer.err.rstrip("\n") == f"tracker: {said}"
    assert not answer.out


@pytest.mark.parametrize("line", [[], ["scheme"], ["spot-check"], ["audit"]])
def test_without_a_command_the_help_is_told(cli: CommandLine, line: list[str]) -> None:
    """A line without a command prints the commands on standard error and ends with 2."""
    answer = cli(*line)
    assert answer.status == 2
    assert answer.err.startswith("Usage: tracker ")
    assert not answer.out


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("todo 99 --json --actor ann", "--json --actor ann todo 99"),
        ("--json todo --actor=ann 99", "--json --actor=ann todo 99"),
        ("audit log --actor ann --json", "--json audit log --actor ann"),
        ("--actor bob audit log --actor ann", "--actor bob audit log --actor ann"),
        ("audit verify --actor ann", "--actor ann audit verify"),
        ("todo -- --json", "todo -- --json"),
        ("todo 99 --actor", "--actor"),
    ],
)
def test_options_for_all_stand_anywhere(given: str, meant: str) -> None:
    """--json and --actor are moved to the front, except the filter of the audit log."""
    assert hoist_options(given.split()) == meant.split()


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_actor_stands_in_the_event_wherever_it_was_given(cli: CommandLine, place: int) -> None:
    """Every event has actor, channel and correlation, and the log can be filtered by actor."""
    words = ["audit", "seal", "--json"]
    words[place:place] = ["--actor", "p:ann"]
    assert cli(*words).status == 0
    (sealed,) = cli.ask("audit", "log", "--actor", "p:ann")
    assert (sealed["actor"], sealed["channel"]) == ("p:ann", "cli")
    with closing(sqlite3.connect(cli.database)) as connection:
        rows = connection.execute("SELECT actor, channel, correlation FROM events").fetchall()
    assert all(all(row) for row in rows)
    assert {row[:2] for row in rows} == {("clerk", "cli"), ("clerk", "import"), ("p:ann", "cli")}


def test_without_a_name_the_systems_user_acts(
    empty: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default the actor is os: and the operating system's user."""
    monkeypatch.delenv("TRACKER_ACTOR")
    monkeypatch.setenv("LOGNAME", "visitor")
    empty.done("init")
    (event,) = empty.ask("audit", "log")
    assert event["actor"] == "os:visitor"


@pytest.mark.parametrize(
    ("option", "value"), [("--zone", "Mars/Olympus"), ("--zone", ""), ("--first-month", "2026-13")]
)
def test_a_bad_beginning_makes_no_database(empty: CommandLine, option: str, value: str) -> None:
    """A district that cannot be initialized leaves no file behind."""
    answer = empty("init", option, value)
    assert answer.status == 1
    assert len(answer.err.splitlines()) == 1
    assert not list(empty.folder.iterdir())


@pytest.mark.parametrize("url", ["sqlite://x/y", "mysql://me:secret@h/x"])
def test_a_url_that_is_none_is_told_without_its_password(empty: CommandLine, url: str) -> None:
    """A bad TRACKER_DATABASE_URL is named without its password."""
    empty.on(url)
    for words in (("todo", FIRST), ("init",), ("scheme", "check", "community-2011")):
        answer = empty(*words)
        assert answer.status == 1
        (line,) = answer.err.splitlines()
        assert line.startswith("tracker: TRACKER_DATABASE_URL is not")
        assert "secret" not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [("WORKERS", "0"), ("WORKERS", "many"), ("BUSY_SECONDS", "-1"), ("LOG_LEVEL", "loud")],
)
def test_a_bad_setting_is_told_by_its_name(cli: CommandLine, name: str, value: str) -> None:
    """A setting of the environment that is no value for it is named in one line."""
    cli.patch.setenv(f"TRACKER_{name}", value)
    answer = cli("todo", FIRST)
    assert answer.status == 1
    assert answer.err.startswith(f"tracker: TRACKER_{name}: ")


def test_a_server_that_is_silent_is_for_later(empty: CommandLine) -> None:
    """A silent server is waited for no longer than the timeout."""
    empty.patch.setenv("TRACKER_BUSY_SECONDS", "0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        empty.on(f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/x")
        done = subprocess.run([TRACKER, "todo", FIRST], capture_output=True, check=False)
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1


def test_a_database_without_a_tracker_is_named(empty: CommandLine, empty_postgres_url: str) -> None:
    """A database of another application is named, and nothing is created in it."""
    empty.on(empty_postgres_url)
    answer = empty("todo", FIRST)
    assert answer.status == 1
    assert "has no tables of the tracker; create them with: tracker init" in answer.err
    plain = empty_postgres_url.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() == (0,)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Yield a folder that every user of the system can enter."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Drop the rights of root, if the tests have them."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_database_that_may_only_be_read_is_refused(cli: CommandLine, open_folder: Path) -> None:
    """A file without write permission ends with 1 and one line, and is unchanged."""
    cli.done("audit", "seal")
    cli.done("rebuild")  # SQLite moves its write-ahead log into the file
    with closing(sqlite3.connect(cli.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = open_folder / "tracker.db"
    shutil.copy(cli.database, file)
    file.chmod(0o444)
    open_folder.chmod(0o555)
    before = file.read_bytes()
    cli.on(f"sqlite:///{file}")
    with as_nobody():
        answer = cli("audit", "seal")
    assert answer.status == 1
    (line,) = answer.err.splitlines()
    assert f"{file} cannot be used: " in line
    assert file.read_bytes() == before


def test_bytes_that_are_no_text_are_refused(cli: CommandLine) -> None:
    """An argument that is not UTF-8 is refused in one line, whichever command it is for."""
    lines: list[list[str | bytes]] = [
        ["todo", b"\xff"],
        ["spot-check", "draw", "2026-09", "--randomness", b"\xff"],
    ]
    for words in lines:
        line: list[str | bytes | Path] = [TRACKER, *words]
        done = subprocess.run(line, capture_output=True, check=False)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert b"is not UTF-8" in done.stderr


def test_the_console_script_answers(cli: CommandLine) -> None:
    """As a program it prints one JSON document and nothing else, and ends with its status."""
    for words, status in ((["todo", FIRST], 0), (["todo", "98"], 1), (["todo"], 2)):
        line: list[str | Path] = [TRACKER, "--json", *words]
        done = subprocess.run(line, capture_output=True, check=False)
        assert done.returncode == status
        assert done.stdout.count(b"\n") == (status == 0)
        assert bool(done.stderr) == (status != 0)


def run_into(redirection: str, *words: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a shell with its output redirected."""
    line = f"{shlex.join([str(TRACKER), *words])} {redirection}"
    return subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, check=False, env=os.environ | settings
    )


@pytest.mark.parametrize("words", [["todo", FIRST], ["todo", FIRST, "--json"]])
def test_a_full_device_is_reported_in_a_line(cli: CommandLine, words: list[str]) -> None:
    """An answer that cannot be written ends with 1 and one line, never with a traceback."""
    done = run_into("> /dev/full", *words)
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "tracker: the output cannot be written: No space left on device\n"
    )
    assert run_into("> /dev/full 2>&1", *words).returncode == 1


def test_a_closed_output_is_refused_before_anything_is_done(cli: CommandLine) -> None:
    """Without a standard output nothing is done; without a standard error everything is."""
    events = cli.events()
    done = run_into(">&-", "audit", "seal")
    assert (done.returncode, cli.events()) == (1, events)
    assert done.stderr.decode() == "tracker: standard output is closed; nothing was done\n"
    done = run_into("2>&-", "audit", "seal")
    assert (done.returncode, done.stderr, cli.events()) == (0, b"", events + 1)
    assert run_into("2>&-", "todo", "98").returncode == 1


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("ascii", b"\\u5e74\\u521d"), ("gbk", "年初".encode("gbk")), ("utf-8", "年初".encode())],
)
def test_an_encoding_without_a_sign_gets_its_number(
    cli: CommandLine, encoding: str, said: bytes
) -> None:
    """A stream that cannot write Chinese (ASCII) or an emoji (GBK) gets numbers, no traceback."""
    cli.take({"kind": "organization_change", "code": FIRST, "on": "2026-09-01",
              "name": "年初😀社区"})  # fmt: skip
    done = run_into("", "file", FIRST, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert said in done.stdout
    assert ("😀".encode() in done.stdout) == (encoding == "utf-8")
    assert (rb"\U0001f600" in done.stdout) == (encoding != "utf-8")
    told = run_into("", "todo", "没有", PYTHONIOENCODING=encoding)
    assert (told.returncode, len(told.stderr.splitlines())) == (1, 1)


def test_a_reader_that_goes_away_is_no_fault_of_ours(cli: CommandLine) -> None:
    """A pipe that is closed early ends the command without a traceback."""
    with subprocess.Popen(
        [TRACKER, "compliance", "--period", "2026-09", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1
