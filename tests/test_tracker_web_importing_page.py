import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.web_district import Visitor, WebDistrict, notices
from tracker.web import importing_page

GOOD: list[dict[str, Any]] = [
    {"kind": "organization", "code": "n", "name": "新社区", "category": "community",
     "parent": "r", "registered_on": "2026-02-01"},
    {"kind": "activity", "record_id": "m-1", "organization": "c",
     "activity": "branch_committee_meeting", "occurred_on": "2026-03-01"},
]  # fmt: skip
BAD = [
    {"kind": "activity", "record_id": "m-2", "organization": "nowhere",
     "activity": "branch_committee_meeting", "occurred_on": "2026-03-01"},
    {"kind": "activity", "record_id": "m-3", "organization": "c",
     "activity": "branch_committee_meeting", "occurred_on": "soon"},
]  # fmt: skip


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """The third of April."""
    found = WebDistrict(sqlite_url, tmp_path / "evidence")
    found.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield found
    found.dispose()


@pytest.fixture
def officer(home: WebDistrict) -> Visitor:
    """The department."""
    return home.enter("department", None)


def send(
    visitor: Visitor, lines: list[dict[str, Any]], do: str, status: int = 200, **typed: str
) -> str:
    """Send a file of lines; the text of the answer."""
    payload = b"\n".join(orjson.dumps(one) for one in lines)
    return send_bytes(visitor, payload, "file.jsonl", do, status, **typed)


def send_bytes(
    visitor: Visitor, payload: bytes, name: str, do: str, status: int, **typed: str
) -> str:
    """Send a file; the text of the answer."""
    answer = visitor.client.post(
        "/import",
        data={"csrf": visitor.csrf, "do": do, **typed},
        files={"file": (name, payload)} if name else {"none": ("", b"")},
    )
    assert answer.status_code == status, answer.text
    return answer.text


def bad_lines(page: str) -> list[tuple[str, str]]:
    """The number and field of each line in the table of bad ones."""
    return re.findall(r'<tr><td class="number">(\d+)</td><td class="mono">(\w*)</td>', page)


def test_checks_without_recording(home: WebDistrict, officer: Visitor) -> None:
    """What would be recorded is counted; nothing is kept."""
    before = home.small.rows("heads")
    page = send(officer, GOOD, "check")
    assert "没有错误，可以导入" in page
    assert "<b>2</b><span>将新增</span>" in page
    assert home.small.rows("heads") == before


def test_tells_every_bad_line(home: WebDistrict, officer: Visitor) -> None:
    """Line, field and reason of each; with one of them nothing is recorded."""
    page = send(officer, GOOD + BAD, "check")
    assert bad_lines(page) == [("3", "organization"), ("4", "occurred_on")]
    assert "2 处错误" in page
    refused = send(officer, GOOD + BAD, "record", 422)
    assert "一行也没有保存" in refused
    assert home.events("ActivityRecorded") == []


def test_records_once(home: WebDistrict, officer: Visitor) -> None:
    """The same file twice changes nothing."""
    assert "已全部保存" in send(officer, GOOD, "record")
    again = send(officer, GOOD, "record")
    assert "<b>2</b><span>已有，不变</span>" in again
    assert len(home.events("ActivityRecorded")) == 1
    assert home.small.entry("n").name == "新社区"
    assert "<b>0</b><span>将新增</span>" in send(officer, GOOD, "check")


def test_leaves_bad_lines_out_where_that_is_wanted(home: WebDistrict, officer: Visitor) -> None:
    """The rest is recorded, and the bad ones are told all the same."""
    page = send(officer, GOOD + BAD, "record", partial="1")
    assert "已跳过错误的行" in page
    assert len(bad_lines(page)) == 2
    assert len(home.events("ActivityRecorded")) == 1


def test_takes_history(home: WebDistrict, officer: Visitor) -> None:
    """Lines may say when they were written down, in a historical file alone."""
    lines = [GOOD[1] | {"recorded_on": "2026-03-02"}]
    assert bad_lines(send(officer, lines, "check")) == [("1", "recorded_on")]
    send(officer, lines, "record", historical="1", reason="旧台账")
    with home.small.read() as reader:
        rows = reader.rows("SELECT recorded_on FROM events WHERE type = ?", ["ActivityRecorded"])
    assert [row[0] for row in rows] == ["2026-03-02"]


def test_refuses_what_is_no_file_of_lines(
    officer: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None chosen, another type, too large: at the field, and what was chosen besides is kept."""
    assert "请选择文件" in notices(send_bytes(officer, b"", "", "check", 422))
    wrong = send_bytes(officer, b"x", "a.xlsx", "check", 422, historical="1")
    assert "只接收 .jsonl 和 .csv" in notices(wrong)
    assert 'name="historical" value="1" checked' in wrong
    monkeypatch.setattr(importing_page, "LARGEST_BYTES", 10)
    large = send(officer, GOOD, "check", 422)
    assert any("tracker import" in one for one in notices(large))


def test_takes_csv(officer: Visitor) -> None:
    """A sheet saved as CSV is read by its heads."""
    text = (
        "kind,record_id,organization,activity,occurred_on\n"
        "activity,m-9,c,branch_committee_meeting,2026-03-01\n"
    )
    assert "没有错误" in send_bytes(officer, text.encode(), "a.CSV", "check", 200)


def test_who_may(home: WebDistrict) -> None:
    """The department of the whole district alone; its menu leads there."""
    home.enter("department", "c").get("/import", 403)
    for role in ("branch", "township", "auditor", "administrator"):
        home.enter(role, "r").get("/import", 403)
    assert 'href="/import"' in home.enter("department", None).get("/import")
