"""Findings and credits in words: what an inspector confirmed or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from projections.scoring.figures import exact

if TYPE_CHECKING:
    from events.streams.findings import DerivedCriterion
    from tracker.http.context import RequestContext
    from tracker.web.inspections.sheet_view import CauseRow, CriterionRow

DECIMALS = 6
"""Decimal places that a finding can state."""


def credit_words(context: RequestContext, credit: Fraction, points: Fraction | None) -> str:
    """Return a credit in words: points where the criterion states them, else percent."""
    if points is None:
        return f"{number_text(100 * credit)}%"
    return context.t(f"{number_text(credit * points)} 分", f"{number_text(credit * points)} points")


def number_text(number: Fraction) -> str:
    """Return a number with at most two decimal places and no trailing zeros."""
    return f"{float(number):.2f}".rstrip("0").rstrip(".")


def confirmation(judged: DerivedCriterion) -> dict[str, str] | None:
    """Return the finding equal to the derived credit, or None if no decimal equals it."""
    if judged.credit is None:
        return None
    if judged.grades:
        equal = [grade for grade in judged.grades.values() if grade.credit == judged.credit]
        return {"grade": equal[0].code} if equal else None
    text = _decimal(judged.credit)
    if text is not None:
        return {"credit": text}
    points = _decimal(judged.credit * judged.points) if judged.states_points else None
    return None if points is None else {"points": points}


def _decimal(number: Fraction) -> str | None:
    text = exact(number)
    places = len(text.partition(".")[2])
    return None if "/" in text or places > DECIMALS else text


def finding_words(context: RequestContext, finding: Mapping[str, Any], row: CriterionRow) -> str:
    """Return a finding in words, with the points it gives where the criterion states them."""
    grade = row.judged.grades.get(finding.get("grade") or "")
    if grade is not None:
        said = str(grade.text.in_language(context.language))
    else:
        said = _finding_words(context, finding, row.causes)
    if row.points is None or finding.get("points") is not None:
        return said
    given = credit_words(context, row.credit(finding), Fraction(row.points))
    return context.t(f"{said}（{given}）", f"{said} ({given})")


def _finding_words(
    context: RequestContext, finding: Mapping[str, Any], causes: Sequence[CauseRow]
) -> str:
    if finding.get("credit") is not None:
        known = {"1": ("满分", "full"), "0.5": ("一半", "half"), "0": ("不得分", "nothing")}
        credit = finding["credit"]
        return context.t(*known.get(credit, (f"得分率 {credit}", f"credit {credit}")))
    if finding.get("points") is not None:
        return context.t(f"{finding['points']} 分", f"{finding['points']} points")
    texts = {one.code: one.text for one in causes}
    said = []
    for cause in finding.get("causes") or ():
        text = f"{texts.get(cause['cause'], cause['cause'])} × {cause['count']}"
        if cause.get("points") is not None:
            text += context.t(
                f"（每次扣 {cause['points']} 分）", f" ({cause['points']} points each)"
            )
        said.append(text)
    return context.t("；", "; ").join(said)
