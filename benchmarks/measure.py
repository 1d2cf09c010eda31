"""Rounds, medians, tables of figures, and a description of the machine."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter

ROUNDS = 5
PACKAGES = ("eventsourcing", "sqlalchemy", "psycopg", "pydantic", "orjson")

Contender = Callable[[], float]
"""Does its work once and returns a figure: seconds, or something per second."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of every benchmark; ``peer_records`` are the records of the peer."""

    appends: int = 300
    organizations: int = 100
    records: int = 200_000
    peer_records: int = 20_000
    record_organizations: int = 1_000
    rebuild_records: int = 200_000
    closings: tuple[int, ...] = (1_000, 10_000, 100_000)
    audit_events: int = 1_000_000
    audit_repeats: int = 20
    stream_events: int = 10_000
    stream_appends: int = 100
    served: tuple[int, ...] = (1_000, 100_000)
    turns: int = 25
    door_clients: int = 100
    door_waiting: int = 200
    door_seconds: float = 8.0
    rounds: int = ROUNDS


FULL = Sizes()
QUICK = Sizes(
    appends=60,
    organizations=20,
    records=20_000,
    peer_records=2_000,
    record_organizations=200,
    rebuild_records=20_000,
    closings=(200, 1_000),
    audit_events=50_000,
    audit_repeats=5,
    stream_events=2_000,
    stream_appends=40,
    served=(200,),
    turns=5,
    door_seconds=3.0,
)
TINY = Sizes(
    appends=2,
    organizations=2,
    records=60,
    peer_records=20,
    record_organizations=4,
    rebuild_records=40,
    closings=(12,),
    audit_events=80,
    audit_repeats=1,
    stream_events=20,
    stream_appends=2,
    served=(12,),
    turns=1,
    door_clients=4,
    door_waiting=6,
    door_seconds=0.2,
    rounds=1,
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of figures: the letter of its benchmark, heads, rows, and the notes below."""

    letter: str
    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """Return the table as Markdown; figures are right-aligned."""
        lines = [
            f"**{self.title}**",
            "",
            "| " + " | ".join(self.heads) + " |",
            "| --- |" + " ---: |" * (len(self.heads) - 1),
            *("| " + " | ".join(row) + " |" for row in self.rows),
        ]
        if self.notes:
            lines += ["", *(f"- {note}" for note in self.notes)]
        return "\n".join(lines)


def measure_seconds(work: Callable[[], object]) -> float:
    """Return the seconds that some work takes."""
    begun = perf_counter()
    work()
    return perf_counter() - begun


def take_turns(
    contenders: Mapping[str, Contender], rounds: int = ROUNDS, *, warm_up: bool = True
) -> dict[str, list[float]]:
    """Return the figures of contenders that take turns, in a different order each round.

    Taking turns spreads a slow phase of the machine over all contenders.
    """
    names = list(contenders)
    if warm_up:
        for name in names:
            contenders[name]()
    figures: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            figures[name].append(contenders[name]())
    return figures


def median_ratio(figures: Sequence[float], others: Sequence[float]) -> float:
    """Return the median of the ratios of each round."""
    return median(one / other for one, other in zip(figures, others, strict=True))


def format_range(figures: Sequence[float]) -> str:
    """Return the least and the greatest figure as text."""
    return f"{format_figure(min(figures))} to {format_figure(max(figures))}"


def format_figure(figure: float) -> str:
    """Return a figure as text with about three significant digits."""
    if figure >= 1000:
        return f"{figure:,.0f}"
    if figure >= 10:
        return f"{figure:.1f}"
    return f"{figure:.2f}" if figure >= 0.1 else f"{figure:.4f}"


def format_ratio(factor: float) -> str:
    """Return a ratio as text."""
    return f"x {factor:.2f}"


def describe_machine(folder: Path) -> list[str]:
    """Return lines about the hardware and the software of the measurement."""
    lines = [
        (
            f"{os.cpu_count()} processors ({_processor()}), {_memory()}, {platform.system()}"
            f" {platform.release()}, {_filesystem(folder)} below the databases"
        ),
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
    ]
    packages = []
    for name in PACKAGES:
        try:
            packages.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            packages.append(f"{name} not installed")
    return [*lines, ", ".join(packages), f"load average at the end {os.getloadavg()[0]:.1f}"]


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{pages * size / 2**30:.0f} GiB"


def _filesystem(folder: Path) -> str:
    """Return the kind of file system: in memory, nothing is durable."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "unknown file system"
    deepest = ("", "unknown file system")
    for line in mounts.read_text(encoding="utf-8").splitlines():
        _, point, kind, *_ = line.split()
        below = folder.resolve().is_relative_to(point)
        if below and len(point) >= len(deepest[0]):
            deepest = (point, kind)
    return deepest[1]
