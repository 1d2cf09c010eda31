"""Additions in words: what a scheme offers, and what a sheet found of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.values import exact_text
from projections.scoring.figures import exact
from tracker.web.inspections.sheet_view import AdditionRow

if TYPE_CHECKING:
    from decimal import Decimal

    from events.documents.schemes import Addition, Item
    from tracker.http.context import RequestContext
    from tracker.web.inspections.sheet_view import SheetView


def addition_rows(context: RequestContext, item: Item) -> tuple[tuple[AdditionRow, ...], str]:
    """Return the additions of an item, and in words how they are limited (empty: not at all)."""
    rows = tuple(
        AdditionRow(
            item.code,
            addition.code,
            addition.text.in_language(context.language),
            _figure(context, addition),
            addition.between is not None,
        )
        for addition in item.additions
    )
    limits = []
    if item.highest_only:
        limits.append(context.t("同一项目就高，只计最高的一项", "only the highest counts"))
    if item.additions_cap is not None:
        cap = exact_text(item.additions_cap)
        limits.append(context.t(f"最多 {cap} 分", f"{cap} points at most"))
    return rows, context.t("；", "; ").join(limits)


def _figure(context: RequestContext, addition: Addition) -> str:
    if addition.between is not None:
        low, high = (exact_text(limit) for limit in addition.between)
        return context.t(f"每次 {low} 至 {high} 分", f"{low} to {high} points each")
    add = _signed(addition.add)
    return context.t(f"每次 {add} 分", f"{add} points each")


def _signed(points: Decimal | None) -> str:
    text = exact_text(points) if points is not None else "0"
    return text if text.startswith("-") else f"+{text}"


def describe_additions(
    context: RequestContext, view: SheetView, found: Iterable[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """Return the additions of a sheet with their text, points and reason, for reading."""
    described = []
    for line in found:
        row = view.additions.get((line["item"], line["addition"]))
        text = line["addition"] if row is None else row.text
        if line.get("points") is not None:
            each = exact(Fraction(line["points"]))
            figure = context.t(f"每次 {each} 分", f"{each} points each")
        else:
            figure = "" if row is None else row.figure
        described.append(
            {
                "item": line["item"],
                "text": text,
                "figure": f"{figure} × {line['count']}",
                "reason": line["reason"],
            }
        )
    return described
