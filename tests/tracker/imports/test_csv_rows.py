import csv
import io
import time
from typing import Any

import pytest

from events.streams.organizations import ChangeOrganization, RegisterOrganization
from tests.tracker.imports.test_parsing import EXAMPLES, read
from tracker.imports.parsing import ParsedFile, parse_file, read_lines

LEAD = "kind,organization,record_id,activity,occurred_on"


def read_csv(text: str | bytes, *, historical: bool = False) -> ParsedFile:
    """Read a CSV file."""
    payload = text if isinstance(text, bytes) else text.encode()
    return parse_file(payload, "lines.csv", historical=historical)


def test_csv_reads_the_same_as_jsonl() -> None:
    """The same fields as columns make the same commands and identities."""
    text = io.StringIO()
    writer = csv.writer(text)
    columns = ["kind", "id", "organization", "record_id", "activity", "occurred_on", "title",
               "place", "attendance.present", "attendance.expected", "money.due", "money.paid",
               "evidence", "note", "code", "name", "category", "parent", "registered_on", "on",
               "closed", "reason", "changes.occurred_on", "changes.evidence", "condition",
               "state", "measure", "value", "team", "categories", "inspector"]  # fmt: skip
    writer.writerow(columns)
    for example in EXAMPLES:
        flat: dict[str, Any] = {}
        for name, value in example.items():
            if isinstance(value, dict):
                flat |= {f"{name}.{inner}": one for inner, one in value.items()}
            else:
                flat[name] = value
        cells = [flat.get(column, "") for column in columns]
        writer.writerow([";".join(c) if isinstance(c, list) else c for c in cells])
    checked = read_csv("\ufeff" + text.getvalue())
    assert checked.faults == []
    expected = read(*EXAMPLES).lines
    assert [line[1:] for line in checked.lines] == [line[1:] for line in expected]
    assert [line.number for line in checked.lines] == list(range(2, 11))


CSV_FAULTS: list[tuple[str | bytes, int, str, str]] = [
    ("", 1, "kind", "must name the columns"),
    ("organization,record_id\nc,a-1\n", 1, "kind", "must name the columns"),
    ("kind,colour\nactivity,red\n", 1, "colour", "not a column"),
    ("kind,note,note\nactivity,a,b\n", 1, "note", "is given twice"),
    ("kind,,note\nactivity,,b\n", 1, "", "not a column"),
    (f"{LEAD}\nactivity,c,a-1,m,2026-01-01,extra\n", 2, "", "more cells than there are columns"),
    (f"{LEAD}\nactivity,c,a-1,m\n", 2, "occurred_on", "is missing"),
    (f'{LEAD}\nactivity,"c"d,a-1,m\n', 2, "", "not CSV"),
    (f'{LEAD}\nactivity,"c,a-1,m\n', 2, "", "not CSV"),
    (f"{LEAD},attendance.present,attendance.expected\nactivity,c,a,m,2026-01-01,x,2\n",
     2, "attendance.present", "whole number"),
    (f"{LEAD},money.due\nactivity,c,a,m,2026-01-01,1.005\n", 2, "money.due", "two decimals"),
    (f"{LEAD},closed\nactivity,c,a,m,2026-01-01,maybe\n", 2, "closed", "true or false"),
    (f"{LEAD},note\nactivity,c,a,m,2026-01-01,{'x' * 140_000}\n", 2, "", "not CSV: field larger"),
    (f"{LEAD},note\nactivity,c,a,m,2026-01-01,{'x' * 30_000_000}\n", 2, "", "is longer than"),
    (b"kind,note\nactivity,\xff\xff\n", 2, "", "neither UTF-8 nor GB18030; save it as CSV UTF-8"),
    ("kind,note\nactivity,a\n".encode("utf-16"), 1, "", "UTF-16"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "number", "field", "reason"), CSV_FAULTS)
def test_a_bad_csv_is_named(text: str | bytes, number: int, field: str, reason: str) -> None:
    """What is wrong in a CSV is said once, with the line of the file and the column."""
    found = read_csv(text).faults[0]
    assert (found.line, found.field) == (number, field)
    assert reason in found.reason


