"""A damaged event is named by every page and answer that meets it; all others go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.access_matrix import EXAMPLES, TABLE
from tests.support.api_client import program
from tests.support.logs import break_event, rows
from tests.support.web_client import OWN, SIBLING, Web

MEETING: dict[str, Any] = {
    "activity": "branch_committee_meeting",
    "occurred_on": "2026-09-12",
    "attendance": {"present": 7, "expected": 9},
    "evidence": [{"kind": "minutes"}],
}
STREAM = f"organization-{OWN}"


def emptied(body: bytes) -> bytes:
    """An event without its data."""
    return json.dumps(json.loads(body) | {"data": {}}).encode()


def retyped(body: bytes) -> bytes:
    """An event whose data are all of another type."""
    document = json.loads(body)
    return json.dumps(document | {"data": {name: [1] for name in document["data"]}}).encode()


def unreadable(_body: bytes) -> bytes:
    """An event that is not even JSON."""
    return b"\xff{"


def rewritten(body: bytes) -> bytes:
    """An event that is as good as any, but not what was recorded."""
    changed = body.replace(b'"present":7', b'"present":9')
    assert changed != body
    return changed


def addresses(code: str) -> Iterator[str]:
    """Every page and answer about one organization."""
    for route in TABLE:
        method, path = route.split(" ", 1)
        if method == "GET" and "{code}" in path:
            yield path.replace(":path", "").format_map(EXAMPLES | {"code": code})


@pytest.mark.parametrize("damage", [unreadable, emptied, retyped, rewritten])
def test_every_page_names_the_event(web: Web, damage: Callable[[bytes], bytes]) -> None:
    """By stream and version, with what to do; pages of others and recording go on."""
    branch = program(web, "branch")
    branch.post(f"/organizations/{OWN}/records", MEETING, EXAMPLES["record_id"])
    engine = web.authenticator.store.engine
    ((version, body),) = rows(
        engine, "SELECT version, body FROM events WHERE type = 'ActivityRecorded'"
    )
    break_event(engine, STREAM, version, damage(bytes(body)))
    named = 0
    for login in ("branch", "department"):
        visitor = web.visitor(login, raises=False)
        for address in addresses(OWN):
            page = visitor.get(address)
            if page.status < 500:
                continue
            named += 1
            assert page.status == 500, address
            assert f"流 {STREAM} 的第 {version} 个事件已损坏" in page.text, address
            assert "tracker audit verify" in page.text
            if address.startswith("/api/"):
                assert page.json["type"].endswith(":event_damaged")
        assert all(visitor.get(address).status < 500 for address in addresses(SIBLING))
    assert named > 4
    assert branch.post(f"/organizations/{OWN}/records", MEETING, "a-2")["version"] > version
    assert web.visitor("department", raises=False).get("/").status == 200
