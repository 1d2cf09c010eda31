"""Nobody reaches further by another way: forged cursors, files known by name, loans, partial roles.

Each was found by somebody who tried.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from events.streams.accounts import GrantRole
from tests.support.api_client import program
from tests.support.web_client import (
    BY,
    FOREIGN,
    INSPECTING,
    MONTH,
    OWN,
    ROOT,
    SIBLING,
    STREET,
    TODAY,
    Visitor,
    Web,
)
from tests.tracker.web.test_many import closed
from tracker.api.protocol.lists import write_cursor
from tracker.commands.documents import publish_policy_document

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def send_file(visitor: Visitor, code: str, content: bytes) -> str:
    """Upload a picture of the name 内部.png; its SHA-256."""
    answer = visitor.client.post(
        f"/organizations/{code}/evidence",
        content=content,
        headers={
            "x-csrf-token": visitor.csrf,
            "accept": "application/json",
            "x-file-name": "%E5%86%85%E9%83%A8.png",
        },
    )
    return str(answer.json()["file"])


def test_a_file_is_not_had_by_its_digest(web: Web) -> None:
    """Who knows the SHA-256 of a foreign file learns neither its name nor gets it by naming it."""
    web.admit("far", "branch", FOREIGN)
    file = send_file(web.visitor("far"), FOREIGN, PICTURE)
    own = web.visitor("branch")
    place = f"/organizations/{OWN}/record/parts?activity=&occurred_on=2026-09-12&file=photo:{file}"
    assert "内部.png" not in own.get(place).text
    body = {
        "activity": "branch_committee_meeting",
        "occurred_on": "2026-09-12",
        "evidence": [{"kind": "photo", "file": file}],
    }
    given = {"activity": body["activity"], "occurred_on": "2026-09-12", "record_id": "w-1"}
    assert program(web, "branch").post(
        f"/organizations/{OWN}/records", body, "steal", 404
    )["errors"][0]["field"] == "evidence"  # fmt: skip
    assert own.post(f"/organizations/{OWN}/record", **given, file=f"photo:{file}").status == 422
    assert own.get(f"/evidence/{file}").status == 404
    assert web.events("ActivityRecorded") == []
    # who sends the same file has it, though somebody else sent it first
    assert send_file(own, OWN, PICTURE) == file
    assert own.get(f"/evidence/{file}").status == 200
    assert program(web, "branch").post(f"/organizations/{OWN}/records", body, "own", 201)


@pytest.mark.parametrize(
    ("path", "forged"),
    [
        ("/ranking?period=2026-09", [-1]),
        ("/ranking?period=2026-09", ["x"]),
        ("/ranking?period=2026-09", [None]),
        ("/ranking?period=2026-09", [True]),
        (f"/organizations/{OWN}/records", [1, 2]),
        ("/cycles", [None, None]),
        ("/rectifications", [1, 2, 3, 4]),
        ("/rectifications", [1 << 63, "a", "b", "c"]),
        ("/schemes", ["a", "b"]),
        ("/organizations", [5]),
    ],
)
def test_a_forged_cursor_is_refused(web: Web, path: str, forged: list[object]) -> None:
    """In one sentence at its field, not by an error and not by rows from elsewhere."""
    told = program(web, "department").call(
        "GET", f"{path}{'&' if '?' in path else '?'}after={write_cursor(forged)}"
    )
    assert (told.status, told.json["errors"][0]["field"]) == (422, "after")


def test_only_a_role_that_is_lent_is_lent(web: Web) -> None:
    """Neither by the form nor by the API does an administrator make another one by a loan."""
    lender = web.admit("both", "township", STREET)
    for role in ("administrator", "auditor"):
        given = {"grant_id": role, "role": role, "from_on": "2026-01-01"}
        web.authenticator.grant_role(lender, GrantRole.model_validate(given), BY)
    form = {
        "login": "branch", "organization": STREET, "from_on": "2026-09-20",
        "until_on": "2026-12-31",
    }  # fmt: skip
    for role in ("administrator", "auditor"):
        answer = web.visitor("both").post(
            "/account/delegations", **form, role=role, grant_id=f"loan-{role}"
        )
        assert answer.status == 422
        assert "这个角色不能委托他人" in answer.text
    told = program(web, "both").post("/loans", form | {"role": "administrator"}, "k", 403)
    assert told["errors"][0]["field"] == "role"
    assert web.visitor("branch").get("/admin/accounts").status == 403


def test_the_home_of_an_inspector_names_what_may_be_inspected(web: Web) -> None:
    """Also where more was assigned to the person than the role is over now."""
    web.drawn()
    web.at(INSPECTING)
    assert "西山社区" in web.visitor("inspector").get("/").text
    web.admit("partly", "inspector", STREET, person="p-1")
    page = web.visitor("partly").get("/")
    assert "红星社区" in page.text
    assert "西山社区" not in page.text


def test_who_watches_some_categories_is_shown_no_others(web: Web) -> None:
    """A ranking of all categories under an organization of one's own holds others' rows."""
    closed(web)
    web.admit("partly", "auditor", ROOT, categories=("community",))
    hidden = {"policy": "district", "publish_ranking": "hidden"}
    publish_policy_document(web.tools.store, "policy", hidden, BY)
    path = f"/ranking?period={MONTH}&under={OWN}"
    assert program(web, "auditor").get(path) != []
    assert {one["category"] for one in program(web, "auditor").get(path)} >= {"enterprise"}
    assert {one["category"] for one in program(web, "partly").get(path)} == {"community"}


def test_a_document_that_only_costs_time_is_refused(web: Web) -> None:
    """Any branch may have a scheme checked; not one of half a million faults."""
    text = b"sections: [" + b"a," * 60_000 + b"a]"
    told = program(web, "branch").send("POST", "/schemes/check", text)
    assert told.status == 422
    assert "内容超过 50000 个值" in told.text


def test_who_is_not_signed_in_sends_little(web: Web) -> None:
    """Nobody's body is read: the request is refused before it, however large it is."""
    answer = web.anybody().call("POST", "/api/v1/lines", {"lines": [{"a": "x" * (65 << 10)}]})
    assert answer.status == 401
    assert web.anybody().call("POST", "/api/v1/lines", {"lines": [{"a": "x"}]}).status == 401


