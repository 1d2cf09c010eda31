"""The home of the department: cycle, coverage, distribution, worst items, gaps, late and reused."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from projections.cycles.cycles import newest_closed_month
from projections.cycles.overview import days_left, head_document, months, roots_in
from projections.oversight.dashboard import coverage, largest_gaps, longest_uninspected
from projections.oversight.late_and_reused import late_count, reused_count
from projections.oversight.worst_items import worst_items
from projections.rectifications.ledger import count_orders
from projections.scores.distribution import BINS, distribute_scores

if TYPE_CHECKING:
    from datetime import date

    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from tracker.http.context import RequestContext

FIRST = 6
WORST = 8


def department_part(context: RequestContext, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """One part over all that the account may look over, made anew each minute."""
    scope, today = context.scope(reader, "see_many"), context.today(reader)
    made = context.fresh.get(
        f"department:{today}:{scope.key()}", lambda one: gathered(one, scope, today)
    )
    columns = [
        (label, sum(row.bins[place] for row in made.value["distribution"]))
        for place, label in enumerate(bin_labels())
    ]
    return [("home/department.html", made.value | {"made_at": made.made_at, "columns": columns})]


def bin_labels() -> list[str]:
    """The labels of the histogram's columns."""
    pairs = pairwise(BINS)
    return [f"{low}–{high}" if low else f"<{high}" for low, high in pairs] + [str(BINS[-1])]


def gathered(reader: Reader, scope: Scope, today: date) -> dict[str, Any]:
    """Everything that the department watches, as JSON values."""
    closed = newest_closed_month(reader)
    found: dict[str, Any] = {
        "cycles": cycles_now(reader, scope, today),
        "coverage": coverage(reader, scope, today),
        "longest": longest_uninspected(reader, scope, today, FIRST),
        "rectifications": count_orders(reader, scope, today),
        "reused": reused_count(reader, scope),
        "closed": closed,
        "distribution": [],
        "worst": [],
        "gaps": [],
        "late": {"records": 0, "organizations": 0},
    }
    if closed is not None:
        found |= {
            "distribution": distribute_scores(reader, scope, closed),
            "worst": worst_items(reader, scope, closed, WORST),
            "gaps": largest_gaps(reader, scope, closed, FIRST),
            "late": late_count(reader, scope, closed),
        }
    return found


def cycles_now(reader: Reader, scope: Scope, today: date) -> list[dict[str, Any]]:
    """The cycles of a scope that have not closed, else the newest one of each root."""
    names = dict(roots_in(reader, scope))
    rows = [one for one in months(reader, scope) if one["scope"] in names]
    newest: Counter[str] = Counter()
    found = []
    for one in rows:
        newest[one["scope"]] += 1
        if one["state"] != "closed" or newest[one["scope"]] == 1:
            head = head_document(reader, one["scope"], one["period"])
            drawn = one["open"] + one["scored"] + one["missed"] + one["not_held"]
            found.append(
                one
                | {
                    "name": names[one["scope"]],
                    "drawn": drawn,
                    "draws_on": head["draws_on"],
                    "closes_on": head["closes_on"],
                    "days_left": days_left(head["closes_on"], today),
                }
            )
    return found
