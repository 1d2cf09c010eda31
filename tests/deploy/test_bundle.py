"""The bundle and what it installs: units, settings, scripts, wheels; the whole of it is slow."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from deploy.bundle import (
    LOCK,
    MACHINES,
    PYTHONS,
    ROOT,
    lay_out,
    make_bundle,
    missing_wheels,
    pins,
    platforms,
    write_checksums,
)
from tests.support.command_line import CommandLine
from tracker.settings import load_settings

DEPLOY = ROOT / "deploy"
UNITS = ("tracker.service", "tracker-backup.service")
SCRIPTS = ("install.sh", "tracker.sh", "../tests/deploy/empty_root.sh")


def unit(name: str) -> configparser.ConfigParser:
    """Return a unit of systemd, parsed; the case of its names is kept."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / name, encoding="utf-8")
    return parser


def test_the_command_lines_of_the_units_are_real(cli: CommandLine) -> None:
    """Each is a command of the program with options that it has."""
    for name in UNITS:
        program, command, *options = shlex.split(unit(name)["Service"]["ExecStart"])
        assert program == "/opt/tracker/current/bin/tracker"
        said = cli(command, "--help")
        assert said.status == 0
        assert all(word in said.out for word in options if word.startswith("--")), options


def test_the_file_of_settings_is_read_and_its_folders_are_writable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every line, those in comments too, is a setting; its paths are where the unit may write."""
    for name in [name for name in os.environ if name.startswith("TRACKER_")]:
        monkeypatch.delenv(name)
    text = (DEPLOY / "tracker.env").read_text(encoding="utf-8")
    file = tmp_path / "tracker.env"
    file.write_text(re.sub(r"^# (?=TRACKER_)", "", text, flags=re.MULTILINE), encoding="utf-8")
    monkeypatch.setenv("TRACKER_ENV_FILE", str(file))
    settings = load_settings()
    assert settings.public_url.startswith("https://")
    for name in UNITS:
        service = unit(name)["Service"]
        writable = Path(service["ReadWritePaths"])
        assert service["Environment"] == "TRACKER_ENV_FILE=/etc/tracker/tracker.env"
        assert settings.evidence_folder.is_relative_to(writable)
        assert settings.backup_folder.is_relative_to(writable)
        assert f"sqlite:///{writable}/" in settings.database_url


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_scripts_of_the_plain_shell(script: str) -> None:
    """``sh`` parses each of them."""
    subprocess.run(["sh", "-n", DEPLOY / script], check=True)


def test_the_proxies_lead_to_the_port_of_the_unit() -> None:
    """Both examples pass requests to the address that the service listens on."""
    words = shlex.split(unit("tracker.service")["Service"]["ExecStart"])
    address = f"{words[words.index('--host') + 1]}:{words[words.index('--port') + 1]}"
    assert f"proxy_pass http://{address};" in (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert f"reverse_proxy {address}" in (DEPLOY / "Caddyfile").read_text(encoding="utf-8")


def test_a_missing_wheel_is_named() -> None:
    """A pin needs a wheel for each processor and Python: pure, for every Python, or for one."""
    lock = "a-b==1.0 \\\n    --hash=sha256:0\ncolorama==0.4.6 ; sys_platform == 'win32' \\\n"
    assert pins(lock) == ["a-b==1.0"]
    assert missing_wheels(lock, ["a_b-1.0-py3-none-any.whl"]) == []
    abi3 = [f"a_b-1.0-cp310-abi3-manylinux_2_17_{machine}.whl" for machine in MACHINES]
    assert missing_wheels(lock, abi3) == []
    single = [
        f"a_b-1.0-cp311-cp311-manylinux2014_{machine}.manylinux_2_17_{machine}.whl"
        for machine in MACHINES
    ]
    assert missing_wheels(lock, [*single, "a_b-2.0-py3-none-any.whl"]) == [
        f"a-b==1.0 for {machine}, Python {python}"
        for machine in MACHINES
        for python in PYTHONS
        if python != "3.11"
    ]
    too_new = "manylinux_2_34_x86_64"
    assert too_new not in platforms("x86_64")


def test_the_files_of_the_bundle_match_their_checksums(tmp_path: Path) -> None:
    """Everything but the wheels is laid out, verified by sha256sum, and names no index."""
    folder = tmp_path / "bundle"
    lay_out(folder, "1.2.3")
    write_checksums(folder)
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=True)
    assert (folder / "VERSION").read_text(encoding="utf-8") == "1.2.3\n"
    needed = set(re.findall(r"\bdeploy/[\w.-]*\w", (folder / "install.sh").read_text("utf-8")))
    assert {name for name in needed if not (folder / name).exists()} == set()
    for file in folder.rglob("*"):
        if file.is_file():
            assert not re.search(r"index-url|find-links[ =]\S*:/|simple/", file.read_text("utf-8"))
    assert (folder / LOCK).read_bytes() == (ROOT / LOCK).read_bytes()


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root, unshare")
def test_a_machine_without_a_network(tmp_path: Path) -> None:
    """The whole bundle installs in an empty root, serves, restarts, and is upgraded with a yes."""
    archive = make_bundle(tmp_path)
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    root, python = tmp_path / "root", Path(os.path.realpath(sys.executable))
    root.mkdir()
    bundle = tmp_path / archive.name.removesuffix(".tar.gz")
    script = ROOT / "tests" / "deploy" / "empty_root.sh"
    done = subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "sh", script, root, bundle, python,
         sys.base_prefix],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count('{"ok":true,"stale":0}') == 3
    assert "--yes" in done.stderr
    assert done.stdout.rstrip().endswith("== done")
