"""The home of a branch: what is due now with dates, what is missing, its own months as a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from projections.directory import entries_of
from projections.electronic_file import scores_of
from projections.rectification_ledger import orders
from projections.tasks import todo
from tracker.web.charts import Bar

if TYPE_CHECKING:
    from events.reading import Reader
    from tracker.http.here import Here

MOST_ORGANIZATIONS = 5
MONTHS = 12


def branch_part(here: Here, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """One part for each organization that the account records for, the first few."""
    facts, today = here.district(reader), here.today(reader)
    found = []
    for stream in here.own_streams(reader, "branch", MOST_ORGANIZATIONS):
        entry = entries_of(reader, [stream])[stream]
        tasks = todo(reader, entry, facts, today)
        months = [one for one in scores_of(reader, stream) if one["kind"] == "monthly"][-MONTHS:]
        found.append(
            (
                "home_branch.html",
                {
                    "entry": entry,
                    "due": [one for one in tasks if one["state"] in {"due", "late"}],
                    "missing": [one for one in tasks if one["state"] == "missing"],
                    "finished": [one for one in tasks if one["state"] == "done"],
                    "months": months,
                    "bars": [bar_of(one) for one in months],
                    "orders": [
                        one
                        for one in orders(reader, here.only(stream), today)
                        if one["state"] != "replied"
                    ],
                },
            )
        )
    return found


def bar_of(score: dict[str, Any]) -> Bar:
    """A month of a chart: derived and inspected as bars, what counts as a point."""
    numbers = [
        None if score[name] is None else float(score[name])
        for name in ("derived", "inspected", "current")
    ]
    return Bar(score["period"][2:], *numbers)
