"""Schemes and the policy through the API: read by everybody, put in force by the department."""

from __future__ import annotations

import json

from tests.support.api_client import program
from tests.support.districts import scheme
from tests.support.web_client import MONTH, OWN, Web

POLICY = b"policy: district\nsampling: {default: {fraction: 0.5}}\n"


def test_schemes(web: Web) -> None:
    """Schemes are listed, drafts too, and shown whole with an ETag."""
    one = program(web, "branch")
    rows = {row["scheme"]: row for row in one.get("/schemes")["items"]}
    assert rows["community-2011"]["status"] == "in_force"
    assert rows["branch-basics"]["status"] == "draft"
    page = one.get("/schemes?limit=1")
    following = one.get(f"/schemes?limit=1&after={page['next']}")
    names = [row["scheme"] for row in (*page["items"], *following["items"])]
    assert names == sorted(rows)
    assert len(one.call("GET", "/schemes?format=csv").text.splitlines()) == 4
    answer = one.call("GET", "/schemes/community-2011")
    assert answer.json["scheme"] == "community-2011"
    etag = answer.headers["etag"]
    assert one.call("GET", "/schemes/community-2011", if_none_match=etag).status == 304
    assert one.call("GET", "/schemes/community-2011?version=9").status == 404
    assert one.call("GET", "/schemes/none").status == 404


def test_check(web: Web) -> None:
    """A check names every fault at its place and publishes nothing."""
    one = program(web, "department")
    good = json.dumps(scheme()).encode()
    found = one.send("POST", "/schemes/check", good)
    assert (found.json["ok"], found.json["points"], found.json["criteria"]) == (True, "8", 6)
    bad = json.dumps(scheme(points=9)).encode()
    found = one.send("POST", "/schemes/check", bad)
    assert found.json["ok"] is False
    assert found.json["problems"][0]["severity"] == "error"
    assert len(web.events("SchemePublished")) == 1
    assert one.send("POST", "/schemes/check", b"{").status == 422


def test_publish_and_close(web: Web) -> None:
    """The department publishes and closes a scheme; the same again changes nothing."""
    one = program(web, "department")
    document = json.dumps(scheme(categories=["school"])).encode()
    done = one.send("POST", "/schemes?from=2026-10", document)
    assert done.json == {"changed": True, "id": "community-test", "version": 1,
                         "effective_from": "2026-10"}  # fmt: skip
    again = one.send("POST", "/schemes?from=2026-10", document)
    assert again.json == done.json | {"changed": False}
    other = one.send("POST", "/schemes?from=2026-11", document)
    assert (other.status, other.json["type"].endswith("scheme_exists")) == (409, True)
    faulty = one.send("POST", "/schemes", json.dumps(scheme(points=9)).encode())
    assert faulty.status == 422
    assert faulty.json["type"].endswith("faulty_document")
    assert faulty.json["errors"][0]["field"]
    path = "/schemes/community-test/closing"
    told = one.post(path, {"from": "2027-01"}, status=409)
    assert told["type"].endswith("categories_change_hands")
    assert "school: community-test -> no scheme from 2027-01" in str(told)
    assert one.post(path, {"from": "2027-01", "confirm": True}, status=200)["changed"] is True
    assert one.post(path, {"from": "2027-01"}, status=200)["changed"] is False
    assert one.post(path, {"from": "x"}, status=422)
    assert one.post("/schemes/none/closing", {"from": "2027-01"}, status=404)


def test_a_publication_that_takes_categories_is_confirmed(web: Web) -> None:
    """A scheme that takes a category from another needs ``confirm=true``."""
    one = program(web, "department")
    document = json.dumps(scheme(categories=["community"])).encode()
    told = one.send("POST", "/schemes?from=2026-12", document)
    assert (told.status, told.json["type"].endswith("categories_change_hands")) == (409, True)
    done = one.send("POST", "/schemes?from=2026-12&confirm=true", document)
    assert done.json["changed"] is True


def test_publish_a_built_in_one(web: Web) -> None:
    """A built-in scheme is put in force by its name."""
    one = program(web, "department")
    assert one.send("POST", "/schemes?id=none", b"").json["errors"][0]["field"] == "id"
    assert one.send("POST", "/schemes?id=branch-basics", b"x: y").status == 422
    done = one.send("POST", "/schemes?id=branch-basics&from=2026-10", b"")
    assert done.status in {200, 409}
    assert done.json.get("id", "branch-basics") == "branch-basics"


def test_policy(web: Web) -> None:
    """The policy is shown with its version as ETag and published on what was seen."""
    one = program(web, "department")
    seen = one.call("GET", "/policy")
    etag = seen.headers["etag"]
    assert seen.json["version"] == 1
    assert one.call("GET", "/policy", if_none_match=etag).status == 304
    done = one.send("POST", "/policy", POLICY, if_match=etag)
    assert (done.json["changed"], done.json["version"]) == (True, 2)
    assert one.send("POST", "/policy", POLICY).json["changed"] is False
    assert one.send("POST", "/policy", POLICY, if_match=etag).status == 412
    assert one.send("POST", "/policy/check", POLICY).json == {"ok": True, "problems": []}
    listed = POLICY + b"working_days: {2027: {holidays: [01-01..01-03], workdays: [01-09]}}\n"
    assert one.send("POST", "/policy/check", listed).json == {"ok": True, "problems": []}
    bad = one.send("POST", "/policy/check", b"policy: district\ncolour: red\n")
    assert bad.json["ok"] is False
    assert one.send("POST", "/policy", b"policy: district\ncolour: red\n").status == 422


def test_who_publishes(web: Web) -> None:
    """Nobody publishes but the department of the whole district."""
    web.admit("part", "department", OWN)
    for login in ("part", "township", "auditor", "branch"):
        one = program(web, login)
        assert one.send("POST", "/policy", POLICY).status == 403
        assert one.send("POST", f"/schemes?from={MONTH}", b"{}").status == 403
        assert one.post("/schemes/community-2011/closing", {"from": "2027-01"}, status=403)


def test_faults_are_said_in_the_language_asked_for(web: Web) -> None:
    """Chinese unless the program asks for English; the place is the same."""
    one = program(web, "department")
    bad = json.dumps(scheme(points=9)).encode()
    for path, name in (("/schemes/check", "problem"), ("/schemes", "message")):
        said = {}
        for language in ("zh-CN", "en"):
            found = one.send("POST", path, bad, accept_language=language).json
            said[language] = (found.get("problems") or found["errors"])[0]
        assert "总分写的是 9 分" in said["zh-CN"][name]
        assert "the scheme states 9" in said["en"][name]
    told = one.send("POST", "/policy/check", b"policy: district\ncolour: red\n").json
    assert "没有 colour 这个字段" in told["problems"][0]["problem"]
