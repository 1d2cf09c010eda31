"""Nothing gets in without a rule, a session or token in force, and the session's own form."""

from datetime import date, datetime, timedelta

import pytest

from events.periods import instant_text
from events.streams.accounts import SwitchAccount
from tests.support.web_client import BY, OWN, ROOT, TODAY, Visitor, Web
from tracker.access.rights import ROUTES, RouteRule
from tracker.accounts import credentials
from tracker.accounts.personal_tokens import PersonalTokens
from tracker.accounts.sign_in import SESSION_HOURS
from tracker.http.context import SESSION_COOKIE

REPORT = f"/organizations/{OWN}/report"
LANGUAGE = {"language": "en", "next": "/login"}


def test_a_route_without_a_rule_is_refused(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new route is closed to everybody until it has an access rule."""

    @web.inside.get("/new")
    def new() -> str:
        return "open"

    for visitor in (web.anybody(), web.visitor("department")):
        page = visitor.get("/new")
        assert (page.status, "这个地址没有设定权限" in page.text) == (403, True)
    monkeypatch.setitem(ROUTES, "GET /new", RouteRule(None))
    assert web.anybody().get("/new").json == "open"


def test_a_form_without_the_sessions_token_is_forged(web: Web) -> None:
    """None, a wrong one, another session's, one that is no text: nothing is done."""
    secretary = web.visitor("branch")
    other = web.visitor("township").csrf
    for token in ("", "x", other, secretary.csrf + "x", "令牌"):
        answer = secretary.client.post(REPORT, data={"csrf": token})
        assert answer.status_code == 403
        assert "请重新打开页面再提交" in answer.text
    assert secretary.client.post("/logout").status_code == 403
    assert secretary.get("/").status == 200
    assert secretary.client.post(REPORT, data={"csrf": secretary.csrf}).status_code != 403


def test_a_script_sends_the_token_as_a_header(web: Web) -> None:
    """As parts of pages do; a browser's session does no API call without it."""
    secretary = web.visitor("branch")
    path = f"/api/v1/organizations/{OWN}/measures"
    body: dict[str, str] = {}
    headers = {"idempotency-key": "k"}
    answer = secretary.client.post(path, json=body, headers=headers)
    assert answer.json()["type"].endswith("forged_form")
    answer = secretary.client.post(
        path, json=body, headers=headers | {"x-csrf-token": secretary.csrf}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"origin": "http://testserver"}, 303),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
    ],
)
def test_a_foreign_page_sends_no_form(web: Web, headers: dict[str, str], status: int) -> None:
    """Where nobody is signed in a browser must say that its own page sent the form."""
    answer = web.anybody().client.post("/language", data=LANGUAGE, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("cookie", ["x", "", "A" * 43, "x" * 5000, "../..", "'; --"])
def test_a_forged_cookie_opens_nothing(web: Web, cookie: str) -> None:
    """It is as if there were none."""
    visitor = web.anybody()
    visitor.headers["cookie"] = f"{SESSION_COOKIE}={cookie}"
    assert visitor.get("/").location == "/login?next=/"
    assert visitor.get("/login").status == 200


def test_a_session_ends(web: Web) -> None:
    """Twelve hours after it was last used; a page that was used keeps it alive."""
    secretary = web.visitor("branch")
    web.at("2026-09-20 20:30")
    assert secretary.get("/").status == 200
    web.at("2026-09-21 08:00")
    assert secretary.get("/").status == 200
    web.at("2026-09-21 20:00")
    page = secretary.get("/organizations/99-01-001?as_of=2026-09-01")
    assert page.location == "/login?next=/organizations/99-01-001%3Fas_of%3D2026-09-01"
    assert secretary.post(REPORT).location == "/login?next=/&expired=1"
    secretary.headers["referer"] = f"http://testserver{REPORT}?a=b"
    back = secretary.post(REPORT).location
    assert back == f"/login?next={REPORT}%3Fa%3Db&expired=1"
    assert "登录已过期" in secretary.get(back).text
    secretary.headers["referer"] = "http://elsewhere.example/report"
    assert secretary.post(REPORT).location == "/login?next=/&expired=1"
    assert SESSION_HOURS == 12


def later(hours: int) -> str:
    """The local time so many hours after the world begins."""
    return (datetime.fromisoformat(TODAY) + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")


def test_a_session_ends_for_good(web: Web) -> None:
    """Seven days after it began, however often it was used; another sign-in begins another."""
    secretary = web.visitor("branch")
    for hours in range(10, 161, 10):
        web.at(later(hours))
        assert secretary.get("/").status == 200, hours
    web.at(later(169))
    assert secretary.get("/").location == "/login?next=/"


def test_a_session_is_written_seldom(web: Web) -> None:
    """Within ten minutes of its last use nothing is written; after that it is."""
    secretary = web.visitor("branch")

    def seen() -> str:
        with web.read() as reader:
            secret = secretary.client.cookies[SESSION_COOKIE]
            found = credentials.session_of(reader, secret, instant_text(web.authenticator.now()))
        assert found is not None
        return found.seen_at

    first = seen()
    web.at("2026-09-20 09:09")
    secretary.get("/")
    assert seen() == first
    web.at("2026-09-20 09:10")
    secretary.get("/")
    assert seen() > first


def test_somebody_disabled_is_nobody(web: Web) -> None:
    """A session whose row is there still opens nothing for an account that is not."""
    secretary = web.visitor("branch")
    web.authenticator.change_account(secretary.account, SwitchAccount(reason="调离"), BY)
    secret = "s" * 43
    with web.tools.store.append() as log:
        log.write(
            "INSERT INTO sessions (digest, account, csrf, created_at, seen_at, ends_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [(credentials.digest(secret), secretary.account, "c", "2026", "2026", "2027")],
        )
    visitor = web.anybody()
    visitor.client.cookies.set(SESSION_COOKIE, secret)
    assert visitor.get("/").location == "/login?next=/"
    assert visitor.get("/api/v1/me").status == 401


def token(web: Web, login: str, until: date = date(2026, 12, 31)) -> str:
    """A personal token of somebody, for reading."""
    account = web.visitor(login).account
    secret = PersonalTokens(web.authenticator).issue(account, ("read",), until, BY)
    assert secret is not None
    return secret


def test_a_token_is_held_against_its_last_day(web: Web) -> None:
    """On it the token is good, the day after it is void."""
    program = web.program(token(web, "branch", date(2026, 9, 20)))
    assert program.get("/api/v1/me").status == 200
    web.at("2026-09-21 00:00")
    page = program.get("/api/v1/me")
    assert (page.status, page.json["type"].rpartition(":")[2]) == (401, "bad_token")


def test_a_token_opens_no_page(web: Web) -> None:
    """It is for programs: it neither reads a page nor issues itself a token for more."""
    program = web.program(token(web, "township", date(2026, 12, 31)))
    assert program.get("/api/v1/me").status == 200
    wanted = {"scopes": ["read", "manage"], "until_on": "2027-09-01"}
    for answer in (
        program.get("/"),
        program.get(f"/organizations/{OWN}"),
        program.post("/account/tokens", **wanted),
        program.post("/account/second-factor", switch="on", secret="A" * 32, code="000000"),
    ):
        assert answer.status == 403
        assert "个人令牌只能用于接口" in answer.text
    assert len(web.events("TokenIssued")) == 1


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "bearer  ", "Bearer " + "x" * 5000])
def test_a_forged_token_opens_nothing(web: Web, header: str) -> None:
    """Nor together with the cookie of a valid session."""
    for visitor in (web.anybody(), web.visitor("branch")):
        visitor.headers["authorization"] = header
        assert visitor.get("/api/v1/me").status == 401


