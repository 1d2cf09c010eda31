from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from events.streams.organizations import stream_of
from events.streams.records import ConditionReported, MeasureReported
from tests.support.web_district import Visitor, WebDistrict, notices

REPORT = "/organizations/c/report"
FLAG, HOMES, MEMBERS = "condition.national_flag", "measure.households", "measure.members"


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Yield a district with reported members; today is 3 April."""
    district = WebDistrict(sqlite_url, tmp_path / "evidence")
    district.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    report = MeasureReported(measure="members", value="30", on=date(2026, 2, 1))
    district.small.tell(stream_of("c"), report)
    yield district
    district.dispose()


def reported(home: WebDistrict) -> list[dict[str, Any]]:
    """Return the data of all reports after the first."""
    with home.small.read() as reader:
        events = reader.stream(stream_of("c"))
    kinds = {ConditionReported.TYPE, MeasureReported.TYPE}
    return [one.data for one in events if one.type in kinds][1:]


def test_shows_what_is_in_force_and_what_is_missing(secretary: Visitor) -> None:
    """Each condition and measure of the scheme has its value and date, or is never reported."""
    page = secretary.get(REPORT)
    assert "现为 <b>30</b> ，自 2026-02-01" in page
    assert page.count("</span> 未填报") == 2
    assert "2 项从未填报" in page
    form = secretary.form(REPORT)
    assert (form[MEMBERS], form[HOMES], form[FLAG]) == ("30", "", "")
    assert form["on"] == "2026-04-03"


def test_the_line_that_was_asked_for_is_marked(secretary: Visitor) -> None:
    """The requested line comes first and has the focus."""
    page = secretary.get(f"{REPORT}?measure=households")
    first = page.index('class="line asked"')
    assert first < page.index('class="line"')
    assert 'id="f-measure.households" name="measure.households" value=""' in page
    assert page.count("autofocus") == 1


def test_a_whole_list_in_one_go(home: WebDistrict, secretary: Visitor) -> None:
    """Only changed lines are recorded, and the page says how many."""
    form = secretary.form(REPORT).type_into(FLAG, "partial").type_into(HOMES, "245")
    answer = secretary.send(form.fill(on="2026-03-01"))
    assert reported(home) == [
        {"condition": "national_flag", "state": "partial", "on": "2026-03-01"},
        {"measure": "households", "value": "245", "on": "2026-03-01"},
    ]
    page = secretary.get(answer.headers["location"])
    assert "本次记录 2 项" in page
    assert 'data-done="reported"' in page
    assert "现为 <b>部分达到</b> ，自 2026-03-01" in page


def test_the_same_form_twice_is_recorded_once(home: WebDistrict, secretary: Visitor) -> None:
    """The same form sent again records nothing and shows no error."""
    form = secretary.form(REPORT).type_into(FLAG, "met")
    assert secretary.send(form).headers["location"].endswith("count=1")
    assert secretary.send(form).headers["location"].endswith("count=0")
    assert len(reported(home)) == 1


def test_nothing_changed_is_refused(home: WebDistrict, secretary: Visitor) -> None:
    """A form without changes records nothing."""
    answer = secretary.send(secretary.form(REPORT), 422)
    assert "没有任何改动" in answer.text
    assert reported(home) == []


def test_a_concurrent_change_is_shown_at_its_line(home: WebDistrict, secretary: Visitor) -> None:
    """After a concurrent change nothing is recorded until the form is submitted again."""
    form = secretary.form(REPORT).type_into(MEMBERS, "31").type_into(HOMES, "245")
    report = MeasureReported(measure="members", value="29", on=date(2026, 3, 1))
    home.small.tell(stream_of("c"), report)
    answer = secretary.send(form, 422)
    assert any("有人改过" in one for one in notices(answer.text))
    assert "现为 <b>29</b>" in answer.text
    again = secretary.again(answer, REPORT)
    assert (again[MEMBERS], again[HOMES], again[f"was.{MEMBERS}"]) == ("31", "245", "29")
    secretary.send(again)
    assert [one["value"] for one in reported(home)] == ["29", "245", "31"]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        (HOMES, "many", "不是有效数字"),
        (HOMES, "-3", "不是有效数字"),
        (FLAG, "flying", "请从列表中选择"),
        ("on", "2026-02-30", "不是有效日期"),
        ("on", "2026-04-04", "还没有到"),
        ("on", "2025-12-01", "不在该组织存续期内"),
    ],
)
def test_a_fault_is_at_its_line_and_input_is_kept(
    home: WebDistrict, secretary: Visitor, field: str, typed: str, said: str
) -> None:
    """An invalid line prevents recording, also next to a valid one."""
    form = secretary.form(REPORT).type_into(MEMBERS, "31").type_into(field, typed)
    answer = secretary.send(form, 422)
    assert said in answer.text
    again = secretary.again(answer, REPORT)
    assert again[MEMBERS] == "31"
    if field != FLAG:
        assert again[field] == typed
    assert again["form_id"] == form["form_id"]
    assert reported(home) == []


def test_only_who_may_record_reports(home: WebDistrict, secretary: Visitor) -> None:
    """A foreign organization is not found, and a reader is refused."""
    form = secretary.form(REPORT).type_into(FLAG, "met")
    secretary.get("/organizations/d/report", 404)
    assert secretary.client.post("/organizations/d/report", data=form.fields).status_code == 404
    home.enter("auditor", None).get(REPORT, 403)
    assert home.enter("township", "r").get("/organizations/d/report")


def test_a_category_without_a_scheme_asks_for_nothing(home: WebDistrict) -> None:
    """Without a scheme the page says so and shows earlier reports."""
    clerk = home.enter("township", "r")
    assert "没有要求填报" in clerk.get("/organizations/r/report")
    report = MeasureReported(measure="members", value="3", on=date(2026, 2, 1))
    home.small.tell(stream_of("r"), report)
    assert "现为 <b>3</b>" in clerk.get("/organizations/r/report")
