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
    """The district on the third of April."""
    found = WebDistrict(database_url, tmp_path / "evidence")
    found.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield found
    found.dispose()


def test_a_first_record_takes_one_number_and_two_clicks(
    home: WebDistrict, secretary: Visitor
) -> None:
    """From the to-do list: one link, who was present, the evidence ticked, one button."""
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
    assert 'data-forget="record:c:branch_committee_meeting"' in receipt
    (event,) = home.events("ActivityRecorded")
    assert event[2] == f"record/{form['record_id']}"


def test_the_same_form_twice_is_one_record(home: WebDistrict, secretary: Visitor) -> None:
    """Also where both clicks are on their way at once; both end at the receipt."""
    form = secretary.form(MEETING).fill(present="5", expected="7")
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(secretary.send, [form, form]))
    assert len({one.headers["location"] for one in answers}) == 1
    assert len(home.events("ActivityRecorded")) == 1


def test_the_same_form_with_other_content_is_told(home: WebDistrict, secretary: Visitor) -> None:
    """Going back, changing something and sending again leads to the record that stands."""
    form = secretary.form(MEETING).fill(present="5", expected="7")
    secretary.send(form)
    answer = secretary.send(form.fill(present="6"), 409)
    assert "这份表单已经提交并保存过一次" in answer.text
    assert f'href="/organizations/c/records/{form["record_id"]}"' in answer.text
    assert len(home.events("ActivityRecorded")) == 1


def test_what_was_known_is_filled_in(home: WebDistrict, secretary: Visitor) -> None:
    """Expected and place come from the last records of the activity, else from the members."""
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


def test_usual_evidence_takes_files_and_faults_stand_at_their_numbers(
    secretary: Visitor,
) -> None:
    """A photo has a place of its own in every form; each number says what is wrong with it."""
    page = secretary.get(MEETING)
    for kind in ("minutes", "sign_in_sheet", "photo"):
        assert f'data-kind="{kind}"' in page
    answer = secretary.send(secretary.form(MEETING).fill(present="-3", expected="-1"), 422)
    for name in ("present", "expected"):
        assert f'aria-describedby="e-{name}"' in answer.text
        assert f'id="e-{name}"' in answer.text
    assert answer.text.count("不能小于 0") == 2


def test_what_was_paid_needs_what_was_due(home: WebDistrict, secretary: Visitor) -> None:
    """Alone it would count half without a word."""
    form = secretary.form("/organizations/c/record?activity=dues_collection")
    answer = secretary.send(form.fill(due="", paid="50"), 422)
    assert 'id="e-due">请填写应缴金额' in answer.text
    assert home.events("ActivityRecorded") == []
    secretary.send(form.fill(due="50", paid="50"))


def test_what_was_filled_in_alone_is_no_fact(home: WebDistrict, secretary: Visitor) -> None:
    """Who is expected is not recorded without who came, nor an old amount without a payment."""
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
    """Who records for last month's window chooses the day, within its days."""
    form = secretary.form(f"{MEETING}&window=2026-03")
    assert form["occurred_on"] == ""
    assert "本期：3月1日 – 3月31日" in secretary.get(f"{MEETING}&window=2026-03")
    assert secretary.form(f"{MEETING}&window=nonsense")["occurred_on"] == "2026-04-03"


def test_the_parts_follow_activity_and_day(home: WebDistrict, secretary: Visitor) -> None:
    """Served criteria, evidence, same-day warning and what is filled in; what was typed stays."""
    home.small.record("c", "m-1", "2026-03-02", attendance={"present": 5, "expected": 7})
    parts = "/organizations/c/record/parts"
    found = secretary.get(
        f"{parts}?activity=branch_committee_meeting&occurred_on=2026-03-02&present=4"
        "&expected=30&was_expected=30&place=院子&evidence=photo"
    )
    assert "<html" not in found
    assert "标准m" in found
    assert "标准要求" in found
    assert "当天已有同一活动的记录" in found
    assert 'name="present" type="number" value="4"' in found
    assert 'name="expected" type="number" value="7"' in found
    assert 'value="院子"' in found
    assert 'value="photo" checked' in found
    assert "已过及时记录" not in found
    late = secretary.get(f"{parts}?activity=branch_committee_meeting&occurred_on=2026-01-02")
    assert "已过及时记录的最后一天" in late
    other = secretary.get(f"{parts}?activity=theme_day&occurred_on=2026-04-03&expected=8")
    assert "没有要求这项活动" in other
    assert 'name="expected" type="number" value="8"' in other
    assert secretary.get(f"{parts}?occurred_on=x")


def test_a_second_record_of_a_day_is_asked_about(home: WebDistrict, secretary: Visitor) -> None:
    """It is recorded only where somebody says that it was another one."""
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
def test_a_fault_stands_at_its_field_and_nothing_is_lost(
    home: WebDistrict, secretary: Visitor, typed: dict[str, str], said: str
) -> None:
    """Every bad value is told in one sentence, and everything typed is still in the form."""
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
    """A file that was sent stands in the form with its name, and on the page of the record."""
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
    """Another organization is as unknown as one that is not there; readers cannot record."""
    form = secretary.form(MEETING)
    for path in ("/organizations/d/record", "/organizations/zz/record"):
        assert "没有这个组织" in secretary.get(path, 404)
        assert secretary.client.post(path, data=form.fields).status_code == 404
        assert secretary.client.get(f"{path}/parts").status_code == 404
    auditor = home.enter("auditor", None)
    auditor.get("/organizations/c/record", 403)
    assert home.enter("township", "r").get(MEETING)


def test_a_form_from_elsewhere_is_refused(home: WebDistrict, secretary: Visitor) -> None:
    """Without the session's own token nothing is recorded."""
    form = secretary.form(MEETING)
    secretary.send(form.fill(csrf="forged"), 403)
    secretary.send(form.fill(csrf=None), 403)
    assert home.events("ActivityRecorded") == []


def test_speaks_english(secretary: Visitor) -> None:
    """The form in the other language."""
    secretary.client.cookies.set("tracker_language", "en")
    page = secretary.get(MEETING)
    assert "Record an activity" in page
    assert "Criterion m" in page
    assert "记录活动" not in page
