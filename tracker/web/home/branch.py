"""The home page of a branch: due items with dates, missing reports, orders, a chart of months."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.streams.scores import MONTHLY
from projections.compliance.tasks import DUE, LATE, list_tasks
from projections.electronic_file.file import scores_of
from projections.organizations.directory import entries_of
from projections.organizations.scope import Scope
from projections.organizations.selection import read_wards
from projections.rectifications.ledger import REPLIED, read_orders
from tracker.web.page.charts import make_score_bar

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

MOST_ORGANIZATIONS = 5
"""Organizations that the page shows; an account usually records for one."""
MONTHS = 12
"""Months of the chart."""


def build_branch_part(context: RequestContext, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """Return one part for each of the first organizations that the account records for."""
    facts, today = context.district(reader), context.today(reader)
    parts = []
    for stream in context.own_streams(reader, "branch", MOST_ORGANIZATIONS):
        entry = entries_of(reader, [stream])[stream]
        wards = read_wards(reader, stream)
        tasks = [asdict(task) for task in list_tasks(reader, entry, facts, today, context.language)]
        months = [score for score in scores_of(reader, stream) if score.kind == MONTHLY][-MONTHS:]
        parts.append(
            (
                "home/branch.html",
                {
                    "entry": entry,
                    "due": group_due_tasks(tasks, today),
                    "missing": [one for one in tasks if one["state"] == "missing"],
                    "finished": merge_tasks(tasks, {"done"}),
                    "months": months,
                    "bars": [make_score_bar(one) for one in months],
                    "orders": [
                        order
                        for order in read_orders(
                            reader, Scope(streams=frozenset({stream, *wards})), today
                        )
                        if order.state != REPLIED
                    ],
                },
            )
        )
    return parts


def merge_tasks(tasks: list[dict[str, Any]], states: set[str]) -> list[dict[str, Any]]:
    """Return one row for each activity and window: one record serves all of its criteria.

    A row has the counts of the criterion that misses most and the earliest dates; it is late as
    soon as one of its criteria is.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for task in tasks:
        if task["state"] not in states:
            continue
        row = rows.setdefault((task["name"], task["window"]), task | {"criteria": []})
        row["criteria"].append(task)
        row["due_on"] = min(row["due_on"], task["due_on"])
        if Fraction(task["missing"]) > Fraction(row["missing"]):
            row |= {name: task[name] for name in ("missing", "counted", "required")}
        row["records"] = list(dict.fromkeys([*row["records"], *task["records"]]))
        row["by"] = min(filter(None, (row["by"], task["by"])), default=None)
        if LATE in {row["state"], task["state"]}:
            row["state"] = LATE
    return list(rows.values())


def group_due_tasks(tasks: list[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """Return due and late items grouped by the last day to hold or to record them in time.

    ``days`` is the number of days from today, negative for a past day.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in merge_tasks(tasks, {DUE, LATE}):
        groups.setdefault(row["by"] or row["due_on"], []).append(row)
    return [
        {"day": day, "days": (date.fromisoformat(day) - today).days, "tasks": groups[day]}
        for day in sorted(groups)
    ]
