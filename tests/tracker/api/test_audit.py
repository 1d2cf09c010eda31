"""The log through the API: searched within reach, each event with its proof, all of it verified."""

from __future__ import annotations

import csv
import time
from typing import Any

import pytest
from sqlalchemy import text

from events.event import canonical
from tests.support.api_client import BASE, program
from tests.support.web_client import FOREIGN, MONTH, OWN, ROOT, SIBLING, STREET, Web
from tests.support.web_district import rows_of
from tracker.export.tables import LEFT_OUT
from tracker.http import audit_query, exports

MEETING = {"activity": "branch_committee_meeting", "occurred_on": "2026-09-12", "title": "会议"}
STREAM = f"organization-{OWN}"


def record(web: Web) -> None:
    """Record a meeting of ``OWN`` and one of ``FOREIGN``."""
    program(web, "branch").post(f"/organizations/{OWN}/records", MEETING, "k-1")
    web.admit("foreign", "branch", FOREIGN)
    program(web, "foreign").post(f"/organizations/{FOREIGN}/records", MEETING, "k-2")


def test_filters(web: Web) -> None:
    """The log is searched by organization, tree, type, actor by name or id, and days."""
    record(web)
    one = program(web, "auditor")
    me = program(web, "branch").get("/me")["account"]
    for query, count in (
        (f"organization={OWN}", 2),
        (f"under={STREET}&type=OrganizationRegistered", 4),
        ("type=ActivityRecorded", 2),
        ("type=ActivityRecorded&actor=测试branch", 1),
        (f"type=ActivityRecorded&actor={me}", 1),
        ("type=ActivityRecorded&actor=nobody", 0),
        ("type=ActivityRecorded&from=2026-09-20&to=2026-09-20", 2),
        ("type=ActivityRecorded&from=2026-09-21", 0),
        ("occurred_from=2026-09-12&occurred_to=2026-09-12", 2),
    ):
        assert len(one.get(f"/audit?{query}")) == count, query
    (event,) = one.get("/audit?actor=测试branch&type=ActivityRecorded")
    assert (event["channel"], event["data"]["title"], event["occurred_on"]) == (
        "api", "会议", "2026-09-12",
    )  # fmt: skip
    assert one.call("GET", "/audit?organization=none").status == 404
    told = one.call("GET", "/audit?from=2026-9-1")
    assert (told.status, told.json["errors"][0]["field"]) == (422, "from")
    assert one.call("GET", "/audit?after=x").status == 422
    assert program(web, "branch").call("GET", "/audit").status == 403


def test_pages_and_files(web: Web) -> None:
    """Pages join without a gap, also where an event commits meanwhile; a file has the filter."""
    one = program(web, "auditor")
    seen = []
    answer = one.call("GET", "/audit?limit=7")
    recorded = False
    while answer.json:
        seen += [event["cursor"] for event in answer.json]
        if not recorded:
            record(web)
            recorded = True
        answer = one.call("GET", f"/audit?limit=7&after={seen[-1]}")
    whole = one.get("/audit?limit=200")
    assert seen == [event["cursor"] for event in whole][: len(seen)]
    assert len(seen) == len(set(seen))
    link = one.call("GET", "/audit?limit=2").headers["link"]
    assert one.get(link[1 : link.index(">")].removeprefix(BASE))[0]["cursor"] == seen[2]
    text_ = one.call("GET", "/audit?type=ActivityRecorded&format=csv").text
    assert len(text_.splitlines()) == 4


