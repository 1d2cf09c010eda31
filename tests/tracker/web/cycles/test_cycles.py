"""The page of a cycle: its draw verified and explained, its assignments."""

import csv
import io

from events.refusals.errors import Problem
from tests.support.web_client import FOREIGN, MONTH, OWN, ROOT, SIBLING, STREET, Page, Visitor, Web
from tests.support.web_district import rows_of

CYCLE = f"/cycles/{MONTH}"


def checked(visitor: Visitor, path: str) -> Page:
    """Return a page of a cycle once its draw has been verified in the background."""
    page = visitor.get(path)
    while "正在复核" in page.text:
        page = visitor.get(path)
    return page


def test_the_draw_is_checked_and_explained(web: Web) -> None:
    """The page shows the verified draw and explains the result of an organization."""
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
    assert "没有符合" in web.visitor("branch").get(f"{CYCLE}?organization={FOREIGN}").text


def test_a_draw_that_was_tampered_with_is_told(web: Web) -> None:
    """The page names what does not follow from the events, within the user's scope."""
    web.drawn()
    web.inside.state.figures.get_if_made(
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
    """The assignments are filtered by team and state, on the page and in exports."""
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
    """An unopened month says so and offers the department to open it."""
    assert "这个月还没有开启" in web.visitor("auditor").get(CYCLE).text
    assert web.visitor("department").get(CYCLE).form("/open").action.startswith(CYCLE)
    assert web.visitor("auditor").get("/cycles/none").status == 422
    assert web.visitor("auditor").get(f"{CYCLE}?scope=nobody").status == 404
