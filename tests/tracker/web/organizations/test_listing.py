import csv
import io
import re
from datetime import date

import pytest

from events.event import PendingEvent
from events.streams.organizations import OrganizationClosed, stream_of
from tests.support.web_client import (
    CHILD,
    DEPARTMENT,
    FOREIGN,
    OWN,
    ROOT,
    SIBLING,
    STREET,
    Page,
    Web,
)
from tests.support.web_district import rows_of
from tests.tracker.web.test_many import closed
from tracker.http import exports
from tracker.web.organizations import listing as organizations

LIST = "/organizations"
EVERYBODY = [ROOT, STREET, OWN, CHILD, SIBLING, "99-02", FOREIGN, DEPARTMENT]


def codes(page: Page) -> list[str]:
    """Return the codes of the organizations that a page lists, in order."""
    return re.findall(r'<td class="mono">([\w-]+)</td>', page.text)


def exported(page: Page) -> list[list[str]]:
    """Return the rows of a CSV file without its first two lines."""
    rows = list(csv.reader(io.StringIO(page.answer.content.decode("utf-8-sig"))))
    return rows[2:]


@pytest.mark.parametrize(
    ("login", "wanted"),
    [
        ("branch", [OWN, CHILD]),
        ("township", [STREET, OWN, CHILD, SIBLING]),
        ("inspector", []),
        ("department", EVERYBODY),
    ],
)
def test_each_sees_their_own(web: Web, login: str, wanted: list[str]) -> None:
    """The list, its parts and its files have only organizations in the visitor's scope."""
    visitor = web.visitor(login)
    page = visitor.get(LIST)
    assert page.status == 200
    assert codes(page) == wanted
    assert codes(visitor.get(LIST, x_part="1")) == wanted
    assert [row[0] for row in exported(visitor.get(f"{LIST}?format=csv"))] == wanted


def test_who_administers_sees_none(web: Web) -> None:
    """An administrator of accounts may read neither files nor their list."""
    assert web.visitor("administrator").get(LIST).status == 403


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("q=和平", [SIBLING]),
        ("q=99-01-001", [OWN, CHILD]),
        ("q= 红星 ", [OWN, CHILD]),
        ("category=community", [OWN, SIBLING, FOREIGN]),
        ("category=community&under=99-01", [OWN, SIBLING]),
        ("q=没有的", []),
        ("q=%25", []),
        ("q=_", []),
        ("category=nonsense", []),
    ],
)
def test_filters(web: Web, query: str, wanted: list[str]) -> None:
    """Name, prefix of the code, category and place filter the list and the files alike."""
    visitor = web.visitor("department")
    page = visitor.get(f"{LIST}?{query}")
    assert codes(page) == wanted
    assert ("没有符合条件的组织" in page.text) is (not wanted)
    assert [row[0] for row in exported(visitor.get(f"{LIST}?{query}&format=csv"))] == wanted


def test_parts_are_rows_alone(web: Web) -> None:
    """A search while typing is answered by the rows without the page around them."""
    part = web.visitor("department").get(f"{LIST}?q=红星", x_part="1")
    assert "<h1" not in part.text
    assert codes(part) == [OWN, CHILD]


@pytest.mark.parametrize(("login", "code"), [("department", "98"), ("township", FOREIGN)])
def test_under_an_unknown_organization(web: Web, login: str, code: str) -> None:
    """An unknown place and one out of scope have the same message at the field."""
    visitor = web.visitor(login)
    for query in (f"q=红&under={code}", f"q=红&under={code}&format=csv"):
        page = visitor.get(f"{LIST}?{query}")
        assert page.status == 422
        assert page.faults["under"].startswith(f"没有符合“{code}”的组织，或您无权查看")
        assert 'value="红"' in page.text
        assert codes(page) == []
    part = visitor.get(f"{LIST}?under={code}", x_part="1")
    assert part.status == 200
    assert f"没有符合“{code}”的组织，或您无权查看" in part.text


def test_a_parent_leads_to_what_is_under_it(web: Web) -> None:
    """The name of a parent in scope links to a search under it."""
    assert f"{LIST}?under={STREET}" in web.visitor("township").get(LIST).links
    page = web.visitor("branch").get(LIST)
    assert "东风街道" in page.text
    assert f"{LIST}?under={STREET}" not in page.links
    assert f"{LIST}?under={OWN}" in page.links


def test_page_by_page(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are ordered by code, have no gap, and keep the filter; the last has no next page."""
    monkeypatch.setattr(organizations, "PAGE", 3)
    visitor = web.visitor("department")
    seen: list[list[str]] = []
    path = f"{LIST}?q=9"
    while path:
        page = visitor.get(path)
        seen.append(codes(page))
        path = next((one for one in page.links if "after=" in one and "format" not in one), "")
        assert not path or "q=9" in path
    assert [len(one) for one in seen] == [3, 3, 2]
    assert [code for one in seen for code in one] == EVERYBODY


def test_closed_ones(web: Web) -> None:
    """A closed organization is listed on request, with its closing day."""
    closing = OrganizationClosed(on=date(2026, 9, 10), reason="注销")
    with web.tools.store.append() as log:
        log.append([PendingEvent(stream_of(CHILD), "closing", closing, web.tools.metadata())])
    visitor = web.visitor("department")
    assert codes(visitor.get(f"{LIST}?q={OWN}")) == [OWN]
    page = visitor.get(f"{LIST}?q={OWN}&closed=1")
    assert codes(page) == [OWN, CHILD]
    assert "撤销于 2026-09-10" in page.text


def test_the_newest_score_is_listed(web: Web) -> None:
    """Each organization has its score once a month is closed."""
    visitor = web.visitor("department")
    assert "未抽查" not in visitor.get(LIST).text
    closed(web)
    page = web.visitor("department").get(f"{LIST}?q=99-01-00")
    assert "2026年9月" in page.text
    scores = {
        row[0]: row[5] for row in exported(web.visitor("department").get(f"{LIST}?format=csv"))
    }
    assert scores[OWN]
    assert scores[OWN] in page.text
    assert scores[SIBLING] == ""
    assert "未抽查" in page.text


def test_files_hold_what_is_shown(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook has the same rows, and a cut file says so."""
    visitor = web.visitor("department")
    rows = rows_of(visitor.get(f"{LIST}?category=community&format=xlsx").answer.content)
    assert [row[0] for row in rows if row[0] in {OWN, SIBLING, FOREIGN}] == [OWN, SIBLING, FOREIGN]
    first = visitor.get(f"{LIST}?q=红星&category=community&format=csv").answer.content.decode()
    assert "组织 红星 社区" in first.splitlines()[0]
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    page = visitor.get(f"{LIST}?format=csv")
    assert [row[0] for row in exported(page)][:2] == [ROOT, STREET]
    assert len(exported(page)) == 3
    assert exported(page)[2][0].startswith("只含前 2 行")
