"""Settings come from the environment, each validated."""

from pathlib import Path

import pytest

from events.refusals.errors import Refused
from tracker.settings import Settings, load_settings


def test_where_files_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Next to the SQLite database unless the environment names another folder; given ones win."""
    monkeypatch.delenv("TRACKER_EVIDENCE_FOLDER", raising=False)
    monkeypatch.delenv("TRACKER_DATABASE_URL", raising=False)
    assert Settings().evidence_folder == Path("evidence")
    for url, folder in (
        ("sqlite:////srv/district/tracker.db", "/srv/district/evidence"),
        ("sqlite:///demo/tracker.db", "demo/evidence"),
        ("postgresql://u@h/d", "evidence"),
        ("no url", "evidence"),
    ):
        assert Settings(database_url=url).evidence_folder == Path(folder)
    monkeypatch.setenv("TRACKER_EVIDENCE_FOLDER", "/srv/files")
    assert load_settings().evidence_folder == Path("/srv/files")
    assert load_settings(evidence_folder=Path("here")).evidence_folder == Path("here")
    assert load_settings(evidence_folder=None).evidence_folder == Path("/srv/files")


@pytest.mark.parametrize(
    ("name", "value"),
    [("ACTOR", " "), ("ACTOR", "a\tb"), ("ACTOR", "x" * 65), ("WORKERS", "0"), ("WORKERS", "many"),
     ("BUSY_SECONDS", "0"), ("LOG_FORMAT", "xml"), ("LOG_LEVEL", "loud"),
     ("PUBLIC_URL", "tracker.example"), ("PUBLIC_URL", "https://a.example/path")],
)  # fmt: skip
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """By the variable that holds it."""
    monkeypatch.setenv(f"TRACKER_{name}", value)
    with pytest.raises(Refused) as caught:
        load_settings()
    assert (caught.value.code, caught.value.field) == ("bad_setting", f"TRACKER_{name}")
