"""The sheets of an inspection are read aloud, and say what replaced what."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from events.streams.findings import FindingsSubmitted
from events.streams.organizations import stream_of
from events.streams.rectifications import RectificationOrdered
from projections.cycles.sheets import sheets_of, standing
from tests.support.small_district import SmallDistrict, assigned, sheet

MARCH = "2026-03"


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """A community whose inspection of March was assigned, on each kind of database."""
    found = SmallDistrict(database_url)
    found.register("r", category="county")
    found.register("c", "r")
    found.tell(stream_of("c"), assigned(MARCH))
    yield found
    found.dispose()


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


def read(small: SmallDistrict) -> list[dict[str, Any]]:
    """March's sheets."""
    with small.read() as reader:
        return sheets_of(reader, stream_of("c"), MARCH)


def test_an_inspection_without_a_sheet_has_none(small: SmallDistrict) -> None:
    """Before the first sheet, and for another month, there is nothing."""
    assert read(small) == []
    small.tell(stream_of("c"), sheet("2026-02", "s-0"))
    assert read(small) == []


def test_a_sheet_is_read_in_clear(small: SmallDistrict) -> None:
    """Reasons stand as they were written, with who signed and what proves it."""
    small.record("c", "a-1", "2026-03-05")
    (event,) = small.tell(stream_of("c"), sheet(MARCH, "s-1", "a-1"))
    (found,) = read(small)
    assert found["findings"] == [
        {"criterion": "m", "credit": "0.5", "reason": "缺签到", "replaces": None,
         "replaced_by": None},
    ]  # fmt: skip
    assert found["disallow"] == [{"record_id": "a-1", "reason": "不实"}]
    assert found["inspectors"] == ["p-1", "p-2"]
    assert (found["version"], found["hash"]) == (event.version, event.hash.hex())
    assert found["rectify"] == []


def test_a_later_sheet_replaces_criterion_by_criterion(small: SmallDistrict) -> None:
    """What it judges again names both sheets; the newest finding on each criterion stands."""
    small.tell(stream_of("c"), sheet(MARCH, "s-1"))
    small.tell(
        stream_of("c"),
        later({"criterion": "m", "credit": "0"}, {"criterion": "q", "credit": "1"}),
    )
    first, second = read(small)
    assert [one["replaced_by"] for one in first["findings"]] == ["s-2"]
    assert [(one["replaces"], one["replaced_by"]) for one in second["findings"]] == [
        ("s-1", None),
        (None, None),
    ]
    found = standing([first, second])
    assert {code: (one["credit"], by["sheet_id"]) for code, (one, by) in found.items()} == {
        "m": ("0", "s-2"),
        "q": ("1", "s-2"),
    }


def test_a_sheet_has_the_orders_that_came_with_it(small: SmallDistrict) -> None:
    """Rectifications stand at the sheet whose id they bear, with their problem in clear."""
    small.tell(stream_of("c"), sheet(MARCH, "s-1"), later({"criterion": "m", "credit": "0"}))
    small.tell(
        stream_of("c"),
        RectificationOrdered(
            rectification_id="s-2/1", period=MARCH, criterion="m", problem="缺记录",
            due=date(2026, 4, 20),
        ),
    )  # fmt: skip
    first, second = read(small)
    assert first["rectify"] == []
    assert [(one["rectification_id"], one["problem"]) for one in second["rectify"]] == [
        ("s-2/1", "缺记录")
    ]
