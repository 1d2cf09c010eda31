"""Reading through the API: who asks, the tree, files and figures, as the pages show them."""

from __future__ import annotations

from typing import Any

import pytest

from events.periods import parse_month
from projections.scores.ranking import rank_organizations
from tests.support.api_client import BASE, by_session, program
from tests.support.web_client import CHILD, FOREIGN, MONTH, OWN, ROOT, SIBLING, STREET, Web
from tracker.api import figures
from tracker.export.tables import LEFT_OUT

MEETING: dict[str, Any] = {
    "activity": "branch_committee_meeting",
    "occurred_on": "2026-09-12",
    "evidence": [{"kind": "minutes"}],
}


def test_who_am_i(web: Web) -> None:
    """A token says whose it is and what it narrows; a session gives the token that changes need."""
    told = program(web, "branch", ("read",)).get("/me")
    assert told["roles"][0] | {"grant_id": ""} == {
        "grant_id": "", "role": "branch", "organization": OWN, "categories": None,
        "from_on": "2026-01-01", "until_on": None, "delegated_by": None,
    }  # fmt: skip
    assert told["token_scopes"] == ["read"]
    assert "record" not in told["actions"]
    assert "see_file" in told["actions"]
    assert told["csrf"] is None
    assert (told["today"], told["zone"], told["first_month"]) == (
        "2026-09-20", "Asia/Shanghai", MONTH,
    )  # fmt: skip
    mine = by_session(web, "branch")
    assert mine.get("/me")["csrf"] == mine.visitor.csrf


def test_words(web: Web) -> None:
    """The vocabulary has both languages and an ETag; the categories are those built in."""
    one = program(web, "branch")
    answer = one.call("GET", "/vocabulary")
    names = {word["name"]: word["zh"] for word in answer.json["activities"]}
    assert names["branch_committee_meeting"] == "支部委员会会议"
    assert one.call("GET", "/vocabulary", if_none_match=answer.headers["etag"]).status == 304
    assert len(one.get("/categories")) == 11


def codes(page: dict[str, Any]) -> list[str]:
    """The codes of a page."""
    return [row["code"] for row in page["items"]]


@pytest.mark.parametrize(
    ("login", "found"),
    [
        ("branch", [OWN, CHILD]),
        ("township", [STREET, OWN, CHILD, SIBLING]),
        ("inspector", []),
        ("department", [ROOT, STREET, OWN, CHILD, SIBLING, "99-02", FOREIGN, "99-d"]),
    ],
)
def test_organizations_in_scope(web: Web, login: str, found: list[str]) -> None:
    """Everybody lists what their roles reach and nothing else."""
    assert codes(program(web, login).get("/organizations?limit=200")) == found


def test_organization_filters(web: Web) -> None:
    """Organizations are found by name, code, category, place in the tree, and life."""
    one = program(web, "department")
    for query, found in (
        ("q=社区", [OWN, SIBLING, FOREIGN]),
        ("q=99-02", ["99-02", FOREIGN]),
        ("q=%25", []),
        ("category=enterprise", [CHILD]),
        (f"under={STREET}", [STREET, OWN, CHILD, SIBLING]),
        (f"parent={STREET}", [OWN, SIBLING]),
        ("life=closed", []),
        (f"life=open&under={OWN}", [OWN, CHILD]),
    ):
        assert codes(one.get(f"/organizations?{query}")) == found, query
    assert one.call("GET", "/organizations?under=nowhere").status == 404
    branch = program(web, "branch")
    assert branch.call("GET", f"/organizations?under={STREET}").status == 404
    assert one.call("GET", "/organizations?life=x").status == 422


