"""Every file has one clock, which it names, and says where rows are missing."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

import tracker
from tests.support.api_client import program
from tests.support.web_client import MONTH, OWN, Web
from tracker.export.tables import LEFT_OUT
from tracker.http import exports

PAGES = {
    "department": (
        "/organizations", "/audit?all=1", "/rectifications", "/schemes", "/overview",
        "/overview?list=owed", f"/ranking?period={MONTH}", "/lists/uninspected",
        f"/organizations/{OWN}/records", "/schemes/community-2011", f"/cycles/{MONTH}",
    ),
    "administrator": ("/admin/accounts", "/admin/teams"),
}  # fmt: skip
"""Every page that is also a file, by a user who may open it."""
ROUTES = (
    "/organizations", "/audit", "/rectifications", "/schemes", f"/ranking?period={MONTH}",
    f"/compliance?period={MONTH}", f"/organizations/{OWN}/records",
)  # fmt: skip
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def read_csv(payload: bytes) -> list[list[str]]:
    """The rows of a file."""
    return list(csv.reader(io.StringIO(payload.decode("utf-8-sig"), newline="")))


def one_clock(payload: bytes) -> None:
    """A file names the clock of its first line, and has no instant by another one."""
    title = read_csv(payload)[0][0]
    assert re.search(r"2026-10-0\d \d\d:\d\d（北京时间）$", title), title
    rows = [[cell for cell in row if not cell.startswith("{")] for row in read_csv(payload)]
    assert not [cell for row in rows for cell in row if UTC.search(cell)]


def test_every_file_names_its_clock(web: Web) -> None:
    """Pages and API state local time; the first line names the district's clock."""
    web.drawn()
    for login, paths in PAGES.items():
        visitor = web.visitor(login)
        for path in paths:
            mark = "&" if "?" in path else "?"
            one_clock(visitor.get(f"{path}{mark}format=csv").answer.content)
    one = program(web, "department")
    for path in ROUTES:
        mark = "&" if "?" in path else "?"
        one_clock(one.call("GET", f"{path}{mark}format=csv", accept_language="zh").answer.content)


def test_no_file_is_made_elsewhere() -> None:
    """Tables are made by ``exports`` alone, so that no file has another clock or limit."""
    folder = Path(tracker.__file__).parent
    makers = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if re.search(r"[^A-Za-z_.]Table\(\n?\s*(name|self|context)", path.read_text())
    }
    assert makers == {"http/exports.py"}


def test_a_list_beyond_the_limit_says_so(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the API with the first rows says so in its first and last line and a header."""
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    one = program(web, "department")
    cut = one.call("GET", "/organizations?format=csv", accept_language="en")
    rows = read_csv(cut.answer.content)
    assert len(rows) == 2 + 2 + 1
    assert rows[0][0].endswith("only the first 2 rows, there are more: narrow the filter and"
                               " export in parts")  # fmt: skip
    assert rows[-1][0].startswith("only the first 2 rows")
    assert cut.headers[LEFT_OUT] == "1"
    whole = one.call("GET", f"/organizations?q={OWN}&format=csv")
    assert LEFT_OUT not in whole.headers
