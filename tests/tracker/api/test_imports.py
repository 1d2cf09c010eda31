"""Many lines at once: all or nothing, once, within reach."""

from __future__ import annotations

import json
from typing import Any

from tests.support.api_client import program
from tests.support.web_client import FOREIGN, OWN, SIBLING, Web


def line(place: int, code: str = OWN, **more: Any) -> dict[str, Any]:
    """A line that records a meeting."""
    return {"kind": "activity", "organization": code, "activity": "branch_committee_meeting",
            "occurred_on": f"2026-09-{place:02}"} | more  # fmt: skip


def test_batch(web: Web) -> None:
    """A batch under a key is recorded once; its lines are named by key and place."""
    one = program(web, "township")
    lines = [
        line(1, record_id="own"),
        line(2, SIBLING),
        {"kind": "condition", "organization": OWN, "condition": "national_flag", "state": "met",
         "on": "2026-09-01"},
        {"kind": "measure", "organization": OWN, "measure": "members", "value": "9",
         "on": "2026-09-01"},
    ]  # fmt: skip
    done = one.post("/lines", {"lines": lines}, "b-1", 200)
    assert done == {
        "lines": 4,
        "recorded": 4,
        "unchanged": 0,
        "superseded": [],
        "roots": 0,
        "refused": [],
    }
    again = one.post("/lines", {"lines": lines}, "b-1", 200)
    assert again == {
        "lines": 4,
        "recorded": 0,
        "unchanged": 4,
        "superseded": [],
        "roots": 0,
        "refused": [],
    }
    assert [event for _, event in web.events("ActivityRecorded")] == [
        "record/own", "record/b-1/2",
    ]  # fmt: skip
    correction = {"kind": "correction", "organization": OWN, "record_id": "own",
                  "changes": {"occurred_on": "2026-09-03"}, "reason": "写错"}  # fmt: skip
    retraction = {"kind": "retraction", "organization": SIBLING, "record_id": "b-1/2",
                  "reason": "重复", "id": "r"}  # fmt: skip
    done = one.post("/lines", {"lines": [correction, retraction]}, "b-2", 200)
    assert done["recorded"] == 2


def test_batch_conflict(web: Web) -> None:
    """Other content under the same key is refused with 409, and nothing is recorded."""
    one = program(web, "township")
    one.post("/lines", {"lines": [line(1)]}, "b-1", 200)
    told = one.post("/lines", {"lines": [line(2), line(3)]}, "b-1", 409)
    assert told["type"].endswith("identity_conflict")
    assert told["errors"][0]["field"] == "lines.1.record_id"
    assert len(web.events("ActivityRecorded")) == 1


def test_bad_lines(web: Web) -> None:
    """With a bad line nothing is recorded, and each fault is named at its line and field."""
    one = program(web, "township")
    lines = [line(1), line(2, occurred_on="x"), line(3, activity="none")]
    told = one.post("/lines", {"lines": lines}, "b-1", 422)
    assert [row["field"] for row in told["errors"]] == ["lines.2.occurred_on", "lines.3.activity"]
    assert web.events("ActivityRecorded") == []
    done = one.post("/lines", {"lines": lines, "partial": True}, "b-1", 200)
    assert (done["recorded"], [row["line"] for row in done["refused"]]) == (1, [2, 3])


def test_batch_within_reach(web: Web) -> None:
    """Lines of organizations out of reach, of other kinds, or without an identity are refused."""
    one = program(web, "township")
    for given, field, key in (
        ([line(1), line(2, FOREIGN)], "lines.2.organization", "b"),
        ([line(1, "nowhere")], "lines.1.organization", "b"),
        ([{"kind": "organization", "code": "x", "organization": OWN}], "lines.1.kind", "b"),
        ([line(1)], "Idempotency-Key", None),
        ([], "lines", "b"),
        ([line(1)] * 501, "lines", "b"),
    ):
        status = 400 if key is None else 422
        told = one.post("/lines", {"lines": given}, key, status)
        assert told["errors"][0]["field"] == field
    assert program(web, "auditor").post("/lines", {"lines": [line(1)]}, "b", 403)
    assert web.events("ActivityRecorded") == []


