"""Records through the API: recorded once, corrected on what was seen, listed without a gap."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.support.api_client import BASE, by_session, program
from tests.support.web_client import CHILD, FOREIGN, OWN, SIBLING, Web

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
RECORDS = f"/organizations/{OWN}/records"
MEETING: dict[str, Any] = {
    "activity": "branch_committee_meeting",
    "occurred_on": "2026-09-12",
    "title": "支部会议",
    "attendance": {"present": 7, "expected": 9},
    "money": {"due": "120.00", "paid": "120.00"},
    "evidence": [{"kind": "minutes"}],
}


def test_record_and_replay(web: Web) -> None:
    """The same request under the same key records once and answers the same."""
    one = program(web, "branch")
    first = one.call("POST", RECORDS, MEETING, idempotency_key="k-1")
    again = one.call("POST", RECORDS, MEETING, idempotency_key="k-1")
    assert first.status == again.status == 201
    assert first.json == again.json == {"organization": OWN, "record_id": "k-1", "version": 2}
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert first.headers["location"] == BASE + RECORDS + "/k-1"
    assert len(web.events("ActivityRecorded")) == 1


def test_other_content_under_a_key(web: Web) -> None:
    """Other content under a used key is refused with 409 and the stable type."""
    one = program(web, "branch")
    one.post(RECORDS, MEETING, "k-1")
    told = one.post(RECORDS, MEETING | {"title": "别的"}, "k-1", 409)
    assert told["type"] == "urn:organization-tracker:problem:identity_conflict"
    assert told["errors"][0]["field"] == "record_id"


def test_key_is_needed(web: Web) -> None:
    """Without a key or an identity in the body nothing is recorded; the two must not differ."""
    one = program(web, "branch")
    told = one.post(RECORDS, MEETING, None, 400, accept_language="en")
    assert told["errors"] == [
        {"field": "Idempotency-Key",
         "message": "is missing; it identifies a request that is sent twice"}
    ]  # fmt: skip
    assert one.post(RECORDS, MEETING | {"record_id": "own"})["record_id"] == "own"
    assert one.post(RECORDS, MEETING | {"record_id": "own"}, "own")["record_id"] == "own"
    assert one.post(RECORDS, MEETING | {"record_id": "own"}, "other", 400)["type"].endswith(
        "two_keys"
    )
    assert one.post(RECORDS, MEETING, "x" * 129, 400)["type"].endswith("bad_key")


def test_two_at_once(web: Web) -> None:
    """Of many threads that send one request under one key one records, all answer the same."""
    programs = [program(web, "branch") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda one: one.post(RECORDS, MEETING, "k-1"), programs))
    assert found == [found[0]] * 4
    assert len(web.events("ActivityRecorded")) == 1


def test_bad_fields_are_named(web: Web) -> None:
    """Every faulty field is named in the language that was asked for."""
    one = program(web, "branch")
    bad = MEETING | {"occurred_on": "2026-9-1", "money": {"due": "x"}, "colour": "red"}
    told = one.post(RECORDS, bad, "k-1", 422)
    assert {row["field"]: row["message"] for row in told["errors"]} == {
        "occurred_on": "不是有效日期，应写成 2026-09-12",
        "money.due": "不是有效金额，应写成 120.00",
        "colour": "没有这个字段",
    }
    assert len(told["reference"]) == 12
    told = one.post(RECORDS, {"activity": "x"}, "k-1", 422, accept_language="en")
    assert told["errors"] == [{"field": "occurred_on", "message": "is missing"}]
    told = one.post(RECORDS, MEETING | {"occurred_on": "2026-09-21"}, "k-1", 422)
    assert told["errors"][0]["field"] == "occurred_on"
    told = one.post(RECORDS, MEETING | {"activity": "no_word"}, "k-1", 404)
    assert told["type"].endswith("unknown_word")
    broken = one.send("POST", RECORDS, b"{", content_type="application/json", idempotency_key="k")
    assert broken.status == 422
    assert broken.json["errors"][0]["message"] == "不是有效的 JSON"
    assert web.events("ActivityRecorded") == []


@pytest.mark.parametrize("code", [SIBLING, FOREIGN, "99", "nowhere"])
def test_scope(web: Web, code: str) -> None:
    """An organization out of reach is refused like a code that does not exist."""
    one = program(web, "branch")
    told = one.post(f"/organizations/{code}/records", MEETING, "k-1", 404)
    assert told["type"].endswith("unknown_organization")
    for path in (f"/organizations/{code}", f"/organizations/{code}/records"):
        assert one.call("GET", path).status == 404


def test_child_is_in_scope(web: Web) -> None:
    """A branch also records for its descendants."""
    one = program(web, "branch")
    assert one.post(f"/organizations/{CHILD}/records", MEETING, "k-1")["organization"] == CHILD


def test_who_may_not_record(web: Web) -> None:
    """An auditor and a token for reading record nothing."""
    for one in (program(web, "auditor"), program(web, "branch", ("read",))):
        assert one.post(RECORDS, MEETING, "k-1", 403)["type"].endswith("forbidden")


def test_session_needs_its_token(web: Web) -> None:
    """A session records with its X-CSRF-Token, and is refused without it."""
    one = by_session(web, "branch")
    one.post(RECORDS, MEETING, "k-1")
    one.visitor.csrf = ""
    assert one.post(RECORDS, MEETING, "k-2", 403)["type"].endswith("forged_form")


def test_correction_on_what_was_seen(web: Web) -> None:
    """A correction with the ETag that was seen is taken once; on what has changed it is 412."""
    one = program(web, "branch")
    one.post(RECORDS, MEETING, "k-1")
    seen = one.call("GET", RECORDS + "/k-1")
    etag = seen.headers["etag"]
    assert one.call("GET", RECORDS + "/k-1", if_none_match=etag).status == 304
    given = {"changes": {"title": "更正", "place": None}, "reason": "写错"}
    path = RECORDS + "/k-1/corrections"
    done = one.post(path, given, "c-1", if_match=etag)
    assert one.post(path, given, "c-1", if_match=etag) == done
    other = {"changes": {"title": "再改"}, "reason": "写错"}
    told = one.post(path, other, "c-2", 412, if_match=etag)
    assert told["type"].endswith("changed_meanwhile")
    assert one.post(path, other, "c-1", 409)["type"].endswith("identity_conflict")
    assert one.post(path, other, "c-2", if_match="*")["version"] == done["version"] + 1
    assert one.post(path, other, "c-3", 412, if_match='"nonsense"')
    found = one.get(RECORDS + "/k-1")
    assert found["title"] == "再改"
    assert [step["kind"] for step in found["history"]] == ["recorded", "corrected", "corrected"]
    assert found["history"][1]["before"]["title"] == "支部会议"
    assert found["history"][1]["after"]["title"] == "更正"
    assert found["state"] == "corrected"


def test_correction_faults(web: Web) -> None:
    """A correction needs a key, a reason, a change and a record."""
    one = program(web, "branch")
    one.post(RECORDS, MEETING, "k-1")
    path, given = RECORDS + "/k-1/corrections", {"changes": {"title": "x"}, "reason": "y"}
    assert one.post(path, given, None, 400)["type"].endswith("no_key")
    assert one.post(path, {"changes": {}, "reason": "y"}, "c", 422)["errors"]
    assert one.post(path, {"changes": {"title": "x"}}, "c", 422)["errors"][0]["field"] == "reason"
    told = one.post(RECORDS + "/none/corrections", given, "c", 404)
    assert told["type"].endswith("unknown_record")


def test_retraction(web: Web) -> None:
    """A record is retracted once; that is final."""
    one = program(web, "branch")
    one.post(RECORDS, MEETING, "k/1")
    path = RECORDS + "/k/1/retraction"
    done = one.post(path, {"reason": "重复"}, "r-1")
    assert one.post(path, {"reason": "重复"}, "r-1") == done
    assert one.post(path, {"reason": "重复"}, "r-2", 409)["type"].endswith("record_retracted")
    assert one.get(RECORDS + "/k/1")["state"] == "retracted"


def test_reports(web: Web) -> None:
    """Conditions and measures are reported once under their keys."""
    one = program(web, "branch")
    measure = {"measure": "members", "value": "9", "on": "2026-09-01"}
    root = f"/organizations/{OWN}"
    done = one.post(f"{root}/measures", measure, "m-1")
    assert one.post(f"{root}/measures", measure, "m-1") == done
    told = one.post(f"{root}/measures", measure | {"value": "10"}, "m-1", 409)
    assert told["type"].endswith("identity_conflict")
    assert one.post(f"{root}/measures", measure, None, 400)
    condition = {"condition": "national_flag", "state": "met", "on": "2026-09-01"}
    assert one.post(f"{root}/conditions", condition, "f-1")["version"] == done["version"] + 1
    told = one.post(f"{root}/conditions", condition | {"state": "fine"}, "f-2", 422)
    assert told["errors"] == [{"field": "state", "message": "请从列表中选择"}]


def test_evidence(web: Web) -> None:
    """A file is stored by its SHA-256, named in a record, and handed over to who may see it."""
    one = program(web, "branch")
    path = f"/organizations/{OWN}/evidence"
    stored = one.send("POST", path, PNG, x_file_name="a.png")
    assert stored.status == 201
    file = stored.json["file"]
    assert (stored.json["media_type"], stored.json["used"]) == ("image/png", [])
    given = MEETING | {"evidence": [{"kind": "photo", "file": file}]}
    one.post(RECORDS, given, "k-1")
    assert one.send("POST", path, PNG).json["used"][0]["record_id"] == "k-1"
    fetched = one.call("GET", f"/evidence/{file}")
    assert fetched.answer.content == PNG
    assert program(web, "administrator").call("GET", f"/evidence/{file}").status == 403
    web.admit("stranger", "branch", FOREIGN)
    assert program(web, "stranger").call("GET", f"/evidence/{file}").status == 404
    assert one.send("POST", path, b"hello").json["errors"][0]["field"] == "file"
    missing = given | {"evidence": [{"kind": "photo", "file": "0" * 64}]}
    assert one.post(RECORDS, missing, "k-2", 404)["type"].endswith("no_such_file")


def test_pages_never_skip(web: Web) -> None:
    """Every record comes once, page by page, also where one more is recorded in between."""
    one = program(web, "branch")
    for day in range(1, 8):
        one.post(RECORDS, MEETING | {"occurred_on": f"2026-09-0{day}"}, f"k-{day}")
    seen: list[str] = []
    path = RECORDS + "?limit=3"
    page = one.get(path)
    while True:
        seen += [row["record_id"] for row in page["items"]]
        if page["next"] is None:
            break
        if len(seen) == 3:
            one.post(RECORDS, MEETING | {"occurred_on": "2026-09-09"}, "late")
        page = one.get(f"{path}&after={page['next']}")
    assert seen == [f"k-{day}" for day in range(7, 0, -1)]


def test_filters_and_files(web: Web) -> None:
    """A file holds exactly what the filter leaves, formulas as texts."""
    one = program(web, "branch")
    one.post(RECORDS, MEETING | {"title": "=1+1"}, "k-1")
    one.post(RECORDS, MEETING | {"activity": "study_session"}, "k-2")
    one.post(RECORDS + "/k-2/retraction", {"reason": "重复"}, "r")
    for query, found in (
        ("activity=study_session", ["k-2"]),
        ("state=retracted", ["k-2"]),
        ("state=standing", ["k-1"]),
        ("late=true", []),
        ("late=false", ["k-2", "k-1"]),
        ("from=2026-09-13", []),
        ("to=2026-09-11", []),
        ("from=2026-09-12&to=2026-09-12&activity=study_session", ["k-2"]),
    ):
        items = one.get(f"{RECORDS}?{query}")["items"]
        assert [row["record_id"] for row in items] == found, query
    answer = one.call("GET", RECORDS + "?activity=branch_committee_meeting&format=csv")
    lines = answer.answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("活动记录 activity=branch_committee_meeting")
    assert len(lines) == 3
    assert "'=1+1" in lines[2]
    book = one.call("GET", RECORDS + "?format=xlsx").answer.content
    sheet = load_workbook(BytesIO(book)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[4]][2] == "=1+1"
    assert sheet["C4"].data_type == "s"
    assert one.call("GET", RECORDS + "?from=x").json["errors"][0]["field"] == "from"
    assert one.call("GET", RECORDS + "?after=!!").json["type"].endswith("bad_cursor")
    assert one.call("GET", RECORDS + "?limit=0").status == 422


def test_line_breaks_of_every_client_are_line_feeds(web: Web) -> None:
    """A note sent with CR LF is recorded with LF, and equals the same note sent with LF."""
    one = program(web, "branch")
    one.post(RECORDS, MEETING | {"note": "一\r\n二"}, "k-1")
    one.post(RECORDS, MEETING | {"note": "一\n二"}, "k-1")
    assert len(web.events("ActivityRecorded")) == 1


def test_a_long_text_costs_nothing(web: Web) -> None:
    """A note of 240 KB of combining characters is refused by its length, in well under a second."""
    begun = time.perf_counter()
    told = program(web, "branch").post(
        RECORDS, MEETING | {"note": "a" + "\u0316\u0301" * 60_000}, "k-1", 422
    )
    assert told["errors"][0]["field"] == "note"
    assert time.perf_counter() - begun < 2
