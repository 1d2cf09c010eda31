"""Every column of every list is explained, and its example is a valid line."""

import csv

import pytest

from tests.support.web_district import Visitor
from tracker.imports.csv_rows import columns_of
from tracker.imports.lines import KINDS
from tracker.imports.parsing import parse_file
from tracker.web.records.import_columns import EXAMPLES, describe_list, make_template


def chinese(zh: str, _en: str) -> str:
    """Choose Chinese."""
    return zh


def english(_zh: str, en: str) -> str:
    """Choose English."""
    return en


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_has_words(kind: str) -> None:
    """In both languages, none of them the bare name of the column."""
    for t, sign in ((chinese, str.isascii), (english, lambda text: not text.isascii())):
        listed = describe_list(kind, t)
        assert [column.name for column in listed] == columns_of(kind)
        for column in listed:
            assert not sign(column.words), column
            assert column.words not in {column.name, ""}


def test_words_say_what_is_meant() -> None:
    """``money.due`` is an amount, and codes say which organization they are of."""
    words = {column.name: column.words for column in describe_list("activity", chinese)}
    assert words["money.due"].startswith("应缴")
    changes = {column.name: column.words for column in describe_list("correction", chinese)}
    assert changes["changes.money.due"].startswith("改为：应缴")
    assert "要更正的" in changes["record_id"]
    moved = {column.name: column.words for column in describe_list("organization_change", english)}
    assert "merges into" in moved["merged_into"]
    assert moved["new_code"].startswith("its new code")


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_is_a_valid_line(kind: str) -> None:
    """With its kind in the first cell it has no fault, and no column that the list lacks."""
    assert EXAMPLES[kind].keys() <= set(columns_of(kind))
    head, example = list(csv.reader(make_template(kind).decode("utf-8-sig").splitlines()))
    assert example[0].startswith("例（")
    assert kind in example[0]
    rows = "\n".join(",".join(row) for row in (head, [kind, *example[1:]]))
    parsed = parse_file(rows.encode(), "a.csv", historical=False)
    assert [line.kind for line in parsed.lines] == [kind]
    assert parsed.faults == []


def test_the_page_shows_columns_and_examples(officer: Visitor) -> None:
    """Name, meaning and example of a column are in one row."""
    page = officer.get("/import")
    assert "要更正的记录编号" in page
    assert "应缴（元，最多两位小数）" in page
    assert "minutes;sign_in_sheet" in page
