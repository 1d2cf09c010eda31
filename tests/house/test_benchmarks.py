"""Every benchmark runs, small, so that none rots; what they measure is not tested here."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.__main__ import parser
from benchmarks.measure import (
    TINY,
    Table,
    describe_machine,
    format_figure,
    median_ratio,
    take_turns,
)
from benchmarks.memory import Peaks
from benchmarks.places import Place, check_durability
from benchmarks.postgres import Cluster

ROOT = Path(__file__).parents[2]
WITH_PEER = pytest.mark.skipif(
    find_spec("eventsourcing") is None, reason="the peer comes with `make bench` alone"
)
LETTERS = {
    "appends": "a",
    "imports": "b",
    "rebuilding": "c",
    "closing": "d",
    "audit": "e",
    "streams": "g",
    "web": "h",
    "door": "i",
}
MODULES = [
    pytest.param(name, marks=WITH_PEER) if name in {"appends", "imports"} else name
    for name in LETTERS
]


@pytest.mark.parametrize(
    "file", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda one: one.name
)
def test_needs_no_tests(file: Path) -> None:
    """A benchmark runs where the tests are not installed."""
    assert not re.search(
        r"^\s*(from|import) tests\b", file.read_text(encoding="utf-8"), re.MULTILINE
    )


@pytest.mark.parametrize("name", MODULES)
def test_runs_on_sqlite(name: str, tmp_path: Path) -> None:
    """Each benchmark gives a table on SQLite whose rows have as many cells as its head."""
    table: Table = import_module(f"benchmarks.{name}").run(Place(tmp_path), TINY)
    assert table.letter == LETTERS[name]
    assert table.rows
    assert {len(row) for row in table.rows} == {len(table.heads)}
    assert any("journal_mode=wal, synchronous=2" in note for note in table.notes)


@WITH_PEER
def test_appends_run_on_a_durable_postgresql(tmp_path: Path) -> None:
    """The appends of both contenders run on PostgreSQL, and both are durable there."""
    cluster = Cluster()
    cluster.start(durable=True)
    try:
        table: Table = import_module("benchmarks.appends").run(Place(tmp_path, cluster), TINY)
    finally:
        cluster.stop()
    durable = [note for note in table.notes if "fsync=on, synchronous_commit=on" in note]
    assert [note.partition(":")[0] for note in durable] == ["tracker", "eventsourcing"]


def test_the_profile_names_the_work(tmp_path: Path) -> None:
    """The profile shows the steps whose time it divides."""
    pytest.importorskip("eventsourcing")
    text = import_module("benchmarks.profiles").run(Place(tmp_path), replace(TINY, closings=(3,)))
    assert [line.split()[1] for line in text.splitlines() if line.startswith("==")] == [
        "(a)",
        "(b)",
        "(d)",
        "(d)",
    ]
    assert "import_file" in text


def test_the_memory_of_children_is_their_own() -> None:
    """The peak memory of a child does not include the memory of its parent."""
    held = bytearray(b"x" * 80_000_000)
    script = "import time; held = bytearray(b'x' * 30_000_000); print(len(held)); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        peaks = Peaks()
        peaks.look()
        child.kill()
    assert 30_000_000 < peaks.children[child.pid] < len(held) < peaks.own


def test_weaker_than_durable_ends_the_run() -> None:
    """A contender without durable commits is not measured."""
    with pytest.raises(SystemExit, match="not be comparable"):
        check_durability("tracker", {"journal_mode": "wal", "synchronous": "1"})


def test_contenders_take_turns() -> None:
    """Each round begins with another contender, after an uncounted first round."""
    order: list[str] = []

    def contender(name: str, figure: float) -> Callable[[], float]:
        def work() -> float:
            order.append(name)
            return figure

        return work

    seconds = take_turns({"one": contender("one", 4.0), "two": contender("two", 2.0)}, rounds=2)
    assert order == ["one", "two", "one", "two", "two", "one"]
    assert seconds == {"one": [4.0, 4.0], "two": [2.0, 2.0]}
    assert median_ratio(seconds["one"], seconds["two"]) == 2.0


def test_all_are_asked_for_without_a_letter() -> None:
    """Without letters each benchmark runs once, and an unknown letter is refused."""
    assert sorted(parser().parse_args([]).letters) == sorted(LETTERS.values())
    assert parser().parse_args(["f", "--quick"]).letters == ["f"]
    with pytest.raises(SystemExit):
        parser().parse_args(["x"])


@pytest.mark.parametrize(
    ("figure", "text"), [(12345.6, "12,346"), (98.76, "98.8"), (1.234, "1.23"), (0.01234, "0.0123")]
)
def test_figures_have_few_digits(figure: float, text: str) -> None:
    """A figure is shown with as many digits as it deserves."""
    assert format_figure(figure) == text


def test_the_page_has_a_place_for_every_table(tmp_path: Path) -> None:
    """Tables are written between the marks of docs/benchmarks.md; the rest stays."""
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    copy = tmp_path / "page.md"
    copy.write_text(page, encoding="utf-8")
    tables = [
        Table(letter, f"Title {letter}", ("what", "figure"), [("x", "1")])
        for letter in LETTERS.values()
    ]
    report.write_tables(copy, tables, describe_machine(tmp_path))
    written = copy.read_text(encoding="utf-8")
    assert all(f"**Title {letter}**" in written for letter in LETTERS.values())
    assert "SQLite 3." in written
    assert "Not measured yet." not in written
    assert written.partition("<!-- run -->")[0] == page.partition("<!-- run -->")[0]
