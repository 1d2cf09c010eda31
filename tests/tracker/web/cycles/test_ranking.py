"""The page of the ranking, as the policy publishes it."""

from events.streams.findings import FindingsSubmitted
from tests.support.web_client import FOREIGN, MONTH, OWN, ROOT, SIBLING, STREET, Page, Web
from tests.support.web_district import rows_of
from tests.tracker.web.test_many import closed, tell
from tracker.commands.documents import publish_policy


def inspected(web: Web) -> Web:
    """Inspect every organization and close September: 西山 is first, then 红星."""
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
    """Return the rows of a ranking."""
    return [row for row in page.rows if "名次" not in row]


def test_the_ranking_is_published_as_the_policy_says(web: Web) -> None:
    """A branch sees the ranks, bands or own ranks that the policy publishes."""
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
    """Publish a policy with the given publication of the ranking."""
    visitor = web.visitor("department")
    text = f"policy: district\nsampling: {{default: {{fraction: 1}}}}\npublish_ranking: {setting}\n"
    path = web.folder / "policy.yaml"
    path.write_text(text)
    publish_policy(web.tools.store, str(path), web.tools.metadata())
    assert visitor.get("/ranking").status == 200


def test_the_ranking_within_a_part_of_the_tree(web: Web) -> None:
    """The ranking can be limited to a street, include unranked rows, and be exported."""
    inspected(web)
    visitor = web.visitor("department")
    page = visitor.get(f"/ranking?under={STREET}&category=community")
    assert [row[:5] for row in ranking_of(page)] == ["1红星社区", "2和平社区"]
    every = visitor.get("/ranking?all=1")
    assert any("无评价标准" in row and "东风街道" in row for row in ranking_of(every))
    book = rows_of(visitor.get("/ranking?category=community&format=xlsx").answer.content)
    assert [row[1] for row in book[2:]] == ["西山社区", "红星社区", "和平社区"]
    page = web.visitor("branch").get(f"/ranking?under={STREET}")
    assert page.faults["under"].startswith(f"有 2 个组织符合“{STREET}”")
    assert visitor.get("/ranking?period=2026-H1").status == 422


def test_before_the_first_close_there_is_no_ranking(web: Web) -> None:
    """Before the first close the page says when there will be a ranking."""
    assert "还没有公布过任何月份的得分" in web.visitor("branch").get("/ranking").text
    assert "没有符合条件的组织" in web.visitor("auditor").get(f"/ranking?period={MONTH}").text
