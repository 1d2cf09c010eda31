"""The records of the demonstration district's organizations in one month.

The schemes' activity rules say what is due, so another scheme gives other records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from events.documents.schemes import ActivityRule, Scheme, Text
from events.documents.vocabulary import BUILT_IN
from events.periods import Length, Period
from tracker.demonstration.branches import Branch
from tracker.demonstration.dice import Dice
from tracker.demonstration.facts import members
from tracker.demonstration.flaws import habit_of, record_lines
from tracker.demonstration.names import EXEMPT_NOTE, PLACES, TOPICS, VISITED

Line = dict[str, Any]

SEASONS = {"anniversary": (6, 7), "outstanding": (6, 7), "democratic": (1, 12), "plan": (1, 3)}
"""First and last month in which a yearly duty with this word in its name is done."""
FEN = 100
"""Fen in a yuan."""
MORE_PER_MILLE = 70
"""How often an organization does one activity more than is due."""
COMMITTEE = (3, 7)
"""Lowest and highest number of people in a committee."""
VISITORS = (2, 6)
"""Lowest and highest number of people on a visit."""


@dataclass(frozen=True, slots=True)
class Duty:
    """An activity that is due ``count`` times in a window, with all that its rules require."""

    activity: str
    title: str
    per: Length
    count: int
    evidence: tuple[str, ...]
    attendance: Decimal
    in_full: bool
    last_month: int
    members_at_least: int
    grace_days: int


def duties(scheme: Scheme, titles: Mapping[str, Text]) -> list[Duty]:
    """Return the duties of a scheme in document order; rules of one activity and window are merged.

    ``titles`` are the names of the activities.
    """
    rules: dict[tuple[str, Length], list[ActivityRule]] = {}
    evidence: dict[str, dict[str, None]] = {}
    members_at_least: dict[str, int] = {}
    for criterion in scheme.criteria():
        rule, applies = criterion.rule, criterion.applies
        if isinstance(rule, ActivityRule):
            rules.setdefault((rule.activity, rule.per), []).append(rule)
            evidence.setdefault(rule.activity, {}).update(dict.fromkeys(rule.evidence))
            by_members = applies is not None and applies.measure == "members"
            members_at_least[rule.activity] = int(applies.at_least) if by_members and applies else 0
    return [
        Duty(
            activity=activity,
            title=titles[activity].zh,
            per=per,
            count=max(rule.count for rule in joined),
            evidence=tuple(evidence[activity]),
            attendance=max(rule.attendance_at_least or Decimal(0) for rule in joined),
            in_full=any(rule.in_full for rule in joined),
            last_month=min(int(rule.by[:2]) if rule.by else 12 for rule in joined),
            members_at_least=members_at_least[activity],
            grace_days=scheme.policy.recording_grace_days,
        )
        for (activity, per), joined in rules.items()
    ]


def activities(
    month: Period,
    branches: Sequence[Branch],
    schemes: Mapping[str, Scheme],
    *,
    today: date,
    seed: int,
) -> list[dict[str, Any]]:
    """Return the lines of one month's records, in the order of their ``recorded_on``.

    Lines that would be recorded after ``today`` are left out.
    """
    titles = BUILT_IN.extended(schemes.values()).activities
    due = {category: duties(scheme, titles) for category, scheme in schemes.items()}
    lines: list[Line] = []
    for branch in branches:
        branch_duties = due.get(branch.category_on(month.last_day))
        if branch_duties:
            lines += _branch_records(branch, branch_duties, month, seed)
    now = today.isoformat()
    return sorted(
        (line for line in lines if line["recorded_on"] <= now), key=lambda line: line["recorded_on"]
    )


def _branch_records(
    branch: Branch, due: Sequence[Duty], month: Period, seed: int
) -> Iterator[Line]:
    dice = Dice(seed, "records", branch.code)
    category = branch.category_on(month.last_day)
    size = members(branch.code, category, seed=seed)
    habit = habit_of(branch.code, month, seed)
    for duty in due:
        if size < duty.members_at_least:
            continue
        deadline = month.last_day + timedelta(days=duty.grace_days)
        for number, day in enumerate(_choose_days(duty, month, dice), start=1):
            if not (branch.alive(day) and branch.alive(day - timedelta(days=1))):
                continue
            record_dice = dice.at(month, duty.activity, number)
            record = _make_record(branch.code, category, duty, day, size, record_dice)
            record["record_id"] = f"{month}-{duty.activity.replace('_', '-')}-{number}"
            yield from record_lines(record, habit, deadline, record_dice)


def _choose_days(duty: Duty, month: Period, dice: Dice) -> list[date]:
    """Return the days of a month on which a duty is done: its share of the window, spread out."""
    window = month.window_around(duty.per)
    window_dice = dice.at(window, duty.activity)
    if duty.per is Length.MONTH:
        times = duty.count + window_dice.chance(MORE_PER_MILLE, "more")
    else:
        months = _months_of_duty(duty, window)
        chosen = [window_dice.pick(months, f"month|{number}") for number in range(duty.count)]
        if duty.count >= 2:
            chosen = [months[i * len(months) // duty.count] for i in range(duty.count)]
        times = chosen.count(month.first)
    length = month.last_day.day
    return [
        month.first_day
        + timedelta(
            days=length * index // times
            + window_dice.between(0, length // times - 1, f"day|{month}|{index}")
        )
        for index in range(times)
    ]


def _months_of_duty(duty: Duty, window: Period) -> list[int]:
    """Return the numbers of the months of a window in which a duty can be done."""
    first, last = 1, duty.last_month
    if duty.per is Length.YEAR:
        for word, season in SEASONS.items():
            if word in duty.activity:
                first, last = season[0], min(season[1], duty.last_month)
                break
        return [window.first + number - 1 for number in range(first, last + 1)]
    return [month.first for month in window.each_month()]


def _make_record(code: str, category: str, duty: Duty, day: date, size: int, dice: Dice) -> Line:
    """Return a complete record of a duty, without any flaw."""
    topic = dice.pick(TOPICS.get(duty.activity, ("",)), "topic")
    head = f"{day.month}月{duty.title}"
    record: Line = {
        "kind": "activity",
        "organization": code,
        "record_id": "",
        "activity": duty.activity,
        "occurred_on": day.isoformat(),
        "title": f"{head}：{topic}" if topic else head,
        "place": dice.pick(VISITED if duty.activity == "visit" else PLACES[category], "place"),
    }
    expected = size
    if "committee" in duty.activity:
        expected = dice.between(*COMMITTEE, "committee")
    elif duty.activity in {"visit", "employment_information"}:
        expected = dice.between(*VISITORS, "visitors")
    if duty.in_full:
        record |= _make_dues(category, duty, size, dice)
    elif "disclosure" not in duty.activity and not duty.activity.endswith("_plan"):
        least = ceil(max(duty.attendance, Decimal("0.5")) * expected)
        record["attendance"] = {
            "present": dice.between(max(least, expected * 4 // 5), expected, "present"),
            "expected": expected,
        }
    kinds = list(duty.evidence)
    if "photo" not in kinds and not duty.in_full and dice.chance(350, "photo"):
        kinds.append("photo")
    if kinds:
        record["evidence"] = kinds
    return record


def _make_dues(category: str, duty: Duty, size: int, dice: Dice) -> Line:
    """Return the dues in yuan with two decimals; farmers pay less than employees."""
    months = duty.per.months
    fen_each = {"village": 50, "community": 320}.get(category, 3650)
    if size <= 4 and dice.chance(150, "exempt"):
        return {"money": {"due": "0.00", "paid": "0.00"}, "note": EXEMPT_NOTE}
    fen = months * (size * fen_each + dice.between(0, 40, "fen") * 5)
    amount = f"{fen // FEN}.{fen % FEN:02}"
    return {"money": {"due": amount, "paid": amount}}
