"""The bundle: ``python -m deploy.bundle`` makes one archive for a machine without internet.

It holds the wheels of every locked package for two processors and three Pythons, the project's own
wheel, ``install.sh`` with what it installs, and checksums. No address of an index is in it: wheels
are fetched by pip as the machine has it set up, and verified against the hashes of the lock.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tracker.storage.versions import program_version

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
LOCK = "requirements.lock"
MACHINES = ("x86_64", "aarch64")
PYTHONS = ("3.11", "3.12", "3.13")
NEWEST_GLIBC, OLDEST_GLIBC = 28, 17
"""Wheels for glibc 2.17 to 2.28: the systems in use in offices have 2.28."""
SCRIPTS = frozenset({"install.sh", "tracker.sh"})
UNUSED = ("colorama==",)
"""Pins of the lock for Windows only: no wheel of them is needed here."""


def platforms(machine: str) -> list[str]:
    """Return the platform tags that a processor takes, newest first."""
    numbered = [
        f"manylinux_2_{minor}_{machine}" for minor in range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1)
    ]
    return [*numbered, f"manylinux2014_{machine}"]


def pip_download(machine: str, python: str, lock: Path, folder: Path) -> list[str]:
    """Return the command that fetches the wheels of one processor and one Python."""
    tag = "cp" + python.replace(".", "")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += ["--python-version", python, "--implementation", "cp"]
    for abi in (tag, "abi3", "none"):
        command += ["--abi", abi]
    for platform in platforms(machine):
        command += ["--platform", platform]
    return [*command, "--requirement", str(lock), "--dest", str(folder)]


def pins(lock: str) -> list[str]:
    """Return the pins of a lock that Linux needs, such as ``orjson==3.13.0``."""
    lines = [line.split()[0] for line in lock.splitlines() if line[:1].isalnum()]
    return [pin for pin in lines if not pin.startswith(UNUSED)]


def missing_wheels(lock: str, names: list[str]) -> list[str]:
    """Return what is missing among wheels: each pin for each processor and Python, in words."""
    return [
        f"{pin} for {machine}, Python {python}"
        for pin in pins(lock)
        for machine in MACHINES
        for python in PYTHONS
        if not any(_fits(name, pin, machine, python) for name in names)
    ]


def _fits(name: str, pin: str, machine: str, python: str) -> bool:
    """Whether a wheel is of a pin and installs on a processor and a Python."""
    project, release, *_, interpreters, abi, system = name.removesuffix(".whl").split("-")
    wanted, _, version = pin.partition("==")
    if (project.lower().replace("_", "-"), release) != (wanted.lower().replace("_", "-"), version):
        return False
    tag = "cp" + python.replace(".", "")
    fits_python = any(
        part in {"py3", "py2.py3", tag}
        or (abi == "abi3" and part.startswith("cp3") and int(part[3:]) <= int(tag[3:]))
        for part in interpreters.split(".")
    )
    systems = {"any", *platforms(machine)}
    return fits_python and not systems.isdisjoint(system.split("."))


def build_wheel(folder: Path) -> None:
    """Build the project's wheel into a folder, from a copy of the tree and without an index."""
    left = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "demo", "dist")
    with tempfile.TemporaryDirectory() as place:
        source = shutil.copytree(ROOT, Path(place) / "source", ignore=left)
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps"]
        command = [*pip, "--no-build-isolation", "-w", str(folder), str(source)]
        subprocess.run(command, check=True)  # noqa: S603 - our own words


def lay_out(folder: Path, version: str) -> None:
    """Copy what is neither a wheel nor a checksum into the folder of the bundle."""
    (folder / "deploy").mkdir(parents=True)
    for file in sorted((ROOT / "deploy").iterdir()):
        if file.is_file() and file.suffix not in {".py", ".md"} and file.name != "install.sh":
            shutil.copy(file, folder / "deploy" / file.name)
    for name in ("install.sh", "README.md"):
        shutil.copy(ROOT / "deploy" / name, folder / name)
    for name in (LOCK, "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "VERSION").write_text(f"{version}\n", encoding="utf-8")


def write_checksums(folder: Path) -> None:
    """Write ``SHA256SUMS`` over every file of the folder, in the form of sha256sum."""
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n"
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def make_bundle(dist: Path) -> Path:
    """Make the archive in a folder; return its path. Exit with what could not be fetched."""
    version = program_version()
    folder = dist / f"tracker-{version}"
    shutil.rmtree(folder, ignore_errors=True)
    lay_out(folder, version)
    wheels = folder / "wheels"
    build_wheel(wheels)
    for machine in MACHINES:
        for python in PYTHONS:
            print(f"wheels for {machine}, Python {python}", flush=True)  # noqa: T201 - progress
            command = pip_download(machine, python, ROOT / LOCK, wheels)
            subprocess.run(command, check=True)  # noqa: S603 - our own words
    names = sorted(file.name for file in wheels.glob("*.whl"))
    if lacking := missing_wheels((ROOT / LOCK).read_text(encoding="utf-8"), names):
        sys.exit("no wheel of " + "; ".join(lacking))
    write_checksums(folder)
    archive = dist / f"{folder.name}.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(folder, folder.name, filter=_without_owner)
    shutil.rmtree(folder)
    size = archive.stat().st_size / (1 << 20)
    print(f"{archive.name}: {len(names)} wheels, {size:.0f} MB")  # noqa: T201
    return archive


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out who made the archive."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


if __name__ == "__main__":
    make_bundle(DIST)
