"""Section 3 of docs/semantics.md: complete records, their merit, and what came in time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.semantics.asking import HELD, Stream, ask, criterion, first, scheme, standing

MINUTES = HELD | {"evidence": ["minutes"]}
QUARTERLY = HELD | {"per": "quarter"}
YEARLY = HELD | {"per": "year", "by": "06-30"}


@pytest.mark.parametrize(
    ("rule", "fields", "credit"),
    [
        ({}, {}, "1"),
        ({"evidence": ["minutes", "photo"]}, {"evidence": ["photo", "plan", "minutes"]}, "1"),
        ({"evidence": ["minutes", "photo"]}, {"evidence": ["minutes"]}, "0.5"),
        ({"evidence": ["minutes"]}, {}, "0.5"),
        ({"attendance_at_least": "0.67"}, {"attendance": {"present": 67, "expected": 100}}, "1"),
        ({"attendance_at_least": "0.67"}, {"attendance": {"present": 2, "expected": 3}}, "0.5"),
        ({"attendance_at_least": "0.5"}, {"attendance": {"present": 0, "expected": 0}}, "0.5"),
        ({"attendance_at_least": "0"}, {"attendance": {"present": 0, "expected": 0}}, "0.5"),
        ({"attendance_at_least": "0.5"}, {}, "0.5"),
        ({"in_full": True}, {"money": {"due": "120.00", "paid": "120.00"}}, "1"),
        ({"in_full": True}, {"money": {"due": "120.00", "paid": "120.01"}}, "1"),
        ({"in_full": True}, {"money": {"due": "120.00", "paid": "119.99"}}, "0.5"),
        ({"in_full": True}, {"money": {"due": "120.00"}}, "0.5"),
        ({"in_full": True}, {"money": {"due": "0.00"}, "note": "nobody had to pay"}, "1"),
        ({"in_full": True}, {"money": {"due": "0.00", "paid": "0.00"}}, "0.5"),
        ({"in_full": True}, {"note": "nobody had to pay"}, "0.5"),
        ({"in_full": True}, {"money": {"paid": "1.00"}}, "0.5"),
    ],
)
def test_a_record_is_complete_with_evidence_attendance_and_payment(
    rule: dict[str, Any], fields: dict[str, Any], credit: str
) -> None:
    """What a rule names must all be there; else the record has `incomplete_credit`."""
    stream = Stream().registered().held("a", "2026-09-10", **fields)
    assert first(stream, HELD | rule)[1] == credit


@pytest.mark.parametrize(
    ("held", "filled", "emptied", "credit"),
    [
        ("2026-10-05", None, None, "1"),  # I 1, N 1: the last day of the grace
        ("2026-10-06", None, None, "0.4"),  # I 0, N 1
        ("2026-09-10", "2026-10-05", None, "1"),  # a stub that was filled within the grace
        ("2026-09-10", "2026-10-06", None, "0.5"),  # I 0.5, N 1: 0.5 is more than 0.4
        ("2026-09-10", "2026-09-11", "2027-02-01", "0.5"),  # I 1, N 0.5: taken away at once
        ("2026-10-06", "2026-10-07", "2027-02-01", "0.2"),  # I 0, N 0.5
    ],
)
def test_what_comes_late_and_what_goes_at_once(
    held: str, filled: str | None, emptied: str | None, credit: str
) -> None:
    """The credit is `min(N, max(I, late_credit × N))`."""
    evidence = [] if filled else ["minutes"]
    stream = Stream().registered().held("a", "2026-09-10", held, evidence=evidence)
    if filled:
        stream.corrected("a", filled, evidence=["minutes"])
    if emptied:
        stream.corrected("a", emptied, evidence=None)
    policy = {"late_credit": "0.4", "incomplete_credit": "0.5"}
    assert first(stream, MINUTES, policy=policy)[1] == credit


@pytest.mark.parametrize(
    ("policy", "credit"),
    [
        ({}, "0.25"),
        ({"incomplete_credit": "1"}, "0.5"),
        ({"late_credit": "1"}, "0.5"),
        ({"late_credit": "0"}, "0"),
        ({"incomplete_credit": "0"}, "0"),
        ({"late_credit": "0.7", "incomplete_credit": "0.7"}, "0.49"),
    ],
)
def test_a_late_stub_is_worth_both_shares(policy: dict[str, str], credit: str) -> None:
    """A record that is late and incomplete has `late_credit × incomplete_credit`."""
    stream = Stream().registered().held("a", "2026-09-10", "2026-10-06")
    assert first(stream, MINUTES, policy=policy)[1] == credit


@pytest.mark.parametrize(("grace", "credit"), [(0, "0.5"), (9, "0.5"), (10, "1"), (60, "1")])
def test_the_grace_is_that_of_the_scheme(grace: int, credit: str) -> None:
    """A record of 10 October is in time for September where the grace is ten days."""
    stream = Stream().registered().held("a", "2026-09-30", "2026-10-10")
    assert first(stream, HELD, policy={"recording_grace_days": grace})[1] == credit


def test_a_correction_after_the_grace_moves_late_and_leaves_at_once() -> None:
    """Moved into October it is late there, and gone from September."""
    stream = Stream().registered().held("a", "2026-09-30").held("b", "2026-09-29")
    stream.corrected("a", "2026-11-06", occurred_on="2026-10-02")
    stream.corrected("b", "2026-11-05", occurred_on="2026-11-01")
    assert [first(stream, HELD, f"2026-{month:02}")[1] for month in (9, 10, 11)] == [
        "0",
        "0.5",
        "1",
    ]


def test_a_correction_within_the_window_changes_no_credit() -> None:
    """What had its merit in time keeps it wherever in the window it is moved."""
    stream = Stream().registered().held("a", "2026-09-30")
    stream.corrected("a", "2027-03-01", occurred_on="2026-09-02", note="the right day")
    assert first(stream, HELD) == ("met", "1")


def test_a_correction_to_another_activity_counts_there_as_late() -> None:
    """A record is worth nothing for the activity that it is no longer of."""
    stream = Stream().registered().held("a", "2026-09-10", activity="member_assembly")
    stream.corrected("a", "2026-12-01", activity="party_lesson")
    assert first(stream, HELD)[1] == "0.5"
    assert first(stream, HELD | {"activity": "member_assembly"})[1] == "0"


def test_a_retraction_counts_at_once() -> None:
    """A record that was taken back is worth nothing, however long ago it was in time."""
    stream = Stream().registered().held("a", "2026-09-10").retracted("a", "2027-06-01")
    assert first(stream, HELD, on="2027-05-31") == ("met", "1")
    assert first(stream, HELD, on="2027-06-01") == ("missed", "0")


def test_a_record_late_for_its_month_can_be_in_time_for_its_quarter() -> None:
    """Each window has its own grace."""
    stream = Stream().registered().held("a", "2026-07-02", "2026-10-05")
    assessment = ask(stream, scheme(criterion(HELD), criterion(QUARTERLY)), period="2026-Q3")
    assert standing(assessment) == [("partial", "1/6"), ("met", "1")]


@pytest.mark.parametrize(
    ("on", "recorded", "moved", "credit"),
    [
        ("2026-06-30", "2026-07-05", None, "1"),
        ("2026-06-30", "2026-07-06", None, "0.5"),
        ("2026-07-01", "2026-07-01", None, "0.5"),
        ("2026-06-30", "2026-06-30", ("2026-07-03", "2026-07-01"), "0.5"),
        ("2026-07-01", "2026-07-01", ("2026-07-05", "2026-06-30"), "1"),
        ("2026-07-01", "2026-07-01", ("2026-07-06", "2026-06-30"), "0.5"),
        ("2026-06-30", "2026-06-30", ("2026-07-06", "2026-06-01"), "1"),
    ],
)
def test_with_by_a_record_has_to_take_place_in_time(
    on: str, recorded: str, moved: tuple[str, str] | None, credit: str
) -> None:
    """It counts in full by its state at the end of that day's grace and by its newest state."""
    stream = Stream().registered().held("a", on, recorded)
    if moved is not None:
        stream.corrected("a", moved[0], occurred_on=moved[1])
    assert first(stream, YEARLY, "2026")[1] == credit


