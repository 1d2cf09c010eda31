from tests.support.web_client import STREET, Visitor, Web


def offered(visitor: Visitor, text: str, of: str) -> list[str]:
    """The labels that are offered."""
    page = visitor.get(f"/pick/people?of={of}&q={text}")
    assert page.status == 200
    return [option["label"] for option in page.json["options"]]


def test_offers_people_of_the_scope(web: Web) -> None:
    """Each kind within the scope of its action: nobody to whom the action is not permitted."""
    web.admit("deputy", "auditor", STREET)
    township, administrator = web.visitor("township"), web.visitor("administrator")
    assert offered(township, "测试d", "borrowers") == ["测试deputy（deputy）"]
    assert offered(township, "cs", "actors") == []
    assert offered(township, "p-", "inspectors") == []
    assert offered(administrator, "p-", "inspectors") == [
        "测试inspector（p-1）", "测试inspector2（p-2）",
    ]  # fmt: skip
    assert len(offered(web.visitor("auditor"), "cs", "actors")) == 8
    assert web.visitor("branch").get("/pick/people?of=everybody&q=a").status == 422
