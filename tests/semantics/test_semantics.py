"""Sections 1, 6 and 10 of docs/semantics.md: time, scores, and the worked example."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.semantics.asking import (
    FLAG,
    HELD,
    JUDGED,
    Stream,
    ask,
    criterion,
    first,
    scheme,
    standing,
)

ASSEMBLY = {"kind": "activity", "activity": "member_assembly", "per": "quarter"}
EXAMPLE = scheme(criterion(HELD, "2"), criterion(ASSEMBLY, "1"), criterion(FLAG, "1"))


def example() -> Stream:
    """The stream of the worked example, with H2 filled in as its last sentence says."""
    stream = Stream().registered().condition("national_flag", "met", "2026-01-05")
    stream.held("m-7", "2026-07-10")
    stream.held("q-3", "2026-08-02", activity="member_assembly").held("m-8", "2026-08-10")
    stream.held("m-9", "2026-09-10", "2026-10-20")
    return stream.held("m-11", "2026-11-10").held("m-12", "2026-12-10")


@pytest.mark.parametrize(
    ("period", "score"), [("2026-09", "75.00"), ("2026-08", "100.00"), ("2026-H2", "75.00")]
)
def test_the_worked_example_comes_out_to_the_last_digit(period: str, score: str) -> None:
    """September is 75.00, August 100.00, the second half-year 75.00."""
    assert ask(example(), EXAMPLE, period=period).score_text == score


def test_the_worked_example_in_its_parts() -> None:
    """A late meeting is half, the quarter is judged in September and pending in August."""
    september = ask(example(), EXAMPLE)
    assert standing(september) == [("partial", "0.5"), ("met", "1"), ("met", "1")]
    august = ask(example(), EXAMPLE, period="2026-08")
    assert standing(august) == [("met", "1"), ("pending", None), ("met", "1")]
    shown = [
        (window.window, window.required, str(window.counted))
        for window in august.criteria[1].windows or ()
    ]
    assert shown == [("2026-Q3", 1, "1")]
    half = ask(example(), EXAMPLE, period="2026-H2")
    assert standing(half) == [("partial", "0.75"), ("partial", "0.5"), ("met", "1")]
    counted = [str(one.counted) for one in half.criteria[0].windows or ()]
    assert counted == ["1", "1", "1/2", "0", "1", "1"]


def test_the_worked_example_as_it_was_known_in_time() -> None:
    """On 5 October September was still open; on the 6th, without the record, it was missed."""
    assert standing(ask(example(), EXAMPLE, on="2026-10-05"))[0] == ("pending", None)
    assert standing(ask(example(), EXAMPLE, on="2026-10-06"))[0] == ("missed", "0")
    assert ask(example(), EXAMPLE, on="2026-10-06").score_text == "50.00"


def test_nothing_judged_is_no_score() -> None:
    """Where nothing is judged the score is null and never 0."""
    assessment = ask(Stream().registered(), scheme(criterion(JUDGED)))
    assert (assessment.score, assessment.score_text, standing(assessment)) == (
        None,
        None,
        [("unjudged", None)],
    )
    assert assessment.to_json()["score"] is None


@pytest.mark.parametrize(
    ("points", "score"),
    [
        ("2", "33.33"),  # 1/3
        ("0.5", "66.67"),  # 2/3
        ("19999", "0.01"),  # 0.005: half up
        ("20001", "0.00"),  # 0.00499975
        ("7", "12.50"),
    ],
)
def test_a_score_is_rounded_once_and_half_up(points: str, score: str) -> None:
    """A score has two places, and exactly half a hundredth is rounded up."""
    stream = Stream().registered().condition("national_flag", "met", "2026-01-05")
    other = {"kind": "condition", "condition": "notice_board"}
    document = scheme(criterion(FLAG, "1"), criterion(other, points))
    assert ask(stream, document).score_text == score


def test_scores_are_scaled_to_a_hundred_whatever_the_total() -> None:
    """A scheme of 135 points gives a score of a hundred."""
    stream = Stream().registered().condition("national_flag", "met", "2026-01-05")
    document = scheme(criterion(FLAG, "108"), criterion(HELD, "27"), points="135")
    assert ask(stream, document).score_text == "80.00"


@pytest.mark.parametrize(
    ("zone", "instant", "credit"),
    [
        ("Asia/Shanghai", "2026-10-05T15:59:59+00:00", "1"),
        ("Asia/Shanghai", "2026-10-05T16:00:00+00:00", "0.5"),
        ("UTC", "2026-10-05T16:00:00+00:00", "1"),
        ("America/New_York", "2026-10-06T03:59:59+00:00", "1"),
        ("America/New_York", "2026-10-06T04:00:00+00:00", "0.5"),
    ],
)
def test_a_recording_date_is_local(zone: str, instant: str, credit: str) -> None:
    """Whether a record is in time goes by the local date of its instant."""
    stream = Stream(ZoneInfo(zone)).registered()
    line = {"kind": "activity", "record_id": "a", "activity": HELD["activity"]}
    stream.take(line | {"occurred_on": "2026-09-10"}, datetime.fromisoformat(instant))
    assert first(stream, HELD)[1] == credit


def test_a_historical_line_counts_from_the_date_it_was_written_down() -> None:
    """It is in time by `recorded_on`, and as known at an instant from its true recording on."""
    stream = Stream().registered().held("a", "2026-09-10", "2026-11-20", historical="2026-10-05")
    stream.held("b", "2026-08-10", "2026-11-20", historical="2026-09-06")
    assert first(stream, HELD) == ("met", "1")
    assert first(stream, HELD, "2026-08") == ("partial", "0.5")
    before = datetime(2026, 11, 20, 3, 59, 59, tzinfo=UTC)
    assert first(stream, HELD, until=before) == ("missed", "0")
    assert first(stream, HELD, until=datetime(2026, 11, 20, 4, tzinfo=UTC)) == ("met", "1")


def test_only_what_was_recorded_by_the_day_asked_counts() -> None:
    """A figure of a past day does not know a correction that came after it."""
    stream = Stream().registered().held("a", "2026-09-10").retracted("a", "2026-11-01")
    assert first(stream, HELD, on="2026-10-31") == ("met", "1")
    assert first(stream, HELD, on="2026-11-01") == ("missed", "0")


def test_an_optional_criterion_has_a_status_and_no_weight() -> None:
    """It is shown, is left out of both sums and takes nothing from its item."""
    stream = Stream().registered().condition("national_flag", "met", "2026-01-05")
    extra = criterion(HELD, None, optional=True)
    document = scheme([criterion(FLAG, None), criterion(JUDGED, None), extra], item_points="4")
    assessment = ask(stream, document)
    assert [one.to_json()["points"] for one in assessment.criteria] == ["2", "2", "0"]
    assert standing(assessment) == [("met", "1"), ("unjudged", None), ("missed", "0")]
    assert assessment.score_text == "100.00"


def test_what_an_item_has_left_is_split_exactly() -> None:
    """One stated point of two leaves a third of a point to each of three others."""
    stream = Stream().registered().condition("national_flag", "met", "2026-01-05")
    held = [criterion(HELD, None), criterion(HELD, None)]
    document = scheme([criterion(HELD, "1"), criterion(FLAG, None), *held], item_points="2")
    assessment = ask(stream, document)
    assert [one.to_json()["points"] for one in assessment.criteria] == ["1", "1/3", "1/3", "1/3"]
    assert assessment.score_text == "16.67"


def test_in_a_scheme_without_points_items_weigh_the_same() -> None:
    """Every item weighs 1, and the share of an unjudged criterion drops out."""
    stream = Stream().registered().condition("national_flag", "met", "2026-01-05")
    document = scheme([criterion(FLAG, None), criterion(JUDGED, None)], [criterion(HELD, None)])
    assessment = ask(stream, document)
    assert [one.to_json()["points"] for one in assessment.criteria] == ["0.5", "0.5", "1"]
    assert (assessment.score_text, assessment.states_points) == ("33.33", False)
    assert ask(stream, EXAMPLE).states_points


def test_the_answer_before_the_first_month_enters_no_mean() -> None:
    """Derived figures can be asked for any month, and count in means from the first month on."""
    stream = Stream().registered()
    document = scheme(criterion(FLAG))
    answers = [ask(stream, document, period=period) for period in ("2025-12", "2024-12")]
    assert [one.enters_means for one in answers] == [True, False]


def test_status_follows_from_the_credit() -> None:
    """Credit 1 is met, 0 is missed, and all between is partial."""
    stream = Stream().registered().condition("national_flag", "partial", "2026-01-05")
    stream.condition("notice_board", "met", "2026-01-05")
    board, lamp = ({"kind": "condition", "condition": name} for name in ("notice_board", "lamp"))
    assessment = ask(stream, scheme(*map(criterion, (FLAG, board, lamp, JUDGED))))
    assert [one.status for one in assessment.criteria] == ["partial", "met", "missed", "unjudged"]
