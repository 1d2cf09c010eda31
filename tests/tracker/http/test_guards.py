"""Every answer carries its headers, no body is too large, and no log line has a secret."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from events.refusals.errors import Refused
from tests.support.serving import client_of, serve
from tests.support.web_client import BY, OWN, Page, Web
from tracker.access.rights import ROUTES, RouteRule
from tracker.http.guards import HEADERS, LARGEST_BODY, LARGEST_FILE, POLICY

JSON = {"accept": "application/json"}


def breaking(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Routes that go wrong, for anybody."""
    faults: dict[str, Exception] = {
        "/broken": ZeroDivisionError("a secret of the program"),
        "/busy": OperationalError("SELECT", {}, Exception("database is locked")),
        "/gone": OperationalError("SELECT", {}, Exception("no such table: events")),
        "/refused": Refused("no_end", field="until_on"),
        "/kept-out": Refused("signed_in_too_often", minutes=15),
    }
    for path, error in faults.items():
        monkeypatch.setitem(ROUTES, f"GET {path}", RouteRule(None))
        web.inside.add_api_route(path, raising(error))


def raising(error: Exception) -> Callable[[], None]:
    """A handler that raises."""

    def handler() -> None:
        raise error

    return handler


def guarded(page: Page) -> bool:
    """Whether an answer has all the headers, and its reference."""
    named = all(page.headers.get(name) for name in HEADERS)
    return named and re.fullmatch("[0-9a-f]{12}", page.headers["x-reference"]) is not None


