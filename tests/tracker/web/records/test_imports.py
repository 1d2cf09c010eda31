import csv
import html
import io
import re
import threading
from typing import Any

import orjson
import pytest
from fastapi import FastAPI

from tests.support.web_district import Form, Forms, Visitor, WebDistrict, notices
from tracker.http.background_jobs import BackgroundJobs
from tracker.imports import importing
from tracker.imports.lines import KINDS
from tracker.web.records import imports as importing_page

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

LATER = [GOOD[1] | {"record_id": "m-7"}]


def send(
    visitor: Visitor, lines: list[dict[str, Any]], do: str, status: int = 200, **typed: str
) -> str:
    """Upload a file of lines and return the text of the response."""
    payload = b"\n".join(orjson.dumps(one) for one in lines)
    return send_bytes(visitor, payload, "file.jsonl", do, status, **typed)


def send_bytes(
    visitor: Visitor, payload: bytes, name: str, do: str, status: int, **typed: str
) -> str:
    """Upload a file and return the text of the response."""
    answer = visitor.client.post(
        "/import",
        data={"csrf": visitor.csrf, "do": do, **typed},
        files={"file": (name, payload)} if name else {"none": ("", b"")},
    )
    assert answer.status_code == status, answer.text
    return answer.text


def _underway(home: WebDistrict) -> BackgroundJobs:
    """Return the background jobs of the application."""
    inside = home.app.app
    assert isinstance(inside, FastAPI)
    jobs = inside.state.jobs
    assert isinstance(jobs, BackgroundJobs)
    return jobs


def bad_lines(page: str) -> list[tuple[str, str]]:
    """Return number and field of each row in the table of invalid lines."""
    return re.findall(
        r'<td class="number" data-label="行">(\d+)</td><td class="mono">(\w*)</td>', page
    )


def test_checks_without_recording(home: WebDistrict, officer: Visitor) -> None:
    """A validation counts the lines to record and records nothing."""
    before = home.small.rows("heads")
    page = send(officer, GOOD, "check")
    assert "没有错误，可以导入" in page
    assert "<b>2</b><span>将新增</span>" in page
    assert home.small.rows("heads") == before


def test_every_invalid_line_is_listed(home: WebDistrict, officer: Visitor) -> None:
    """Every invalid line has its field and reason; with one of them nothing is recorded."""
    page = send(officer, GOOD + BAD, "check")
    assert bad_lines(page) == [("3", "organization"), ("4", "occurred_on")]
    assert "2 处错误" in page
    refused = send(officer, GOOD + BAD, "record", 422)
    assert "一行也没有保存" in refused
    assert home.events("ActivityRecorded") == []


def test_records_once(home: WebDistrict, officer: Visitor) -> None:
    """Importing the same file twice changes nothing."""
    assert "已全部保存" in send(officer, GOOD, "record")
    again = send(officer, GOOD, "record")
    assert "<b>2</b><span>已有，不变</span>" in again
    assert len(home.events("ActivityRecorded")) == 1
    assert home.small.entry("n").name == "新社区"
    known = send(officer, GOOD, "check")
    assert "<b>0</b><span>将新增</span>" in known
    assert "所有行都已经有了" in known


def test_leaves_bad_lines_out_where_that_is_wanted(home: WebDistrict, officer: Visitor) -> None:
    """A partial import records the valid lines and lists the invalid ones."""
    page = send(officer, GOOD + BAD, "record", partial="1")
    assert "已跳过错误的行" in page
    assert len(bad_lines(page)) == 2
    assert len(home.events("ActivityRecorded")) == 1


def test_takes_history(home: WebDistrict, officer: Visitor) -> None:
    """Lines may have their original recording date in a historical import only."""
    lines = [GOOD[1] | {"recorded_on": "2026-03-02"}]
    assert bad_lines(send(officer, lines, "check")) == [("1", "recorded_on")]
    send(officer, lines, "record", historical="1", reason="旧台账")
    with home.small.read() as reader:
        rows = reader.rows("SELECT recorded_on FROM events WHERE type = ?", ["ActivityRecorded"])
    assert [row[0] for row in rows] == ["2026-03-02"]


