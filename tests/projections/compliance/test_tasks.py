from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from events.streams.organizations import stream_of
from events.streams.records import ConditionReported, MeasureReported
from projections.compliance.tasks import Task, WindowTask, list_tasks
from projections.documents.in_force import district as district_facts
from projections.documents.rule_words import Language
from tests.support.small_district import SmallDistrict


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """One community under the test scheme, in the first days of April."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("a")
    small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield small
    small.dispose()


def tasks(district: SmallDistrict, today: date, code: str = "a") -> list[Task]:
    """What is to be done on a day."""
    entry = district.entry(code)
    with district.read() as reader:
        return list_tasks(reader, entry, district_facts(reader), today)


def windows(district: SmallDistrict, today: date) -> list[WindowTask]:
    """The windows among what is to be done on a day."""
    return [task for task in tasks(district, today) if isinstance(task, WindowTask)]


def states(rows: list[Task]) -> list[tuple[Any, ...]]:
    """Criterion, window, missing, last day and state of the windows."""
    return [
        (task.criterion, task.window, task.missing, task.due_on, task.state)
        for task in rows
        if isinstance(task, WindowTask)
    ]


def test_lists_current_windows_and_those_in_their_grace(district: SmallDistrict) -> None:
    """In the grace of March and its quarter both are listed before the windows of April."""
    assert states(tasks(district, date(2026, 4, 3))) == [
        ("m", "2026-03", "1", "2026-04-05", "due"),
        ("q", "2026-Q1", "1", "2026-04-05", "due"),
        ("m", "2026-04", "1", "2026-05-05", "due"),
        ("q", "2026-Q2", "1", "2026-07-05", "due"),
        ("y", "2026", "1", "2026-07-05", "due"),
    ]
    assert [window for _, window, *_ in states(tasks(district, date(2026, 4, 6)))] == [
        "2026-04",
        "2026-Q2",
        "2026",
    ]


def test_counts_what_was_done(district: SmallDistrict) -> None:
    """A complete record fills its window, an incomplete one half of it."""
    district.record("a", "a-1", "2026-04-02")
    district.record("a", "a-2", "2026-03-20", evidence=())
    rows = windows(district, date(2026, 4, 3))
    march, april = rows[0], rows[2]
    assert (march.counted, march.missing, march.state) == ("0.5", "0.5", "due")
    assert (april.counted, april.missing, april.state) == ("1", "0", "done")
    assert april == WindowTask(
        criterion="m", text="标准m", kind="activity", name="branch_committee_meeting",
        window="2026-04", required=1, counted="1", missing="0", records=["a-1"], by=None,
        due_on="2026-05-05", state="done",
    )  # fmt: skip


def test_a_day_that_has_passed_is_late(district: SmallDistrict) -> None:
    """What was due by a day and is missing after it and the grace is late while its year runs."""
    year = [task for task in windows(district, date(2026, 7, 6)) if task.window == "2026"]
    assert [(task.by, task.due_on, task.state) for task in year] == [
        ("2026-06-30", "2026-07-05", "late")
    ]


def test_january_still_asks_for_december(district: SmallDistrict) -> None:
    """In the first days of a year the windows that ended with the last one are in their grace."""
    district.record("a", "a-1", "2026-03-02")
    listed = states(tasks(district, date(2027, 1, 4)))
    assert ("m", "2026-12", "1", "2027-01-05", "due") in listed
    assert ("q", "2026-Q4", "1", "2027-01-05", "due") in listed
    assert "2026" not in [window for _, window, *_ in listed]


def test_names_what_was_never_reported(district: SmallDistrict) -> None:
    """Conditions and measures that the scheme looks at are listed until they are reported."""
    on, today = date(2026, 4, 1), date(2026, 4, 3)
    missing = [task.name for task in tasks(district, today) if task.state == "missing"]
    assert missing == ["national_flag", "members", "households"]
    district.tell(
        stream_of("a"),
        ConditionReported(condition="national_flag", state="unmet", on=on),
        MeasureReported(measure="members", value="2", on=on),
    )
    assert [task for task in tasks(district, today) if task.state == "missing"] == []
    district.tell(stream_of("a"), MeasureReported(measure="members", value="5", on=on))
    missing = [task.name for task in tasks(district, today) if task.state == "missing"]
    assert missing == ["households"]


def test_names_a_measure_once(district: SmallDistrict) -> None:
    """A measure that several criteria look at is asked for once."""
    rows = [task for task in tasks(district, date(2026, 4, 3)) if task.kind == "measure"]
    assert len({task.name for task in rows}) == len(rows)


def test_nothing_is_to_do_without_a_scheme(district: SmallDistrict) -> None:
    """An organization of a category without a scheme has no tasks."""
    district.register("v", None, "village")
    assert tasks(district, date(2026, 4, 3), "v") == []


def test_texts_are_in_the_language_asked_for(district: SmallDistrict) -> None:
    """Windows and reports have the text of their criterion in English where that is asked."""
    entry = district.entry("a")
    with district.read() as reader:
        facts = district_facts(reader)
        texts = {
            language: {
                task.text for task in list_tasks(reader, entry, facts, date(2026, 4, 3), language)
            }
            for language in get_args(Language)
        }
    assert "标准m" in texts["zh"]
    assert "Criterion m" in texts["en"]
    assert not any(text.startswith("标准") for text in texts["en"])
