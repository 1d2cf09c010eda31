"""The figure of one organization for one period: a scheme evaluated over its facts.

Pure and exact: the same facts, schemes and day asked give the same ``Assessment``, digit for digit
(docs/semantics.md, section 6). What does not depend on the facts is compiled once into a ``Plan``,
which the scheme book caches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from events.event import canonical
from events.periods import Period
from events.streams.scores import MONTHLY
from projections.scoring.additions import AdditionResult, additions_in_force
from projections.scoring.catalogue import Catalogue
from projections.scoring.credit import Life, WindowResult, WindowSelection
from projections.scoring.figures import exact, round_score
from projections.scoring.findings import findings_in_force
from projections.scoring.history import History, RecordVersion, bounds, months_to
from projections.scoring.plan import Plan, PlanKey
from projections.scoring.rules import PENDING, CriterionResult
from projections.scoring.scheme_book import SchemeBook

__all__ = ["Assessment", "CriterionResult", "WindowResult", "assess", "exact", "round_score"]

HALF_YEAR = 6
"""Periods of so many months and more ask for no window that begins before the first month."""

MOST_PLANS = 512
"""Plans that a scheme book caches; when it is full it is cleared, so that memory is bounded."""


@dataclass(slots=True)
class Assessment:
    """The exact figure of one organization and period; ``score`` is None where nothing is judged.

    ``scheme`` and ``version`` are None where no scheme governs, or the life does not overlap the
    period. ``enters_means`` is False before the district's first month (section 1), and
    ``states_points`` False where all items weigh the same because the scheme states no points.
    ``additions`` are those of the period's own sheet in an inspected figure, ``additions_points``
    what they come to after all limits, in points of the scheme; ``score`` includes them.
    """

    organization: str
    period: Period
    purpose: str
    scheme: str | None
    version: int | None
    score: Fraction | None
    criteria: tuple[CriterionResult, ...]
    missing_measures: tuple[str, ...]
    enters_means: bool = True
    states_points: bool = True
    additions: tuple[AdditionResult, ...] = ()
    additions_points: Fraction = Fraction(0)

    @property
    def score_text(self) -> str | None:
        """The score as it is printed and posted, such as ``75.00``."""
        return None if self.score is None else round_score(self.score)

    @property
    def pending(self) -> int:
        """How many criteria are still open, so that they do not count in the score yet."""
        return sum(
            criterion.status == PENDING and criterion.points > 0 for criterion in self.criteria
        )

    def to_json(self) -> dict[str, Any]:
        """Return JSON values in the shape of ``tracker compliance --json``."""
        criteria = [criterion.to_json() for criterion in self.criteria]
        return self._head() | self._additions() | {"criteria": criteria}

    def digest(self) -> str:
        """Return the SHA-256 (hex) of the canonical JSON of ``to_json``, for a posted score.

        The JSON is joined from that of the criteria, which many organizations share.
        """
        criteria = b",".join([criterion.canonical() for criterion in self.criteria])
        document = self._head() | self._additions() | {"criteria": []}
        before, place, after = canonical(document, open_data=False).partition(b'"criteria":[')
        return hashlib.sha256(before + place + criteria + after).hexdigest()

    def _additions(self) -> dict[str, Any]:
        """Return the additions for the JSON; nothing where there are none, as before them."""
        if not self.additions:
            return {}
        lines = [line.to_json() for line in self.additions]
        return {"additions": lines, "additions_points": exact(self.additions_points)}

    def _head(self) -> dict[str, Any]:
        return {
            "organization": self.organization,
            "period": str(self.period),
            "purpose": self.purpose,
            "scheme": self.scheme,
            "version": self.version,
            "score": self.score_text,
        }


def _plan_of(
    history: History,
    book: SchemeBook,
    period: Period,
    purpose: str,
    day: str,
    first_month: Period,
    pinned: Mapping[str, tuple[str, int]] | None,
) -> Plan | None:
    """Return the plan that an organization shares with others, or None where no scheme governs."""
    first, last, year = bounds(period)
    closed = history.closed_by(last, day)
    if last < history.registered_on or (closed is not None and closed < first):
        return None
    if history.categories_known_on[:1] > [day]:
        return None
    months = months_to(period)
    if len(history.categories) == 1:
        categories: tuple[str, ...] = (history.categories[0][1],) * len(months)
    else:
        ends = [end if closed is None else min(end, closed) for _, end in months]
        categories = tuple(history.category_on(end, day) for end in ends)
    pin = None if pinned is None else pinned.get(categories[-1], ("", 0))
    begun = max(history.registered_on, year)
    key = PlanKey(period, purpose, day, first_month, begun, closed, categories, pin)
    plans = book.plans
    if key not in plans:
        if len(plans) >= MOST_PLANS:
            plans.clear()
        plans[key] = _compile_plan(book, key)
    return plans[key]


def _compile_plan(book: SchemeBook, key: PlanKey) -> Plan | None:
    """Compile the plan of a key, None where no scheme governs the period's last month."""
    period, purpose, asked_on, first_month, begun, closed, categories, pin = key
    last = period.last_month

    def governing(month: Period) -> Catalogue | None:
        place = month.last_month.first - period.year * 12
        if pin is not None and month.last_month == last:
            scheme = book.version(*pin) if pin[1] else None
        else:
            scheme = book.in_force(categories[place], purpose, month.last_month)
        return None if scheme is None else book.catalogue(scheme)

    catalogue = governing(last)
    if catalogue is None:
        return None
    life = Life(date.fromisoformat(begun), None if closed is None else date.fromisoformat(closed))

    def opening(month: Period) -> Period:
        category = categories[month.first - period.year * 12]
        since = book.first_month(catalogue.scheme.scheme, category)
        if period.months >= HALF_YEAR:
            return max(since, first_month, key=lambda month: month.first)
        return since

    asked = WindowSelection(period, life, opening, date.fromisoformat(asked_on))
    return Plan(period, asked, closed or bounds(period)[1], governing, catalogue)