def test_another_scheme_is_no_token(web: Web) -> None:
    """Basic is not spoken here: the session counts, if there is one."""
    stranger, secretary = web.anybody(), web.visitor("branch")
    for visitor, status in ((stranger, 401), (secretary, 200)):
        visitor.headers["authorization"] = "Basic bGk6"
        assert visitor.get("/api/v1/me").status == status


def test_a_token_sends_no_form_token(web: Web) -> None:
    """A program has none and needs none; it may come from anywhere."""
    secret = token(web, "branch")
    program = web.program(secret)
    page = program.call("POST", "/api/v1/policy/check", {}, origin="https://elsewhere.example")
    assert page.status != 403


def forms(visitor: Visitor, path: str, fields: dict[str, str]) -> str:
    """Return the faults that a form with these fields gets."""
    page = visitor.post(path, **fields)
    assert page.status < 500
    return page.text


def test_a_character_that_no_database_takes(web_on: Web) -> None:
    """In a path or query the request is bad, in a form its field is; never a 500."""
    stranger = web_on.anybody()
    for path in ("/organizations/a%00b", "/login?next=%00", "/welcome/%00"):
        assert stranger.get(path).status == 400
    page = stranger.post("/login", login="a\0b", password="x" * 10)
    assert (page.status, "控制字符" in page.text) == (422, True)
    secretary = web_on.visitor("branch")
    assert "控制字符" in forms(secretary, REPORT, {"reason": "a\0"})


def test_a_cycle_is_run_for_a_root_alone(web: Web) -> None:
    """A role over a part of a root runs no cycle; without a scope the only root is meant."""
    web.admit("part", "department", "99-01")
    web.admit("whole", "department", None)
    for login, scope, status in (
        ("part", "", 403), ("part", f"?scope={ROOT}", 403), ("part", "?scope=99-01", 403),
        ("part", "?scope=nowhere", 403), ("township", "", 403), ("whole", "?scope=nowhere", 422),
        ("whole", "?scope=99-01", 422), ("whole", "", 409), ("whole", f"?scope={ROOT}", 409),
    ):  # fmt: skip
        page = web.visitor(login).post(f"/cycles/2026-09/open{scope}")
        assert page.status == status, (login, scope, page.status)
    assert web.events("CycleOpened") == []
    web.at("2026-10-01 09:00")
    assert web.visitor("whole").post("/cycles/2026-09/open").status == 303
    assert len(web.events("CycleOpened")) == 1


def test_a_record_may_end_like_a_path_of_files(web: Web) -> None:
    """The forms to correct and to retract a record are read, also if its id ends so."""
    secretary = web.visitor("branch")
    body = {"activity": "branch_committee_meeting", "occurred_on": "2026-09-12"}
    path = f"/api/v1/organizations/{OWN}/records"
    assert secretary.call("POST", path, body, idempotency_key="x/evidence").status == 201
    page = secretary.get(f"/organizations/{OWN}/correct/x/evidence")
    form = page.form().fill(title="支委会", reason="补标题")
    sent = secretary.send(form, f"/organizations/{OWN}/correct/x/evidence")
    assert sent.location.startswith(f"/organizations/{OWN}/records/x")
    path = f"/organizations/{OWN}/retract/x/evidence"
    asked = secretary.post(path, reason="重复")
    assert asked.status == 200
    assert "重复" in asked.text
