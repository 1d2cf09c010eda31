import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.event import Metadata
from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected, ActivityRetracted
from tests.support.small_district import sheet
from tests.support.web_district import Visitor, WebDistrict

PAGE = "/organizations/c/records/m-1"


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Yield a district with a meeting and minutes on 2 March; today is 3 April."""
    district = WebDistrict(sqlite_url, tmp_path / "evidence")
    district.small.now = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    district.small.record(
        "c", "m-1", "2026-03-02", title="支委会", place="会议室", note="两行\n备注",
        attendance={"present": 5, "expected": 7}, money={"due": 12000, "paid": 5},
    )  # fmt: skip
    district.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield district
    district.dispose()


def plain(text: str) -> str:
    """Return the text of a page without its tags, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_shows_the_present_record(secretary: Visitor) -> None:
    """The page shows every field, the actor, time and channel, and the state."""
    text = plain(secretary.get(PAGE))
    for said in (
        "支部委员会会议", "2026-03-02", "到会 5 / 应到 7", "71.4%", "应缴 120.00", "实缴 0.05",
        "支委会", "会议室", "两行 备注", "系统管理员（命令行）", "命令行", "有效", "m-1",
    ):  # fmt: skip
        assert said in text, said
    assert "已撤回" not in text


def test_shows_what_it_serves(home: WebDistrict, secretary: Visitor) -> None:
    """Each criterion and window has the credit of the record and what the record lacks."""
    text = plain(secretary.get(PAGE))
    assert "m 标准m 2026年3月 1 1 / 1 完整、及时" in text
    home.small.record("c", "m-2", "2026-03-05", evidence=())
    text = plain(secretary.get("/organizations/c/records/m-2"))
    assert "0.5 1 / 1 不完整，缺：会议记录" in text
    home.small.record("c", "m-3", "2026-04-01")
    home.small.record("c", "m-4", "2026-04-02")
    assert "窗口已由其他记录满足" in plain(secretary.get("/organizations/c/records/m-4"))
    home.small.record("c", "x-1", "2026-04-02", activity="theme_day")
    assert "没有要求这项活动" in plain(secretary.get("/organizations/c/records/x-1"))


def test_a_late_record_says_so(home: WebDistrict, secretary: Visitor) -> None:
    """A late record shows the last day that was in time."""
    home.small.now = datetime(2026, 4, 20, 4, 0, tzinfo=UTC)
    home.small.record("c", "m-2", "2026-02-05")
    text = plain(home.enter("township", "r").get("/organizations/c/records/m-2"))
    assert "迟报" in text
    assert "及时记录的最后一天是 2026-03-05" in text
    assert "0.5 0.5 / 1 完整，迟报" in text


def test_the_history_is_side_by_side(home: WebDistrict, secretary: Visitor) -> None:
    """Each correction has reason, channel, and the changed fields before and after."""
    home.small.tell(
        stream_of("c"),
        ActivityCorrected(
            record_id="m-1",
            changes={"attendance": {"present": 6, "expected": 7}},
            cleared=("title",),
            reason="数错了",
        ),
        metadata=Metadata(secretary.account, "web"),
    )
    text = plain(secretary.get(PAGE))
    assert "更正 · 名branch-c · 网页" in text
    assert "理由：数错了" in text
    assert "主题 支委会 无 到会 到会 5 / 应到 7 (71.4%) 到会 6 / 应到 7 (85.7%)" in text
    assert "地点 会议室 会议室" not in text


def test_a_retracted_record_can_be_read_and_not_changed(
    home: WebDistrict, secretary: Visitor
) -> None:
    """A retracted record shows the reason and cannot be changed."""
    home.small.tell(stream_of("c"), ActivityRetracted(record_id="m-1", reason="重复记录"))
    page = secretary.get(PAGE)
    text = plain(page)
    assert "已撤回，不计入任何标准" in text
    assert "理由：重复记录" in text
    assert "/correct/" not in page
    assert "/retract/" not in page


def test_a_disallowed_record_says_why(home: WebDistrict, secretary: Visitor) -> None:
    """The history has the reason of the sheet that disallowed the record."""
    home.small.tell(stream_of("c"), sheet("2026-03", "s-1", "m-1"))
    text = plain(secretary.get(PAGE))
    assert "检查中不予采信" in text
    assert "理由：不实" in text


