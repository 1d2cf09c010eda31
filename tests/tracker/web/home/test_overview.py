"""Tests of the overview of duties: months to choose from, and the size of a page."""

from datetime import date
from types import SimpleNamespace

import pytest

from events.periods import parse_month
from tracker.web.home.overview import (
    EVERY_PAGE,
    MONTHS_OFFERED,
    choose_page_size,
    list_months,
    parse_month_asked,
)
from tracker.web.page.listing import PAGE


def make_context(today: date, first_month: str) -> SimpleNamespace:
    """Return a context on a day, in a district that began in a month."""
    district = SimpleNamespace(first_month=parse_month(first_month))
    return SimpleNamespace(today=lambda _: today, district=lambda _: district)


@pytest.mark.parametrize(
    ("month", "every", "size"),
    [("2026-09", False, PAGE), ("2026-09", True, EVERY_PAGE), ("2026-12", False, EVERY_PAGE)],
)
def test_a_page_with_more_columns_has_fewer_rows(month: str, every: bool, size: int) -> None:
    """The duties of the year are columns on request and in December."""
    assert choose_page_size(parse_month(month), every=every) == size


def test_months_to_choose_from() -> None:
    """The newest month comes first, none is before the district's first, and the list is short."""
    young = make_context(date(2026, 3, 2), "2026-01")
    assert list_months(young, None) == ["2026-03", "2026-02", "2026-01"]  # type: ignore[arg-type]
    old = make_context(date(2026, 3, 2), "2020-01")
    assert len(list_months(old, None)) == MONTHS_OFFERED  # type: ignore[arg-type]


def test_the_present_month_is_the_default() -> None:
    """Without a month in the request the page shows the present one."""
    context = make_context(date(2026, 3, 2), "2026-01")
    assert str(parse_month_asked(context, None, "")) == "2026-03"  # type: ignore[arg-type]
    assert str(parse_month_asked(context, None, "2026-01")) == "2026-01"  # type: ignore[arg-type]
