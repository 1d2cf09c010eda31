"""A second implementation of the scoring semantics, written from the specification alone.

Read it together with sections 1 to 6 and 10 of docs/semantics.md: it is plain, exact and slow. A
property test compares the real implementation with it on random worlds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.case import Case
from tests.oracle.rules import Verdict, judge
from tests.oracle.scheme import Criterion, Scheme, read_scheme
from tests.oracle.stream import Stream, read_entries
from tests.oracle.time import exact, number, span_of, truth, two_places


@dataclass(frozen=True)
class World:
    """A district with its schemes and one organization's stream.

    Scalars of schemes are text. Entries are import lines in stream order, or
    `{"kind": "sheet", "period", "findings", "disallow"}`, or `{"kind": "posted", "period"}`;
    each carries `recorded_at` and, where it was imported as history, `recorded_on`. Openings are
    the months whose cycle opened, each with its instant.
    """

    zone: str
    first_month: str
    schemes: tuple[dict[str, Any], ...]
    entries: tuple[dict[str, Any], ...]
    openings: tuple[tuple[str, str], ...] = ()


def compliance(
    world: World,
    period: str,
    *,
    today: date,
    purpose: str = "monthly",
    known_at: datetime | None = None,
    recorded_until: date | None = None,
    inspected: bool = False,
) -> dict[str, Any] | None:
    """Return the compliance of the organization in a period; None if the organization is unknown.

    With `known_at` only entries recorded by that instant count, and its local date is the day
    asked. With `recorded_until` only entries whose recording date is not after it count, and it
    is the day asked. Without `inspected` the period's own sheets do not count.
    """
    zone = ZoneInfo(world.zone)
    entries = read_entries(world.entries, zone)
    asked = today
    if known_at is not None:
        entries = [entry for entry in entries if entry.recorded_at <= known_at]
        asked = known_at.astimezone(zone).date()
    if recorded_until is not None:
        entries = [entry for entry in entries if entry.recording_date <= recorded_until]
        asked = recorded_until
    stream = Stream(tuple(entries), world.openings)
    organization = stream.organization()
    if organization is None:
        return None
    case = Case(
        schemes=tuple(read_scheme(document) for document in world.schemes),
        stream=stream,
        span=span_of(period),
        purpose=purpose,
        asked=asked,
        inspected=inspected,
        first_month=world.first_month,
    )
    scheme = None if case.outside_life() else case.scheme()
    criteria = () if scheme is None else scheme.criteria
    verdicts = [(criterion, judge(case, criterion)) for criterion in criteria]
    score = score_of(verdicts)
    if score is not None and scheme is not None and inspected:
        score = with_additions(score, scheme, case)
    return {
        "organization": organization["code"],
        "period": period,
        "purpose": purpose,
        "scheme": None if scheme is None else scheme.name,
        "version": None if scheme is None else scheme.version,
        "score": None if score is None else two_places(score),
        "criteria": [_answer(criterion, verdict) for criterion, verdict in verdicts],
    }


def score_of(verdicts: list[tuple[Criterion, Verdict]]) -> Fraction | None:
    """Return the exact score: the share of the judged criteria's points, times 100."""
    full = reached = Fraction(0)
    for criterion, verdict in verdicts:
        if verdict.credit is not None:
            full += criterion.weight
            reached += criterion.weight * verdict.credit
    return None if full == 0 else 100 * reached / full


def with_additions(score: Fraction, scheme: Scheme, case: Case) -> Fraction:
    """Return the score with what the newest sheet of the period added; at least 0."""
    found = case.additions()
    if not found or scheme.total is None:
        return score
    points = Fraction(0)
    for item in scheme.items:
        amounts = []
        for addition in item.get("additions", []):
            for line in found:
                if (line["item"], line["addition"]) == (item["code"], addition["code"]):
                    each = addition["add"] if "add" in addition else line["points"]
                    amounts.append(number(each) * line.get("count", 1))
        if not amounts:
            continue
        of_item = max(amounts) if truth(item.get("highest_only", "false")) else sum(amounts)
        if "additions_cap" in item:
            of_item = min(of_item, number(item["additions_cap"]))
        points += of_item
    return max(Fraction(0), score + 100 * points / number(scheme.total))


def _answer(criterion: Criterion, verdict: Verdict) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "code": criterion.code,
        "points": exact(criterion.weight),
        "status": verdict.status,
        "credit": None if verdict.credit is None else exact(verdict.credit),
        "reason": verdict.reason,
    }
    if criterion.kind == "activity":
        answer["windows"] = [counted.answer() for counted in verdict.windows]
    return answer
