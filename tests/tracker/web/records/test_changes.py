from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from events.event import Metadata
from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected, ActivityRetracted, RecordActivity
from tests.support.web_district import Visitor, WebDistrict, notices
from tracker.commands.records import record_line

PAGE = "/organizations/c/records/m-1"
CORRECT = "/organizations/c/correct/m-1"
RETRACT = "/organizations/c/retract/m-1"

MEETING = {
    "organization": "c",
    "record_id": "m-1",
    "activity": "branch_committee_meeting",
    "occurred_on": "2026-03-02",
    "title": "支委会",
    "place": "会议室",
    "attendance": {"present": 5, "expected": 7},
    "money": {"due": "120.00"},
    "evidence": [{"kind": "minutes"}, {"kind": "photo"}],
}


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Yield a district with a meeting on 2 March; today is 3 April."""
    district = WebDistrict(database_url, tmp_path / "evidence")
    district.small.now = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    record_line(district.small.store, RecordActivity.model_validate(MEETING), Metadata("os:clerk"))
    district.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield district
    district.dispose()


def corrections(home: WebDistrict) -> list[dict[str, Any]]:
    """Return the data of all corrections."""
    with home.small.read() as reader:
        events = reader.stream(stream_of("c"))
    return [one.data for one in events if one.type == ActivityCorrected.TYPE]


def test_only_what_was_changed_is_recorded(home: WebDistrict, secretary: Visitor) -> None:
    """The form shows the record, and the event contains the changed fields as a whole."""
    form = secretary.form(CORRECT)
    assert (form["title"], form["present"], form["due"]) == ("支委会", "5", "120.00")
    assert form.fields["evidence"] == ["minutes", "photo"]
    answer = secretary.send(form.fill(present="6", title="", reason="数错了"))
    assert answer.headers["location"] == f"{PAGE}?done=corrected"
    page = secretary.get(answer.headers["location"])
    assert "已更正" in page
    assert 'data-done="corrected"' in page
    (data,) = corrections(home)
    assert data["changes"] == {"attendance": {"present": 6, "expected": 7}}
    assert data["cleared"] == ["title"]


def test_what_a_criterion_asks_for_can_be_added(home: WebDistrict, secretary: Visitor) -> None:
    """A correction offers to upload required evidence that the record lacks."""
    bare = MEETING | {"record_id": "m-2", "occurred_on": "2026-03-09", "evidence": []}
    record_line(home.small.store, RecordActivity.model_validate(bare), Metadata("os:clerk"))
    page = secretary.get("/organizations/c/correct/m-2")
    assert 'data-kind="minutes"' in page
    assert "标准要求" in page
    file = secretary.upload("c")["file"]
    form = secretary.form("/organizations/c/correct/m-2")
    secretary.send(form.fill(file=f"minutes:{file}", reason="补传记录"))
    (data,) = corrections(home)
    assert data["changes"] == {"evidence": [{"file": file, "kind": "minutes"}]}


def test_evidence_in_another_order_is_no_change(home: WebDistrict, secretary: Visitor) -> None:
    """Evidence in another order is no change; an added or removed kind or file is one."""
    form = secretary.form(CORRECT)
    answer = secretary.send(form.fill(evidence=["photo", "minutes"], reason="无"), 422)
    assert "没有任何改动" in answer.text
    file = secretary.upload("c")["file"]
    secretary.send(form.fill(file=f"photo:{file}", reason="补传照片"))
    (data,) = corrections(home)
    assert data["changes"] == {"evidence": [{"file": file, "kind": "photo"}, {"kind": "minutes"}]}
    page = secretary.get(CORRECT)
    assert f'value="photo:{file}"' in page


def test_the_same_form_twice_is_one_correction(home: WebDistrict, secretary: Visitor) -> None:
    """The same form sent twice corrects once; with other content it is refused."""
    form = secretary.form(CORRECT).fill(present="6", reason="数错了")
    assert secretary.send(form).headers["location"] == f"{PAGE}?done=corrected"
    assert secretary.send(form).headers["location"] == f"{PAGE}?done=corrected"
    assert len(corrections(home)) == 1
    answer = secretary.send(form.fill(present="7"), 422)
    assert "这份表单已经提交并保存过一次" in answer.text


def test_two_people_at_once_do_not_overwrite_each_other(
    home: WebDistrict, secretary: Visitor
) -> None:
    """The later person sees the other's changes; those to untouched fields are taken over."""
    clerk = home.enter("township", "r")
    mine = secretary.form(CORRECT).fill(present="6", reason="数错了")
    secretary_place = clerk.form(CORRECT).fill(place="院子", reason="地点不对")
    clerk.send(secretary_place)
    answer = secretary.send(mine, 409)
    assert "这条记录被别人改过" in answer.text
    assert "会议室" in answer.text
    assert "名township-r" in answer.text
    again = secretary.again(answer, CORRECT)
    assert (again["present"], again["place"], again["reason"]) == ("6", "院子", "数错了")
    secretary.send(again)
    assert [one["changes"] for one in corrections(home)] == [
        {"place": corrections(home)[0]["changes"]["place"]},
        {"attendance": {"present": 6, "expected": 7}},
    ]


