"""A backup comes back whole, whatever lies where the database was; nothing is overwritten."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import typer

from tests.support.command_line import FIRST, MEETING, CommandLine
from tests.support.web_district import PNG
from tracker.storage.evidence import path_of

LATER = MEETING | {"record_id": "a-2", "occurred_on": "2026-09-13"}


def saved(cli: CommandLine) -> str:
    """Back up the district with one evidence file, then go on recording; the backup's name."""
    cli.store_evidence(PNG)
    name: str = cli.ask("backup")["name"]
    assert cli.take(LATER).status == 0
    return name


def test_a_restore_brings_back_database_and_evidence(cli: CommandLine) -> None:
    """The log verifies, the earlier database is kept and still holds its later record."""
    before = cli.ask("file", FIRST)
    name = saved(cli)
    events = cli.events()
    shutil.rmtree(cli.folder / "evidence")
    answer = cli.ask("restore", name, "--yes")
    assert cli.ask("file", FIRST) == before
    assert cli.ask("audit", "verify")["evidence"] == {"files": 1, "missing": 0, "altered": 0}
    assert answer["evidence"] == {"files": 1, "missing": 0, "altered": 0}
    (kept, *_) = answer["kept"]
    with closing(sqlite3.connect(kept)) as opened:
        assert opened.execute("SELECT count(*) FROM events").fetchone() == (events,)
    assert cli.take(LATER).status == 0


def test_an_old_write_ahead_log_does_not_undo_it(cli: CommandLine) -> None:
    """A ``-wal`` and a ``-shm`` of the earlier database are moved away together with it."""
    name = saved(cli)
    with closing(sqlite3.connect(cli.database)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("CREATE TABLE later (a)")
        writer.commit()
        for suffix in ("-wal", "-shm"):
            shutil.copy(f"{cli.database}{suffix}", cli.folder / f"left{suffix}")
    for suffix in ("-wal", "-shm"):
        shutil.copy(cli.folder / f"left{suffix}", f"{cli.database}{suffix}")
    answer = cli.ask("restore", name, "--yes")
    assert len(answer["kept"]) == 3
    with closing(sqlite3.connect(cli.database)) as opened:
        assert opened.execute("SELECT 1 FROM sqlite_schema WHERE name = 'later'").fetchall() == []
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_damaged_and_a_missing_database_are_restored(cli: CommandLine) -> None:
    """What cannot be read is kept too; a restore that was stopped can be repeated."""
    name = saved(cli)
    cli.database.write_bytes(b"nothing of the kind" * 300)
    cli.ask("restore", name, "--yes")
    assert cli.ask("audit", "verify")["ok"] is True
    cli.database.unlink()
    Path(f"{cli.database}.restoring").write_bytes(b"half")
    assert cli.ask("restore", str(cli.folder / "backup" / name), "--yes")["evidence"]["files"] == 1
    assert cli.ask("audit", "verify")["ok"] is True
    assert not Path(f"{cli.database}.restoring").exists()


def test_nothing_is_done_without_a_yes(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Off a terminal ``--yes`` is needed; on one the question names both numbers of events."""
    name = saved(cli)
    content = cli.database.read_bytes()
    said = cli("restore", name)
    assert said.status == 1
    assert "--yes" in said.err
    asked: list[str] = []

    def refuse(text: str, **_: object) -> None:
        asked.append(text)
        raise typer.Abort

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", refuse)
    assert cli("restore", name).status == 1
    assert f"has {cli.events()} events" in asked[0]
    cli.database.rename(cli.folder / "moved.db")
    cli("restore", name)
    assert "no database yet" in asked[1]
    cli.database.write_bytes(b"no database")
    cli("restore", name)
    assert "cannot be read" in asked[2]
    assert (cli.folder / "moved.db").read_bytes() == content


def test_a_database_in_use_is_left_alone(cli: CommandLine) -> None:
    """A process that has it open, though idle, ends the restore with status 4."""
    name = saved(cli)
    program = (
        "import sqlite3, sys\nopened = sqlite3.connect(sys.argv[1])\n"
        "opened.execute('SELECT count(*) FROM events').fetchone()\n"
        "print('open', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(cli.database)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        said = cli("restore", name, "--yes")
        process.communicate("")
    assert said.status == 4
    assert "is in use; stop the service" in said.err


def test_a_damaged_backup_is_refused(cli: CommandLine) -> None:
    """Likewise one of a newer program, an unknown one, and on PostgreSQL one of SQLite."""
    name = saved(cli)
    content = cli.database.read_bytes()
    manifest = cli.folder / "backup" / f"{name}.manifest.json"
    document = json.loads(manifest.read_text())
    for changed, word in (({"schema": "9999"}, "newer version"), ({"events": 1}, "is damaged")):
        manifest.write_text(json.dumps(document | changed))
        said = cli("restore", name, "--yes")
        assert (said.status, word in said.err) == (1, True)
    assert "there is no backup" in cli("restore", "none.db", "--yes").err
    assert cli.database.read_bytes() == content
    cli.on("postgresql://u@h/d")
    assert "another kind of database than d" in cli("restore", name, "--yes").err


def test_missing_evidence_does_not_prevent_a_restore(cli: CommandLine) -> None:
    """The rest comes back, the file is named, and the exit status is 3."""
    name = saved(cli)
    (file,) = [one.name for one in (cli.folder / "backup" / "evidence-copies").rglob("*")
               if one.is_file()]  # fmt: skip
    path_of(cli.folder / "backup" / "evidence-copies", file).unlink()
    path_of(cli.folder / "evidence", file).unlink()
    said = cli("restore", name, "--yes")
    assert said.status == 3
    assert file in said.out


def test_a_folder_that_cannot_be_written_leaves_the_database(cli: CommandLine) -> None:
    """The evidence comes first: where it cannot be written, the database stays as it was."""
    name = saved(cli)
    shutil.rmtree(cli.folder / "evidence")
    (cli.folder / "evidence").write_text("in the way")
    content = cli.database.read_bytes()
    said = cli("restore", name, "--yes")
    assert (said.status, "could not be restored" in said.err) == (1, True)
    assert cli.database.read_bytes() == content
    assert not Path(f"{cli.database}.restoring").exists()
