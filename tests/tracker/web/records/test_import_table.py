"""A table is imported by its pages: what it means is proposed, changed, checked, recorded."""

import io
from typing import Any

import openpyxl
import pytest

from tests.support.web_district import Visitor, WebDistrict
from tracker.storage.table_mappings import recall_mapping

HEAD = ("序号", "党支部", "会议类型", "开展日期", "主题", "应到", "实到")
ROWS = [
    ("1", "组织c", "支部委员会会议", "2026/3/1", "三月支委会", 7, 5),
    ("2", "组织c", "支部委员会会议", "2026年3月8日", "第二次", 7, 6),
]


def workbook(*rows: tuple[Any, ...], title: str = "2026年活动台账") -> bytes:
    """A workbook with a title above its headings."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "台账"
    for row in [(title,), HEAD, *rows]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(visitor: Visitor, payload: bytes, name: str = "台账.xlsx") -> str:
    """Send a file, and return the page that its proposal is on."""
    answer = visitor.client.post(
        "/import",
        data={"csrf": visitor.csrf, "do": "check"},
        files={"file": (name, payload)},
        follow_redirects=False,
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def step(visitor: Visitor, address: str, do: str, status: int = 200, **typed: str) -> Any:
    """Press a button of the form as the page shows it, with some fields changed."""
    form = visitor.form(address, "/import/table").fill(do=do, **typed)
    answer = visitor.send(form, status)
    assert answer.status_code == status
    return answer


def test_a_ledger_is_recorded(home: WebDistrict, officer: Visitor) -> None:
    """Headings are recognized under a title; a check records nothing, the next step does."""
    address = upload(officer, workbook(*ROWS))
    page = officer.get(address)
    assert '<option value="activity" selected>活动台账</option>' in page
    assert '<option value="field:occurred_on" selected>日期</option>' in page
    assert "<td>三月支委会</td>" in page
    checked = step(officer, address, "check").text
    assert "没有问题，可以导入" in checked
    assert "<b>2</b><span>将新增</span>" in checked
    assert home.events("ActivityRecorded") == []
    assert "已全部保存" in step(officer, address, "record").text
    assert len(home.events("ActivityRecorded")) == 2
    again = step(officer, upload(officer, workbook(*ROWS)), "check").text
    assert "所有行都已经有了" in again


def test_a_column_is_chosen_and_remembered(home: WebDistrict, officer: Visitor) -> None:
    """What a person chose for the columns is proposed for the next file of the same headings."""
    address = upload(officer, workbook(*ROWS))
    assert 'value="field:title" selected' in officer.get(address)
    step(officer, address, "record", c4="field:place")
    with home.small.read() as reader:
        events = reader.events_of_streams(["organization-c"])["organization-c"]
    assert ["place" in event.data for event in events][-2:] == [True, True]
    page = officer.get(upload(officer, workbook(*ROWS, title="十月")))
    assert '<option value="field:place" selected>地点</option>' in page
    with home.small.read() as reader:
        assert recall_mapping(reader, "0" * 64) is None


def test_two_columns_of_one_meaning_and_a_missing_one(officer: Visitor) -> None:
    """Both are said above the columns, with their headings; nothing is converted."""
    address = upload(officer, workbook(*ROWS))
    twice = step(officer, address, "check", 422, c4="field:activity").text
    assert "有几列选了同一含义：会议类型、主题" in twice
    lacking = step(officer, address, "check", 422, c3="").text
    assert "缺少这些列：日期" in lacking
    assert "还缺这些列：日期" in lacking


def test_the_header_row_and_the_kind_are_chosen(officer: Visitor) -> None:
    """Where nothing is recognized a person says which row has the headings and what list it is."""
    rows = "甲,乙,丙\n组织c,national_flag,达标\n".encode()
    page = officer.get(upload(officer, rows, "现状.csv"))
    assert "没有找到表头" in page
    address = upload(officer, rows, "现状.csv")
    shown = step(officer, address, "show", row="1", kind="condition").text
    assert "还缺这些列：党组织、条件、状态、日期" in shown


def test_problems_are_beside_their_cells(home: WebDistrict, officer: Visitor) -> None:
    """Each has row and column; the workbook to download repeats them, and the rest may be taken."""
    bad = ("3", "组织c", "支部委员会会", "2026-2-30", "错", 7, 5)
    address = upload(officer, workbook(*ROWS, bad))
    page = step(officer, address, "check").text
    assert "2 处问题" in page
    assert '<td class="number" data-label="行">5</td><td>开展日期</td>' in page
    body = step(officer, address, "problems").content
    sheet = openpyxl.load_workbook(io.BytesIO(body))["台账"]
    assert sheet.cell(2, 8).value == "问题"
    problem = str(sheet.cell(5, 8).value)
    assert "会议类型: " in problem
    assert "支部委员会会议" in problem
    assert sheet.cell(5, 4).fill.fgColor.rgb == "FFFFC7CE"
    assert sheet.cell(4, 4).fill.fgColor.rgb != "FFFFC7CE"
    assert home.events("ActivityRecorded") == []
    refused = step(officer, address, "record", 422).text
    assert "还没有保存任何内容" in refused
    assert "已跳过有问题的行" in step(officer, address, "partial").text
    assert len(home.events("ActivityRecorded")) == 2


def test_a_changed_row_is_a_correction(home: WebDistrict, officer: Visitor) -> None:
    """The page shows what was recorded and what the row says; a reason records the correction."""
    step(officer, upload(officer, workbook(*ROWS)), "record")
    changed = (*ROWS[0][:6], 7)
    address = upload(officer, workbook(changed, ROWS[1]))
    page = step(officer, address, "check").text
    assert "<b>1</b><span>将更正</span>" in page
    assert '<td>实到</td><td data-label="原为">5</td><td data-label="改为"><b>7</b></td>' in page
    assert "请填写更正理由" in step(officer, address, "record", 422).text
    done = officer.form(address, "/import/table").fill(do="record")
    answer = officer.client.post(
        "/import/table", data={**done.fields, "do": "record", "correct": "人数填错"}
    )
    assert "已全部保存" in answer.text
    assert len(home.events("ActivityCorrected")) == 1
    assert len(home.events("ActivityRecorded")) == 2
    for rows in ((changed, ROWS[1]), ROWS):
        again = step(officer, upload(officer, workbook(*rows)), "check").text
        assert "所有行都已经有了" in again


def test_pasted_rows(home: WebDistrict, officer: Visitor) -> None:
    """Rows copied from a table are a table."""
    text = "\n".join("\t".join(map(str, row)) for row in [HEAD, *ROWS])
    answer = officer.client.post(
        "/import",
        data={"csrf": officer.csrf, "do": "check", "pasted": text},
        follow_redirects=False,
    )
    step(officer, answer.headers["location"], "record")
    assert len(home.events("ActivityRecorded")) == 2


def test_a_wide_table_asks_for_its_day(home: WebDistrict, officer: Visitor) -> None:
    """Conditions as columns need a day, which a field asks for."""
    rows = "党支部,室外悬挂国旗\n组织c,是\n".encode()
    address = upload(officer, rows, "达标.csv")
    assert "没有日期" in step(officer, address, "check", 422).text
    assert "填写有误" in step(officer, address, "check", 422, day="2026-13-01").text
    assert "已全部保存" in step(officer, address, "record", day="2026-03-01").text
    assert len(home.events("ConditionReported")) == 1


@pytest.mark.parametrize(
    ("name", "payload", "said"),
    [
        ("a.et", b"", "另存为"),
        ("a.xlsx", b"PK\x03\x04 no workbook", "a.xlsx"),
        ("a.pdf", b"%PDF", "a.pdf"),
    ],
)
def test_what_is_no_table_is_refused(
    officer: Visitor, name: str, payload: bytes, said: str
) -> None:
    """At the field of the file, in one sentence that says what to do."""
    answer = officer.client.post(
        "/import", data={"csrf": officer.csrf, "do": "check"}, files={"file": (name, payload)}
    )
    assert answer.status_code == 422
    assert said in answer.text


def test_a_file_that_is_not_kept_any_more(officer: Visitor) -> None:
    """Its page says so instead of an error."""
    officer.get(f"/import/table?held={'0' * 64}&name=a.xlsx", 404)