def test_an_erased_text_is_marked(home: WebDistrict, secretary: Visitor) -> None:
    """An erased text is replaced by a note, not by its commitment."""
    home.small.tamper("DELETE FROM texts WHERE field = 'title'")
    page = secretary.get(PAGE)
    assert '主题</dt><dd class=""><span class="soft">（内容已依规删除）' in page
    assert "sha256:" not in page


def test_a_receipt_is_checked_by_its_code(home: WebDistrict, secretary: Visitor) -> None:
    """A scanned receipt matches the record, an older version of it, or nothing."""
    page = secretary.get(PAGE)
    version = re.search(r"档案版本</dt><dd>(\d+)", page)
    digest = re.search(r"校验码</dt><dd class=\"mono\">([0-9a-f]{64})", page)
    assert version is not None
    assert digest is not None
    marks = f"version={version[1]}&hash={digest[1][:16]}"
    assert "回执核对一致" in secretary.get(f"{PAGE}?{marks}")
    assert "回执与记录不一致" in secretary.get(f"{PAGE}?version={version[1]}&hash={'0' * 16}")
    assert "回执与记录不一致" in secretary.get(f"{PAGE}?version={version[1]}&hash={digest[1][:4]}")
    assert "回执" not in "".join(re.findall(r'role="status">(.*?)</p>', page))
    home.small.tell(stream_of("c"), ActivityRetracted(record_id="m-1", reason="重复记录"))
    assert "回执是真实的" in secretary.get(f"{PAGE}?{marks}")


def test_a_file_used_elsewhere_is_flagged(home: WebDistrict, secretary: Visitor) -> None:
    """Another use of a file names its organization only to those who may see it."""
    file = secretary.upload("c")["file"]
    evidence = ({"kind": "minutes", "file": file}, {"kind": "photo"})
    home.small.record("c", "m-2", "2026-03-05", evidence=evidence)
    page = secretary.get("/organizations/c/records/m-2")
    assert "此文件曾用过" not in page
    assert "有材料、未上传" in page
    home.small.record("d", "n-1", "2026-03-06", evidence=evidence)
    mine = plain(secretary.get("/organizations/c/records/m-2"))
    assert "此文件曾用过 其他组织" in mine
    assert "组织d" not in mine
    theirs = home.enter("township", "r").get("/organizations/c/records/m-2")
    assert 'href="/organizations/d/records/n-1">组织d 3月6日' in theirs
    home.small.record("c", "m-3", "2026-03-07", evidence=evidence)
    same_month = plain(secretary.get("/organizations/c/records/m-2"))
    assert "组织c 3月7日" not in same_month
    home.small.record("c", "m-4", "2026-02-07", evidence=evidence)
    assert "组织c 2月7日" in plain(secretary.get("/organizations/c/records/m-2"))


def test_the_form_of_a_correction_does_not_flag_its_own_file(
    home: WebDistrict, secretary: Visitor
) -> None:
    """The record's own photo, and one shared within its month, are no earlier use."""
    file = secretary.upload("c")["file"]
    evidence = ({"kind": "photo", "file": file},)
    home.small.record("c", "m-2", "2026-03-05", evidence=evidence)
    home.small.record("c", "m-3", "2026-03-06", evidence=evidence)
    form = "/organizations/c/correct/m-2"
    assert "! 此文件曾用过" not in secretary.get(form)
    home.small.record("c", "m-4", "2025-03-06", evidence=evidence)
    assert "! 此文件曾用过" in secretary.get(form)


def test_only_who_may_see_it_does(home: WebDistrict, secretary: Visitor) -> None:
    """Foreign organizations and unknown records are not found; a reader has no buttons."""
    assert "没有这条记录" in secretary.get("/organizations/c/records/none", 404)
    other = home.enter("branch", "d")
    other.get(PAGE, 404)
    auditor = home.enter("auditor", None)
    assert "/correct/" not in auditor.get(PAGE)
    assert "/correct/" in secretary.get(PAGE)


def test_an_identity_with_strokes_has_a_page(home: WebDistrict, secretary: Visitor) -> None:
    """Record ids from imports may contain slashes, spaces and other signs."""
    home.small.record("c", "导入/3 #1", "2026-03-05")
    listed = secretary.get("/organizations/c/records")
    (address,) = re.findall(r'href="(/organizations/c/records/%[^"]+)"', listed)
    assert "导入/3 #1" in secretary.get(address)
