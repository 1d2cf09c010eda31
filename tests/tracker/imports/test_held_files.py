import errno
import hashlib
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracker.imports.held_files import delete_held_file, hold_file, read_held_file

NOW = datetime(2026, 9, 20, tzinfo=UTC)


def test_a_file_is_held_for_a_day(tmp_path: Path) -> None:
    """A file is stored by its SHA-256, for its owner alone; holding it again restarts its day."""
    folder = tmp_path / "evidence" / "held"
    digest = hold_file(folder, b"lines", NOW)
    assert digest == hashlib.sha256(b"lines").hexdigest()
    assert read_held_file(folder, digest) == b"lines"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    hold_file(folder, b"lines", NOW + timedelta(hours=20))
    hold_file(folder, b"others", NOW + timedelta(hours=40))
    assert read_held_file(folder, digest) == b"lines"
    hold_file(folder, b"others", NOW + timedelta(hours=50))
    assert read_held_file(folder, digest) is None
    assert len(list(folder.iterdir())) == 1


def test_a_held_file_is_deleted(tmp_path: Path) -> None:
    """Deleting it twice is no error."""
    digest = hold_file(tmp_path, b"lines", NOW)
    delete_held_file(tmp_path, digest)
    delete_held_file(tmp_path, digest)
    assert read_held_file(tmp_path, digest) is None


@pytest.mark.parametrize("name", ["", "../secret", "A" * 64, "a" * 63, "/etc/passwd"])
def test_nothing_else_of_the_disk_is_read_or_removed(tmp_path: Path, name: str) -> None:
    """A name that is no SHA-256 names nothing."""
    (tmp_path / "secret").write_text("s")
    folder = tmp_path / "held"
    folder.mkdir()
    assert read_held_file(folder, name) is None
    delete_held_file(folder, name)
    assert (tmp_path / "secret").exists()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """The error reaches the page, which says it in words."""
    (tmp_path / "held").write_text("in the way")
    with pytest.raises(OSError, match="exists"):
        hold_file(tmp_path / "held", b"lines", NOW)


def test_a_write_that_fails_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is one such failure."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "utime", fail)
    with pytest.raises(OSError, match="No space"):
        hold_file(tmp_path / "held", b"lines", NOW)
    assert list((tmp_path / "held").iterdir()) == []
