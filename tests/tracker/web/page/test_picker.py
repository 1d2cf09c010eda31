"""A field that takes a name works without a script: the choice comes back at the field."""

from __future__ import annotations

import re

from tests.support.web_client import FOREIGN, OTHER_STREET, OWN, SIBLING, Page, Web

MOVE = f"/admin/organizations/{OWN}"
MERGE = f"/admin/organizations/{SIBLING}"


def choices(page: Page) -> list[str]:
    """The values of the radio buttons of a choice."""
    return re.findall(r'type="radio" name="[\w-]+-choice" value="([^"]*)"', page.text)


def test_a_choice_is_made_without_a_script(web: Web) -> None:
    """The text stays, one of its candidates is chosen, and the form does what it is for."""
    visitor = web.visitor("administrator")
    form = visitor.get(f"{MOVE}?do=move").form("/change").fill(parent="西山")
    page = visitor.send(form)
    assert page.status == 422
    assert choices(page) == [OTHER_STREET, FOREIGN]
    again = page.form("/change")
    assert again["parent"] == "西山"
    assert again["parent-asked"] == "西山"
    assert visitor.send(again).status == 422
    done = visitor.send(again.type_into("parent-choice", OTHER_STREET))
    assert done.location.endswith("?done=move")
    assert "西山街道" in visitor.get(MOVE).text


def test_another_text_counts_instead_of_the_choice(web: Web) -> None:
    """A choice is for the text for which it was offered; a text typed after it is a new one."""
    visitor = web.visitor("administrator")
    form = visitor.get(f"{MOVE}?do=move").form("/change").fill(parent="西山")
    again = visitor.send(form).form("/change").type_into("parent-choice", FOREIGN)
    done = visitor.send(again.fill(parent="西山街道"))
    assert done.location.endswith("?done=move")
    page = visitor.get(MOVE).text
    assert "西山街道" in page
    assert "西山社区" not in page


def test_what_was_picked_is_shown_by_its_name(web: Web) -> None:
    """After a fault elsewhere the field shows the name with the code, which means the same."""
    visitor = web.visitor("administrator")
    form = visitor.get(f"{MERGE}?do=merge").form("/change").fill(merged_into="hxsq")
    page = visitor.send(form)
    assert list(page.faults) == ["", "reason"]
    assert page.form("/change")["merged_into"] == f"红星社区（{OWN}）"
    done = visitor.send(page.form("/change").fill(reason="撤并"))
    assert done.location.endswith("?done=merge")


def test_a_filter_keeps_the_choice(web: Web) -> None:
    """The links of a filtered page have the code that was chosen, not the text."""
    visitor = web.visitor("department")
    page = visitor.get(f"/organizations?under=西山&under-asked=西山&under-choice={OTHER_STREET}")
    assert page.status == 200
    assert f"under={OTHER_STREET}" in " ".join(page.links)
    assert "under-choice" not in " ".join(page.links)
    page = visitor.get(f"/overview?under=西山&under-asked=西山&under-choice={OTHER_STREET}")
    assert f"under={OTHER_STREET}" in " ".join(page.links)


def test_a_file_never_has_another_filter(web: Web) -> None:
    """What a name may mean several times is refused where a file is asked for."""
    visitor = web.visitor("department")
    assert visitor.get("/overview?under=西山&format=csv").status == 422
    assert visitor.get("/overview?under=无&format=csv").status == 404
    assert visitor.get("/overview?under=西山街道&format=csv").status == 200


def test_the_log_is_searched_by_names(web: Web) -> None:
    """Organizations and actors are named; an id that is nobody's finds nothing and is no fault."""
    visitor = web.visitor("auditor")
    web.admit("li", "department", OWN)
    page = visitor.get("/audit?organization=hxsq&all=1")
    assert (page.status, page.faults) == (200, {})
    assert f'value="红星社区（{OWN}）"' in page.text
    page = visitor.get("/audit?actor=测试&all=1")
    assert page.status == 422
    assert len(choices(page)) == 8
    chosen = choices(page)[0]
    page = visitor.get(f"/audit?actor=测试&actor-asked=测试&actor-choice={chosen}&all=1")
    assert page.status == 200
    assert visitor.get("/audit?actor=os:tester&all=1").status == 200
    assert "没有符合条件的事件" in visitor.get("/audit?actor=nobody&all=1").text
