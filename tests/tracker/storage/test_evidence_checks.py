"""Evidence files compared with their SHA-256, through every interface."""

import os
from pathlib import Path

import pytest

from events.refusals.errors import Refused
from tests.support.command_line import CommandLine
from tests.support.web_district import PNG, Visitor, WebDistrict, notices
from tracker.app import open_app
from tracker.cli.serving import prepare_evidence
from tracker.settings import load_settings
from tracker.storage import evidence, evidence_checks
from tracker.storage.evidence_checks import (
    FileState,
    check_all_files,
    check_files,
    file_state,
    folder_problem,
    require_folder,
)


def test_a_file_is_intact_altered_or_missing(tmp_path: Path) -> None:
    """The bytes decide; a folder in the file's place cannot be read and counts as missing."""
    file, _, _ = evidence.store_bytes(tmp_path, [PNG])
    place = evidence.path_of(tmp_path, file)
    assert file_state(tmp_path, file) is FileState.INTACT
    place.write_bytes(PNG + b"x")
    assert file_state(tmp_path, file) is FileState.ALTERED
    place.unlink()
    assert file_state(tmp_path, file) is FileState.MISSING
    place.mkdir()
    assert file_state(tmp_path, file) is FileState.MISSING
    check = check_files(tmp_path, [file, file])
    assert (check.files, check.missing, check.ok) == (1, (file,), False)
    assert check_files(tmp_path, []).ok


def test_a_file_that_only_an_event_names_is_checked(home: WebDistrict, secretary: Visitor) -> None:
    """Files that were stored and files that events use are both compared."""
    stored = secretary.upload("c")["file"]
    home.small.record("c", "m-1", "2026-03-02", evidence=({"kind": "photo", "file": "f" * 64},))
    check = check_all_files(home.small.store, home.folder)
    assert (check.files, check.missing, check.altered) == (2, ("f" * 64,), ())
    evidence.path_of(home.folder, stored).write_bytes(b"other")
    assert check_all_files(home.small.store, home.folder).altered == (stored,)


def test_a_missing_file_is_answered_in_words(home: WebDistrict, secretary: Visitor) -> None:
    """The page names the file and what to do, with 404 and no error of the server."""
    file = secretary.upload("c", name="签到表.png")["file"]
    evidence.path_of(home.folder, file).unlink()
    answer = secretary.client.get(f"/evidence/{file}")
    assert answer.status_code == 404
    assert any("签到表.png 在服务器上找不到了" in said for said in notices(answer.text))


def test_an_altered_file_is_not_served(home: WebDistrict, secretary: Visitor) -> None:
    """Bytes that do not match the SHA-256 never leave the server."""
    file = secretary.upload("c")["file"]
    evidence.path_of(home.folder, file).write_bytes(PNG[:-1] + b"y")
    answer = secretary.client.get(f"/evidence/{file}", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (404, "file_altered")
    assert b"PNG" not in answer.content


def test_verification_counts_evidence(cli: CommandLine) -> None:
    """``audit verify`` ends with 3 for a missing and for an altered file, and names it."""
    files = [cli.store_evidence(PNG + bytes([number])) for number in range(3)]
    answer = cli.ask("audit", "verify")
    assert answer["evidence"] == {"files": 3, "missing": 0, "altered": 0}
    folder = cli.folder / "evidence"
    evidence.path_of(folder, files[0]).unlink()
    evidence.path_of(folder, files[1]).write_bytes(PNG)
    answer = cli.ask("audit", "verify", status=3)
    assert answer["ok"] is False
    assert answer["evidence"] == {"files": 3, "missing": 1, "altered": 1}
    assert [fault["stream"] for fault in answer["faults"]] == [
        f"evidence-{files[0]}", f"evidence-{files[1]}",
    ]  # fmt: skip
    assert "3 evidence files: 2 faults" in cli("audit", "verify").out


def test_evidence_lies_next_to_the_database(cli: CommandLine, tmp_path: Path) -> None:
    """From another working directory the same files are found."""
    cli.store_evidence(PNG)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    cli.patch.chdir(elsewhere)
    assert cli.ask("audit", "verify")["evidence"]["missing"] == 0
    assert list(elsewhere.iterdir()) == []


def test_a_read_only_and_a_full_folder_are_named(
    home: WebDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is not there yet is judged by the place where it will be."""
    with home.small.read() as reader:
        require_folder(reader, home.folder)
        assert folder_problem(reader, home.folder) is None
        monkeypatch.setattr(evidence_checks, "LARGEST", 1 << 70)
        full = folder_problem(reader, home.folder)
        monkeypatch.setattr(os, "access", lambda *_: False)
        read_only = folder_problem(reader, home.folder)
    assert full is not None
    assert full.key == "evidence_folder_full"
    assert read_only is not None
    assert read_only.key == "evidence_folder_read_only"
    assert not home.folder.exists()


def test_a_start_without_the_folder_is_refused(cli: CommandLine) -> None:
    """``serve`` names the folder and the number of files, and creates nothing."""
    cli.store_evidence(PNG)
    folder = cli.folder / "evidence"
    folder.rename(cli.folder / "elsewhere")
    said = cli("serve", "--port", "0", "--no-scheduler")
    assert said.status == 1
    assert f"{folder} is missing or empty, but 1 files are registered" in said.err
    assert not folder.exists()


def test_a_start_deletes_what_broken_uploads_left(cli: CommandLine) -> None:
    """Parts are gone once the service is prepared; stored files stay."""
    file = cli.store_evidence(PNG)
    folder = cli.folder / "evidence"
    (folder / "incoming" / "left").write_bytes(PNG)
    tools = open_app(load_settings())
    prepare_evidence(tools)
    tools.engine.dispose()
    assert list((folder / "incoming").iterdir()) == []
    assert file_state(folder, file) is FileState.INTACT
    with pytest.raises(Refused, match="is a file"):
        _replace_by_file(folder)


def _replace_by_file(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("in the way")
    tools = open_app(load_settings())
    try:
        prepare_evidence(tools)
    finally:
        tools.engine.dispose()