def test_refuses_what_is_no_file_of_lines(
    officer: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing, unknown or too large file has its message at the field; other input is kept."""
    assert "请选择文件" in notices(send_bytes(officer, b"", "", "check", 422))
    wrong = send_bytes(officer, b"x", "a.pdf", "check", 422, historical="1")
    assert any("a.pdf 不是表格" in one for one in notices(wrong))
    assert 'name="historical" value="1" checked' in wrong
    monkeypatch.setattr(importing_page, "LARGEST_BYTES", 10)
    large = send(officer, GOOD, "check", 422)
    assert any("tracker import" in one for one in notices(large))


def test_a_large_file_of_lines_is_checked(officer: Visitor) -> None:
    """A file up to the documented size is accepted, although other forms have a lower limit."""
    lines = b"\n".join(orjson.dumps(one) for one in GOOD)
    page = send_bytes(officer, lines + b"\n" * (9 << 20), "a.jsonl", "check", 200)
    assert bad_lines(page) == []
    assert "没有错误" in page


def test_the_checked_file_is_sent_only_once(home: WebDistrict, officer: Visitor) -> None:
    """A validated file is recorded by its button, unchanged, and then deleted."""
    lines = [GOOD[1] | {"recorded_on": "2026-03-02"}]
    page = send(officer, lines, "check", historical="1", reason="旧台账")
    assert "将新增：活动记录 1" in page
    form = next(one for one in Forms(page).found if "held" in one.fields)
    done = officer.send(form.type_into("do", "record"), 200)
    assert "已全部保存" in done.text
    assert "旧台账" in done.text
    assert home.events("ActivityRecorded")
    assert "请选择文件" in notices(officer.send(form.type_into("do", "record"), 422).text)


def test_only_the_good_lines_of_a_checked_file(home: WebDistrict, officer: Visitor) -> None:
    """One button skips the invalid lines and lists them again."""
    page = send(officer, GOOD + BAD, "check")
    form = next(one for one in Forms(page).found if "held" in one.fields)
    assert form["partial"] == "1"
    done = officer.send(form.type_into("do", "record"), 200)
    assert "已跳过错误的行" in done.text
    assert len(bad_lines(done.text)) == 2
    assert len(home.events("ActivityRecorded")) == 1


def test_hands_over_the_bad_lines(officer: Visitor) -> None:
    """The exported file has number, field, reason in the reader's language, and the line."""
    page = send(officer, GOOD + BAD, "check")
    assert "没有这个组织" in page
    assert "不是有效日期" in page
    address = html.unescape(re.findall(r'href="(/import\?[^"]*format=csv)"', page)[0])
    text = officer.client.get(address).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1] == ["行", "字段", "原因", "原文"]
    assert [row[:2] for row in rows[2:]] == [["3", "organization"], ["4", "occurred_on"]]
    assert orjson.loads(rows[3][3]) == BAD[1]
    again = officer.get(address.replace("&format=csv", ""))
    assert "2 处错误" in again
    officer.get("/import?held=" + "0" * 64, 404)
    officer.get("/import?held=../x", 404)


def test_reads_what_an_office_program_saved(officer: Visitor) -> None:
    """A table in GBK is converted, and the page says so; other encodings are refused."""
    text = (
        "kind,record_id,organization,activity,occurred_on,title\n"
        "activity,m-9,c,branch_committee_meeting,2026-03-01,支委会\n"
    )
    page = send_bytes(officer, text.encode("gb18030"), "表.csv", "check", 200)
    assert "已按 GBK 读取" in page
    assert "2026-03-01,支委会" in page
    assert "没有错误" in page
    form = next(one for one in Forms(page).found if "held" in one.fields)
    assert "已全部保存" in officer.send(form.type_into("do", "record"), 200).text
    assert "支委会" in officer.get("/organizations/c/records/m-9")
    neither = send_bytes(officer, text.encode("gbk") + b"\xff\xff", "a.csv", "check", 200)
    assert "另存为“CSV UTF-8”" in neither