def test_a_line_of_many_names_is_read_once(web: Web) -> None:
    """A name given twice among many is named, without comparing each with each."""
    web.at(TODAY)
    one = program(web, "department")
    names = ",".join(f'"a{number}":1' for number in range(60_000))
    payload = ("{" + names + ',"b":1,"b":2}').encode()
    told = one.send("POST", "/imports?name=a.jsonl", payload)
    assert told.json["errors"][0]["field"] == "lines.1.b"
    head = ("kind," + ",".join(f"c{number}" for number in range(60_000)) + ",kind\n").encode()
    told = one.send("POST", "/imports?name=a.csv", head)
    assert told.json["errors"][-1]["field"] == "lines.1.kind"
    assert web.events("ActivityRecorded") == []
    assert SIBLING not in told.text


def test_a_link_does_not_believe_the_request(web: Web) -> None:
    """Behind a proxy one-time links and receipts use the address of the settings."""
    account = web.visitor("branch").account
    admin = web.visitor("administrator")
    admin.headers["host"] = "evil.example"
    public = web.tools.settings.model_copy(update={"public_url": "https://tracker.example"})
    for settings, site in (
        (web.tools.settings, "http://evil.example"),
        (public, "https://tracker.example"),
    ):
        web.inside.state.app = replace(web.tools, settings=settings)
        made = admin.post(f"/admin/accounts/{account}/link")
        assert f"{site}/welcome/" in made.text


def test_who_took_an_organization_over_records_for_it(web: Web) -> None:
    """A branch reaches a closed organization by every door once it was merged into its own."""
    branch = program(web, "branch")
    meeting = {"activity": "branch_committee_meeting", "occurred_on": "2026-09-03"}
    path = f"/organizations/{SIBLING}/records"
    lines = {"lines": [meeting | {"kind": "activity", "organization": SIBLING, "record_id": "l-1"}]}
    branch.post(path, meeting, "early", 404)
    branch.post("/lines", lines, status=422)
    merged = {"on": "2026-09-10", "merged_into": OWN}
    program(web, "administrator").post(f"/organizations/{SIBLING}/changes", merged, "m")
    branch.post(path, meeting, "taken over")
    branch.post("/lines", lines, status=200)
    late = meeting | {"occurred_on": "2026-09-11"}
    told = branch.post(path, late, "after", 422)
    assert told["errors"][0]["field"] == "occurred_on"
    assert web.visitor("branch").get(f"/organizations/{SIBLING}").status == 200
    listed = branch.get("/organizations")["items"]
    assert SIBLING in {row["code"] for row in listed}
