"""The flaws of real life in the demonstration district's records, with stable frequencies.

Records are missing, late, back-filled in bulk on the eve of a check, incomplete, corrected,
retracted, or begun as a stub and filled in later. Careful organizations have half as many flaws as
ordinary ones, careless ones two and a half times as many.
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
"""How often in ten thousand records of an ordinary organization."""
TEN_THOUSAND = 10_000
CARE = (5,) * 10 + (10,) * 7 + (25,) * 3
"""Tenths of the ordinary frequency, by how many of twenty organizations have it."""
BULK_PER_MILLE = 30
"""How often an organization writes down a whole month at once, in tenths of care as above."""


@dataclass(frozen=True, slots=True)
class RecordingHabit:
    """How carefully an organization keeps its records, and the day of its bulk, where it has one.

    ``care`` is in tenths of the ordinary frequency of flaws.
    """

    care: int
    bulk_on: date | None = None


def habit_of(code: str, month: Period, seed: int) -> RecordingHabit:
    """The habit of an organization in a month; its care is the same in every month."""
    dice = Dice(seed, "habit", code)
    care = dice.pick(CARE, "care")
    if dice.chance(BULK_PER_MILLE * care // 10, f"bulk|{month}"):
        # in time on the first days, or on the eve of the check, after the names were drawn
        return RecordingHabit(
            care, month.last_day + timedelta(days=dice.pick((2, 4, 5, 7, 8), str(month)))
        )
    return RecordingHabit(care)


def told(
    record: Line, habit: RecordingHabit, deadline: date, dice: Dice
) -> Iterator[dict[str, Any]]:
    """The lines by which one record reaches the tracker, or none; it stands complete as given.

    ``deadline`` is the last day on which records of its month are in time.
    """
    flaw = flaw_of(habit, dice)
    if flaw is Flaw.MISSING:
        return
    on = _written_on(record, habit, flaw, deadline, dice)
    if flaw is Flaw.INCOMPLETE:
        record = _spoilt(record, dice)
    if flaw is Flaw.STUB:
        yield _stub(record) | {"recorded_on": on.isoformat()}
        yield _filled(record, on, deadline, dice)
        return
    if flaw is Flaw.CORRECTED:
        wrong, correction = _mistaken(record, dice)
        yield wrong | {"recorded_on": on.isoformat()}
        later = on + timedelta(days=dice.between(1, 12, "corrected"))
        yield correction | {"recorded_on": later.isoformat()}
        return
    yield record | {"recorded_on": on.isoformat()}
    if flaw is Flaw.RETRACTED:
        later = on + timedelta(days=dice.between(0, 9, "retracted"))
        reason = dice.pick(RETRACTION_REASONS, "reason")
        yield _about(record, "retraction") | {"reason": reason, "recorded_on": later.isoformat()}


def flaw_of(habit: RecordingHabit, dice: Dice) -> Flaw | None:
    """The flaw of one record, or none; at most one of them."""
    left = dice.between(0, TEN_THOUSAND - 1, "flaw")
    for flaw, frequency in FREQUENCY.items():
        left -= frequency * habit.care // 10
        if left < 0:
            return flaw
    return None


def _written_on(
    record: Line, habit: RecordingHabit, flaw: Flaw | None, deadline: date, dice: Dice
) -> date:
    occurred = date.fromisoformat(record["occurred_on"])
    if flaw is Flaw.LATE:
        # most on the days between the draw and the close, some after it, when nobody looks any more
        days = dice.between(1, 5, "late") if dice.chance(700, "soon") else dice.between(6, 20, "l")
        return deadline + timedelta(days=days)
    if habit.bulk_on is not None:
        return max(habit.bulk_on, occurred)
    return min(deadline, occurred + timedelta(days=dice.between(0, 4, "written")))


def _spoilt(record: Line, dice: Dice) -> Line:
    """A record that lacks something its rule asks: evidence, people, or money."""
    spoilt = dict(record)
    if "money" in record:
        due = Decimal(record["money"]["due"])
        paid = (due * dice.between(60, 95, "paid") / 100).quantize(Decimal("0.01"))
        spoilt["money"] = {"due": record["money"]["due"], "paid": str(paid)}
        return spoilt
    crowd = record.get("attendance")
    if crowd and dice.chance(400, "few"):
        few = crowd["expected"] * dice.between(20, 45, "present") // 100
        spoilt["attendance"] = {"present": few, "expected": crowd["expected"]}
    else:
        kept = record.get("evidence", [])[1:]
        spoilt.pop("evidence", None)
        if kept:
            spoilt["evidence"] = kept
    return spoilt


def _stub(record: Line) -> Line:
    kept = ("kind", "organization", "record_id", "activity", "occurred_on", "title")
    return {name: record[name] for name in kept}


def _filled(record: Line, on: date, deadline: date, dice: Dice) -> Line:
    """The correction that fills a stub, before the deadline or after it."""
    days = max(0, (deadline - on).days)
    if days and dice.chance(500, "in time"):
        later = on + timedelta(days=dice.between(1, days, "filled"))
    else:
        later = max(on, deadline) + timedelta(days=dice.between(1, 5, "filled"))
    names = ("place", "attendance", "money", "evidence", "note")
    return _about(record, "correction") | {
        "changes": {name: record[name] for name in names if name in record},
        "reason": STUB_REASON,
        "recorded_on": later.isoformat(),
    }


def _mistaken(record: Line, dice: Dice) -> tuple[Line, Line]:
    """A record with a slip, and the correction that puts it right."""
    crowd, occurred = record.get("attendance"), date.fromisoformat(record["occurred_on"])
    people, day, place, title = CORRECTION_REASONS
    slip: Line
    if crowd and crowd["present"] > 0 and dice.chance(450, "people"):
        slip = {"attendance": {"present": crowd["present"] - 1, "expected": crowd["expected"]}}
        name, reason = "attendance", people
    elif occurred.day > 1 and dice.chance(350, "day"):
        slip = {"occurred_on": (occurred - timedelta(days=1)).isoformat()}
        name, reason = "occurred_on", day
    elif dice.chance(500, "place"):
        name, reason, slip = "place", place, {"place": "线上"}
    else:
        name, reason, slip = "title", title, {"title": record["title"] + "（草稿）"}
    return record | slip, _about(record, "correction") | {
        "changes": {name: record[name]},
        "reason": reason,
    }


def _about(record: Line, kind: str) -> Line:
    return {
        "kind": kind,
        "organization": record["organization"],
        "record_id": record["record_id"],
    }
