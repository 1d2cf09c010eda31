from events.periods import parse_period
from projections.scoring.findings import findings_in_force
from tests.projections.scoring.test_history import Ledger


def test_findings_are_chosen_by_period_purpose_day_and_scheme() -> None:
    """Sheets of other purposes, years, later periods, later days and other schemes are left out."""
    ledger = Ledger().sheet("2026-08", "2026-09-06", {"criterion": "1", "credit": "1"})
    ledger.sheet("2026-07", "2026-09-07", {"criterion": "1", "credit": "0"})
    ledger.sheet("2026-08", "2026-09-08", {"criterion": "2", "causes": [{"cause": "c1"}]})
    ledger.sheet("2026-08", "2026-09-09", {"criterion": "3", "points": "1"}, kind="half_year")
    ledger.sheet("2025-12", "2026-09-09", {"criterion": "3", "points": "1"})
    ledger.sheet("2026-10", "2026-09-09", {"criterion": "3", "points": "1"})
    ledger.sheet("2026-06", "2026-09-09", {"criterion": "3", "points": "1"})
    ledger.sheet("2026-08", "2026-10-09", {"criterion": "3", "points": "1"})
    sheets, june = ledger.history().sheets, parse_period("2026-06")
    august, quarter = parse_period("2026-08"), parse_period("2026-Q3")
    in_force = findings_in_force(
        sheets, august, "monthly", "2026-09-30", lambda period: period != june
    )
    assert in_force.own == {
        "1": {"criterion": "1", "credit": "1"},
        "2": {"criterion": "2", "causes": [{"cause": "c1"}]},
    }
    credit_0, credit_1 = ({"criterion": "1", "credit": credit} for credit in "01")
    assert in_force.states == {"1": [(parse_period("2026-07"), credit_0), (august, credit_1)]}
    assert in_force.causes == {}
    in_force = findings_in_force(
        sheets, quarter, "monthly", "2026-09-30", lambda period: period != june
    )
    assert in_force.own == {}
    assert in_force.causes["2"] == {august: [{"cause": "c1"}]}