def assess(
    history: History,
    book: SchemeBook,
    period: Period,
    *,
    asked_on: date,
    first_month: Period,
    purpose: str = MONTHLY,
    own_check: bool = False,
    pinned: Mapping[str, tuple[str, int]] | None = None,
) -> Assessment:
    """Assess one organization for one period (docs/semantics.md, sections 2 to 6).

    Only facts whose recording date is not after ``asked_on`` count (a local date: today, or the
    closing date of a cycle). ``own_check`` False gives the derived figure, to which the period's
    own sheets add nothing; True the inspected one. ``pinned`` gives by category the scheme and
    version that a cycle pinned; it governs the period's last month, and a category without a pin
    has no scheme. ``Refused`` where the book does not have a pinned version.
    """
    day = asked_on.isoformat()
    enters = period.last_month >= first_month
    plan = _plan_of(history, book, period, purpose, day, first_month, pinned)
    if plan is None:
        return Assessment(history.code, period, purpose, None, None, None, (), (), enters)
    text = str(period)

    posted_at = min((at for (of, _), at in history.posted.items() if of == text), default=None)
    sheets_before = {
        sheet.period: sheet.version
        for sheet in history.sheets
        if sheet.known_on <= day and (posted_at is None or sheet.version < posted_at)
    }

    def disallowed(entry: RecordVersion) -> bool:
        # The newest sheet of a period holds its whole list: it replaces those of earlier ones.
        period_checked = entry.changes["disallowed"]
        in_force = sheets_before.get(period_checked) == entry.version
        return in_force and (own_check or period_checked != text)

    results, missing = plan.derive(history, disallowed)
    if history.sheets:
        sheets = [sheet for sheet in history.sheets if own_check or sheet.period != text]
        findings = findings_in_force(sheets, period, purpose, day, plan.judges)
        plan.apply_findings(results, findings)
    catalogue = plan.catalogue
    own = history.sheets if own_check else ()
    additions = additions_in_force(catalogue.scheme, own, text, purpose, day)
    return Assessment(
        history.code,
        period,
        purpose,
        catalogue.scheme.scheme,
        catalogue.scheme.version,
        additions.add_to(plan.score(results), catalogue.scheme),
        tuple(results),
        tuple(sorted(missing)),
        enters,
        catalogue.stated,
        *additions,
    )
