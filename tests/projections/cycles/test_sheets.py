"""The sheets of an inspection have their texts, and name what replaced what."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from events.streams.findings import FindingsSubmitted
from events.streams.organizations import stream_of
from events.streams.rectifications import RectificationOrdered
from projections.cycles.sheets import SheetCopy, newest_findings, sheets_of
from tests.support.small_district import SmallDistrict, assigned, sheet

MARCH = "2026-03"


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """A community whose inspection of March was assigned, on each kind of database."""
    district = SmallDistrict(database_url)
    district.register("r", category="county")
    district.register("c", "r")
    district.tell(stream_of("c"), assigned(MARCH))
    yield district
    district.dispose()


def later(*findings: dict[str, Any]) -> FindingsSubmitted:
    """A second sheet of one inspector."""
    return FindingsSubmitted(
        scope="r",
        period=MARCH,
        kind="monthly",
        sheet_id="s-2",
        inspectors=("p-2",),
        findings=findings,
        disallow=(),
    )


def read(small: SmallDistrict) -> list[SheetCopy]:
    """March's sheets."""
    with small.read() as reader:
        return sheets_of(reader, stream_of("c"), MARCH)


def test_an_inspection_without_a_sheet_has_none(small: SmallDistrict) -> None:
    """Before the first sheet of the month there are no sheets."""
    assert read(small) == []
    small.tell(stream_of("c"), sheet("2026-02", "s-0"))
    assert read(small) == []


def test_a_sheet_is_read_in_clear(small: SmallDistrict) -> None:
    """A sheet has its reasons as text, its signatures, and version and hash of its event."""
    small.record("c", "a-1", "2026-03-05")
    (event,) = small.tell(stream_of("c"), sheet(MARCH, "s-1", "a-1"))
    (copy,) = read(small)
    assert copy.findings == [
        {"criterion": "m", "credit": "0.5", "reason": "缺签到", "replaces": None,
         "replaced_by": None},
    ]  # fmt: skip
    assert copy.disallow == [{"record_id": "a-1", "reason": "不实"}]
    assert copy.inspectors == ["p-1", "p-2"]
    assert (copy.version, copy.hash) == (event.version, event.hash.hex())
    assert copy.rectify == []


def test_a_later_sheet_replaces_criterion_by_criterion(small: SmallDistrict) -> None:
    """Findings name the sheets they replace; the newest finding on each criterion is valid."""
    small.tell(stream_of("c"), sheet(MARCH, "s-1"))
    small.tell(
        stream_of("c"),
        later({"criterion": "m", "credit": "0"}, {"criterion": "q", "credit": "1"}),
    )
    first, second = read(small)
    assert [one["replaced_by"] for one in first.findings] == ["s-2"]
    assert [(one["replaces"], one["replaced_by"]) for one in second.findings] == [
        ("s-1", None),
        (None, None),
    ]
    newest = newest_findings([first, second])
    assert {code: (one["credit"], copy.sheet_id) for code, (one, copy) in newest.items()} == {
        "m": ("0", "s-2"),
        "q": ("1", "s-2"),
    }


def test_a_sheet_has_the_orders_that_came_with_it(small: SmallDistrict) -> None:
    """Rectifications belong to the sheet in their id, and have the problem's text."""
    small.tell(stream_of("c"), sheet(MARCH, "s-1"), later({"criterion": "m", "credit": "0"}))
    small.tell(
        stream_of("c"),
        RectificationOrdered(
            rectification_id="s-2/1", period=MARCH, criterion="m", problem="缺记录",
            due=date(2026, 4, 20),
        ),
    )  # fmt: skip
    first, second = read(small)
    assert first.rectify == []
    assert [(one["rectification_id"], one["problem"]) for one in second.rectify] == [
        ("s-2/1", "缺记录")
    ]
