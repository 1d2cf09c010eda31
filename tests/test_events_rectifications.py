"""A rectification is ordered for a day that has not passed."""

from datetime import date, timedelta

import pytest

from events.errors import Refused
from events.rectifications import OrderRectification, RectificationOrdered, order

TODAY = date(2026, 10, 8)
ORDER = OrderRectification(
    rectification_id="s1/1", period="2026-09", criterion="2.4.1", problem="no minutes", due=TODAY
)


def test_a_rectification_is_ordered_to_a_day() -> None:
    """Today is still in time, and the order is a subject of its own."""
    (ordered,) = order(ORDER, TODAY)
    assert isinstance(ordered, RectificationOrdered)
    assert ordered.data() == ORDER.model_dump(mode="json")
    assert ordered.subject() == "rectification/s1/1"


def test_a_day_that_has_passed_is_refused() -> None:
    """The refusal names the criterion and both days."""
    with pytest.raises(Refused) as refused:
        order(ORDER, TODAY + timedelta(days=1))
    assert (refused.value.code, refused.value.field) == ("due_passed", "rectify")
    assert refused.value.params["criterion"] == "2.4.1"
