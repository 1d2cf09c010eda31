from fractions import Fraction

import pytest

from events.documents.schemes import SchemePolicy
from events.periods import parse_period
from projections.scoring.credit import ActivityPlan, Window, count_credits, index_windows
from projections.scoring.history import RecordHistory, RecordVersion
from projections.scoring.hits import Openings, entry_where_opened, find_hits
from tests.projections.scoring.test_credit import held, rule
from tests.semantics.asking import HELD, Stream, first

CAME_ON, CAME_AT = "2026-12-01", "2026-12-01T04:00:00.000000Z"
EARLIER, LATER = "2026-10-01T00:30:00.000000Z", "2026-12-02T00:30:00.000000Z"


def historical(on: str, known_on: str) -> RecordVersion:
    """A party lesson of a day, written down on another and imported on 1 December."""
    entry = held(on, known_on)
    entry.came_on, entry.came_at = CAME_ON, CAME_AT
    return entry


def worth(window: str, openings: Openings, *entries: RecordVersion, asked_on: str) -> Fraction:
    """The credit of one record in one window."""
    period = parse_period(window)
    plan = Window(period, rule(per=period.length), SchemePolicy())
    activity = ActivityPlan(0, (plan,), (), plan.scale, conditional=False, deduct=None)
    records = {"a-1": RecordHistory("a-1", list(entries))}
    hits = find_hits(
        records, index_windows([activity]), asked_on, lambda _: True, openings=openings
    )
    return Fraction(count_credits(plan, hits.get(plan)), plan.scale)


@pytest.mark.parametrize(
    ("window", "openings", "credit"),
    [
        ("2026-08", {}, "1"),
        ("2026-Q3", {}, "1"),
        ("2026-08", {"2026-09": EARLIER}, "1"),
        ("2026-Q3", {"2026-09": EARLIER}, "1/2"),
        ("2026-Q3", {"2026-09": LATER}, "1"),
        ("2026-Q3", {"2026-09": LATER, "2026-07": EARLIER}, "1/2"),
        ("2026-Q3", {"2026-06": EARLIER, "2026-10": EARLIER}, "1"),
    ],
)
def test_a_historical_date_counts_where_no_cycle_had_opened(
    window: str, openings: Openings, credit: str
) -> None:
    """A line of 10 August counts by its own date only where no month of the window had opened."""
    entry = historical("2026-08-10", "2026-08-12")
    assert worth(window, openings, entry, asked_on="2026-12-31") == Fraction(credit)


def test_a_line_that_came_after_the_day_asked_counts_nothing() -> None:
    """Where a month had opened a line counts from the day it came on, a correction too."""
    entries = [held("2026-08-10"), historical("2026-08-11", "2026-08-12")]
    entries[1].changes = {"retracted": True}
    opened = {"2026-09": EARLIER}
    assert worth("2026-Q3", opened, *entries, asked_on="2026-11-30") == 1
    assert worth("2026-Q3", opened, *entries, asked_on="2026-12-01") == 0
    assert worth("2026-08", opened, *entries, asked_on="2026-11-30") == 0
    late = historical("2026-08-10", "2026-08-12")
    assert worth("2026-Q3", opened, late, asked_on="2026-11-30") == 0
    assert worth("2026-08", opened, late, asked_on="2026-11-30") == 1


def test_a_line_that_is_not_historical_is_left_as_it_is() -> None:
    """Only historical lines have a second date."""
    entry = held("2026-08-10")
    assert entry_where_opened(entry, EARLIER) is entry


def test_a_skipped_month_in_a_quarter_whose_cycle_opened() -> None:
    """August was skipped and September opened: in time for August, late for the third quarter."""
    stream = Stream().registered().held("a", "2026-08-10", "2026-12-01", "2026-08-12")
    quarterly = HELD | {"per": "quarter"}
    assert first(stream, quarterly, period="2026-Q3") == ("met", "1")
    opened = {"2026-09": EARLIER}
    assert first(stream, quarterly, period="2026-Q3", openings=opened) == ("partial", "0.5")
    assert first(stream, HELD, period="2026-08", openings=opened) == ("met", "1")


def test_a_record_worth_nothing_is_left_out() -> None:
    """Where an incomplete record has no credit, its window has no hit."""
    worthless = SchemePolicy.model_validate({"incomplete_credit": "0"})
    window = Window(parse_period("2026-08"), rule(evidence=["minutes"]), worthless)
    plan = ActivityPlan(0, (window,), (), window.scale, conditional=False, deduct=None)
    records = {"a-1": RecordHistory("a-1", [held("2026-08-10")])}
    assert find_hits(records, index_windows([plan]), "2026-12-31", lambda _: True) == {}
