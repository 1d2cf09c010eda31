"""A month in pages: opened, drawn, explained, closed, its bulletin; and the ranking after it."""

import csv
import io

import pytest

from events.refusals.errors import Problem
from events.streams.findings import FindingsSubmitted
from tests.support.web_client import FOREIGN, MONTH, OWN, ROOT, SIBLING, STREET, Page, Visitor, Web
from tests.support.web_district import rows_of
from tests.tracker.web.test_many import closed, tell
from tracker.commands.documents import publish_policy
from tracker.http.background_jobs import BackgroundJobs

CYCLE = f"/cycles/{MONTH}"


def checked(visitor: Visitor, path: str) -> Page:
    """A page of a cycle once its draw was repeated in the background."""
    page = visitor.get(path)
    while "正在复核" in page.text:
        page = visitor.get(path)
    return page


def test_a_month_from_opening_to_close(web: Web) -> None:
    """The department opens, draws with a public value, closes uninspected; each step once."""
    web.at("2026-10-01 09:00")
    visitor = web.visitor("department")
    opening = visitor.get("/cycles").form(f"/cycles/{MONTH}/open")
    assert visitor.send(opening).location == f"{CYCLE}?scope={ROOT}&done=open"
    assert "已开启" in visitor.get(f"{CYCLE}?done=open").text
    assert visitor.send(opening).location.endswith("done=already")
    web.at("2026-10-06 09:00")
    visitor = web.visitor("department")
    drawing = visitor.get(CYCLE).form("/draw").fill(randomness="31415")
    assert visitor.send(drawing).location.endswith("done=draw")
    assert visitor.send(drawing).location.endswith("done=already")
    assert "31415" in visitor.get(CYCLE).text
    done = visitor.post(f"{CYCLE}/close?scope={ROOT}", uninspected="1", reason="汛期")
    assert done.location.endswith("done=close")
    assert len(web.events("CycleClosed")) == 1
    page = visitor.get(CYCLE)
    assert "汛期" in page.text
    assert f"{CYCLE}/bulletin?scope={ROOT}" in page.links
    assert "下一步" not in page.text


def test_a_refused_step_is_a_sentence(web: Web) -> None:
    """Too early, not opened, in no such month: said in words, and nothing typed is lost."""
    visitor = web.visitor("department")
    early = visitor.post(f"{CYCLE}/open")
    assert early.status == 409
    assert "2026-09 要到 2026-10-01 才能开启" in early.text
    assert "还没有开启" in visitor.post(f"{CYCLE}/close").text
    web.at("2026-10-01 09:00")
    visitor = web.visitor("department")
    visitor.post(f"{CYCLE}/open")
    early = visitor.post(f"{CYCLE}/draw", randomness="31415")
    assert early.status == 409
    assert "仍在宽限期内" in early.text
    assert 'value="31415"' in early.text
    assert visitor.post("/cycles/2026/open").status == 422


@pytest.mark.parametrize(
    ("step", "fields", "said"),
    [
        ("draw", {}, "请填写公开随机值"),
        ("draw", {"randomness": "1" * 501}, "太长，最多 500 个字"),
        ("draw", {"randomness": "1\x012"}, "控制字符"),
        ("close", {"uninspected": "1"}, "请写明理由"),
    ],
)
def test_a_field_that_is_wrong_is_told_at_it(
    web: Web, step: str, fields: dict[str, str], said: str
) -> None:
    """Nothing is done, and the page stands as it was typed."""
    web.at("2026-10-01 09:00")
    visitor = web.visitor("department")
    visitor.post(f"{CYCLE}/open")
    web.at("2026-10-06 09:00")
    page = web.visitor("department").post(f"{CYCLE}/{step}", **fields)
    assert page.status == 422
    assert said in page.text
    assert web.events("SampleDrawn") == []


def test_the_system_draws_where_there_is_no_public_value(web: Web) -> None:
    """Only when it was ticked, and the page says so."""
    web.at("2026-10-01 09:00")
    web.visitor("department").post(f"{CYCLE}/open")
    web.at("2026-10-06 09:00")
    visitor = web.visitor("department")
    assert visitor.post(f"{CYCLE}/draw", by_system="1").location.endswith("done=draw")
    assert "由系统产生" in visitor.get(CYCLE).text