def test_organization_pages(web: Web) -> None:
    """Pages join without a gap, and a file holds all of them."""
    one = program(web, "department")
    seen: list[str] = []
    after = ""
    while True:
        page = one.get(f"/organizations?limit=3{after}")
        seen += codes(page)
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == codes(one.get("/organizations?limit=200"))
    answer = one.call("GET", "/organizations?format=csv&limit=1", accept_language="en")
    assert len(answer.text.splitlines()) == len(seen) + 2
    assert answer.text.splitlines()[1].startswith("code,name,category,parent")


def test_one_organization(web: Web) -> None:
    """One organization has its codes and an ETag that a record of its moves on."""
    one = program(web, "branch")
    answer = one.call("GET", f"/organizations/{OWN}")
    assert (answer.json["parent"], answer.json["codes"]) == (STREET, [OWN])
    etag = answer.headers["etag"]
    path = f"/organizations/{OWN}"
    assert one.call("GET", path, if_none_match=f'"x", W/{etag}').status == 304
    one.post(f"{path}/records", MEETING, "k-1")
    assert one.call("GET", path, if_none_match=etag).status == 200


def test_tree(web: Web) -> None:
    """The tree under an organization comes with depths, within the scope."""
    page = program(web, "township").get(f"/organizations/{STREET}/tree")
    assert [(row["code"], row["depth"]) for row in page["items"]] == [
        (STREET, 0), (OWN, 1), (CHILD, 2), (SIBLING, 1),
    ]  # fmt: skip


def test_file_and_duties(web: Web) -> None:
    """The electronic file and the duties are those of the command line, with an ETag."""
    one = program(web, "branch")
    one.post(f"/organizations/{OWN}/records", MEETING, "k-1")
    answer = one.call("GET", f"/organizations/{OWN}/file")
    assert answer.json["activities"][0]["record_id"] == "k-1"
    assert answer.json["head"]["version"] == 2
    path = f"/organizations/{OWN}/file"
    assert one.call("GET", path, if_none_match=answer.headers["etag"]).status == 304
    duties = one.get(f"/organizations/{OWN}/todo")
    done = [row for row in duties if "k-1" in row.get("records", [])]
    assert done
    text = one.call("GET", f"/organizations/{OWN}/todo?format=csv").text
    assert len(text.splitlines()) == len(duties) + 2


def test_compliance(web: Web) -> None:
    """Compliance is a bare list by code whose next page the header names."""
    one = program(web, "department")
    answer = one.call("GET", f"/compliance?period={MONTH}&limit=2")
    assert [row["organization"] for row in answer.json] == [ROOT, STREET]
    link = answer.headers["link"]
    assert link.endswith('; rel="next"')
    following = one.get(link[1 : link.index(">")].removeprefix(BASE))
    assert [row["organization"] for row in following] == [OWN, CHILD]
    whole = one.get(f"/compliance?period={MONTH}")
    assert [row["organization"] for row in whole][:2] == [ROOT, STREET]
    assert "link" not in one.call("GET", f"/compliance?period={MONTH}").headers
    found = one.get(f"/compliance?period=2026&organization={OWN}&purpose=annual")
    assert found[0]["scheme"] is None
    text = one.call("GET", f"/compliance?period={MONTH}&under={STREET}&format=csv").text
    assert len(text.splitlines()) == 6


