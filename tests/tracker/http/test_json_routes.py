"""A JSON body is parsed after its sender is known, and as strictly as a line of a file."""

from __future__ import annotations

import pytest
from fastapi.routing import APIRoute
from starlette.requests import Request

from tests.support.api_client import program
from tests.support.web_client import OWN, Web
from tracker.api.programs import ROUTERS as PROGRAMS
from tracker.api.protocol.lists import write_cursor
from tracker.http.json_routes import NUL, JsonRoute
from tracker.web.pages import ROUTERS as PAGES

MEASURES = f"/api/v1/organizations/{OWN}/measures"
JSON = {"content-type": "application/json"}


def test_every_route_with_a_json_body_authorizes_first() -> None:
    """No router with JSON bodies is left to the framework, which parses before it authorizes."""
    with_body = [
        route
        for router in (*PAGES, *PROGRAMS)
        for route in router.routes
        if isinstance(route, APIRoute) and route.body_field is not None
    ]
    assert len(with_body) > 20
    assert [route.path for route in with_body if not isinstance(route, JsonRoute)] == []


@pytest.mark.parametrize(
    "headers", [{"authorization": "Bearer x"}, {"cookie": "tracker_session=x"}]
)
def test_a_body_of_nobody_is_not_read(
    web: Web, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    """A token that is none and a session that is none are refused with their body unread."""

    async def read(_request: Request) -> bytes:
        raise AssertionError

    monkeypatch.setattr(Request, "body", read)
    body = b'{"measure": "members", "lines": [' + b"[" * (1 << 20)
    for path in (MEASURES, "/api/v1/lines", "/api/v1/tokens", "/api/v1/imports?name=a.jsonl"):
        answer = web.anybody().client.post(path, content=body, headers=JSON | headers)
        assert answer.status_code == 401, path


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"kind": []}', "lines.1.kind"),
        (b'{"kind": {}}', "lines.1.kind"),
        (b'{"kind": "measure", "organization": []}', "lines.1.organization"),
        (b'{"kind": 18446744073709551616}', "lines.1.kind"),
        (b'{"kind": "measure", "kind": "measure"}', "kind"),
        (b'{"kind": "\\ud800"}', "lines.0.kind"),
        (b'{"kind": "\\u0000"}', "lines.0.kind"),
        (b'{"\\udfff": 1}', "lines.0"),
        (b'{"kind": ' + b"[" * 300 + b"]" * 300 + b"}", "lines.0"),
        (b'{"kind": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", ""),
        (b'{"kind": ' + b"9" * 5000 + b"}", ""),
        (b'{"kind": NaN}', ""),
        (b'{"kind": "\xff"}', ""),
        (b'{"kind": ', ""),
    ],
)  # fmt: skip
def test_what_no_line_may_hold_is_422(web: Web, body: bytes, field: str) -> None:
    """Kinds that are lists, numbers beyond 64 bits, deep nesting, half a character, a key twice."""
    one = program(web, "branch")
    told = one.send("POST", "/lines", b'{"lines": [' + body + b"]}", idempotency_key="k", **JSON)
    assert told.status == 422, told.text
    assert [error["field"] for error in told.json["errors"]] == [field]
    assert all(error["message"] for error in told.json["errors"])


@pytest.mark.parametrize(
    "fields",
    ['"value": 18446744073709551616', '"value": "9", "value": "9"', '"value": "\\ud800"'],
)
def test_every_json_door_reads_alike(web: Web, fields: str) -> None:
    """Routes of one line refuse what the batch refuses, as 422 at its field."""
    body = f'{{"measure": "members", "on": "2026-09-01", {fields}}}'.encode()
    path = f"/organizations/{OWN}/measures"
    told = program(web, "branch").send("POST", path, body, idempotency_key="k", **JSON)
    assert (told.status, told.json["errors"][0]["field"]) == (422, "value")


def test_a_batch_keeps_numbers_exact(web: Web) -> None:
    """A number with a fraction is recorded with every digit, as from a file."""
    line = (
        f'{{"kind": "measure", "organization": "{OWN}", "measure": "members",'
        ' "on": "2026-09-01", "value": 123456789012345.10}'
    )
    body = f'{{"lines": [{line}]}}'.encode()
    one = program(web, "branch")
    assert one.send("POST", "/lines", body, idempotency_key="k", **JSON).status == 200
    with web.read() as reader:
        bodies = reader.rows("SELECT body FROM events WHERE type = 'MeasureReported'")
    assert b"123456789012345.10" in bytes(bodies[0][0])


def test_nul_and_large_numbers_in_addresses(web_on: Web) -> None:
    """NUL in a cursor or a code and a number no database holds are refused, on both databases."""
    one = program(web_on, "auditor")
    for path, status in {
        f"/organizations/{OWN}/records?after={write_cursor([NUL, 'x'])}": 422,
        f"/organizations?after={write_cursor([NUL])}": 422,
        f"/organizations?after={write_cursor([1 << 63])}": 422,
        "/organizations/9%009": 400,
        "/organizations?under=9%009": 400,
        f"/audit/organization:x/{1 << 70}": 404,
    }.items():
        assert one.visitor.get(f"/api/v1{path}").status == status, path


def test_a_claim_to_be_signed_in_gives_no_larger_body(web: Web) -> None:
    """A form with a session that is none may be as large as a stranger's, no larger."""
    headers = {"content-type": "application/x-www-form-urlencoded", "cookie": "tracker_session=x"}
    body = b"login=x&password=y&next=" + b"x" * (64 << 10)
    assert web.anybody().client.post("/login", content=body, headers=headers).status_code == 413
    small = body[: 60 << 10]
    assert web.anybody().client.post("/login", content=small, headers=headers).status_code == 422
