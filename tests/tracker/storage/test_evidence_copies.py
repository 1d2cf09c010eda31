from pathlib import Path

from tests.support.web_district import PNG
from tracker.storage.evidence import path_of, store_bytes
from tracker.storage.evidence_checks import FileState, file_state
from tracker.storage.evidence_copies import copy_files


def test_only_intact_files_are_copied(tmp_path: Path) -> None:
    """A missing and an altered original are reported, and leave no part in the target."""
    source, target = tmp_path / "a", tmp_path / "b"
    files = [store_bytes(source, [PNG, bytes([number])])[0] for number in range(3)]
    path_of(source, files[0]).unlink()
    path_of(source, files[1]).write_bytes(b"other")
    check = copy_files(source, target, files)
    assert (check.files, check.missing, check.altered) == (3, (files[0],), (files[1],))
    assert [file.name for file in target.rglob("*") if file.is_file()] == [files[2]]


def test_an_altered_copy_is_replaced_and_kept(tmp_path: Path) -> None:
    """Nothing is overwritten; a file that is intact in the target is not read from the source."""
    source, target = tmp_path / "a", tmp_path / "b"
    (file, _, _) = store_bytes(source, [PNG])
    copy_files(source, target, [file])
    path_of(target, file).write_bytes(b"other")
    assert copy_files(source, target, [file]).ok
    assert file_state(target, file) is FileState.INTACT
    assert path_of(target, file).with_name(f"{file}.altered").read_bytes() == b"other"
    path_of(source, file).unlink()
    assert copy_files(source, target, [file]).ok
