"""Orders are answered in time, late or never."""

from collections import Counter
from datetime import date, timedelta

from tracker.demonstration.aftermath import reply_day
from tracker.demonstration.inspecting import Order

ORDERED = date(2026, 10, 7)
DUE = ORDERED + timedelta(days=15)


def test_most_orders_are_answered_in_time() -> None:
    """About four of five are; the others are late or stay without an answer."""
    days = [reply_day(Order("c", f"s/{number}", DUE), ORDERED, 1) for number in range(1000)]
    answered = [day for day in days if day is not None]
    assert min(answered) >= ORDERED + timedelta(days=3)
    kinds = Counter("never" if day is None else "in time" if day <= DUE else "late" for day in days)
    assert 740 < kinds["in time"] < 860
    assert 80 < kinds["late"] < 190
    assert 40 < kinds["never"] < 110


def test_an_order_is_answered_on_the_same_day_in_every_run() -> None:
    """The seed and the order decide."""
    order = Order("c", "s/1", DUE)
    assert reply_day(order, ORDERED, 1) == reply_day(order, ORDERED, 1)