def test_file(web: Web) -> None:
    """The department imports whole files; the same bytes again change nothing."""
    one = program(web, "department")
    payload = json.dumps(line(1, record_id="a")).encode()
    done = one.send("POST", "/imports?name=a.jsonl", payload)
    assert done.json == {
        "lines": 1,
        "recorded": 1,
        "unchanged": 0,
        "superseded": [],
        "roots": 0,
        "refused": [],
    }
    assert one.send("POST", "/imports?name=a.jsonl", payload).json["unchanged"] == 1
    history = json.dumps(line(2, record_id="b", recorded_on="2026-09-02")).encode()
    told = one.send("POST", "/imports?name=b.jsonl", history)
    assert told.json["errors"][0]["field"] == "lines.1.recorded_on"
    done = one.send("POST", "/imports?name=b.jsonl&historical=true&reason=x", history)
    assert done.json["recorded"] == 1
    assert one.send("POST", "/imports?name=c.txt", payload).json["errors"][0]["field"] == "file"
    assert one.send("POST", "/imports?name=a.jsonl&reason=x", payload).status == 422
    assert one.send("POST", "/imports", payload).status == 422
    web.admit("part", "department", OWN)
    for login in ("part", "township", "branch"):
        assert program(web, login).send("POST", "/imports?name=a.jsonl", payload).status == 403


def test_why_a_line_was_refused_is_said_in_the_language_asked_for(web: Web) -> None:
    """Whether the whole was refused or the good lines were taken."""
    one = program(web, "department")
    payload = json.dumps({"kind": "activity", "organization": OWN}).encode()
    for partial in ("", "&partial=true"):
        said = {}
        for language in ("zh-CN", "en"):
            path = f"/imports?name=a.jsonl{partial}"
            told = one.send("POST", path, payload, accept_language=language).json
            said[language] = str(told.get("refused") or told["errors"])
        assert "缺少" in said["zh-CN"]
        assert "缺少" not in said["en"]


def test_a_table_is_imported(web: Web) -> None:
    """A list with Chinese headings is checked, recorded, and a changed row corrected on demand."""
    department = program(web, "department")
    rows = f"党支部,会议类型,开展日期,主题\n{OWN},支部委员会会议,2026/9/3,九月\n"
    path = "/imports?name=ledger.csv"
    checked = department.send("POST", f"{path}&dry_run=true", rows.encode())
    assert (checked.json["recorded"], checked.json["refused"]) == (1, [])
    assert web.events("ActivityRecorded") == []
    assert department.send("POST", path, rows.encode()).json["recorded"] == 1
    changed = rows.replace("九月", "九月支委会").encode()
    refused = department.send("POST", path, changed)
    assert refused.status == 422
    assert refused.json["errors"][0]["field"] == "lines.2.主题"
    corrected = department.send("POST", f"{path}&correct=typo", changed)
    assert (corrected.json["recorded"], corrected.json["refused"]) == (1, [])
    assert len(web.events("ActivityCorrected")) == 1
    assert department.send("POST", path, changed).json["unchanged"] == 1


def test_a_wide_table_names_its_day(web: Web) -> None:
    """The day of a table without a column for it, and its kind, come as parameters."""
    department = program(web, "department")
    rows = f"党支部,室外悬挂国旗\n{OWN},达标\n".encode()
    path = "/imports?name=a.csv&kind=conditions"
    assert department.send("POST", path, rows).json["type"].endswith("table_day")
    assert department.send("POST", f"{path}&day=2026-09-01", rows).json["recorded"] == 1
    assert department.send("POST", f"{path}&day=2026-09-31", rows).status == 422
