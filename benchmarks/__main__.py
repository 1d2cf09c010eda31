"""``python -m benchmarks [a b c d e f g h i] [--quick] [--postgres] [--write FILE]``."""

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
from benchmarks.measure import FULL, QUICK, Sizes, Table, describe_machine
from benchmarks.places import Place, places

MODULES = {
    "a": "appends",
    "b": "imports",
    "c": "rebuilding",
    "d": "closing",
    "e": "audit",
    "f": "imports",
    "g": "streams",
    "h": "web",
    "i": "door",
}
ALL = ["a", "b", "c", "d", "e", "g", "h", "i"]
"""Every benchmark; (f) is measured together with (b)."""
Run = Callable[[Place, Sizes], Table]


def main(arguments: list[str]) -> None:
    """Run the benchmarks, print each table as it is finished, and write them with ``--write``."""
    options = parser().parse_args(arguments)
    sizes = QUICK if options.quick else FULL
    if options.closings:
        sizes = replace(sizes, closings=tuple(options.closings))
    if options.rounds:
        sizes = replace(sizes, rounds=options.rounds)
    tables: list[Table] = []
    with (
        tempfile.TemporaryDirectory(prefix="benchmarks-", dir=options.folder) as name,
        places(Path(name), postgres=options.postgres) as databases,
    ):
        for place in databases:
            if options.profile:
                print(import_module("benchmarks.profiles").run(place, sizes), flush=True)
                continue
            for module in dict.fromkeys(MODULES[letter] for letter in options.letters):
                run: Run = import_module(f"benchmarks.{module}").run
                tables.append(run(place, sizes))
                print(tables[-1].markdown(), end="\n\n", flush=True)
        command = shlex.join(["python", "-m", "benchmarks", *arguments])
        day = datetime.now(UTC).date()
        about = [f"`{command}` on {day}", *describe_machine(Path(name))]
    print("\n".join(about))
    if options.write:
        report.write_tables(options.write, tables, about)


def _letter(text: str) -> str:
    if text not in MODULES:
        message = f"{text!r} is none of {', '.join(MODULES)}"
        raise argparse.ArgumentTypeError(message)
    return text


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument(
        "letters", nargs="*", default=ALL, type=_letter, help="benchmarks, a to i (default: all)"
    )
    options.add_argument("--quick", action="store_true", help="small sizes, to check that it runs")
    options.add_argument(
        "--postgres", action="store_true", help="also run on a temporary PostgreSQL server"
    )
    options.add_argument("--closings", type=int, nargs="+", metavar="N", help="sizes for (d)")
    options.add_argument("--rounds", type=int, metavar="N", help="number of rounds (default: 5)")
    options.add_argument("--folder", help="folder for the databases, on a real disk")
    options.add_argument(
        "--write", type=Path, metavar="FILE", help="write the tables into this page"
    )
    options.add_argument(
        "--profile", action="store_true", help="profile (a), (b) and (d) instead of measuring"
    )
    return options


if __name__ == "__main__":
    main(sys.argv[1:])
