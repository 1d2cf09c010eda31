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
     ("PUBLIC_URL", "tracker.example"), ("PUBLIC_URL", "https://a.example/path"),
     ("PROXIES", "*"), ("PROXIES", "127.0.0.1,proxy.example"), ("PROXIES", "10.0.0.1/8")],
)  # fmt: skip
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """By the variable that holds it."""
    monkeypatch.setenv(f"TRACKER_{name}", value)
    with pytest.raises(Refused) as caught:
        load_settings()
    assert (caught.value.code, caught.value.field) == ("bad_setting", f"TRACKER_{name}")


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is a proxy unless named; an address is a network of one."""
    monkeypatch.delenv("TRACKER_PROXIES", raising=False)
    assert Settings().proxies == ""
    monkeypatch.setenv("TRACKER_PROXIES", "127.0.0.1, 10.0.0.0/8,fd00::/8")
    assert load_settings().proxies == "127.0.0.1/32,10.0.0.0/8,fd00::/8"


def test_a_file_of_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its lines are settings, the environment overrides them; a fault names line or file."""
    file = tmp_path / "tracker.env"
    file.write_text("# of this machine\nTRACKER_WORKERS=3\nTRACKER_PROXIES=127.0.0.1\n")
    monkeypatch.setenv("TRACKER_ENV_FILE", str(file))
    monkeypatch.delenv("TRACKER_PROXIES", raising=False)
    monkeypatch.setenv("TRACKER_WORKERS", "2")
    assert (load_settings().workers, load_settings().proxies) == (2, "127.0.0.1/32")
    file.write_text("TRACKER_WROKERS=3\n")
    with pytest.raises(Refused, match="TRACKER_WROKERS"):
        load_settings()
    file.unlink()
    with pytest.raises(Refused, match=r"tracker\.env"):
        load_settings()
