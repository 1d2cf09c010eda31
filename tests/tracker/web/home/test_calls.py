from tests.support.web_client import OTHER_STREET, STREET, Web
from tests.support.web_district import rows_of


def test_lists_whom_to_call_by_township(web: Web) -> None:
    """Each township has its organizations with contact and debts; only those of the scope."""
    page = web.visitor("department").get("/calls")
    assert "东风街道" in page.text
    assert "西山街道" in page.text
    (row,) = [row for row in page.rows if row.startswith("红星社区")]
    assert "测试branch" in row
    assert "支部委员会会议" in row
    assert any(row.startswith("和平社区 –") or "和平社区–" in row for row in page.rows)
    own = web.visitor("township").get("/calls")
    assert "西山" not in own.text
    assert web.visitor("branch").get("/calls").status == 403


def test_the_list_is_filtered_and_exported(web: Web) -> None:
    """Under one township it has only its organizations, on the page and in the file."""
    visitor = web.visitor("department")
    page = visitor.get(f"/calls?under={OTHER_STREET}")
    assert "西山社区" in page.text
    assert "红星社区" not in page.text
    book = rows_of(visitor.get(f"/calls?under={STREET}&format=xlsx").answer.content)
    assert [row[1] for row in book[2:]] == ["红星社区", "和平社区"]
    assert book[2][3] == "测试branch"
    assert "支部委员会会议（2026-09）" in book[2][4]
    assert visitor.get("/calls?under=西山&format=csv").status == 422
    assert visitor.get("/calls?period=2026-13").status == 422
