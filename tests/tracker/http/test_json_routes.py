"""A JSON body is parsed after its sender is known, and as strictly as a line of a file."""

from __future__ import annotations

import pytest
from fastapi.routing import APIRoute
from starlette.requests import Request

from tests.support.web_client import OWN, Web
from tracker.api.programs import ROUTERS as PROGRAMS
from tracker.http.json_routes import JsonRoute
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


def test_a_claim_to_be_signed_in_gives_no_larger_body(web: Web) -> None:
    """A form with a session that is none may be as large as a stranger's, no larger."""
    headers = {"content-type": "application/x-www-form-urlencoded", "cookie": "tracker_session=x"}
    body = b"login=x&password=y&next=" + b"x" * (64 << 10)
    assert web.anybody().client.post("/login", content=body, headers=headers).status_code == 413
    small = body[: 60 << 10]
    assert web.anybody().client.post("/login", content=small, headers=headers).status_code == 422
