import hashlib
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracker.imports.held_files import held, hold, let_go

NOW = datetime(2026, 9, 20, tzinfo=UTC)


def test_a_file_is_held_for_a_day(tmp_path: Path) -> None:
    """Under its SHA-256, for its owner alone; holding it again begins its day anew."""
    folder = tmp_path / "evidence" / "held"
    digest = hold(folder, b"lines", NOW)
    assert digest == hashlib.sha256(b"lines").hexdigest()
    assert held(folder, digest) == b"lines"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    hold(folder, b"lines", NOW + timedelta(hours=20))
    hold(folder, b"others", NOW + timedelta(hours=40))
    assert held(folder, digest) == b"lines"
    hold(folder, b"others", NOW + timedelta(hours=50))
    assert held(folder, digest) is None
    assert len(list(folder.iterdir())) == 1


def test_a_file_is_let_go(tmp_path: Path) -> None:
    """Twice too."""
    digest = hold(tmp_path, b"lines", NOW)
    let_go(tmp_path, digest)
    let_go(tmp_path, digest)
    assert held(tmp_path, digest) is None


@pytest.mark.parametrize("name", ["", "../secret", "A" * 64, "a" * 63, "/etc/passwd"])
def test_nothing_else_of_the_disk_is_read_or_removed(tmp_path: Path, name: str) -> None:
    """A name that is no SHA-256 names nothing."""
    (tmp_path / "secret").write_text("s")
    folder = tmp_path / "held"
    folder.mkdir()
    assert held(folder, name) is None
    let_go(folder, name)
    assert (tmp_path / "secret").exists()