def test_with_by_the_window_is_still_the_year() -> None:
    """The criterion is judged when the year and its grace are over, not when the day is."""
    stream = Stream().registered().held("a", "2026-03-01")
    assert first(stream, YEARLY, "2026", on="2027-01-05")[0] == "pending"
    assert first(stream, YEARLY, "2026", on="2027-01-06")[0] == "met"


def test_a_historical_correction_counts_from_its_own_recording_date() -> None:
    """A state at a date is the fold, in stream order, of what had been written down by then."""
    stream = Stream().registered().held("a", "2026-09-10", "2026-09-11")
    stream.corrected("a", "2027-01-10", historical="2026-10-05", evidence=["minutes"])
    assert first(stream, MINUTES) == ("met", "1")
    late = Stream().registered().held("a", "2026-09-10", "2026-09-11")
    late.corrected("a", "2027-01-10", historical="2026-10-06", evidence=["minutes"])
    assert first(late, MINUTES) == ("partial", "0.5")


def test_of_another_activity_or_outside_the_window_is_worth_nothing() -> None:
    """A record counts for its own activity and in the window in which it took place."""
    stream = Stream().registered().held("a", "2026-09-10", activity="member_assembly")
    stream.held("b", "2026-08-31").held("c", "2026-10-01")
    assert first(stream, HELD) == ("missed", "0")


def test_a_correction_written_down_before_its_record_does_not_make_it() -> None:
    """A record that was not there yet has no merit, whatever is known of its correction."""
    stream = Stream().registered()
    stream.held("a", "2026-09-10", "2026-12-01", historical="2026-10-07")
    stream.corrected("a", "2026-12-02", historical="2026-10-01", activity="party_lesson")
    stream.corrected("a", "2026-12-02", historical="2026-10-01", occurred_on="2026-09-11")
    assert first(stream, HELD) == ("partial", "0.5")
    assert first(stream, HELD, on="2026-10-06") == ("missed", "0")


def test_a_record_outside_the_life_by_a_later_closing_is_worth_nothing() -> None:
    """Held on the 20th; on the 25th the organization is closed as of the 16th: merit 0."""
    stream = Stream().registered().held("a", "2026-09-20").held("b", "2026-09-16")
    twice = HELD | {"count": 2}
    assert first(stream, twice) == ("met", "1")
    stream.changed("2026-09-16", "2026-09-25", closed=True)
    assert first(stream, twice) == ("partial", "0.5")
    assert first(stream, twice, "2026-Q3") == ("partial", "1/6")


def test_a_record_moved_back_into_the_life_was_not_in_time() -> None:
    """Its state at the deadline was after the closing, if that was known then: it is late."""
    for known, credit in (("2026-10-05", "0.5"), ("2026-10-06", "1")):
        stream = Stream().registered().held("a", "2026-09-20")
        stream.changed("2026-09-16", known, closed=True)
        stream.corrected("a", "2026-10-07", occurred_on="2026-09-16")
        assert first(stream, HELD)[1] == credit
