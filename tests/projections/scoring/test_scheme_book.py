import pytest

from events.periods import parse_month
from events.refusals.errors import Refused
from projections.scoring.scheme_book import SchemeBook
from tests.projections.scoring.test_rules import HELD, criterion, scheme


@pytest.mark.parametrize(
    ("category", "purpose", "month", "expected"),
    [
        ("community", "monthly", "2025-12", None),
        ("community", "monthly", "2026-01", ("one", 1)),
        ("community", "monthly", "2026-06", ("one", 3)),
        ("community", "monthly", "2026-09", ("two", 1)),
        ("community", "monthly", "2026-11", ("one", 3)),
        ("village", "monthly", "2026-06", ("one", 3)),
        ("village", "monthly", "2026-05", None),
        ("community", "annual", "2026-05", ("year", 1)),
        ("school", "monthly", "2026-05", None),
    ],
)
def test_the_scheme_in_force_is_the_latest_that_names_the_category(
    category: str, purpose: str, month: str, expected: tuple[str, int] | None
) -> None:
    """Of a scheme the highest version, then the latest effective_from; closed and drafts never."""
    held = criterion("1", HELD)
    book = SchemeBook(
        [
            scheme(held),
            scheme(held, version=2, effective_from="2026-06"),
            scheme(held, version=3, effective_from="2026-06", categories=["community", "village"]),
            scheme(held, scheme="two", effective_from="2026-09"),
            scheme(held, scheme="year", purpose="annual"),
            scheme(held, scheme="draft", effective_from=None, categories=["school"]),
        ],
        {("two", 1): "2026-11"},
    )
    for _ in range(2):
        in_force = book.in_force(category, purpose, parse_month(month))
        assert (None if in_force is None else (in_force.scheme, in_force.version)) == expected
    assert book.first_month("one", "community") == parse_month("2026-01")
    assert book.first_month("one", "village") == parse_month("2026-06")


def test_a_book_gives_a_version_or_refuses() -> None:
    """A version that was never published is refused by name."""
    only = scheme(criterion("1", HELD))
    book = SchemeBook([only], {})
    assert book.version("one", 1) is only
    assert book.catalogue(only) is book.catalogue(only)
    with pytest.raises(Refused, match="there is no scheme one@2"):
        book.version("one", 2)
