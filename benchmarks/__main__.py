"""``python -m benchmarks [a b c d e f g h] [--quick] [--postgres] [--write FILE]``."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks import report
from benchmarks.measure import FULL, QUICK, Sizes, Table, machine
from benchmarks.places import Place, places

ROOMS = {
    "a": "appends",
    "b": "imports",
    "c": "rebuilding",
    "d": "closing",
    "e": "audit",
    "f": "imports",
    "g": "streams",
    "h": "web",
}
ALL = ["a", "b", "c", "d", "e", "g", "h"]
"""All of them: (f) is measured beside (b)."""
Run = Callable[[Place, Sizes], Table]


def main(arguments: list[str]) -> None:
    """Measure what is asked for, print each table when it is there, and write them where told."""
    asked = parser().parse_args(arguments)
    sizes = QUICK if asked.quick else FULL
    if asked.closings:
        sizes = replace(sizes, closings=tuple(asked.closings))
    if asked.rounds:
        sizes = replace(sizes, rounds=asked.rounds)
    tables: list[Table] = []
    with (
        tempfile.TemporaryDirectory(prefix="benchmarks-", dir=asked.folder) as name,
        places(Path(name), postgres=asked.postgres) as found,
    ):
        for place in found:
            if asked.profile:
                print(import_module("benchmarks.profiles").run(place, sizes), flush=True)
                continue
            for room in dict.fromkeys(ROOMS[letter] for letter in asked.letters):
                run: Run = import_module(f"benchmarks.{room}").run
                tables.append(run(place, sizes))
                print(tables[-1].markdown(), end="\n\n", flush=True)
        command = shlex.join(["python", "-m", "benchmarks", *arguments])
        day = datetime.now(UTC).date()
        about = [f"`{command}` on {day}", *machine(Path(name))]
    print("\n".join(about))
    if asked.write:
        report.write(asked.write, tables, about)


def _letter(text: str) -> str:
    if text not in ROOMS:
        message = f"{text!r} is none of {', '.join(ROOMS)}"
        raise argparse.ArgumentTypeError(message)
    return text


def parser() -> argparse.ArgumentParser:
    """What can be asked on the command line."""
    found = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    found.add_argument(
        "letters", nargs="*", default=ALL, type=_letter, help="a to h, all without any"
    )
    found.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    found.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own too")
    found.add_argument("--closings", type=int, nargs="+", metavar="N", help="sizes for (d)")
    found.add_argument("--rounds", type=int, metavar="N", help="rounds, five without it")
    found.add_argument("--folder", help="where databases are made; a real disk, please")
    found.add_argument("--write", type=Path, metavar="FILE", help="put the tables into this page")
    found.add_argument("--profile", action="store_true", help="where the time goes, instead")
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
