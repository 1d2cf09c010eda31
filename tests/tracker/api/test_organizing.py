"""The tree and the teams through the API: entered and changed once, by who administers."""

from __future__ import annotations

from tests.support.api_client import program
from tests.support.web_client import FOREIGN, OWN, SIBLING, STREET, Web

NEW = {"code": "99-01-009", "name": "新社区", "category": "community", "parent": STREET,
       "registered_on": "2026-09-01"}  # fmt: skip


def test_register(web: Web) -> None:
    """An organization is entered once; other content under the key is a conflict."""
    one = program(web, "administrator")
    assert one.post("/organizations", NEW, "o-1") == {"organization": "99-01-009"}
    assert one.post("/organizations", NEW, "o-1") == {"organization": "99-01-009"}
    assert one.post("/organizations", NEW | {"name": "别名"}, "o-1", 409)
    assert one.post("/organizations", NEW, "o-2") == {"organization": "99-01-009"}
    assert len([1 for stream, _ in web.events("OrganizationRegistered") if "009" in stream]) == 1
    assert one.post("/organizations", NEW | {"name": "别名"}, "o-2", 409)
    told = one.post("/organizations", NEW | {"code": "x", "parent": "nowhere"}, "o-3", 404)
    assert told["errors"][0]["field"] == "parent"
    assert one.post("/organizations", NEW | {"code": "/"}, "o-3", 422)["errors"]
    assert one.post("/organizations", NEW, None, 400)
    found = program(web, "department").get("/organizations/99-01-009")
    assert (found["name"], found["parent"]) == ("新社区", STREET)


def test_change(web: Web) -> None:
    """An organization is renamed and moved on what was seen, once under a key."""
    admin, reader = program(web, "administrator"), program(web, "department")
    path = f"/organizations/{SIBLING}"
    etag = reader.call("GET", path).headers["etag"]
    given = {"on": "2026-09-10", "name": "新名", "parent": "99-02", "reason": "调整"}
    done = admin.post(f"{path}/changes", given, "c-1", if_match=etag)
    assert admin.post(f"{path}/changes", given, "c-1", if_match=etag) == done
    assert admin.post(f"{path}/changes", given | {"name": "又名"}, "c-1", 409)
    assert admin.post(f"{path}/changes", {"on": "2026-09-11", "name": "x"}, "c-2", 412,
                      if_match=etag)  # fmt: skip
    found = reader.get(path)
    assert (found["name"], found["parent"]) == ("新名", "99-02")
    circle = {"on": "2026-09-12", "parent": OWN}
    told = admin.post(f"/organizations/{STREET}/changes", circle, "c-3", 422)
    assert told["errors"][0]["field"] == "parent"
    assert admin.post("/organizations/nowhere/changes", given, "c-4", 404)
    assert admin.post(f"/organizations/{FOREIGN}/changes", {"on": "2026-09-12"}, "c-5", 422)


def test_a_root_is_said_on_purpose(web: Web) -> None:
    """A second root needs ``root``, and an organization with children is not closed."""
    admin = program(web, "administrator")
    county = {"code": "98", "name": "新县", "category": "county", "registered_on": "2026-09-01"}
    told = admin.post("/organizations", county, "o-1", 422)
    assert told["errors"][0]["field"] == "parent"
    assert admin.post("/organizations", county | {"root": True}, "o-2") == {"organization": "98"}
    closing = {"on": "2026-09-12", "closed": True, "reason": "撤"}
    told = admin.post(f"/organizations/{STREET}/changes", closing, "c-1", 409)
    assert told["errors"][0]["field"] == "closed"


def test_a_key_like_an_earlier_one_evades_no_etag(web: Web) -> None:
    """A key is compared as it is: no wildcard, no prefix and no other case passes as a repeat."""
    admin = program(web, "administrator")
    path = f"/organizations/{SIBLING}"
    etag = program(web, "department").call("GET", path).headers["etag"]
    given = {"on": "2026-09-10", "name": "新名", "parent": "99-02", "reason": "调整"}
    for place, key in enumerate(["c-1/part", "line/x"]):
        admin.post(f"{path}/changes", {"on": f"2026-09-1{place}", "name": f"名{place}"}, key)
    for key in ("%", "_", "c-1", "c_1", "c-1/", "C-1/part", "line", "c-1/%"):
        admin.post(f"{path}/changes", given, key, 412, if_match=etag)


def test_inspectors(web: Web) -> None:
    """Inspectors are listed, entered and recused once."""
    one = program(web, "administrator")
    given = {"id": "p-9", "organization": "99-d", "team": "社区组", "categories": ["community"]}
    assert one.post("/inspectors", given, "i-1") == {"id": "p-9"}
    assert one.post("/inspectors", given, "i-1") == {"id": "p-9"}
    recusal = {"organization": OWN, "reason": "亲属"}
    assert one.post("/inspectors/p-9/recusals", recusal, "r-1") == {"id": "p-9"}
    assert one.post("/inspectors/p-9/recusals", recusal, "r-1") == {"id": "p-9"}
    assert one.post("/inspectors/nobody/recusals", recusal, "r-2", 404)
    page = one.get("/inspectors?limit=2")
    rest = one.get(f"/inspectors?after={page['next']}")
    rows = {row["id"]: row for row in [*page["items"], *rest["items"]]}
    assert list(rows) == ["p-1", "p-2", "p-9"]
    assert rows["p-9"]["recused"] == [OWN]
    assert len(one.call("GET", "/inspectors?format=csv").text.splitlines()) == 5
    assert rows["p-9"]["purposes"] == ["monthly", "half_year", "annual"]
    terms = {"purposes": ["half_year"], "leader": True, "until": "2026-12-31"}
    one.post("/inspectors", given | terms, "i-2")
    row = one.get(f"/inspectors?after={page['next']}")["items"][0]
    assert {name: row[name] for name in terms} == terms
    one.post("/inspectors", given | {"purposes": ["weekly"]}, "i-3", 422)


def test_who_administers(web: Web) -> None:
    """Nobody else enters or changes anything of the tree."""
    for login in ("department", "township", "branch", "auditor"):
        one = program(web, login)
        assert one.post("/organizations", NEW, "o", 403)
        assert one.post(f"/organizations/{OWN}/changes", {"on": "2026-09-10"}, "c", 403)
        assert one.call("GET", "/inspectors").status == 403
