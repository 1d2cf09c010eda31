"""The monthly process through the API, from the opening to an adjusted score."""

from __future__ import annotations

from typing import Any

from tests.support.api_client import program
from tests.support.web_client import FOREIGN, INSPECTING, MONTH, OWN, ROOT, SIBLING, Web

SHEET: dict[str, Any] = {"period": MONTH, "inspectors": ["p-1"], "findings": []}


def test_a_month(web: Web) -> None:
    """A month is opened, drawn, inspected and closed by programs; each step twice is once."""
    department = program(web, "department")
    assert department.get(f"/cycles/{MONTH}")["state"] is None
    path = f"/cycles/{MONTH}"
    assert department.post(f"{path}/opening", status=409)["title"]
    web.at("2026-10-01 09:00")
    opened = department.post(f"{path}/opening", status=200)
    assert (opened["changed"], opened["state"]) == (True, "open")
    assert department.post(f"{path}/opening", status=200)["changed"] is False
    web.at("2026-10-06 09:00")
    drawn = department.post(f"{path}/drawing", {"randomness": "31415"}, status=200)
    assert (drawn["changed"], drawn["state"]) == (True, "drawn")
    assert sorted(drawn["sample"]) == [OWN, SIBLING, FOREIGN]
    assert department.post(f"{path}/drawing", {}, status=200)["changed"] is False
    other = department.post(f"{path}/drawing", {"randomness": "27182"}, status=409)
    assert other["type"].endswith("drawn_otherwise")
    check = department.get(f"{path}/draw-check")
    assert (check["ok"], check["problems"], check["seed"]) == (True, [], drawn["seed"])
    assert department.call("GET", f"{path}/bulletin").json["type"].endswith("not_closed")
    web.at(INSPECTING)
    inspector = program(web, "inspector")
    inspector.post(f"/organizations/{OWN}/sheets", SHEET, "s-1")
    web.at("2026-10-11 09:00")
    closed = department.post(f"{path}/closing", {}, status=200)
    assert (closed["changed"], closed["state"]) == (True, "closed")
    assert department.post(f"{path}/closing", {}, status=200)["changed"] is False
    bulletin = department.get(f"{path}/bulletin")
    assert bulletin["inspected"] == 1
    assert [one["organization"] for one in bulletin["missed"]] == [SIBLING, FOREIGN]
    assert [one["scored"] for one in department.get("/cycles")["items"]] == [1]


def test_an_opening_says_what_it_passes_over(web: Web) -> None:
    """Opening a later month names the months before it, once."""
    web.at("2026-12-02 09:00")
    department = program(web, "department")
    opened = department.post("/cycles/2026-11/opening", status=200)
    assert opened["passed_over"] == ["2026-09", "2026-10"]
    assert department.post("/cycles/2026-11/opening", status=200)["passed_over"] == []
    assert department.post("/cycles/2026-09/opening", status=200)["passed_over"] == []


def test_an_early_closing_is_confirmed(web: Web) -> None:
    """Closing before ``closes_on`` with open sheets needs ``confirm``; they become not held."""
    web.at("2026-10-22 09:00")
    department, path = program(web, "department"), f"/cycles/{MONTH}"
    department.post(f"{path}/opening", status=200)
    department.post(f"{path}/drawing", {}, status=200)
    told = department.post(f"{path}/closing", {}, status=409)
    assert told["type"].endswith("closing_early")
    closed = department.post(f"{path}/closing", {"confirm": True}, status=200)
    assert {row["state"] for row in closed["assignments"]} == {"not_held"}


def test_steps_are_the_departments(web: Web) -> None:
    """Nobody but the department of the whole root takes a step, and no token for reading."""
    for one in (
        program(web, "township"), program(web, "auditor"), program(web, "department", ("read",)),
    ):  # fmt: skip
        assert one.post(f"/cycles/{MONTH}/opening", status=403)
    web.admit("part", "department", OWN)
    assert program(web, "part").post(f"/cycles/{MONTH}/opening", status=403)
    department = program(web, "department")
    assert department.post("/cycles/2026/opening", status=422)
    assert department.post(f"/cycles/{MONTH}/opening?scope={OWN}", status=404)


