from typing import Any

from events.documents.schemes import Scheme
from events.periods import parse_month
from projections.compliance.additions_explained import explain_additions
from projections.scoring.additions import additions_in_force
from projections.scoring.assessment import Assessment
from projections.scoring.history import SheetFindings
from tests.support.districts import SEPTEMBER, graded_scheme

SCHEME = Scheme.model_validate(graded_scheme())


def inspected(*found: dict[str, Any]) -> Assessment:
    """Return an inspected figure with additions."""
    lines = [{"item": "1.2", "reason": "x", "count": 1} | line for line in found]
    sheet = SheetFindings(SEPTEMBER, "monthly", "s-1", "2026-10-08", 9, [], lines)
    additions = additions_in_force(SCHEME, [sheet], SEPTEMBER, "monthly", "2026-10-10")
    return Assessment(
        "c01", parse_month(SEPTEMBER), "monthly", "community-test", 1, None, (), (),
        additions=additions.lines, additions_points=additions.points,
    )  # fmt: skip


def test_each_addition_is_explained_with_the_sum() -> None:
    """Every line has its text and points; the sum is after the cap, out of the scheme's points."""
    explained = explain_additions(SCHEME, inspected({"addition": "a1", "count": 5}), "en")
    assert explained is not None
    assert (explained.points, explained.scheme_points) == ("1", "8")
    (line,) = explained.lines
    assert (line.text, line.points, line.count, line.total, line.counts) == (
        "Praised", "0.4", 5, "2", True,
    )  # fmt: skip


def test_without_additions_there_is_nothing_to_explain() -> None:
    """A figure without additions, or without a scheme, has no explanation of them."""
    assert explain_additions(SCHEME, inspected(), "zh") is None
    assert explain_additions(None, inspected({"addition": "a1"}), "zh") is None
