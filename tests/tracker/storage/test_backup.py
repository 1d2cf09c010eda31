import json
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events.event import Metadata
from events.refusals.errors import Refused
from events.streams.organizations import RegisterOrganization
from tests.support.command_line import FIRST, MEETING, CommandLine
from tests.support.small_district import SmallDistrict
from tests.support.web_district import PNG
from tracker.commands.organizations import organize
from tracker.storage import backup
from tracker.storage.evidence import path_of
from tracker.storage.versions import newest_schema, program_version
from tracker.wording.refusals import say

NOW = datetime(2026, 9, 20, 1, 2, 3, tzinfo=UTC)
EVIDENCE = Path("no evidence")
NAME = "tracker-20260920T010203Z.db"


@pytest.fixture
def small(sqlite_url: str) -> Iterator[SmallDistrict]:
    """A county with one village, on a file."""
    found = SmallDistrict(sqlite_url)
    found.register("r", category="county")
    found.register("v", "r", "village")
    yield found
    found.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where copies go; it is made with the first one."""
    return tmp_path / "copies" / "here"


def test_a_copy_holds_what_its_manifest_says(
    small: SmallDistrict, sqlite_url: str, folder: Path
) -> None:
    """One verified file for its owner alone, with count, root and digest in its manifest."""
    kept = backup.make_backup(sqlite_url, EVIDENCE, folder, "u-1", NOW)
    events = small.rows("events")
    assert kept.check is not None
    assert kept.check.ok
    assert kept.backup.name == NAME
    assert (kept.backup.events, kept.backup.made_by) == (len(events), "u-1")
    assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o600
    manifest = json.loads((folder / f"{NAME}.manifest.json").read_text())
    assert manifest["root"] == kept.backup.root
    assert sorted(one.name for one in folder.iterdir()) == [
        NAME, f"{NAME}.check.json", f"{NAME}.manifest.json",
    ]  # fmt: skip
    with closing(sqlite3.connect(folder / NAME)) as opened:
        assert opened.execute("SELECT count(*) FROM events").fetchone() == (len(events),)
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert backup.list_backups(folder) == [kept]


def test_a_copy_is_one_moment_of_a_database_at_work(
    small: SmallDistrict, sqlite_url: str, folder: Path
) -> None:
    """While somebody goes on registering, every copy is whole: heads and events of one snapshot."""
    enough = threading.Event()
    done: list[object] = []

    def work() -> None:
        while not enough.is_set():
            code = f"n-{len(done)}"
            command = RegisterOrganization.model_validate(
                {"code": code, "name": "村", "category": "village", "parent": "r",
                 "registered_on": "2026-01-01"}
            )  # fmt: skip
            done.append(organize(small.store, command, Metadata("u-1", "web"), code))

    worker = threading.Thread(target=work)
    worker.start()
    kept = [
        backup.make_backup(sqlite_url, EVIDENCE, folder, "u-1", NOW + timedelta(seconds=one))
        for one in range(8)
    ]
    enough.set()
    worker.join()
    assert all(one.check is not None and one.check.ok for one in kept)
    counts = [one.backup.events for one in kept]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_nobody_makes_two_in_one_second(
    small: SmallDistrict, sqlite_url: str, folder: Path
) -> None:
    """Neither after the first nor while it is being made; the first stays as it was."""
    assert small.rows("events")
    backup.make_backup(sqlite_url, EVIDENCE, folder, "u-1", NOW)
    before = (folder / NAME).read_bytes()
    later = NOW + timedelta(seconds=1)
    (folder / "tracker-20260920T010204Z.db.part").touch()
    for moment in (NOW, later):
        with pytest.raises(Refused) as refused:
            backup.make_backup(sqlite_url, EVIDENCE, folder, "u-2", moment)
        assert refused.value.code == "backup_running"
    assert (folder / NAME).read_bytes() == before
    assert (folder / "tracker-20260920T010204Z.db.part").exists()


def test_a_copy_that_cannot_be_written_leaves_nothing(tmp_path: Path, folder: Path) -> None:
    """A file that is no database, and a folder that is a file, are refused with the reason."""
    (tmp_path / "no.db").write_bytes(b"this is no database, by its first bytes" * 100)
    with pytest.raises(Refused) as refused:
        backup.make_backup(f"sqlite:///{tmp_path}/no.db", EVIDENCE, folder, "u-1", NOW)
    assert refused.value.code == "backup_failed"
    assert "not a database" in say(refused.value, "zh")
    assert list(folder.iterdir()) == []
    with pytest.raises(Refused) as refused:
        backup.make_backup(f"sqlite:///{tmp_path}/no.db", EVIDENCE, tmp_path / "no.db", "u-1", NOW)
    assert refused.value.code == "backup_failed"


def _mend(folder: Path, **changed: object) -> None:
    """Write other figures into the manifest, as somebody who replaced the copy would."""
    place = folder / f"{NAME}.manifest.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | changed))


def _tell(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / NAME)) as opened, opened:
        for one in statements:
            opened.execute(one)


def test_a_check_finds_what_is_wrong(small: SmallDistrict, sqlite_url: str, folder: Path) -> None:
    """Other bytes, other counts, other hashes, no database, no file; the newest finding is kept."""
    assert small.rows("events")
    backup.make_backup(sqlite_url, EVIDENCE, folder, "u-1", NOW)
    whole = (folder / NAME).read_bytes()

    def found() -> tuple[str, ...]:
        check = backup.check_backup(folder, NAME, NOW)
        assert backup.list_backups(folder)[0].check == check
        return check.faults

    assert found() == ()
    _mend(folder, events=1, root="0" * 64)
    assert found() == ("events", "root")
    _tell(folder, "DROP TRIGGER events_refuse_delete", "DELETE FROM events WHERE position = 3")
    assert "changed" in found()
    assert "heads" in found()
    (folder / NAME).write_bytes(whole[:4096] + b"\0" * (len(whole) - 4096))
    assert found() == ("changed", "unreadable")
    (folder / NAME).write_bytes(b"nothing of the kind" * 300)
    assert found() == ("changed", "unreadable")
    (folder / NAME).unlink()
    assert found() == ("missing",)
    assert set(backup.check_backup(folder, NAME, NOW).faults) <= backup.FAULTS.keys()


@pytest.mark.parametrize(
    "name", ["", "none.db", "../tracker.db", "a/b.db", NAME + ".part", "broken.db"]
)
def test_only_backups_of_the_folder_are_checked(folder: Path, name: str) -> None:
    """A path, a file of another kind, one without a manifest or with a broken one is unknown."""
    folder.mkdir(parents=True)
    (folder / "broken.db.manifest.json").write_text("{")
    with pytest.raises(Refused) as refused:
        backup.check_backup(folder, name, NOW)
    assert refused.value.code == "unknown_backup"
    assert backup.list_backups(folder) == []


def test_a_copy_without_a_check_is_listed(
    small: SmallDistrict, sqlite_url: str, folder: Path
) -> None:
    """Newest first; a broken result of a check is left out."""
    assert small.rows("events")
    first = backup.make_backup(sqlite_url, EVIDENCE, folder, "u-1", NOW)
    second = backup.make_backup(sqlite_url, EVIDENCE, folder, "u-1", NOW + timedelta(days=1))
    (folder / f"{NAME}.check.json").write_text("[]")
    assert backup.list_backups(folder) == [second, backup.StoredBackup(first.backup)]


def test_the_command_copies_lists_and_checks(cli: CommandLine) -> None:
    """One JSON document each, the copy in the folder of the settings; a fault ends with 3."""
    made = cli.ask("backup")
    assert made["made_by"] == "clerk"
    assert made["check"]["ok"] is True
    place = cli.folder / "backup" / made["name"]
    assert place.is_file()
    assert cli.ask("backup", "--list")[0]["sha256"] == made["sha256"]
    assert cli.ask("backup", "--check", made["name"])["ok"] is True
    assert "opens and matches its manifest" in cli("backup", "--check", made["name"]).out
    assert f"{made['events']} events  good" in cli("backup", "--list").out
    place.unlink()
    assert cli("backup", "--list").out
    said = cli("backup", "--check", made["name"])
    assert said.status == 3
    assert "backup file is missing" in said.out
    assert cli("backup", "--check", "none.db").status == 1


def test_a_copy_stands_in_for_the_database(cli: CommandLine) -> None:
    """Put in its place it answers as the database did, verifies, and takes the next record."""
    before = cli.ask("file", FIRST)
    name = cli.ask("backup")["name"]
    cli.on(f"sqlite:///{cli.folder / 'backup' / name}")
    assert cli.ask("file", FIRST) == before
    assert cli.ask("audit", "verify")["ok"] is True
    assert cli.take(MEETING | {"record_id": "a-2", "occurred_on": "2026-09-13"}).status == 0


def test_evidence_is_copied_once_and_counted(cli: CommandLine) -> None:
    """Backups share one pool; a missing and an altered copy are faults of ``--check``, exit 3."""
    first = cli.store_evidence(PNG)
    made = cli.ask("backup")
    assert (made["evidence_files"], made["check"]["ok"]) == (1, True)
    assert (made["version"], made["schema"]) == (program_version(), newest_schema())
    second = cli.store_evidence(PNG + b"2")
    cli.at("2026-09-21 09:00")
    assert cli.ask("backup")["evidence_files"] == 2
    pool = cli.folder / "backup" / backup.POOL
    assert {file.name for file in pool.rglob("*") if file.is_file()} == {first, second}
    path_of(pool, first).unlink()
    path_of(pool, second).write_bytes(b"other")
    checked = cli.ask("backup", "--check", status=3)
    assert (checked["missing"], checked["altered"]) == (1, 1)
    assert "1 evidence files missing, 1 altered" in cli("backup", "--check").out
    assert cli.ask("backup", "--check", made["name"], status=3)["missing"] == 1
    cli.at("2026-09-22 09:00")
    assert cli.ask("backup")["check"]["ok"] is True
    assert path_of(pool, second).with_name(f"{second}.altered").read_bytes() == b"other"


def test_evidence_that_is_lost_already_is_a_fault_of_the_backup(cli: CommandLine) -> None:
    """The copy of the database is made all the same, and the exit status is 3."""
    file = cli.store_evidence(PNG)
    path_of(cli.folder / "evidence", file).unlink()
    assert cli.ask("backup", status=3)["check"]["missing"] == 1


def test_a_backup_of_before_has_no_evidence(
    small: SmallDistrict, sqlite_url: str, folder: Path
) -> None:
    """A manifest without the newer fields is read, and evidence is no fault of it."""
    assert small.rows("events")
    backup.make_backup(sqlite_url, EVIDENCE, folder, "u-1", NOW)
    place = folder / f"{NAME}.manifest.json"
    kept = json.loads(place.read_text())
    for name in ("version", "schema", "evidence_files", "evidence_digest"):
        del kept[name]
    place.write_text(json.dumps(kept))
    assert backup.check_backup(folder, NAME, NOW).ok
    _mend(folder, evidence_digest="0" * 64)
    assert backup.check_backup(folder, NAME, NOW).faults == ("evidence_list",)


def test_what_a_killed_backup_left_is_deleted_after_a_day(
    small: SmallDistrict, sqlite_url: str, folder: Path
) -> None:
    """A part of today may be of a backup that still runs."""
    assert small.rows("events")
    folder.mkdir(parents=True)
    old = folder / "tracker-20260919T000000Z.db.part"
    young = folder / "tracker-20260920T000000Z.db.part"
    old.touch()
    young.touch()
    backup.make_backup(sqlite_url, EVIDENCE, folder, "u-1", NOW)
    assert (old.exists(), young.exists()) == (False, True)


def test_a_name_goes_with_check(cli: CommandLine) -> None:
    """A name alone says nothing, and without a backup there is none to check."""
    assert cli("backup", "some.db").status == 1
    assert "there is no backup yet" in cli("backup", "--check").err