def test_a_cycle_in_sight(web: Web) -> None:
    """A branch sees the cycle with its own organization alone; the counts stay whole."""
    web.drawn()
    found = program(web, "branch").get(f"/cycles/{MONTH}")
    assert found["sample"] == [OWN]
    assert [one["organization"] for one in found["assignments"]] == [OWN]
    assert found["strata"] == [{"stratum": "community", "N": 3, "n": 3}]
    check = program(web, "branch").get(f"/cycles/{MONTH}/draw-check")
    assert (check["ok"], check["sample"]) == (True, [OWN])
    items = program(web, "branch").get("/cycles")["items"]
    assert [(one["period"], one["open"]) for one in items] == [(MONTH, 1)]
    assert program(web, "branch").call("GET", f"/cycles/{MONTH}?scope=nowhere").status == 404
    assert program(web, "branch").get(f"/cycles/{MONTH}?scope={ROOT}")["scope"] == ROOT


def test_assignments(web: Web) -> None:
    """An inspector lists what was assigned to them, page by page, as a file too."""
    web.drawn()
    one = program(web, "inspector")
    page = one.get("/assignments?limit=2")
    following = one.get(f"/assignments?limit=2&after={page['next']}")
    rows = [*page["items"], *following["items"]]
    assert [row["organization"] for row in rows] == [OWN, SIBLING, FOREIGN]
    assert following["next"] is None
    assert one.get("/assignments?state=scored")["items"] == []
    assert len(one.call("GET", "/assignments?format=csv").text.splitlines()) == 5
    assert program(web, "branch").call("GET", "/assignments").status == 403


def test_sheet_alone(web: Web) -> None:
    """A sheet of one's own is taken once; other content under its key is a conflict."""
    web.drawn()
    one = program(web, "inspector")
    path = f"/organizations/{OWN}/sheets"
    done = one.post(path, SHEET, "s-1")
    assert done == {"organization": OWN, "period": MONTH, "sheet_id": "s-1", "state": "submitted"}
    assert one.post(path, SHEET, "s-1") == done
    other = SHEET | {"rectify": [{"criterion": "2.1.1.1", "problem": "x", "due": "2026-10-25"}]}
    assert one.post(path, other, "s-1", 409)["type"].endswith("identity_conflict")
    assert len(web.events("FindingsSubmitted")) == 1
    assert one.post(path, SHEET, None, 400)
    assert one.post(path, SHEET | {"inspectors": ["p-2"]}, "s-2", 403)["errors"]
    assert one.post(path, SHEET | {"inspectors": []}, "s-2", 422)
    bad = SHEET | {"findings": [{"criterion": "nothing", "credit": "1"}]}
    assert one.post(path, bad, "s-2", 422)["errors"][0]["field"] == "findings"
    assert one.post(path, bad | {"findings": [{"criterion": "x", "credit": "2"}]}, "s-3", 422)
    assert program(web, "department").post(path, SHEET, "s-2", 403)


def test_sheet_of_two(web: Web) -> None:
    """A joint sheet counts when a colleague has signed it, and never by one hand."""
    web.drawn()
    first, second = program(web, "inspector"), program(web, "inspector2")
    path = f"/organizations/{OWN}/sheets"
    joint = SHEET | {"inspectors": ["p-1", "p-2"]}
    done = first.post(path, joint, "s-1")
    assert done["state"] == "proposed"
    assert first.post(path, joint, "s-1") == done
    other = joint | {"disallow": [{"record_id": "a", "reason": "b"}]}
    assert first.post(path, other, "s-1", 409)
    assert web.events("FindingsSubmitted") == []
    shown = second.get(f"{path}/{MONTH}")
    assert shown
    signature = f"{path}/{MONTH}/s-1/signature"
    assert first.post(signature, status=403)["type"].endswith("own_proposal")
    returned = second.post(f"{path}/{MONTH}/s-1/return", {"remark": "再看"}, status=200)
    assert returned["state"] == "returned"
    assert first.post(path, joint, "s-1")["state"] == "proposed"
    assert second.post(signature, status=200)["state"] == "submitted"
    assert len(web.events("FindingsSubmitted")) == 1
    assert first.post(path, joint, "s-1")["state"] == "submitted"
    assert second.post(signature, status=409)


