"""The entry of the command line: help, options anywhere, the exit status, the real program."""

from __future__ import annotations

import os
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
from tracker.cli.main import app, hoisted

TRACKER = Path(sys.executable).parent / "tracker"


def names_of(group: Any, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command of a typer application, each as its words."""
    found = [
        (*before, one.name or one.callback.__name__.replace("_", "-"))
        for one in group.registered_commands
    ]
    for one in group.registered_groups:
        found += names_of(one.typer_instance, (*before, one.name))
    return found


COMMANDS = names_of(app)
CONTRACT = """init; scheme check; scheme publish; scheme close; scheme list; scheme show;
policy check; policy publish; policy show; import; compliance; todo; file; spot-check open;
spot-check draw; spot-check show; spot-check score; spot-check close; spot-check verify-draw; rank;
audit log; audit verify; audit seal; rebuild; scheduler run; scheduler tick; serve; demo"""


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
    """What is unknown or missing on the line is told in one line, with exit status 2."""
    found = cli(*line)
    assert found.status == 2
    assert found.err.rstrip("\n") == f"tracker: {said}"
    assert not found.out


@pytest.mark.parametrize("line", [[], ["scheme"], ["spot-check"], ["audit"]])
def test_without_a_command_the_help_is_told(cli: CommandLine, line: list[str]) -> None:
    """A line that ends before a command tells the commands on standard error and ends with 2."""
    found = cli(*line)
    assert found.status == 2
    assert found.err.startswith("Usage: tracker ")
    assert not found.out


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
    """--json and --actor are moved to the front, but for what the audit log is asked for."""
    assert hoisted(given.split()) == meant.split()


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_actor_stands_in_the_event_wherever_it_was_given(cli: CommandLine, place: int) -> None:
    """Every event holds actor, channel and correlation, and the log is asked by them."""
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
    """Where nobody says who acts it is os: and the operating system's user."""
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
    found = empty("init", option, value)
    assert found.status == 1
    assert len(found.err.splitlines()) == 1
    assert not list(empty.folder.iterdir())


@pytest.mark.parametrize("url", ["sqlite://x/y", "mysql://me:secret@h/x"])
def test_a_url_that_is_none_is_told_without_its_password(empty: CommandLine, url: str) -> None:
    """A bad TRACKER_DATABASE_URL is told by its name, and its password is not."""
    empty.on(url)
    for words in (("todo", FIRST), ("init",), ("scheme", "check", "community-2011")):
        found = empty(*words)
        assert found.status == 1
        (told,) = found.err.splitlines()
        assert told.startswith("tracker: TRACKER_DATABASE_URL is not")
        assert "secret" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [("WORKERS", "0"), ("WORKERS", "many"), ("BUSY_SECONDS", "-1"), ("LOG_LEVEL", "loud")],
)
def test_a_bad_setting_is_told_by_its_name(cli: CommandLine, name: str, value: str) -> None:
    """A setting of the environment that is no value for it is named in one line."""
    cli.patch.setenv(f"TRACKER_{name}", value)
    found = cli("todo", FIRST)
    assert found.status == 1
    assert found.err.startswith(f"tracker: TRACKER_{name}: ")


def test_a_server_that_is_silent_is_for_later(empty: CommandLine) -> None:
    """A server that takes the connection and says nothing is waited for no longer than set."""
    empty.patch.setenv("TRACKER_BUSY_SECONDS", "0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        empty.on(f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/x")
        done = subprocess.run([TRACKER, "todo", FIRST], capture_output=True, check=False)
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1


def test_a_database_without_a_tracker_is_named(empty: CommandLine, empty_postgres_url: str) -> None:
    """A database that holds something else is named, and nothing is made in it."""
    empty.on(empty_postgres_url)
    found = empty("todo", FIRST)
    assert found.status == 1
    assert "has no tables of the tracker; create them with: tracker init" in found.err
    plain = empty_postgres_url.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() == (0,)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the system can enter."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, where the tests have them."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_database_that_may_only_be_read_is_refused(cli: CommandLine, open_folder: Path) -> None:
    """A file that the system does not let us write ends with 1, one line, and is unchanged."""
    cli.done("audit", "seal")
    cli.done("rebuild")  # into the file goes what stands in the log of SQLite
    with closing(sqlite3.connect(cli.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = open_folder / "tracker.db"
    shutil.copy(cli.database, file)
    file.chmod(0o444)
    open_folder.chmod(0o555)
    before = file.read_bytes()
    cli.on(f"sqlite:///{file}")
    with as_nobody():
        found = cli("audit", "seal")
    assert found.status == 1
    (told,) = found.err.splitlines()
    assert f"{file} cannot be used: " in told
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


def test_a_reader_that_goes_away_is_no_fault_of_ours(cli: CommandLine) -> None:
    """A pipe that is closed before all is said ends the command without a traceback."""
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