@pytest.mark.parametrize("step", ["open", "draw", "close"])
def test_the_buttons_are_the_departments(web: Web, step: str) -> None:
    """Nobody else may press them, even by an address of their own."""
    for login in ("branch", "township", "inspector", "auditor", "administrator"):
        assert web.visitor(login).post(f"{CYCLE}/{step}").status == 403
    page = web.drawn().visitor("auditor").get(CYCLE)
    assert "下一步" not in page.text


def test_a_step_over_part_of_the_tree_is_refused(web: Web) -> None:
    """Only a root has cycles."""
    page = web.visitor("department").post(f"{CYCLE}/open?scope={STREET}")
    assert page.status == 422
    assert "不是考核区的最上级组织" in page.text
    assert web.visitor("department").post(f"{CYCLE}/open?scope=nobody").status == 422


def test_a_long_step_goes_on_behind_the_page(web: Web) -> None:
    """Who does not wait is told that it goes on; in the end it is done."""
    web.at("2026-10-01 09:00")
    web.inside.state.underway.close()
    web.inside.state.underway = BackgroundJobs(0.0)
    visitor = web.visitor("department")
    assert visitor.post(f"{CYCLE}/open").location.endswith("done=underway")
    while web.inside.state.underway.of(f"{ROOT}:{MONTH}") is not None:
        pass
    assert "2026-10-01" in visitor.get(CYCLE).text


def test_the_draw_is_checked_and_explained(web: Web) -> None:
    """Frame, rates, seed; the draw repeats; a branch reads why it was drawn."""
    web.drawn()
    page = checked(web.visitor("branch"), CYCLE)
    assert "复核一致" in page.text
    assert any(row.startswith("社区33100.0%") for row in page.rows)
    assert "红星社区" in page.text
    assert "抽中" in page.text
    assert "和平社区" not in page.text
    assert "西山社区" not in page.text
    department = web.visitor("department")
    asked = department.get(f"{CYCLE}?organization={FOREIGN}")
    assert "从未检查过" in asked.text or "不大于最后抽中的号" in asked.text
    assert "不在本月名册中" in department.get(f"{CYCLE}?organization={STREET}").text
    assert "没有这个组织" in web.visitor("branch").get(f"{CYCLE}?organization={FOREIGN}").text


def test_a_draw_that_was_tampered_with_is_told(web: Web) -> None:
    """What does not follow from the events is named on the page."""
    web.drawn()
    web.inside.state.fresh.soon(
        f"verify:{ROOT}:{MONTH}",
        lambda _reader: [Problem.error(code, "not_drawn_in_sample") for code in (OWN, FOREIGN)],
    )
    page = checked(web.visitor("auditor"), CYCLE)
    assert "复核不符" in page.text
    assert f"{OWN} 在样本中，但没有被抽中；{FOREIGN} 在样本中" in page.text
    page = checked(web.visitor("branch"), CYCLE)
    assert "复核不符" in page.text
    assert f"{OWN} 在样本中" in page.text
    assert FOREIGN not in page.text


def test_assignments_by_team_and_state(web: Web) -> None:
    """Progress by team, the list filtered, and the same as files."""
    web.drawn()
    visitor = web.visitor("department")
    page = visitor.get(CYCLE)
    assert any(row.startswith("社区组330") for row in page.rows)
    assert "测试inspector" in page.text
    assert "没有符合条件的组织" in visitor.get(f"{CYCLE}?state=scored").text
    text = visitor.get(f"{CYCLE}?state=open&team=社区组&format=csv").answer.content
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert "待检查" in rows[0][0]
    assert [row[1] for row in rows[2:]] == [OWN, SIBLING, FOREIGN]
    book = rows_of(web.visitor("township").get(f"{CYCLE}?format=xlsx").answer.content)
    assert [row[1] for row in book[2:]] == [OWN, SIBLING]
    left = visitor.get(f"{CYCLE}?list=exclusions&format=csv").answer.content.decode("utf-8-sig")
    assert len(left.splitlines()) == 2


def test_a_month_that_was_not_opened(web: Web) -> None:
    """It says so, and offers the department to open it."""
    assert "这个月还没有开启" in web.visitor("auditor").get(CYCLE).text
    assert web.visitor("department").get(CYCLE).form("/open").action.startswith(CYCLE)
    assert web.visitor("auditor").get("/cycles/none").status == 422
    assert web.visitor("auditor").get(f"{CYCLE}?scope=nobody").status == 404


