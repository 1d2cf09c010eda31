"""Days and numbers as people write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from tracker.imports.tables.cells import Cell
from tracker.imports.tables.written import parse_written_day, parse_written_number

HALF_PAST_NINE = datetime.fromisoformat("2026-08-01T09:30")


@pytest.mark.parametrize(
    "cell",
    [
        "2026-08-01",
        "2026-8-1",
        "2026/8/1",
        "2026.8.1",
        "2026. 8. 1",
        "2026年8月1日",
        "2026年8月1号",
        "２０２６年８月１日",
        "20260801",
        Decimal(20260801),
        "2026/8/1 9:30",
        "2026-08-01 09:30:00",
        "2026年8月1日上午",
        "2026-\u200b8-1",
        date(2026, 8, 1),
        HALF_PAST_NINE,
        Decimal(46235),
        Decimal("46235.5"),
        "46235",
    ],
)
def test_one_day_in_many_forms(cell: Cell) -> None:
    """All of these are the first of August 2026."""
    assert parse_written_day(cell) == date(2026, 8, 1)


@pytest.mark.parametrize(
    "cell",
    [None, "", "八月", "2026-13-01", "2026-2-30", "26-8-1", "2026-8", "2026年", Decimal(2026),
     Decimal("1.5"), "8/1/2026", True, "每月"],
)  # fmt: skip
def test_no_day(cell: Cell) -> None:
    """What names no day, or may name two, is none."""
    assert parse_written_day(cell) is None


def test_serials_of_1904() -> None:
    """A workbook that counts from 1904 writes the same day four years and a day smaller."""
    assert parse_written_day(Decimal(46235 - 1462), counts_from_1904=True) == date(2026, 8, 1)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,200.50", "1200.50"), ("２４５０", "2450"), (Decimal("5.0"), "5"), (" 12 ", "12"),
     ("-3", "-3"), ("12户", None), ("", None), (None, None), (True, None), ("1,2", None)],
)  # fmt: skip
def test_numbers(cell: Cell, number: str | None) -> None:
    """Numbers in full width or with thousands are numbers; with a unit they are none."""
    assert parse_written_number(cell) == number
