from tests.support.web_client import CHILD, FOREIGN, OTHER_STREET, OWN, Visitor, Web


def offered(visitor: Visitor, text: str, action: str = "see_file") -> list[str]:
    """The codes that are offered."""
    page = visitor.get(f"/pick/organizations?action={action}&q={text}")
    assert page.status == 200
    return [option["value"] for option in page.json["options"]]


def test_offers_organizations_of_the_scope(web: Web) -> None:
    """By name, part, initials or code, never one outside the scope of the action."""
    township, branch = web.visitor("township"), web.visitor("branch")
    assert offered(township, "hx") == [OWN, CHILD]
    assert offered(township, "红星") == [OWN, CHILD]
    assert offered(township, "西山") == []
    assert offered(branch, "99-0") == [OWN, CHILD]
    assert offered(branch, "红星", "see_many") == []
    assert offered(web.visitor("department"), "xss") == [FOREIGN]
    assert offered(web.visitor("administrator"), "xs", "administer") == [OWN, OTHER_STREET, FOREIGN]
    assert offered(township, "") == []


def test_an_option_is_what_the_field_takes(web: Web) -> None:
    """It has the label that goes into the field, and a note to tell it apart."""
    page = web.visitor("department").get("/pick/organizations?action=see_file&q=和平")
    assert page.json == {
        "options": [
            {"value": "99-01-002", "label": "和平社区（99-01-002）", "note": "社区 · 东风街道"}
        ]
    }


def test_refuses_what_is_no_action(web: Web) -> None:
    """An unknown action is a bad request; a stranger signs in first."""
    assert web.visitor("branch").get("/pick/organizations?action=x&q=a").status == 422
    assert web.anybody().get("/pick/organizations?action=see_file&q=a").status in {303, 401}
