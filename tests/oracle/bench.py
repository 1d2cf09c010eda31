"""Small worlds made by hand, for the tests of the oracle."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.oracle.oracle import World, compliance

LATER = date(2027, 6, 1)
MEETING = {"kind": "activity", "activity": "meeting", "per": "month"}
FLAG = {"kind": "condition", "condition": "national_flag"}


def scheme(*rules: tuple[str | None, dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A scheme with one item of one criterion for each pair of points and rule."""
    items = [
        {
            "code": f"1.{place}",
            "points": points,
            "criteria": [{"code": f"1.{place}.1", "rule": rule}],
        }
        for place, (points, rule) in enumerate(rules, 1)
    ]
    document: dict[str, Any] = {
        "scheme": "s",
        "version": "1",
        "categories": ["community"],
        "effective_from": "2025-01",
        "points": "any",
        "sections": [{"code": "1", "items": items}],
    }
    return {**document, **more}


def world(
    schemes: list[dict[str, Any]], *entries: dict[str, Any], born: str = "2025-01-01"
) -> World:
    """Return a world with one registered organization; an entry's `day` is its recording day."""
    first = {
        "kind": "organization",
        "code": "c",
        "category": "community",
        "registered_on": born,
        "day": born,
    }
    dated = [
        {**entry, "recorded_at": f"{entry['day']}T04:00:00Z"}
        for entry in sorted((first, *entries), key=lambda entry: str(entry["day"]))
    ]
    return World("Asia/Shanghai", "2025-01", tuple(schemes), tuple(dated))


def held(name: str, day: str, recorded: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a record of a meeting, by default recorded on its day."""
    line = {"kind": "activity", "record_id": name, "activity": "meeting", "occurred_on": day}
    return {**line, "day": recorded or day, **more}


def report(kind: str, name: str, on: str, value: str) -> dict[str, Any]:
    """Return a state or a value, reported on its day."""
    field = "state" if kind == "condition" else "value"
    return {"kind": kind, kind: name, field: value, "on": on, "day": on}


def sheet(period: str, day: str, *findings: dict[str, Any], disallow: str = "") -> dict[str, Any]:
    """Return a joint sheet on the first criterion."""
    judged = [{"criterion": "1.1.1", **finding} for finding in findings]
    struck = [{"record_id": disallow}] if disallow else []
    return {"kind": "sheet", "period": period, "day": day, "findings": judged, "disallow": struck}


def ask(asked: World, period: str, today: date = LATER, **more: Any) -> dict[str, Any]:
    """Return the answer to a question, which must have one."""
    answer = compliance(asked, period, today=today, **more)
    assert answer is not None
    return answer


def first(asked: World, period: str, today: date = LATER, **more: Any) -> tuple[str, str | None]:
    """Return status and credit of the first criterion."""
    line = ask(asked, period, today, **more)["criteria"][0]
    return line["status"], line["credit"]
