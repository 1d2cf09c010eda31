import pytest

from projections.scoring import plan
from projections.scoring.scheme_book import SchemeBook
from tests.projections.scoring.test_assessment import MEMBERS, ask
from tests.projections.scoring.test_history import Ledger
from tests.projections.scoring.test_rules import HELD, criterion, scheme


def test_results_kept_for_speed_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full cache of results by measured values is cleared, and the results stay the same."""
    monkeypatch.setattr(plan, "MOST_MEASURED", 1)
    book = SchemeBook([scheme(criterion("1", MEMBERS), criterion("2", HELD))], {})
    for value, score in (("9", "0.00"), ("10", "50.00"), ("10", "50.00"), ("9", "0.00")):
        ledger = Ledger().measure("members", value, "2026-01-01")
        assert ask(ledger, book).score_text == score