def test_a_file_of_compliance_says_what_it_leaves_out(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where more organizations follow, the file's first and last line and a header say so."""
    one = program(web, "department")
    monkeypatch.setattr(figures, "MOST_DERIVED", 2)
    answer = one.call("GET", f"/compliance?period={MONTH}&format=csv")
    lines = answer.text.splitlines()
    assert len(lines) == 2 + 2 + 1
    assert "只含前 2 行" in lines[0]
    assert "只含前 2 行" in lines[-1]
    assert answer.headers[LEFT_OUT] == "1"
    few = one.call("GET", f"/compliance?period={MONTH}&under={OWN}&format=csv")
    assert LEFT_OUT not in few.headers


def test_compliance_faults(web: Web) -> None:
    """A bad period, instant or purpose is refused, and so are two selections."""
    one = program(web, "department")
    for query in (
        "period=2026-13", "period=2026-09&purpose=x", "period=2026-09&known_at=2026-09-01",
        f"period=2026-09&organization={OWN}&under={ROOT}", "x=1",
    ):  # fmt: skip
        assert one.call("GET", f"/compliance?{query}").status == 422, query
    branch = program(web, "branch")
    assert branch.call("GET", f"/compliance?period=2026-09&organization={SIBLING}").status == 404


def test_as_known_at(web: Web) -> None:
    """As known at a past instant nothing that came later counts."""
    one = program(web, "branch")
    before = one.get(f"/compliance?period={MONTH}&organization={OWN}")
    web.at("2026-09-21 09:00")
    one.post(f"/organizations/{OWN}/records", MEETING, "k-1")
    after = one.get(f"/compliance?period={MONTH}&organization={OWN}")
    assert after != before
    query = f"period={MONTH}&organization={OWN}&known_at=2026-09-20T23:00%2B08:00"
    assert one.get(f"/compliance?{query}") == before


def test_explanation(web: Web) -> None:
    """An explanation goes from the score down to the events of a criterion's records."""
    one = program(web, "branch")
    one.post(f"/organizations/{OWN}/records", MEETING, "k-1")
    path = f"/organizations/{OWN}/explanation?period={MONTH}"
    found = one.get(path)
    assert found["scheme"] == "community-2011"
    hit = next(
        row for row in found["criteria"] if any("k-1" in str(w) for w in row.get("windows") or ())
    )
    deep = one.get(f"{path}&criterion={hit['code']}")
    assert [row["code"] for row in deep["criteria"]] == [hit["code"]]
    assert "k-1" in deep["criteria"][0]["events"]


def test_page_and_program_agree(web: Web) -> None:
    """The page and the API show the same figure of the same organization."""
    one = program(web, "branch")
    one.post(f"/organizations/{OWN}/records", MEETING, "k-1")
    (figure,) = one.get(f"/compliance?period={MONTH}&organization={OWN}")
    page = web.visitor("branch").get(f"/organizations/{OWN}/explain/{MONTH}")
    assert page.status == 200
    assert figure["score"] is not None
    assert figure["score"] in page.text


def test_ranking(web: Web) -> None:
    """Who watches over all sees the whole ranking as the command line has it, page by page."""
    one = program(web, "department")
    with web.read() as reader:
        wanted = [row._asdict() for row in rank_organizations(reader, parse_month(MONTH))]
    found = one.get(f"/ranking?period={MONTH}")
    assert found == wanted
    seen: list[Any] = []
    answer = one.call("GET", f"/ranking?period={MONTH}&limit=3")
    while True:
        seen += answer.json
        if "link" not in answer.headers:
            break
        link = answer.headers["link"]
        answer = one.call("GET", link[1 : link.index(">")].removeprefix(BASE))
    assert seen == wanted
    only = one.get(f"/ranking?period={MONTH}&category=community&under={STREET}")
    assert [row["organization"] for row in only] == [OWN, SIBLING]
    assert one.call("GET", f"/ranking?period={MONTH}&category=x").status == 422
    assert one.call("GET", "/ranking?period=2026").status == 422
    assert len(one.call("GET", f"/ranking?period={MONTH}&format=csv").text.splitlines()) == 10


def test_own_places_alone(web: Web) -> None:
    """Where the policy hides the ranking a branch sees its own places alone."""
    policy = b"policy: district\npublish_ranking: hidden\nsampling: {default: {fraction: 1}}\n"
    assert program(web, "department").send("POST", "/policy", policy).status == 200
    found = program(web, "branch").get(f"/ranking?period={MONTH}")
    assert [row["organization"] for row in found] == [OWN, CHILD]
    found = program(web, "branch").get(f"/ranking?period={MONTH}&category=enterprise")
    assert [row["organization"] for row in found] == [CHILD]
