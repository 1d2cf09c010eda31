import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from events.streams.organizations import stream_of
from events.streams.records import MeasureReported
from tests.support.web_district import PNG, Visitor, WebDistrict, notices

MEETING = "/organizations/c/record?activity=branch_committee_meeting"


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Yield a district; today is 3 April."""
    district = WebDistrict(database_url, tmp_path / "evidence")
    district.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield district
    district.dispose()


def test_a_first_record_takes_one_number_and_two_clicks(
    home: WebDistrict, secretary: Visitor
) -> None:
    """Recording takes one link, the attendance, ticks for the evidence, and one button."""
    page = secretary.get("/")
    assert (
        'href="/organizations/c/record?activity=branch_committee_meeting&amp;window=2026-04"'
        in (page)
    )
    form = secretary.form(f"{MEETING}&window=2026-04")
    assert (form["activity"], form["occurred_on"]) == ("branch_committee_meeting", "2026-04-03")
    answer = secretary.send(form.fill(present="5", expected="7", evidence="minutes"))
    address = answer.headers["location"]
    assert address == f"/organizations/c/records/{form['record_id']}?done=recorded"
    receipt = secretary.get(address)
    assert "已记录，下面是回执" in receipt
    assert "<svg" in receipt
    assert 'data-done="recorded"' in receipt
    (event,) = home.events("ActivityRecorded")
    assert event[2] == f"record/{form['record_id']}"


def test_the_same_form_twice_is_one_record(home: WebDistrict, secretary: Visitor) -> None:
    """Concurrent double clicks record once, and both lead to the receipt."""
    form = secretary.form(MEETING).fill(present="5", expected="7")
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(secretary.send, [form, form]))
    assert len({one.headers["location"] for one in answers}) == 1
    assert len(home.events("ActivityRecorded")) == 1


def test_the_same_form_with_other_content_is_refused(home: WebDistrict, secretary: Visitor) -> None:
    """Submitting a changed form again after going back leads to the saved record."""
    form = secretary.form(MEETING).fill(present="5", expected="7")
    secretary.send(form)
    answer = secretary.send(form.fill(present="6"), 409)
    assert "这份表单已经提交并保存过一次" in answer.text
    assert f'href="/organizations/c/records/{form["record_id"]}"' in answer.text
    assert len(home.events("ActivityRecorded")) == 1


def test_what_was_known_is_filled_in(home: WebDistrict, secretary: Visitor) -> None:
    """Expected and place come from the last records, expected else from the number of members."""
    on = date(2026, 1, 1)
    home.small.tell(stream_of("c"), MeasureReported(measure="members", value="30", on=on))
    assembly = "/organizations/c/record?activity=member_assembly"
    assert secretary.form(assembly)["expected"] == "30"
    assert secretary.form(MEETING)["expected"] == ""  # a committee is not all members
    home.small.record(
        "c", "m-1", "2026-03-02", attendance={"present": 5, "expected": 7}, place="会议室",
        money={"due": 12000, "paid": 12000},
    )  # fmt: skip
    assert secretary.form(MEETING)["place"] == "会议室"
    home.small.record("c", "m-2", "2026-03-20")  # who wrote no number does not wipe it out
    form = secretary.form(MEETING)
    assert (form["expected"], form["due"]) == ("7", "120.00")
    assert secretary.form("/organizations/c/record")["expected"] == ""


def test_usual_evidence_takes_files_and_numbers_have_messages(
    secretary: Visitor,
) -> None:
    """Every form offers photos; each number has its own message."""
    page = secretary.get(MEETING)
    for kind in ("minutes", "sign_in_sheet", "photo"):
        assert f'data-kind="{kind}"' in page
    answer = secretary.send(secretary.form(MEETING).fill(present="-3", expected="-1"), 422)
    for name in ("present", "expected"):
        assert f'aria-describedby="e-{name}"' in answer.text
        assert f'id="e-{name}"' in answer.text
    assert answer.text.count("不能小于 0") == 2


def test_what_was_paid_needs_what_was_due(home: WebDistrict, secretary: Visitor) -> None:
    """An amount paid without the amount due is refused, because it would count half unnoticed."""
    form = secretary.form("/organizations/c/record?activity=dues_collection")
    answer = secretary.send(form.fill(due="", paid="50"), 422)
    assert 'id="e-due">请填写应缴金额' in answer.text
    assert home.events("ActivityRecorded") == []
    secretary.send(form.fill(due="50", paid="50"))


def test_what_was_filled_in_alone_is_no_fact(home: WebDistrict, secretary: Visitor) -> None:
    """Defaults for expected and due alone are not recorded."""
    home.small.record(
        "c", "m-1", "2026-03-02", attendance={"present": 5, "expected": 7},
        money={"due": 12000, "paid": 12000},
    )  # fmt: skip
    form = secretary.form(MEETING)
    address = secretary.send(form).headers["location"]
    page = secretary.get(address)
    assert "到会 5" not in page
    assert "应缴" not in page


def test_the_day_of_another_window_is_left_open(secretary: Visitor) -> None:
    """For a past window the day is empty and limited to the window."""
    form = secretary.form(f"{MEETING}&window=2026-03")
    assert form["occurred_on"] == ""
    assert "本期：3月1日 – 3月31日" in secretary.get(f"{MEETING}&window=2026-03")
    assert secretary.form(f"{MEETING}&window=nonsense")["occurred_on"] == "2026-04-03"


def test_the_parts_follow_activity_and_day(home: WebDistrict, secretary: Visitor) -> None:
    """The part shows criteria, evidence, same-day warning and defaults, and keeps the input."""
    home.small.record("c", "m-1", "2026-03-02", attendance={"present": 5, "expected": 7})
    parts = "/organizations/c/record/parts"
    part = secretary.get(
        f"{parts}?activity=branch_committee_meeting&occurred_on=2026-03-02&present=4"
        "&expected=30&was_expected=30&place=院子&evidence=photo"
    )
    assert "<html" not in part
    assert "标准m" in part
    assert "标准要求" in part
    assert "当天已有同一活动的记录" in part
    assert 'name="present" type="number" value="4"' in part
    assert 'name="expected" type="number" value="7"' in part
    assert 'value="院子"' in part
    assert 'value="photo" checked' in part
    assert "已过及时记录" not in part
    late = secretary.get(f"{parts}?activity=branch_committee_meeting&occurred_on=2026-01-02")
    assert "已过及时记录的最后一天" in late
    other = secretary.get(f"{parts}?activity=theme_day&occurred_on=2026-04-03&expected=8")
    assert "没有要求这项活动" in other
    assert 'name="expected" type="number" value="8"' in other
    assert secretary.get(f"{parts}?occurred_on=x")


def test_a_second_record_of_a_day_is_asked_about(home: WebDistrict, secretary: Visitor) -> None:
    """A second record on the same day is recorded only after confirmation."""
    home.small.record("c", "m-1", "2026-04-03")
    form = secretary.form(MEETING).fill(present="5", expected="7")
    answer = secretary.send(form, 422)
    assert 'href="/organizations/c/records/m-1"' in answer.text
    again = secretary.again(answer, "/organizations/c/record")
    assert (again["present"], again["record_id"]) == ("5", form["record_id"])
    secretary.send(again.fill(anyway="1"))
    assert len(home.events("ActivityRecorded")) == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"activity": ""}, "请填写"),
        ({"occurred_on": "2026-13-40"}, "不是有效日期"),
        ({"occurred_on": ""}, "请填写"),
        ({"occurred_on": "2026-04-09"}, "还没有到"),
        ({"occurred_on": "2025-12-31"}, "不在该组织存续期内"),
        ({"present": "9"}, "多于应到"),
        ({"present": "x"}, "请填整数"),
        ({"present": "-1"}, "不能小于 0"),
        ({"title": "长" * 201}, "太长，最多 200 个字"),
        ({"note": "坏\x07"}, "不可见的控制字符"),
        ({"paid": "12,5", "due": "3"}, "不是有效金额"),
        ({"activity": "unheard_of"}, "不在标准和词汇表中"),
        ({"file": f"minutes:{'a' * 64}"}, "没有上传成功"),
        ({"file": "minutes:../../etc/passwd"}, "格式不正确"),
    ],
)
def test_a_fault_is_at_its_field_and_input_is_kept(
    home: WebDistrict, secretary: Visitor, typed: dict[str, str], said: str
) -> None:
    """Every invalid value has one message, and all input is still in the form."""
    good = {"present": "5", "expected": "7", "place": "会议室", "title": "题", "evidence": "photo"}
    form = secretary.form(MEETING).fill(**(good | typed))
    answer = secretary.send(form, 422)
    assert any(said in one for one in notices(answer.text)), notices(answer.text)
    again = secretary.again(answer, "/organizations/c/record")
    kept = good | {name: one for name, one in typed.items() if name != "activity"}
    assert {name: again[name] for name in kept} == kept
    assert again["record_id"] == form["record_id"]
    assert home.events("ActivityRecorded") == []


def test_files_are_named_by_the_record(home: WebDistrict, secretary: Visitor) -> None:
    """An uploaded file is named in the form and on the page of the record."""
    file = secretary.upload("c", name="签到.png")["file"]
    form = secretary.form(MEETING).fill(present="x", evidence=["minutes"], file=[f"minutes:{file}"])
    answer = secretary.send(form, 422)
    assert "签到.png" in answer.text
    again = secretary.again(answer, "/organizations/c/record")
    page = secretary.get(secretary.send(again.fill(present="")).headers["location"])
    assert f'<img src="/evidence/{file}"' in page
    assert "签到.png" in page
    assert secretary.client.get(f"/evidence/{file}").content == PNG


def test_only_who_may_record_there_does(home: WebDistrict, secretary: Visitor) -> None:
    """A foreign organization is not found, like an unknown one; readers cannot record."""
    form = secretary.form(MEETING)
    for path in ("/organizations/d/record", "/organizations/zz/record"):
        assert "没有这个组织" in secretary.get(path, 404)
        assert secretary.client.post(path, data=form.fields).status_code == 404
        assert secretary.client.get(f"{path}/parts").status_code == 404
    auditor = home.enter("auditor", None)
    auditor.get("/organizations/c/record", 403)
    assert home.enter("township", "r").get(MEETING)


def test_a_form_from_elsewhere_is_refused(home: WebDistrict, secretary: Visitor) -> None:
    """Without the CSRF token of the session nothing is recorded."""
    form = secretary.form(MEETING)
    secretary.send(form.fill(csrf="forged"), 403)
    secretary.send(form.fill(csrf=None), 403)
    assert home.events("ActivityRecorded") == []


def test_speaks_english(secretary: Visitor) -> None:
    """The form is available in English."""
    secretary.client.cookies.set("tracker_language", "en")
    page = secretary.get(MEETING)
    assert "Record an activity" in page
    assert "Criterion m" in page
    assert "记录活动" not in page


def test_a_note_of_two_lines_is_saved_as_the_browser_sends_it(
    home: WebDistrict, secretary: Visitor
) -> None:
    """A textarea sends CR LF; the note is saved with LF."""
    secretary.send(secretary.form(MEETING).fill(present="5", expected="7", note="一\r\n二"))
    (event,) = home.events("ActivityRecorded")
    stored = secretary.get(f"/organizations/c/records/{event[2].partition('/')[2]}")
    assert "一\n二" in stored


def test_counts_and_dates_may_be_typed_in_full_width(home: WebDistrict, secretary: Visitor) -> None:
    """２０ and ２０２６－０４－０３ are what a Chinese keyboard types for 20 and 2026-04-03."""
    form = secretary.form(MEETING)
    secretary.send(form.fill(present="５", expected="２０", occurred_on="２０２６－０４－０３"))
    (event,) = home.events("ActivityRecorded")
    stored = secretary.get(f"/organizations/c/records/{event[2].partition('/')[2]}")
    assert re.search(r"\b5\b[^0-9]{1,20}\b20\b", stored)
    assert "2026-04-03" in stored