def test_what_both_changed_is_shown_before_it_is_recorded(
    home: WebDistrict, secretary: Visitor
) -> None:
    """The input stays in the form and is recorded when it is submitted again."""
    other = ActivityCorrected(
        record_id="m-1", changes={"attendance": {"present": 4, "expected": 7}}, reason="另数"
    )
    mine = secretary.form(CORRECT).fill(present="6", reason="数错了")
    home.small.tell(stream_of("c"), other, metadata=Metadata("os:other", "api"))
    answer = secretary.send(mine, 409)
    assert "到会 4" in answer.text
    again = secretary.again(answer, CORRECT)
    assert again["present"] == "6"
    secretary.send(again)
    assert corrections(home)[-1]["changes"] == {"attendance": {"present": 6, "expected": 7}}


def test_a_record_retracted_meanwhile_is_not_corrected(
    home: WebDistrict, secretary: Visitor
) -> None:
    """Correcting a retracted record is refused; its form redirects to its page."""
    form = secretary.form(CORRECT).fill(present="6", reason="数错了")
    home.small.tell(stream_of("c"), ActivityRetracted(record_id="m-1", reason="重复"))
    assert "已经撤回" in secretary.send(form, 409).text
    assert secretary.client.get(CORRECT).headers["location"] == PAGE
    assert corrections(home) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"present": "6", "reason": ""}, "请填写"),
        ({"present": "6", "reason": "长" * 501}, "太长，最多 500 个字"),
        ({"occurred_on": "", "reason": "x"}, "请填写"),
        ({"occurred_on": "2026-05-01", "reason": "x"}, "还没有到"),
        ({"occurred_on": "2025-05-01", "reason": "x"}, "不在该组织存续期内"),
        ({"activity": "unheard_of", "reason": "x"}, "不在标准和词汇表中"),
        ({"present": "8", "reason": "x"}, "多于应到"),
        ({"due": "many", "reason": "x"}, "不是有效金额"),
        ({"file": "minutes:" + "b" * 64, "reason": "x"}, "没有上传成功"),
        ({"note": "\x02", "reason": "x"}, "不可见的控制字符"),
    ],
)
def test_a_fault_is_at_its_field_and_input_is_kept(
    home: WebDistrict, secretary: Visitor, typed: dict[str, str], said: str
) -> None:
    """Every invalid value has its message, and the input is still there."""
    form = secretary.form(CORRECT).fill(**typed)
    answer = secretary.send(form, 422)
    assert any(said in value for value in notices(answer.text)), notices(answer.text)
    again = secretary.again(answer, CORRECT)
    for name, value in typed.items():
        if name != "activity":
            assert again[name] == value
    assert (again["seen"], again["form_id"]) == (form["seen"], form["form_id"])
    assert corrections(home) == []


def test_a_retraction_asks_once_more(home: WebDistrict, secretary: Visitor) -> None:
    """The first button shows the record; the second retracts it once."""
    first = secretary.form(PAGE, "/retract/").fill(reason="重复")
    answer = secretary.send(first, 200)
    assert "确定撤回这条记录吗" in answer.text
    assert home.events("ActivityRetracted") == []
    sure = secretary.again(answer, RETRACT)
    assert (sure["reason"], sure["sure"]) == ("重复", "1")
    done = f"{PAGE}?done=retracted"
    assert secretary.send(sure).headers["location"] == done
    assert secretary.send(sure).headers["location"] == done
    assert len(home.events("ActivityRetracted")) == 1
    assert "不再计分" in secretary.get(done)


def test_a_retraction_needs_a_reason(home: WebDistrict, secretary: Visitor) -> None:
    """A retraction without a reason is neither confirmed nor recorded."""
    first = secretary.form(PAGE, "/retract/")
    assert "请填写" in secretary.send(first, 422).text
    assert "请填写" in secretary.send(first.fill(sure="1"), 422).text
    assert home.events("ActivityRetracted") == []


def test_a_retraction_of_a_record_changed_meanwhile_is_refused(
    home: WebDistrict, secretary: Visitor
) -> None:
    """A concurrent change is shown, and the next confirmation is of the new version."""
    first = secretary.form(PAGE, "/retract/").fill(reason="重复")
    sure = secretary.again(secretary.send(first, 200), RETRACT)
    home.small.tell(
        stream_of("c"), ActivityCorrected(record_id="m-1", changes={"place": "院子"}, reason="改")
    )
    answer = secretary.send(sure, 409)
    assert "这条记录被别人改过" in answer.text
    assert "院子" in answer.text
    secretary.send(secretary.again(answer, RETRACT))
    assert len(home.events("ActivityRetracted")) == 1


def test_only_who_may_record_changes(home: WebDistrict, secretary: Visitor) -> None:
    """Foreign organizations and unknown records are not found; a reader is refused."""
    form = secretary.form(CORRECT)
    other = home.enter("branch", "d")
    assert other.client.get(CORRECT).status_code == 404
    for path in (CORRECT, RETRACT):
        assert other.client.post(path, data=form.fields | {"csrf": other.csrf}).status_code == 404
    secretary.get("/organizations/c/correct/none", 404)
    home.enter("auditor", None).get(CORRECT, 403)