def rectified(web: Web) -> str:
    """Order a rectification of ``OWN``; its identity."""
    web.drawn()
    one = program(web, "inspector")
    sheet = one.get(f"/organizations/{OWN}/sheets/{MONTH}")
    criterion = sheet["sections"][0]["items"][0]["criteria"][0]["code"]
    asked = [{"criterion": criterion, "problem": "台账不全", "due": "2026-10-25"}]
    one.post(f"/organizations/{OWN}/sheets", SHEET | {"rectify": asked}, "s-1")
    return "s-1/1"


def test_rectification(web: Web) -> None:
    """An order is listed, shown with its ETag, and replied to once."""
    name = rectified(web)
    one = program(web, "branch")
    (row,) = one.get("/rectifications?state=open")["items"]
    assert (row["rectification_id"], row["problem"]) == (name, "台账不全")
    assert one.get("/rectifications?state=replied")["items"] == []
    assert one.get("/rectifications?category=school")["items"] == []
    assert one.get(f"/rectifications?under={OWN}")["items"] == [row]
    path = f"/organizations/{OWN}/rectifications/{name}"
    answer = one.call("GET", path)
    etag = answer.headers["etag"]
    assert answer.json["inspectors"] == ["p-1", "p-2"]
    assert one.call("GET", path, if_none_match=etag).status == 304
    given = {"measures": "已补齐", "done_on": "2026-10-07"}
    done = one.post(f"{path}/replies", given, "r-1", if_match=etag)
    assert one.post(f"{path}/replies", given, "r-1", if_match=etag) == done
    assert one.post(f"{path}/replies", given, "r-2", 412, if_match=etag)
    assert one.post(f"{path}/replies", given | {"measures": "别的"}, "r-1", 409)
    assert one.post(f"{path}/replies", given | {"done_on": "2026-12-01"}, "r-3", 422)
    assert [reply["reply_id"] if "reply_id" in reply else reply["measures"]
            for reply in one.get(path)["replies"]] == ["已补齐"]  # fmt: skip
    assert one.call("GET", path + "0").status == 404
    assert program(web, "auditor").post(f"{path}/replies", given, "r-4", 403)
    text = one.call("GET", "/rectifications?format=csv").text
    assert len(text.splitlines()) == 3


def test_adjustment(web: Web) -> None:
    """A posted score is adjusted once under a key; the file shows both values."""
    web.drawn()
    department = program(web, "department")
    program(web, "inspector").post(f"/organizations/{OWN}/sheets", SHEET, "s-1")
    web.at("2026-10-11 09:00")
    department.post(f"/cycles/{MONTH}/closing", {}, status=200)
    path, given = f"/organizations/{OWN}/adjustments", {"period": MONTH, "new": "93.50"}
    assert department.post(path, given, "a-1", 422)["errors"][0]["field"] == "reason"
    given |= {"reason": "申诉成立"}
    done = department.post(path, given, "a-1")
    assert department.post(path, given, "a-1") == done
    assert department.post(path, given | {"new": "94"}, "a-1", 409)
    assert department.post(path, given | {"new": "200"}, "a-2", 422)
    assert program(web, "township").post(path, given, "a-3", 403)
    score = department.get(f"/organizations/{OWN}/file")["scores"][0]
    assert (score["current"], score["adjustments"][0]["reason"]) == ("93.50", "申诉成立")
    page = web.visitor("department").get(f"/organizations/{OWN}")
    assert "93.50" in page.text


def test_the_cycle_of_a_former_root_goes_on(web: Web) -> None:
    """A program draws and closes the cycle of an organization that was a root at the opening."""
    web.at("2026-10-02 09:00")
    program(web, "department").post(f"/cycles/{MONTH}/opening", status=200)
    web.move_root_under("9")
    web.at("2026-10-06 09:00")
    department = program(web, "department")
    own = f"scope={ROOT}"
    assert department.get(f"/cycles/{MONTH}?{own}")["state"] == "open"
    assert department.get(f"/cycles/{MONTH}")["scope"] == "9"
    assert department.post(f"/cycles/{MONTH}/drawing?{own}", {}, status=200)["state"] == "drawn"
    assert program(web, "branch").get(f"/cycles/{MONTH}?{own}")["sample"] == [OWN]
    web.at("2026-10-11 09:00")
    department = program(web, "department")
    assert department.post(f"/cycles/{MONTH}/closing?{own}", {}, status=200)["state"] == "closed"