def test_tables_are_taken_back(officer: Visitor) -> None:
    """Each list has a table that is accepted without its example; another list is not found."""
    page = officer.get("/import")
    for kind in KINDS:
        assert f'href="/import/template/{kind}"' in page
        payload = officer.client.get(f"/import/template/{kind}").content
        assert payload.startswith(b"\xef\xbb\xbfkind,")
        left = send_bytes(officer, payload, "a.csv", "check", 200)
        assert "这是示例行" in left
        assert "1 处错误" in left
        head = payload.partition(b"\n")[0]
        assert "没有错误" in send_bytes(officer, head, "a.csv", "check", 200)
    assert "会议" not in officer.get("/import/template/moon", 404)


def test_newest_imports_are_listed(home: WebDistrict, officer: Visitor) -> None:
    """The list names actor, counts and state of each import; a button resumes interrupted ones."""
    assert "还没有导入过" in officer.get("/import")
    send(officer, GOOD, "record")
    row = re.findall(r"<tr><td><a href=\"/audit/import-.*?</tr>", officer.get("/import"))[0]
    assert "已完成" in row
    assert re.findall(r'data-label="(.*?)">(\d+)<', row) == [
        ("行", "2"),
        ("新增", "2"),
        ("已有", "0"),
    ]
    file = importing.ImportFile(b"\n".join(orjson.dumps(one) for one in LATER), "later.jsonl")
    broken = importing.FileImport(
        home.small.store, file, officer.account, home.small.now.date(), None
    )
    broken._start(1)
    page = officer.get("/import")
    assert "有导入没有完成：later.jsonl" in page
    assert "未完成" in page
    form = next(one for one in Forms(page).found if one.action == "/import/finish")
    assert officer.send(form).headers["location"] == "/import?done=finished"
    assert "有导入没有完成" not in officer.get("/import?done=finished")
    assert len(home.events("ActivityRecorded")) == 2


def test_a_long_import_goes_on_behind_the_page(
    officer: Visitor, home: WebDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long import continues in the background, and its result appears later."""
    monkeypatch.setattr(_underway(home), "_awaited", 0.0)
    gate = threading.Event()
    _underway(home).begin("before", gate.wait)  # one at a time: the import waits behind it
    assert "正在后台导入" in send(officer, GOOD, "record")
    gate.set()
    monkeypatch.setattr(_underway(home), "_awaited", 20.0)
    form = next(
        one for one in Forms(officer.get("/import")).found if one.action.startswith("/import")
    )
    form = Form("/import/finish", "post", {"csrf": form.fields["csrf"]})
    officer.send(form)
    assert "已完成" in officer.get("/import")
    assert len(home.events("ActivityRecorded")) == 1


def test_takes_csv(officer: Visitor) -> None:
    """A CSV file is read by its header."""
    text = (
        "kind,record_id,organization,activity,occurred_on\n"
        "activity,m-9,c,branch_committee_meeting,2026-03-01\n"
    )
    assert "没有错误" in send_bytes(officer, text.encode(), "a.CSV", "check", 200)


def test_who_may(home: WebDistrict) -> None:
    """Only a department of the whole district may import, and only its menu has the link."""
    home.enter("department", "c").get("/import", 403)
    for role in ("branch", "township", "auditor", "administrator"):
        home.enter(role, "r").get("/import", 403)
    assert 'href="/import"' in home.enter("department", None).get("/import")


def test_the_sample_shows_what_the_encoding_could_spoil(officer: Visitor) -> None:
    """Rows with Chinese come first in the sample, after the header."""
    rows = "".join(
        f"activity,s-{number},c,visit,2026-03-01,{title}\n"
        for number, title in enumerate(["a", "b", "c", "走访"], 1)
    )
    text = "kind,record_id,organization,activity,occurred_on,title\n" + rows
    assert "走访" in send_bytes(officer, text.encode("gbk"), "表.csv", "check", 200)
