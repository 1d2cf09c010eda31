"""The lines of the demonstration follow from the seed, and each has its day."""

from collections import Counter
from datetime import date, timedelta

from events.periods import Period, parse_month
from tracker.demonstration import run
from tracker.demonstration.accounts import LOOK_AT
from tracker.demonstration.branches import district
from tracker.demonstration.clock import closed_months
from tracker.demonstration.district import all_lines, lines_of_month, timetable

FIRST = parse_month("2025-11")
MONTHS = [Period(FIRST.first + index, 1) for index in range(12)]
TODAY = date(2026, 11, 24)
SEED = 1
GRACE = timedelta(days=5)
SCHEMES = run.load_schemes()


def test_the_same_seed_gives_the_same_lines() -> None:
    """Two runs make equal lines, and another seed makes others."""
    made = [all_lines(MONTHS[:2], SCHEMES, today=TODAY, seed=seed) for seed in (3, 3, 4)]
    assert len(made[0]) == 3
    assert made[0] == made[1]
    assert all(one != other for one, other in zip(made[0], made[2], strict=True))


def test_each_line_has_the_day_on_which_it_is_recorded() -> None:
    """The timetable has every line once, not before its organization, and none of later days."""
    months, today = MONTHS[:3], date(2026, 1, 20)
    days = timetable(months, SCHEMES, today=today, seed=SEED)
    lines = [line for lines in days.values() for line in lines]
    assert max(days) == today
    dated = all_lines(months, SCHEMES, today=today, seed=SEED)
    known = [line for part in dated for line in part if line.get("recorded_on", "") <= str(today)]
    assert len(lines) == len(known)
    assert not any("recorded_on" in line for line in lines)
    first = {line["code"]: day for day, part in days.items() for line in part
             if line["kind"] == "organization"}  # fmt: skip
    assert len(set(first.values())) == 2
    assert all(
        day >= first[line["organization"]]
        for day, part in days.items()
        for line in part
        if line["kind"] in {"activity", "measure", "condition"}
    )
    late = [
        line["record_id"] for day, part in days.items() for line in part
        if line["kind"] == "activity"
        and day > parse_month(line["occurred_on"][:7]).last_day + GRACE
    ]  # fmt: skip
    assert late


def test_the_organization_of_the_examples_has_every_kind_of_record() -> None:
    """In the year that the tour shows, it has late, corrected and retracted records."""
    months = closed_months(date(2026, 11, 8))
    days = timetable(months, SCHEMES, today=date(2026, 11, 7), seed=run.SEED)
    own = [
        (day, line) for day, lines in days.items() for line in lines
        if line.get("organization") == LOOK_AT
    ]  # fmt: skip
    kinds = Counter(line["kind"] for _, line in own)
    assert min(kinds[kind] for kind in ("activity", "correction", "retraction")) > 0
    assert any(
        day > parse_month(line["occurred_on"][:7]).last_day + GRACE
        for day, line in own
        if line["kind"] == "activity"
    )


def test_what_would_be_written_down_later_is_not_there_yet() -> None:
    """With an earlier today only the lines of later days are left out."""
    today = date(2026, 10, 20)
    month, world = MONTHS[11], district(FIRST, SEED)
    whole = lines_of_month(month, world, SCHEMES, today=TODAY, seed=SEED)
    some = lines_of_month(month, world, SCHEMES, today=today, seed=SEED)
    kept = [line for line in whole if line["recorded_on"] <= today.isoformat()]
    assert [line for line in some if line["recorded_on"] <= today.isoformat()] == kept
    late = [line for line in some if line["recorded_on"] > today.isoformat()]
    assert [line for line in late if line["kind"] == "activity"] == []
