from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from events.refusals.errors import Refused
from tests.support.small_district import SmallDistrict
from tracker.imports.importing import ImportResult, check_file, import_file

TODAY = date(2026, 9, 20)
WHO: dict[str, Any] = {"actor": "u-1", "today": TODAY}
MEETING: dict[str, Any] = {
    "kind": "activity", "organization": "v", "record_id": "a-1",
    "activity": "branch_committee_meeting", "occurred_on": "2026-09-12",
}  # fmt: skip
FLAG = {"kind": "condition", "organization": "v", "condition": "national_flag", "state": "met",
        "on": "2026-03-01"}  # fmt: skip


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """A county with one village."""
    found = SmallDistrict(database_url)
    found.register("r", category="county")
    found.register("v", "r", "village")
    yield found
    found.dispose()


def written(*lines: dict[str, Any] | str) -> bytes:
    """Lines as a file."""
    return "\n".join(
        one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in lines
    ).encode()


def test_a_check_tells_what_would_come_of_a_file(small: SmallDistrict) -> None:
    """New lines by their kinds, unchanged ones and bad ones; the log stays as it was."""
    import_file(small.store, written(MEETING), "a.jsonl", **WHO)
    before = small.rows("heads")
    payload = written(MEETING, MEETING | {"record_id": "a-2"}, FLAG, FLAG | {"condition": "moon"})
    report = check_file(small.store, payload, "a.jsonl", **WHO)
    assert (report.lines, report.recorded, report.unchanged) == (4, 2, 1)
    assert report.kinds == {"activity": 1, "condition": 1}
    assert [(one.line, one.field) for one in report.refused] == [(4, "condition")]
    assert small.rows("heads") == before
    assert not small.rows("import_spool")
    done = import_file(small.store, payload, "a.jsonl", partial=True, **WHO)
    assert (done.recorded, done.unchanged) == (report.recorded, report.unchanged)


def test_a_check_of_history_allows_what_its_import_does(small: SmallDistrict) -> None:
    """``recorded_on`` is a fault of a plain file alone; another form of file is refused."""
    payload = written(MEETING | {"recorded_on": "2026-09-13"})
    plain = check_file(small.store, payload, "a.jsonl", **WHO)
    assert plain.refused[0].say("zh") == "只有历史补录才能带这个字段"
    history = check_file(small.store, payload, "a.jsonl", historical=True, reason="旧账", **WHO)
    assert (history.recorded, history.refused) == (1, [])
    with pytest.raises(Refused):
        check_file(small.store, payload, "a.xls", **WHO)


def test_a_refusal_brings_its_chinese_sentence(small: SmallDistrict) -> None:
    """An unknown organization, a date to come, a circle of the tree, other content."""
    import_file(small.store, written(MEETING), "a.jsonl", **WHO)
    circle = {"kind": "organization", "category": "village", "name": "村",
              "registered_on": "2026-01-01"}  # fmt: skip
    report: ImportResult = check_file(
        small.store,
        written(
            MEETING | {"organization": "none"},
            MEETING | {"record_id": "a-3", "occurred_on": "2026-10-01"},
            MEETING | {"title": "另一个"},
            circle | {"code": "x", "parent": "y"},
            circle | {"code": "y", "parent": "x"},
        ),
        "a.jsonl",
        **WHO,
    )
    said = {one.line: one.say("zh") for one in report.refused}
    assert said.keys() == {1, 2, 3, 4, 5}
    assert "没有" in said[1]
    assert "2026-10-01" in said[2]
    assert not any(one.startswith("field ") for one in said.values())
    assert all(any(sign > "⺀" for sign in one) for one in said.values()), said
    assert report.refused[0].say("en") == "none is not a registered organization"
