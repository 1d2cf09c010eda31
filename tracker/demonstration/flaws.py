"""Realistic flaws of the demonstration district's records, with stable frequencies.

Records are missing, late, recorded in bulk before a check, incomplete, corrected, retracted, or
begun as a stub and completed later. Careful organizations have half as many flaws as ordinary
ones, careless ones two and a half times as many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from events.periods import Period
from tracker.demonstration.dice import Dice
from tracker.demonstration.names import CORRECTION_REASONS, RETRACTION_REASONS, STUB_REASON

Line = dict[str, Any]


class Flaw(StrEnum):
    """What is wrong with one record."""

    MISSING = "missing"
    LATE = "late"
    INCOMPLETE = "incomplete"
    CORRECTED = "corrected"
    STUB = "stub"
    RETRACTED = "retracted"


FREQUENCY = {
    Flaw.MISSING: 400,
    Flaw.LATE: 450,
    Flaw.INCOMPLETE: 500,
    Flaw.CORRECTED: 200,
    Flaw.STUB: 100,
    Flaw.RETRACTED: 50,
}
"""How many of ten thousand records of an ordinary organization have each flaw."""
TEN_THOUSAND = 10_000
CARE = (5,) * 10 + (10,) * 7 + (25,) * 3
"""Tenths of the ordinary frequency of flaws: one entry for each of twenty organizations."""
BULK_PER_MILLE = 30
"""How often an ordinary organization records a whole month at once; scaled by its care."""


@dataclass(frozen=True, slots=True)
class RecordingHabit:
    """How carefully an organization keeps its records, and when it records a month at once.

    ``care`` is in tenths of the ordinary frequency of flaws.
    """

    care: int
    bulk_on: date | None = None


def habit_of(code: str, month: Period, seed: int) -> RecordingHabit:
    """Return the habit of an organization in a month; its care is the same in every month."""
    dice = Dice(seed, "habit", code)
    care = dice.pick(CARE, "care")
    if dice.chance(BULK_PER_MILLE * care // 10, f"bulk|{month}"):
        # The first two days are in time; the others are after the draw, just before the check.
        return RecordingHabit(
            care, month.last_day + timedelta(days=dice.pick((2, 4, 5, 7, 8), str(month)))
        )
    return RecordingHabit(care)


def record_lines(
    record: Line, habit: RecordingHabit, deadline: date, dice: Dice
) -> Iterator[dict[str, Any]]:
    """Yield the import lines of one record, with at most one flaw; ``record`` is complete.

    ``deadline`` is the last day on which records of its month are in time.
    """
    flaw = flaw_of(habit, dice)
    if flaw is Flaw.MISSING:
        return
    on = _recording_day(record, habit, flaw, deadline, dice)
    if flaw is Flaw.INCOMPLETE:
        record = _make_incomplete(record, dice)
    if flaw is Flaw.STUB:
        yield _make_stub(record) | {"recorded_on": on.isoformat()}
        yield _complete_stub(record, on, deadline, dice)
        return
    if flaw is Flaw.CORRECTED:
        wrong, correction = _make_mistake(record, dice)
        yield wrong | {"recorded_on": on.isoformat()}
        later = on + timedelta(days=dice.between(1, 12, "corrected"))
        yield correction | {"recorded_on": later.isoformat()}
        return
    yield record | {"recorded_on": on.isoformat()}
    if flaw is Flaw.RETRACTED:
        later = on + timedelta(days=dice.between(0, 9, "retracted"))
        reason = dice.pick(RETRACTION_REASONS, "reason")
        yield _line_about(record, "retraction") | {
            "reason": reason,
            "recorded_on": later.isoformat(),
        }


def flaw_of(habit: RecordingHabit, dice: Dice) -> Flaw | None:
    """Return the flaw of one record, or None."""
    left = dice.between(0, TEN_THOUSAND - 1, "flaw")
    for flaw, frequency in FREQUENCY.items():
        left -= frequency * habit.care // 10
        if left < 0:
            return flaw
    return None


def _recording_day(
    record: Line, habit: RecordingHabit, flaw: Flaw | None, deadline: date, dice: Dice
) -> date:
    occurred = date.fromisoformat(record["occurred_on"])
    if flaw is Flaw.LATE:
        # Most late records come between the draw and the close, some after the close.
        days = dice.between(1, 5, "late") if dice.chance(700, "soon") else dice.between(6, 20, "l")
        return deadline + timedelta(days=days)
    if habit.bulk_on is not None:
        return max(habit.bulk_on, occurred)
    return min(deadline, occurred + timedelta(days=dice.between(0, 4, "written")))


def _make_incomplete(record: Line, dice: Dice) -> Line:
    """Return the record without something its rule requires: evidence, attendance or money."""
    incomplete = dict(record)
    if "money" in record:
        due = Decimal(record["money"]["due"])
        paid = (due * dice.between(60, 95, "paid") / 100).quantize(Decimal("0.01"))
        incomplete["money"] = {"due": record["money"]["due"], "paid": str(paid)}
        return incomplete
    attendance = record.get("attendance")
    if attendance and dice.chance(400, "few"):
        few = attendance["expected"] * dice.between(20, 45, "present") // 100
        incomplete["attendance"] = {"present": few, "expected": attendance["expected"]}
    else:
        kept = record.get("evidence", [])[1:]
        incomplete.pop("evidence", None)
        if kept:
            incomplete["evidence"] = kept
    return incomplete


def _make_stub(record: Line) -> Line:
    kept = ("kind", "organization", "record_id", "activity", "occurred_on", "title")
    return {name: record[name] for name in kept}


def _complete_stub(record: Line, on: date, deadline: date, dice: Dice) -> Line:
    """Return the correction that completes a stub, before or after the deadline."""
    days = max(0, (deadline - on).days)
    if days and dice.chance(500, "in time"):
        later = on + timedelta(days=dice.between(1, days, "filled"))
    else:
        later = max(on, deadline) + timedelta(days=dice.between(1, 5, "filled"))
    names = ("place", "attendance", "money", "evidence", "note")
    return _line_about(record, "correction") | {
        "changes": {name: record[name] for name in names if name in record},
        "reason": STUB_REASON,
        "recorded_on": later.isoformat(),
    }


def _make_mistake(record: Line, dice: Dice) -> tuple[Line, Line]:
    """Return the record with a mistake, and the line that corrects it."""
    attendance, occurred = record.get("attendance"), date.fromisoformat(record["occurred_on"])
    people, day, place, title = CORRECTION_REASONS
    wrong: Line
    if attendance and attendance["present"] > 0 and dice.chance(450, "people"):
        wrong = {"attendance": attendance | {"present": attendance["present"] - 1}}
        name, reason = "attendance", people
    elif occurred.day > 1 and dice.chance(350, "day"):
        wrong = {"occurred_on": (occurred - timedelta(days=1)).isoformat()}
        name, reason = "occurred_on", day
    elif dice.chance(500, "place"):
        name, reason, wrong = "place", place, {"place": "线上"}
    else:
        name, reason, wrong = "title", title, {"title": record["title"] + "（草稿）"}
    return record | wrong, _line_about(record, "correction") | {
        "changes": {name: record[name]},
        "reason": reason,
    }


def _line_about(record: Line, kind: str) -> Line:
    return {
        "kind": kind,
        "organization": record["organization"],
        "record_id": record["record_id"],
    }