def test_csv_lines_are_counted_as_an_editor_counts_them() -> None:
    """A cell with line breaks, blank rows and a bad row leave the numbers of the others right."""
    text = (
        f"{LEAD},note\r\n"
        'activity,c,a-1,m,2026-01-01,"one\ntwo"\r\n'
        ",,,,,\r\n"
        "\r\n"
        "activity,c,a-2,m,never,\r\n"
        "activity,c,a-3,m,2026-01-03,\r\n"
    )
    checked = read_csv(text)
    assert [line.number for line in checked.lines] == [2, 7]
    assert [one.line for one in checked.faults] == [6]
    assert checked.count == 3


def test_csv_says_closed_as_a_spreadsheet_does() -> None:
    """TRUE in a spreadsheet's capitals closes an organization."""
    (line,) = read_csv("kind,code,on,closed\norganization_change,c,2026-01-01,TRUE\n").lines
    assert isinstance(line.command, ChangeOrganization)
    assert line.command.closed is True


def test_an_empty_parent_cell_is_a_root() -> None:
    """An empty cell is an absent field, so an organization without a parent is a root."""
    (line,) = read_csv(
        "kind,code,name,category,parent,registered_on\norganization,r,R,county,,2026-01-01\n"
    ).lines
    assert isinstance(line.command, RegisterOrganization)
    assert line.command.parent is None


OPEN = (
    f"{LEAD},title\r\n"
    "activity,c,q-1,visit,2026-09-01,走访\r\n"
    'activity,c,q-2,visit,2026-09-02,"没有收住\r\n'
    "activity,c,q-3,visit,2026-09-03,走访\r\n"
    "activity,c,q-4,visit,2026-09-04,走访\r\n"
    'activity,c,q-5,visit,2026-09-05,"走访"\r\n'
    "activity,c,q-6,visit,2026-09-06,走访\r\n"
)


def test_an_open_quote_costs_its_own_line_only() -> None:
    """The lines that an open quotation mark swallows are read as the rows that they are."""
    checked = read_csv(OPEN)
    assert [line.number for line in checked.lines] == [2, 4, 5, 6, 7]
    assert [(one.line, one.message.key) for one in checked.faults] == [(3, "line_open_quote")]
    assert checked.count == 6


@pytest.mark.parametrize(
    ("row", "good"),
    [
        ('activity,c,q-7,visit,2026-09-07,"', [2, 4, 5, 6, 7]),
        ('activity,c,q-7,visit,2026-09-07,"open', [2, 4, 5, 6, 7]),
        ('activity,c,q-7,visit,2026-09-07,"走访"\r\n', [2, 4, 5, 6, 7, 8]),
    ],
)
def test_recorded_and_refused_are_the_lines_of_the_file(row: str, good: list[int]) -> None:
    """However quotation marks are left open, no line is without a word, also at the end."""
    checked = read_csv(OPEN + row)
    assert [line.number for line in checked.lines] == good
    assert len(checked.lines) + len(checked.faults) == checked.count == 7


def test_rows_swallowed_by_a_closed_quote_are_named() -> None:
    """Two open marks that happen to close each other cannot hide the rows between them."""
    text = OPEN.replace('"走访"', '走访",').replace(f"{LEAD},title", f"{LEAD},note,title")
    checked = read_csv(text)
    assert [one.line for one in checked.faults] == [3]
    assert [line.number for line in checked.lines] == [2, 4, 5, 6, 7]


def test_many_open_quotes_are_read_in_linear_time() -> None:
    """Lines between two open marks are read twice at most."""
    body = 'activity,c,q,visit,2026-09-01,"open\n' * 20_000
    begun = time.perf_counter()
    checked = read_csv(f"{LEAD},title\n{body}")
    assert len(checked.faults) == checked.count == 20_000
    assert time.perf_counter() - begun < 20


def test_a_refused_row_is_shown_whole() -> None:
    """What is written next to the reason holds every physical line of the row."""
    payload = f'{LEAD},note\r\nactivity,c,a,m,never,"一\r\n二"\r\n'.encode("gbk")
    assert read_lines(payload, "a.csv", [2]) == {2: 'activity,c,a,m,never,"一\r\n二"'}