def test_the_bulletin_is_a_circular(web: Web) -> None:
    """Whole, ranking, what was found wanting, what comes next; names are of one's own alone."""
    early = web.drawn().visitor("department").get(f"{CYCLE}/bulletin")
    assert early.status == 409
    assert "还没有截止" in early.text
    closed(web)
    page = web.visitor("department").get(f"{CYCLE}/bulletin")
    assert page.heading == "关于2026年9月过程化考核情况的通报"
    for part in ("一、总体情况", "二、分类排名", "四、存在问题", "五、下步要求", "附：抽样依据"):
        assert part in page.text
    assert "从3个组织中抽取3个（100.0%），完成检查1个。" in page.text
    assert "检查1个，其中1个未得满分，如红星社区" in page.text
    assert "和平社区（检查人员：" in page.text
    own = web.visitor("branch").get(f"{CYCLE}/bulletin")
    assert "和平社区" not in own.text
    assert "如红星社区" in own.text
    assert "名单只列您有权查看的组织" in own.text


def inspected(web: Web) -> Web:
    """Everybody inspected and September closed: 西山 best, then 红星."""
    web.drawn()
    for code, credit in ((SIBLING, "0"), (FOREIGN, "1")):
        tell(
            web,
            (
                code,
                FindingsSubmitted(
                    scope=ROOT, period=MONTH, kind="monthly", sheet_id="s-1", disallow=(),
                    inspectors=("p-1", "p-2"),
                    findings=({"criterion": "1.1.1", "credit": credit, "reason": "看"},),
                ),
            ),
        )  # fmt: skip
    return closed(web)


def ranking_of(page: Page) -> list[str]:
    """The rows of a ranking."""
    return [row for row in page.rows if "名次" not in row]


def test_the_ranking_is_published_as_the_policy_says(web: Web) -> None:
    """Places for everybody; then bands, the first alone, or nothing but one's own."""
    inspected(web)
    branch = web.visitor("branch")
    page = branch.get("/ranking")
    assert [row[:5] for row in ranking_of(page)[1:]] == ["1西山社区", "2红星社区", "3和平社区"]
    assert "本单位名次" in page.text
    assert f"/organizations/{FOREIGN}" not in page.links
    assert f"/organizations/{OWN}" in page.links
    for setting, seen, hidden in (
        ("{top: 1}", "每类只公布前 1 名", "和平社区"),
        ("bands", "只公布各档的组织数", "西山社区"),
        ("hidden", "排名不公布", "西山社区"),
    ):
        publish(web, setting)
        page = branch.get("/ranking")
        assert seen in page.text
        assert hidden not in page.text
        assert "红星社区" in page.text
        text = branch.get("/ranking?format=csv").answer.content.decode("utf-8-sig")
        assert hidden not in text
        whole = web.visitor("auditor").get("/ranking")
        assert "和平社区" in whole.text
        assert "西山社区" in whole.text


def publish(web: Web, setting: str) -> None:
    """Publish a policy that publishes the ranking in a way."""
    visitor = web.visitor("department")
    text = f"policy: district\nsampling: {{default: {{fraction: 1}}}}\npublish_ranking: {setting}\n"
    path = web.folder / "policy.yaml"
    path.write_text(text)
    publish_policy(web.tools.store, str(path), web.tools.metadata())
    assert visitor.get("/ranking").status == 200


def test_the_ranking_within_a_part_of_the_tree(web: Web) -> None:
    """Ranked among those under a street; the unranked when asked for; as a workbook."""
    inspected(web)
    visitor = web.visitor("department")
    page = visitor.get(f"/ranking?under={STREET}&category=community")
    assert [row[:5] for row in ranking_of(page)] == ["1红星社区", "2和平社区"]
    every = visitor.get("/ranking?all=1")
    assert any("无评价标准" in row and "东风街道" in row for row in ranking_of(every))
    book = rows_of(visitor.get("/ranking?category=community&format=xlsx").answer.content)
    assert [row[1] for row in book[2:]] == ["西山社区", "红星社区", "和平社区"]
    page = web.visitor("branch").get(f"/ranking?under={STREET}")
    assert page.faults["under"] == f"没有这个组织，或您无权查看：{STREET}"
    assert visitor.get("/ranking?period=2026-H1").status == 422


def test_before_the_first_close_there_is_no_ranking(web: Web) -> None:
    """It says when there will be one."""
    assert "还没有公布过任何月份的得分" in web.visitor("branch").get("/ranking").text
    assert "没有符合条件的组织" in web.visitor("auditor").get(f"/ranking?period={MONTH}").text
