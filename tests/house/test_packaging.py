"""What is installed is the four packages, whole, and from nowhere in particular."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("events", "projections", "scheduler", "tracker")
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-dev.lock")
UNSHIPPED = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "demo", "dist")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of the files in a wheel built from a copy of the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    source = shutil.copytree(ROOT, folder / "source", ignore=UNSHIPPED)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "-w", folder, source], check=True)
    (built,) = folder.glob("*.whl")
    with ZipFile(built) as archive:
        return [name for name in archive.namelist() if ".dist-info/" not in name]


def test_wheel_holds_four_packages(wheel: list[str]) -> None:
    """The wheel brings the four top-level names and no other."""
    assert {name.split("/")[0] for name in wheel} == set(PACKAGES)


def test_wheel_leaves_nothing_out(wheel: list[str]) -> None:
    """Every module and data file of the four packages is in the wheel."""
    kept = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert set(wheel) == kept


def test_each_name_has_one_owner() -> None:
    """No other installed distribution brings a package called as one of ours."""
    owners = packages_distributions()
    strangers = {name: set(owners.get(name, ())) - {"organization-tracker"} for name in PACKAGES}
    assert not any(strangers.values()), strangers


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_host(lock: str) -> None:
    """A lock pins versions and hashes, and leaves it to the installer where to fetch them."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.findall(r"://|@ |--(?:extra-)?index|--find-links|--trusted-host", text)
    pins = re.findall(r"^[^\s#-].*$", text, flags=re.MULTILINE)
    assert pins
    assert all(re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+ .*\\$", pin) for pin in pins)
    assert text.count("--hash=sha256:") >= len(pins)


def test_locks_agree() -> None:
    """Each lock repeats the pins of the smaller one before it."""
    smallest, middle, largest = (
        set(re.findall(r"^[\w.-]+==\S+", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        for lock in LOCKS
    )
    assert smallest < middle < largest
