"""The home of a branch: what is due now with dates, what is missing, its own months as a chart."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.streams.scores import MONTHLY
from projections.compliance.tasks import DUE, LATE, todo
from projections.electronic_file.file import scores_of
from projections.organizations.directory import entries_of
from projections.rectifications.ledger import REPLIED, read_orders
from tracker.web.page.charts import bar_of

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

MOST_ORGANIZATIONS = 5
MONTHS = 12


def branch_part(context: RequestContext, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """One part for each organization that the account records for, the first few."""
    facts, today = context.district(reader), context.today(reader)
    found = []
    for stream in context.own_streams(reader, "branch", MOST_ORGANIZATIONS):
        entry = entries_of(reader, [stream])[stream]
        tasks = todo(reader, entry, facts, today)
        months = [one for one in scores_of(reader, stream) if one["kind"] == MONTHLY][-MONTHS:]
        found.append(
            (
                "home/branch.html",
                {
                    "entry": entry,
                    "due": due_by_day(tasks, today),
                    "missing": [one for one in tasks if one["state"] == "missing"],
                    "finished": merged(tasks, {"done"}),
                    "months": months,
                    "bars": [bar_of(one) for one in months],
                    "orders": [
                        order
                        for order in read_orders(reader, context.only(stream), today)
                        if order.state != REPLIED
                    ],
                },
            )
        )
    return found


def merged(tasks: list[dict[str, Any]], states: set[str]) -> list[dict[str, Any]]:
    """One row for each activity and window: one record serves all of its criteria at once.

    What is furthest from done, and due first, stands for the row.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in tasks:
        if one["state"] not in states:
            continue
        row = found.setdefault((one["name"], one["window"]), one | {"criteria": []})
        row["criteria"].append(one)
        row["due_on"] = min(row["due_on"], one["due_on"])
        if Fraction(one["missing"]) > Fraction(row["missing"]):
            row |= {name: one[name] for name in ("missing", "counted", "required")}
        row["records"] = list(dict.fromkeys([*row["records"], *one["records"]]))
        row["by"] = min(filter(None, (row["by"], one["by"])), default=None)
        if LATE in {row["state"], one["state"]}:
            row["state"] = LATE
    return list(found.values())


def due_by_day(tasks: list[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """What is due and late by the last day on which it may take place or be recorded in time."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in merged(tasks, {DUE, LATE}):
        groups.setdefault(one["by"] or one["due_on"], []).append(one)
    return [
        {"day": day, "days": (date.fromisoformat(day) - today).days, "tasks": groups[day]}
        for day in sorted(groups)
    ]
