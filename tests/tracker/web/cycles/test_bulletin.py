"""The page of the bulletin of a closed month."""

from tests.support.web_client import MONTH, Web
from tests.tracker.web.test_many import closed

CYCLE = f"/cycles/{MONTH}"


def test_the_bulletin_is_a_circular(web: Web) -> None:
    """The bulletin has the parts of a circular and names only organizations of the scope."""
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