def test_a_file_leaves_nothing_out_in_silence(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CSV has every event, read in pages; a workbook that lacks some says so three times."""
    record(web)
    one = program(web, "auditor")
    monkeypatch.setattr(audit_query, "WALKED", 3)
    monkeypatch.setattr(exports, "MOST_ROWS", 4)
    events = one.get("/audit?limit=200")
    answer = one.call("GET", "/audit?format=csv")
    title, _, *rows = csv.reader(answer.text.lstrip("\ufeff").splitlines())
    assert [(row[1], row[2]) for row in rows] == [
        (event["stream"], str(event["version"])) for event in events
    ]
    assert title[0].endswith("（北京时间）")
    assert {row[0][:10] for row in rows} == {"2026-09-20"}
    assert "T" not in rows[0][0]
    assert LEFT_OUT not in answer.headers
    answer = one.call("GET", "/audit?format=xlsx")
    lines = rows_of(answer.answer.content)
    assert len(lines) == 2 + 4 + 1
    assert "只含前 4 行" in str(lines[0][0])
    assert "只含前 4 行" in str(lines[-1][0])
    assert answer.headers[LEFT_OUT] == "1"
    few = one.call("GET", f"/audit?organization={OWN}&format=xlsx")
    assert len(rows_of(few.answer.content)) == 2 + 2
    assert LEFT_OUT not in few.headers
    assert one.call("GET", "/audit?organization=none&format=csv").status == 404


def test_a_part_sees_its_part(web: Web) -> None:
    """A department of a street sees the events of its organizations and nothing else."""
    record(web)
    web.drawn()
    web.admit("part", "department", STREET)
    web.admit("kind", "auditor", ROOT, categories=("enterprise",))
    part = program(web, "part")
    streams = {event["stream"] for event in part.get("/audit?limit=200")}
    assert streams == {f"organization-{code}" for code in (STREET, OWN, "99-01-001-01", SIBLING)}
    kind = {event["stream"] for event in program(web, "kind").get("/audit?limit=200")}
    assert kind == {"organization-99-01-001-01"}
    for query in (f"organization={FOREIGN}", f"under={ROOT}"):
        assert part.call("GET", f"/audit?{query}").status == 404
    assert part.get("/audit?type=CycleOpened") == []
    assert part.call("GET", f"/audit/{STREAM}/1").status == 200
    for stream in (f"organization-{FOREIGN}", f"cycle-99-{MONTH}", "policy-district", "seals"):
        assert part.call("GET", f"/audit/{stream}/1").status == 404
    assert part.call("GET", "/audit/verification").status == 403
    lines = part.call("GET", "/audit?format=csv").text.splitlines()
    assert not any(FOREIGN in line for line in lines)


def test_one_event(web: Web) -> None:
    """One event comes with its subject before and after, its bytes and the hash of them."""
    record(web)
    branch = program(web, "branch")
    given = {"changes": {"title": "更正"}, "reason": "写错"}
    branch.post(f"/organizations/{OWN}/records/k-1/corrections", given, "c-1")
    one = program(web, "auditor")
    answer = one.call("GET", f"/audit/{STREAM}/3")
    found = answer.json
    assert (found["before"]["title"], found["after"]["title"]) == ("会议", "更正")
    assert (found["changed"], found["intact"]) == (["title"], True)
    assert found["data"]["reason"] == "写错"
    assert found["hash"] == found["expected_hash"]
    assert "写错" not in found["body"]
    etag = answer.headers["etag"]
    assert one.call("GET", f"/audit/{STREAM}/3", if_none_match=etag).status == 304
    for place in ("4", "0", "-1", "99999999999999999999"):
        assert one.call("GET", f"/audit/{STREAM}/{place}").status == 404, place
    assert one.call("GET", f"/audit/{STREAM}/x").status == 422


def test_tampering_is_seen(web: Web) -> None:
    """An event whose bytes were changed behind the tracker's back does not agree with its hash."""
    record(web)
    with web.tools.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER events_refuse_update"))
        connection.execute(
            text("UPDATE events SET body = :body WHERE stream = :stream AND version = 2"),
            {"body": canonical({"schema": 1, "data": {"record_id": "k-1"}}), "stream": STREAM},
        )
    one = program(web, "auditor")
    assert one.get(f"/audit/{STREAM}/2")["intact"] is False
    assert one.get(f"/audit/{STREAM}/1")["intact"] is True
    assert one.post("/audit/verification", status=202)["running_since"]
    found = awaited(web)
    assert found["ok"] is False
    assert found["faults"][0]["stream"] == STREAM


def awaited(web: Web) -> dict[str, Any]:
    """The newest verification, once it is done."""
    one = program(web, "auditor")
    for _ in range(600):
        state = one.get("/audit/verification")
        if state["running_since"] is None:
            found: dict[str, Any] = state["newest"]
            return found
        time.sleep(0.05)
    raise AssertionError("the verification did not end")


def test_verification(web: Web) -> None:
    """A verification runs in the background, one at a time, and says what it came to."""
    one = program(web, "auditor")
    assert one.get("/audit/verification") == {
        "running_since": None, "failed": False, "newest": None,
    }  # fmt: skip
    one.post("/audit/verification", status=202)
    one.post("/audit/verification", status=202)
    found = awaited(web)
    assert (found["ok"], found["faults"]) == (True, [])
    assert program(web, "branch").post("/audit/verification", status=403)