def test_every_answer_is_guarded(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages, redirects, static files, what is not there, what is refused, what broke."""
    breaking(web, monkeypatch)
    stranger = web.anybody(raises=False)
    asked = {
        "/login": 200, "/": 303, "/static/tracker.css": 200, "/static/replace.js": 200,
        "/static/nothing": 404, "/nothing": 404, "/welcome/x": 404, "/api/v1/me": 401,
        "/broken": 500, "/busy": 503, "/gone": 500, "/refused": 422, "/kept-out": 429,
        "/health": 200,
    }  # fmt: skip
    for path, status in asked.items():
        page = stranger.get(path)
        assert page.status == status, path
        assert guarded(page), path
    assert stranger.call("DELETE", "/login").status == 405
    assert web.visitor("branch").get("/").headers["cache-control"] == "no-store"


def test_the_policy_lets_in_no_script_of_another(web: Web) -> None:
    """No inline script or style, nothing from outside, no frame around a page."""
    page = web.anybody().get("/login")
    assert page.headers["content-security-policy"] == POLICY
    for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'",
                 "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):  # fmt: skip
        assert part in POLICY
    assert "unsafe" not in POLICY
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|<style", page.text)


def test_what_went_wrong_is_told_twice(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page to a person, problem details to a program, both with the reference of the answer."""
    breaking(web, monkeypatch)
    said = {
        "/broken": ("系统出错", "broken"),
        "/gone": ("系统出错", "broken"),
        "/busy": ("系统正忙", "busy"),
        "/nothing": ("没有这个页面", "not_found"),
        "/refused": ("委托必须有最后一天", "no_end"),
        "/kept-out": ("请 15 分钟后再试", "signed_in_too_often"),
    }
    stranger = web.anybody(raises=False)
    for path, (zh, code) in said.items():
        page, told = stranger.get(path), stranger.get(path, accept="application/json")
        assert zh in page.text, path
        assert page.headers["x-reference"] in page.text
        assert told.headers["content-type"] == "application/problem+json"
        assert told.json["type"] == f"urn:organization-tracker:problem:{code}"
        assert (told.json["status"], zh in told.json["title"]) == (told.status, True)
        assert told.json["reference"] == told.headers["x-reference"]
        assert "secret of the program" not in page.text + told.text
    told = stranger.get("/refused", accept="application/json")
    assert told.json["errors"] == [{"field": "until_on", "message": "委托必须有最后一天"}]


def test_a_method_that_is_none(web: Web) -> None:
    """A path asked in another way says so; on the API as a problem."""
    stranger = web.anybody()
    assert "不支持这种请求方式" in stranger.call("DELETE", "/login").text
    found = stranger.call("PUT", "/api/v1/me")
    assert (found.status, found.json["type"].rpartition(":")[2]) == (405, "wrong_method")


def test_the_language_of_an_answer(web: Web) -> None:
    """Chosen by the switch, for pages and programs; else Chinese, for a program as it asks."""
    stranger = web.anybody()
    assert "没有这个页面" in stranger.get("/nothing", accept_language="en").text
    english = stranger.get("/api/v1/nothing", accept_language="en-GB,en")
    assert english.json["title"] == "there is no such page"
    assert stranger.get("/api/v1/nothing").json["title"] == "没有这个页面"
    assert stranger.post("/language", language="en", next="/login").location == "/login"
    assert "there is no such page" in stranger.get("/nothing").text
    stranger.post("/language", language="xx", next="//elsewhere.example")
    page = stranger.get("/api/v1/nothing", accept_language="en")
    assert page.json["title"] == "没有这个页面"


def pieces(size: int) -> Iterator[bytes]:
    """A body sent piece by piece, whose length nobody tells before."""
    piece = b"x" * (1 << 20)
    for _ in range(size >> 20):
        yield piece
    yield b"x" * (size & ((1 << 20) - 1))


def test_a_body_too_large(web: Web) -> None:
    """By its own account before it comes, or as soon as there is too much; never broken."""
    stranger = web.anybody().client
    form = {"content-type": "application/x-www-form-urlencoded"}
    told = stranger.post("/login", content=b"", headers=form | JSON
                         | {"content-length": str(LARGEST_BODY + 1)})  # fmt: skip
    assert (told.status_code, told.json()["type"].rpartition(":")[2]) == (413, "too_large")
    sent = stranger.post("/login", content=pieces(LARGEST_BODY + 1), headers=form)
    assert sent.status_code == 413
    assert "提交的内容太大，最多 0.0625 MB" in sent.text
    secretary = web.visitor("branch").client
    sent = secretary.post("/account/password", content=pieces(LARGEST_BODY + 1), headers=form)
    assert sent.status_code == 413
    assert "最多 8 MB" in sent.text
    assert stranger.post("/login", content=b"login=x&password=y", headers=form).status_code == 422


def test_files_have_a_limit_of_their_own(web: Web) -> None:
    """A path that takes evidence takes more than a form does, and still not everything."""
    secretary = web.visitor("branch")
    path = f"/organizations/{OWN}/evidence"
    headers = {"x-csrf-token": secretary.csrf} | JSON
    body = b"\x89PNG\r\n\x1a\n" + bytes(LARGEST_BODY)
    assert secretary.client.post(path, content=body, headers=headers).status_code == 201
    told = headers | {"content-length": str(LARGEST_FILE + 1)}
    assert secretary.client.post(path, content=b"", headers=told).status_code in {413, 422}
    assert LARGEST_FILE > LARGEST_BODY


def test_a_line_for_each_request_tells_no_secret(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Route, status and time; not the link's secret, the search, the cookie or what was typed."""
    caplog.set_level(logging.INFO)
    link = web.authenticator.new_link(web.visitor("branch").account, BY)
    secretary = web.visitor("branch")
    secretary.get(f"/welcome/{link}")
    secretary.post(f"/welcome/{link}", password="ten-long-words", again="other")
    secretary.get("/organizations?q=whisper")
    secretary.get("/nothing/whisper")
    web.anybody().post("/login", login="whisper", password="whisper-password")
    lines = [record.getMessage() for record in caplog.records if "request" in record.getMessage()]
    assert any("/welcome/{token}" in one and "'status': 200" in one for one in lines)
    assert any("'milliseconds':" in one and "'method': 'POST'" in one for one in lines)
    ours = [one for one in caplog.records if not one.name.startswith("httpx")]
    text = "\n".join(one.getMessage() for one in ours)
    cookie = str(secretary.client.cookies)
    for secret in (link, "whisper", "ten-long-words", cookie.partition("=")[2][:20]):
        assert secret not in text


def test_what_broke_stands_in_the_log_under_its_reference(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With the error itself, which the answer does not tell."""
    breaking(web, monkeypatch)
    page = web.anybody(raises=False).get("/broken")
    (line,) = [one.getMessage() for one in caplog.records if "request failed" in one.getMessage()]
    assert page.headers["x-reference"] in line
    assert "a secret of the program" in line
    assert BY.actor not in page.text


def test_a_large_page_is_compressed(web: Web) -> None:
    """Where the browser takes it; a small one is left alone."""
    page = web.visitor("department").get("/schemes", accept_encoding="gzip")
    assert page.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in web.anybody().get("/", accept_encoding="gzip").headers


def test_head_is_get_without_a_body(web: Web) -> None:
    """The state of the service and pages answer HEAD, for programs that watch them."""
    secretary = web.visitor("branch").client
    for path in ("/health", "/login", "/organizations", "/nothing", "/static/tracker.css"):
        head, full = secretary.head(path), secretary.get(path)
        assert (head.status_code, head.content) == (full.status_code, b""), path
        assert head.headers.get("content-type") == full.headers.get("content-type")
        assert guarded(Page(head))


def test_a_method_that_is_not_there_names_those_that_are(web: Web) -> None:
    """405 with Allow, on a page, the API and for a method nobody knows."""
    client = web.anybody().client
    for method, path in (("PUT", "/login"), ("FOO", "/health"), ("DELETE", "/api/v1/me")):
        answer = client.request(method, path)
        assert (answer.status_code, "GET" in answer.headers["allow"]) == (405, True), path


def test_https_stays_https(web: Web) -> None:
    """By https, or where users have an https address, a browser learns to keep to it."""
    client = web.anybody().client
    name = "strict-transport-security"
    assert name not in client.get("/login").headers
    assert client.get("https://testserver/login").headers[name] == "max-age=31536000"
    settings = web.tools.settings.model_copy(update={"public_url": "https://tracker.example"})
    behind = client_of(serve(replace(web.tools, settings=settings), web.authenticator))
    assert behind.get("/login").headers[name] == "max-age=31536000"
