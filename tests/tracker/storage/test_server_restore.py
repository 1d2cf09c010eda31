"""A dump comes back on a PostgreSQL server; the earlier database keeps another name."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from benchmarks.postgres import Cluster
from tests.support.command_line import FIRST, LINES, MEETING, MONTH, CommandLine
from tests.support.postgres_programs import put_on_path
from tests.support.web_district import PNG
from tracker.storage.server_restore import cut_name, literal, quoted

LATER = MEETING | {"record_id": "a-2", "occurred_on": "2026-09-13"}


@pytest.fixture
def cli(
    empty: CommandLine, postgres: Cluster, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CommandLine]:
    """A command line on a district on PostgreSQL, with its programs on the ``PATH``."""
    put_on_path(monkeypatch)
    monkeypatch.setenv("TRACKER_EVIDENCE_FOLDER", str(empty.folder / "evidence"))
    empty.on(postgres_url)
    empty.done("init", "--first-month", MONTH)
    empty.done("scheme", "publish", "community-2011", "--from", MONTH)
    since = {"registered_on": "2026-01-01"}
    lines = [line | since if line["kind"] == "organization" else line for line in LINES]
    assert empty.take(*lines).status == 0
    yield empty
    for name in databases(postgres, make_url(postgres_url).database or ""):
        postgres.drop_database(name)


def databases(postgres: Cluster, name: str) -> list[str]:
    """The databases that a restore of ``name`` left."""
    with psycopg.connect(postgres.url("postgres").replace("+psycopg", "")) as opened:
        found = opened.execute("SELECT datname FROM pg_database ORDER BY 1").fetchall()
    return [other for (other,) in found if other.startswith(f"{name}_")]


def test_a_round_trip_on_the_server(cli: CommandLine, postgres: Cluster, postgres_url: str) -> None:
    """Database and evidence are as they were, the log verifies, the earlier one is kept whole."""
    name = str(make_url(postgres_url).database)
    file = cli.store_evidence(PNG)
    before = cli.ask("file", FIRST)
    backup = cli.ask("backup")
    assert backup["check"]["ok"] is True
    assert backup["name"].endswith(".dump")
    assert cli.ask("backup", "--check")["ok"] is True
    assert cli.take(LATER).status == 0
    later = cli.ask("audit", "verify")["events"]
    (stored,) = (path for path in (cli.folder / "evidence").rglob(file) if path.is_file())
    stored.unlink()
    asked = cli("restore", backup["name"])
    assert (asked.status, "repeat it with --yes" in asked.err) == (1, True)
    answer = cli.ask("restore", backup["name"], "--yes")
    assert answer["evidence"] == {"files": 1, "missing": 0, "altered": 0}
    verified = cli.ask("audit", "verify")
    assert (verified["ok"], verified["events"]) == (True, backup["events"])
    assert cli.ask("file", FIRST) == before
    assert stored.is_file()
    assert answer["kept"] == databases(postgres, name)
    assert cli.take(LATER).status == 0
    cli.on(postgres.url(answer["kept"][0]))
    kept = cli.ask("audit", "verify")
    assert (kept["ok"], kept["events"]) == (True, later)


def test_a_database_that_is_gone_is_restored(cli: CommandLine, postgres: Cluster) -> None:
    """Under its name or another that the server does not have yet; nothing is kept then."""
    name = cli.ask("backup")["name"]
    verified = cli.ask("audit", "verify")
    other = f"moved_{name[8:16]}_{postgres.port}"
    cli.on(postgres.url(other))
    try:
        answer = cli.ask("restore", name, "--yes")
        assert answer["kept"] == []
        assert cli.ask("audit", "verify") == verified
    finally:
        postgres.drop_database(other)


def test_a_database_in_use_is_left_alone(
    cli: CommandLine, postgres: Cluster, postgres_url: str
) -> None:
    """While somebody is connected nothing is done, and it may be tried again."""
    name = cli.ask("backup")["name"]
    with psycopg.connect(postgres_url.replace("+psycopg", "")):
        answer = cli("restore", name, "--yes")
    assert (answer.status, "is in use; stop the service" in answer.err) == (4, True)
    assert databases(postgres, str(make_url(postgres_url).database)) == []
    assert cli.ask("restore", name, "--yes")["changed"] is True


def test_without_the_right_it_says_which(
    cli: CommandLine, postgres: Cluster, postgres_url: str
) -> None:
    """A user who may not create databases reads what the server's administrator must do."""
    name = cli.ask("backup")["name"]
    with psycopg.connect(
        postgres.url("postgres").replace("+psycopg", ""), autocommit=True
    ) as opened:
        opened.execute("CREATE ROLE clerk LOGIN")
        try:
            url = make_url(postgres_url).set(username="clerk")
            cli.on(url.render_as_string(hide_password=False))
            answer = cli("restore", name, "--yes")
        finally:
            opened.execute("DROP ROLE clerk")
    assert (answer.status, "ALTER ROLE clerk CREATEDB" in answer.err) == (1, True)
    assert databases(postgres, str(make_url(postgres_url).database)) == []


def test_a_damaged_dump_is_refused(cli: CommandLine) -> None:
    """By its digest; the check names what is wrong, and a SQLite database takes no dump."""
    name = cli.ask("backup")["name"]
    dump = cli.folder / "backup" / name
    content = dump.read_bytes()
    dump.write_bytes(content[: len(content) // 2])
    checked = cli.ask("backup", "--check", status=3)
    assert len(checked["faults"]) == 2
    assert "is damaged" in cli("restore", name, "--yes").err
    dump.write_bytes(content)
    cli.on(f"sqlite:///{cli.database}")
    assert "is of another kind of database" in cli("restore", name, "--yes").err


def test_without_the_programs_it_says_what_to_install(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Backup and restore are refused before anything is written."""
    name = cli.ask("backup")["name"]
    files = sorted((cli.folder / "backup").iterdir())
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    for command in (("backup",), ("backup", "--check"), ("restore", name, "--yes")):
        answer = cli(*command)
        assert (answer.status, "postgresql-client" in answer.err) == (1, True)
    assert sorted((cli.folder / "backup").iterdir()) == files


def test_what_a_killed_restore_left_is_dropped(
    cli: CommandLine, postgres: Cluster, postgres_url: str
) -> None:
    """Half a database of an earlier restore does not stay for ever."""
    database = str(make_url(postgres_url).database)
    name = cli.ask("backup")["name"]
    postgres.create_database(f"{database}_restoring_20260101T000000Z")
    kept = cli.ask("restore", name, "--yes")["kept"]
    assert databases(postgres, database) == kept


def test_names_are_cut_and_quoted() -> None:
    """A long name keeps its suffix whole; signs of SQL stay signs of a name."""
    assert cut_name("d", "_x") == "d_x"
    cut = cut_name("库" * 30, "_before_20260920T010204Z")
    assert len(cut.encode()) <= 63
    assert cut.endswith("_before_20260920T010204Z")
    assert quoted('a"b:c') == '"a""b\\:c"'
    assert literal("a'b:c") == "'a''b\\:c'"
