import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected, ActivityRetracted
from tests.support.web_district import Visitor, WebDistrict, rows_of
from tracker.http import exports

LIST = "/organizations/c/records"


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Yield five records of three months; one is late, one corrected, one retracted."""
    district = WebDistrict(sqlite_url, tmp_path / "evidence")
    district.small.now = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    district.small.record("c", "m-1", "2026-03-01", title="=1+1", evidence=({"kind": "minutes"},))
    district.small.record("c", "m-2", "2026-02-27", activity="theme_day")
    district.small.record("c", "m-3", "2026-01-10")
    district.small.record("d", "n-1", "2026-03-01")
    district.small.tell(
        stream_of("c"),
        ActivityCorrected(record_id="m-2", changes={"place": "院子"}, reason="补地点"),
        ActivityRetracted(record_id="m-1", reason="重复"),
    )
    yield district
    district.dispose()


def shown(page: str) -> list[str]:
    """Return the records that a page lists, in order."""
    return re.findall(r'href="/organizations/c/records/([\w-]+)"', page)


def test_lists_by_month_newest_first(secretary: Visitor) -> None:
    """Records are grouped by month, without those of other organizations."""
    page = secretary.get(LIST)
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["2026年3月", "2026年2月", "2026年1月"]
    assert shown(page) == ["m-1", "m-2", "m-3"]
    assert "3 条" in page


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("month=2026-02", ["m-2"]),
        ("activity=theme_day", ["m-2"]),
        ("state=retracted", ["m-1"]),
        ("state=corrected", ["m-2"]),
        ("state=standing", ["m-3"]),
        ("late=1", ["m-3"]),
        ("late=1&month=2026-03", []),
        ("month=1999-01", []),
    ],
)
def test_filters(secretary: Visitor, query: str, wanted: list[str]) -> None:
    """Month, activity, state and lateness filter the list and the files alike, also combined."""
    page = secretary.get(f"{LIST}?{query}")
    assert shown(page) == wanted
    assert f"{len(wanted)} 条" in page
    exported = secretary.client.get(f"{LIST}?{query}&format=csv").content.decode("utf-8-sig")
    assert [line.rpartition(",")[2] for line in exported.splitlines()[2:]] == wanted


def test_fifty_a_page(home: WebDistrict, secretary: Visitor) -> None:
    """A long list continues on the next page; an invalid page number shows an existing page."""
    for number in range(60):
        home.small.record("d", f"n{number:02}", "2026-02-01", activity="visit")
    clerk = home.enter("township", "r")
    address = "/organizations/d/records?activity=visit"
    first, second = clerk.get(address), clerk.get(f"{address}&page=2")
    listed = [re.findall(r'records/(n\d\d)"', page) for page in (first, second)]
    assert [len(one) for one in listed] == [50, 10]
    assert not set(listed[0]) & set(listed[1])
    assert 'href="?activity=visit&amp;page=2"' in first
    assert 'href="?activity=visit&amp;page=1"' in second
    assert clerk.get(f"{address}&page=x").count("records/n") == 50
    assert "没有符合条件的记录" in clerk.get(f"{address}&page=9")


def test_hands_over_a_workbook(secretary: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook has texts as texts, and a cut one says so."""
    answer = secretary.client.get(f"{LIST}?format=xlsx")
    rows = rows_of(answer.content)
    assert rows[1][:3] == ("日期", "活动", "主题")
    assert rows[2][:3] == ("2026-03-01", "支部委员会会议", "=1+1")
    assert rows[3][3] == "院子"
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    cut = secretary.client.get(f"{LIST}?format=csv").content.decode("utf-8-sig").splitlines()
    assert "只含前 1 行" in cut[0]
    assert cut[3].startswith("只含前 1 行")
    assert len(cut) == 4


def test_a_formula_in_a_csv_is_a_text(secretary: Visitor) -> None:
    """A text that begins like a formula is not run by the program that opens the file."""
    assert ",'=1+1," in secretary.client.get(f"{LIST}?format=csv").content.decode()


def test_a_foreign_list_is_unknown(home: WebDistrict, secretary: Visitor) -> None:
    """A foreign organization has neither page nor file; readers have no button to record."""
    secretary.get("/organizations/d/records", 404)
    assert secretary.client.get("/organizations/d/records?format=csv").status_code == 404
    assert 'href="/organizations/c/record"' in secretary.get(LIST)
    assert 'href="/organizations/c/record"' not in home.enter("auditor", None).get(LIST)
