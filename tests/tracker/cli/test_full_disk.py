"""Commands on a full, broken or read-only disk: one line says what to do, and nothing is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.command_line import FIRST, MEETING, CommandLine
from tests.support.full_disks import failing_server, full_database, short_files
from tests.support.web_district import PNG

MANY = [
    MEETING | {"record_id": f"m-{number}", "activity": "visit", "note": "备注" * 100}
    for number in range(400)
]
SMALL = 64 << 10
"""In bytes: less than the database of a district, more than the index of its write-ahead log."""


def error_line(cli: CommandLine, *command: str, status: int = 1) -> str:
    """Return the one line on standard error of a command that fails."""
    answer = cli(*command)
    (line,) = answer.err.splitlines()
    assert (answer.status, answer.out) == (status, "")
    return line


def names_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder, without the log that SQLite keeps."""
    return sorted(
        path.name for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm"))
    )


def whole(cli: CommandLine) -> bool:
    """Whether the log verifies."""
    verified: bool = cli.ask("audit", "verify")["ok"]
    return verified


def test_an_import_goes_on_after_a_full_disk(cli: CommandLine) -> None:
    """The line names the database and what to do; repeated, every line is recorded once."""
    file = cli.file(MANY)
    with full_database():
        line = error_line(cli, "import", file)
    assert f"{cli.database} is full" in line
    assert "free space there, then repeat the command" in line
    assert whole(cli)
    cli.done("import", file)
    assert cli.ask("import", file)["unchanged"] == len(MANY)
    records = [row for row in cli.ask("file", FIRST)["activities"] if row["activity"] == "visit"]
    assert len(records) == len(MANY)
    assert whole(cli)


def test_an_import_goes_on_after_a_disk_error(cli: CommandLine) -> None:
    """A file that cannot grow any more is a fault of the disk, by its name."""
    file = cli.file(MANY)
    with short_files(SMALL):
        line = error_line(cli, "import", file)
    assert "disk I/O error; check its disk and the space left" in line
    assert whole(cli)
    cli.done("import", file)
    assert cli.ask("import", file)["unchanged"] == len(MANY)


def test_an_import_into_a_read_only_database_is_refused(cli: CommandLine) -> None:
    """The line says what to check; nothing is recorded."""
    file = cli.file(MANY[:3])
    cli.on(f"sqlite:///file:{cli.database}?mode=ro&uri=true")
    line = error_line(cli, "import", file)
    assert "cannot be used: attempt to write a readonly database" in line
    assert "check the permissions of its file and folder" in line
    cli.on(f"sqlite:///{cli.database}")
    assert cli.ask("import", file)["recorded"] == 3


def test_init_on_a_full_disk_can_be_repeated(empty: CommandLine) -> None:
    """Nothing is left that would prevent it."""
    with full_database():
        line = error_line(empty, "init")
    assert "is full" in line
    assert "repeat the command" in line
    empty.done("init")
    assert whole(empty)


def test_a_backup_on_a_full_disk_leaves_nothing(cli: CommandLine) -> None:
    """The folder and what to do are named; with space there is a good backup."""
    cli.store_evidence(PNG)
    folder = cli.folder / "backup"
    with short_files(SMALL):
        line = error_line(cli, "backup")
    assert str(folder.name) in line
    assert "check the space and the permissions there" in line
    assert list(folder.glob("tracker-*")) == []
    assert cli.ask("backup")["check"]["ok"] is True
    assert cli.ask("backup", "--list")[0]["check"]["ok"] is True


def test_a_backup_without_a_manifest_is_none(cli: CommandLine) -> None:
    """Where the manifest cannot be written the copy goes too."""
    folder = cli.folder / "backup"
    name = cli.ask("backup")["name"]
    shutil.rmtree(folder)
    (folder / f"{name}.manifest.json.part").mkdir(parents=True)
    assert "check the space" in error_line(cli, "backup")
    assert [path.name for path in folder.iterdir() if path.is_file()] == []


def test_a_restore_on_a_full_disk_changes_nothing(cli: CommandLine) -> None:
    """The database is as it was, nothing is left next to it, and repeated it is restored."""
    cli.store_evidence(PNG)
    name, events = cli.ask("backup")["name"], cli.events()
    assert cli.take(MEETING | {"record_id": "a-2"}).status == 0
    files = names_in(cli.folder)
    with short_files(SMALL):
        line = error_line(cli, "restore", name, "--yes")
    assert "the database is as it was: check the space" in line
    assert f"{cli.database}.restoring: File too large" in line
    assert names_in(cli.folder) == files
    assert whole(cli)
    assert cli.events() > events
    cli.done("restore", name, "--yes")
    assert cli.events() == events


def test_half_a_copy_of_the_earlier_database_is_deleted(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it cannot be kept, nothing that looks like it stays."""
    name = cli.ask("backup")["name"]
    (cli.folder / "tracker.db-journal").write_bytes(b"left by another program")
    cut = shutil.copyfile

    def copy(old: Path, new: Path) -> None:
        if not Path(new).name.startswith("tracker.db.before"):
            cut(old, new)
            return
        Path(new).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", copy)
    assert "No space left on device" in error_line(cli, "restore", name, "--yes")
    assert list(cli.folder.glob("tracker.db.before*")) == []


def test_a_check_tells_that_its_result_is_not_stored(cli: CommandLine) -> None:
    """A backup on read-only media can be verified all the same."""
    name = cli.ask("backup")["name"]
    (cli.folder / "backup" / f"{name}.check.json.part").mkdir()
    assert cli.ask("backup", "--check", name)["stored"] is False
    assert "could not be stored" in cli("backup", "--check", name).out


def test_a_file_that_cannot_be_written_is_named(cli: CommandLine) -> None:
    """The refused lines of a partial import have a place, which may be taken."""
    file = cli.file([MEETING | {"record_id": "z", "activity": "nothing"}])
    Path(f"{file}.refused.jsonl").mkdir()
    line = error_line(cli, "import", file, "--partial")
    assert f"{file}.refused.jsonl cannot be used: Is a directory" in line


@pytest.mark.parametrize(
    ("state", "said", "sentence"),
    [
        ("53100", "无法扩展文件", "is full: 无法扩展文件; free space there"),
        ("42501", "permission denied for table events", "the rights of its user"),
        ("58030", "could not read block 7", "check its disk and the space left there"),
    ],
)
def test_postgresql_is_understood_in_every_language(
    empty: CommandLine, postgres_url: str, state: str, said: str, sentence: str
) -> None:
    """Its state decides, not its words; afterwards the log verifies and the command succeeds."""
    empty.on(postgres_url)
    empty.done("init", "--first-month", "2026-09")
    publish = ("scheme", "publish", "community-2011", "--from", "2026-09")
    with failing_server(postgres_url, state, said):
        assert sentence in error_line(empty, *publish)
    empty.done(*publish)
    assert whole(empty)
