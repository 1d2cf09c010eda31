"""The tables of a run, written into ``docs/benchmarks.md`` between its marks."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Table

RUN = "run"


def replace_section(page: str, name: str, text: str) -> str:
    """Return the page with the text between ``<!-- NAME -->`` and ``<!-- /NAME -->`` replaced.

    Exit if the page has no such marks.
    """
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(page):
        sys.exit(f"the page has no marks {begin} and {end}")
    return pattern.sub(lambda _: f"{begin}\n{text}\n{end}", page)


def write_tables(path: Path, tables: Sequence[Table], about: Sequence[str]) -> None:
    """Write the tables of a run and its environment; tables of other benchmarks stay."""
    page = path.read_text(encoding="utf-8")
    page = replace_section(page, RUN, "\n".join(f"- {line}" for line in about))
    for letter in sorted({table.letter for table in tables}):
        texts = [table.markdown() for table in tables if table.letter == letter]
        page = replace_section(page, letter, "\n\n".join(texts))
    path.write_text(page, encoding="utf-8")
