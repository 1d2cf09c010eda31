"""The home page of the department: cycle, coverage, scores, worst items, gaps, late and reused."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from projections.cycles.cycles import newest_closed_month
from projections.cycles.overview import cycles_by_month, days_left, head_document
from projections.cycles.scopes import scopes_in
from projections.oversight.dashboard import coverage, largest_gaps, longest_uninspected
from projections.oversight.late_and_reused import LateCount, late_count, reused_count
from projections.oversight.worst_items import worst_items
from projections.rectifications.ledger import count_orders
from projections.scores.distribution import BINS, distribute_scores

if TYPE_CHECKING:
    from datetime import date

    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from tracker.http.context import RequestContext

FIRST = 6
"""Rows of a short list; the module ``lists`` has the whole list."""
WORST = 8
"""Criteria that lost the most points."""


def build_department_part(
    context: RequestContext, reader: Reader
) -> list[tuple[str, dict[str, Any]]]:
    """Return one part about the organizations in the account's scope, cached for a minute."""
    scope, today = context.scope(reader, "see_many"), context.today(reader)
    made = context.figures.get(
        f"department:{today}:{scope.key()}",
        lambda own_reader: read_department_figures(own_reader, scope, today),
    )
    columns = [
        (label, sum(row.bins[place] for row in made.value["distribution"]))
        for place, label in enumerate(label_bins())
    ]
    return [("home/department.html", made.value | {"made_at": made.made_at, "columns": columns})]


def label_bins() -> list[str]:
    """Return the labels of the columns of the histogram."""
    pairs = pairwise(BINS)
    return [f"{low}–{high}" if low else f"<{high}" for low, high in pairs] + [str(BINS[-1])]


def read_department_figures(reader: Reader, scope: Scope, today: date) -> dict[str, Any]:
    """Return the figures of the department's page; scores are of the newest closed month."""
    closed = newest_closed_month(reader)
    figures: dict[str, Any] = {
        "cycles": read_current_cycles(reader, scope, today),
        "coverage": coverage(reader, scope, today),
        "longest": longest_uninspected(reader, scope, today, FIRST),
        "rectifications": count_orders(reader, scope, today),
        "reused": reused_count(reader, scope),
        "closed": closed,
        "distribution": [],
        "worst": [],
        "gaps": [],
        "late": LateCount(0, 0),
    }
    if closed is not None:
        figures |= {
            "distribution": distribute_scores(reader, scope, closed),
            "worst": worst_items(reader, scope, closed, WORST),
            "gaps": largest_gaps(reader, scope, closed, FIRST),
            "late": late_count(reader, scope, closed),
        }
    return figures


def read_current_cycles(reader: Reader, scope: Scope, today: date) -> list[dict[str, Any]]:
    """Return the cycles that have not closed, and the newest of each root organization."""
    names = dict(scopes_in(reader, scope))
    rows = [row for row in cycles_by_month(reader, scope) if row.scope in names]
    newest: Counter[str] = Counter()
    cycles = []
    for row in rows:
        newest[row.scope] += 1
        if row.state != "closed" or newest[row.scope] == 1:
            head = head_document(reader, row.scope, row.period)
            drawn = row.open + row.scored + row.missed + row.not_held
            cycles.append(
                asdict(row)
                | {
                    "name": names[row.scope],
                    "drawn": drawn,
                    "draws_on": head.draws_on,
                    "closes_on": head.closes_on,
                    "days_left": days_left(head.closes_on, today),
                }
            )
    return cycles
