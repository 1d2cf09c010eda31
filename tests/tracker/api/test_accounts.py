"""Tokens, accounts and lent roles through the API; tokens that are void, and who may what."""

from __future__ import annotations

from typing import Any

from events.streams.accounts import account_stream
from tests.support.api_client import BASE, Program, by_session, program, token_of
from tests.support.web_client import FOREIGN, OWN, PASSWORD, SIBLING, Web
from tracker.accounts.rate_limit import FAILURES

TOKEN: dict[str, Any] = {"scopes": ["read"], "until_on": "2026-12-31", "password": PASSWORD}


def test_nobody(web: Web) -> None:
    """A request without a token gets a problem that names the authentication scheme."""
    answer = web.anybody().call("GET", BASE + "/me")
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["type"] == "urn:organization-tracker:problem:not_signed_in"
    assert web.anybody().call("GET", BASE + "/openapi.json").status == 401


def test_void_tokens(web: Web) -> None:
    """A token that is unknown, forged, revoked, ended, or of a disabled account opens nothing."""
    mine = by_session(web, "branch")
    secret = mine.post("/tokens", TOKEN, "t-1")["token"]
    assert Program(web, web.program(secret)).get("/me")["token_scopes"] == ["read"]
    for bad in ("", "x", secret[:-1], secret + "A", f"{secret} "):
        status = web.program(bad).call("GET", BASE + "/me").status
        assert status == (200 if bad.strip() == secret else 401), bad
    assert mine.call("DELETE", "/tokens/t-1").status == 204
    told = web.program(secret).call("GET", BASE + "/me")
    assert (told.status, told.json["type"].endswith("bad_token")) == (401, True)
    late = token_of(web, mine.visitor.account, until="2026-10-01")
    assert web.program(late).call("GET", BASE + "/me").status == 200
    web.at("2026-10-02 09:00")
    assert web.program(late).call("GET", BASE + "/me").status == 401
    web.at("2026-09-20 09:00")
    lasting = token_of(web, mine.visitor.account)
    admin = program(web, "administrator")
    done = admin.post(f"/accounts/{mine.visitor.account}/disabling", {"reason": "离职"}, status=200)
    assert done == {"changed": True}
    assert web.program(lasting).call("GET", BASE + "/me").status == 401


def test_token_narrows(web: Web) -> None:
    """A token does what its scopes say within its holder's roles, and no more."""
    path = f"/organizations/{OWN}/measures"
    given = {"measure": "members", "value": "9", "on": "2026-09-01"}
    assert program(web, "branch", ("read",)).post(path, given, "m", 403)
    assert program(web, "branch", ("record",)).post(path, given, "m")
    assert program(web, "branch", ("record",)).call("GET", f"/organizations/{OWN}").status == 403
    assert program(web, "auditor", ("manage",)).call("GET", "/accounts").status == 403


def test_own_tokens(web: Web) -> None:
    """Tokens are issued by a session alone, shown once, listed without their secrets."""
    mine = by_session(web, "branch")
    first = mine.post("/tokens", TOKEN, "t-1")
    again = mine.post("/tokens", TOKEN, "t-1")
    assert again == first | {"token": None}
    assert mine.post("/tokens", TOKEN | {"scopes": ["record"]}, "t-1", 409)
    assert mine.post("/tokens", TOKEN | {"until_on": "2030-01-01"}, "t-2", 422)["errors"]
    assert mine.post("/tokens", TOKEN | {"scopes": ["all"]}, "t-2", 422)["errors"]
    assert mine.post("/tokens", TOKEN, None, 400)
    assert mine.get("/tokens") == [
        {"token_id": "t-1", "scopes": ["read"], "until_on": "2026-12-31"}
    ]
    by_token = Program(web, web.program(first["token"]))
    assert by_token.call("GET", "/tokens").status == 403
    assert by_token.post("/tokens", TOKEN, "t-3", 403)
    assert by_token.call("DELETE", "/tokens/t-1").status == 403
    assert mine.call("DELETE", "/tokens/none").status == 204


def test_a_token_takes_the_password(web: Web) -> None:
    """A session that somebody left open issues none, and is no place to guess at."""
    mine = by_session(web, "branch")
    bare = {name: value for name, value in TOKEN.items() if name != "password"}
    (fault,) = mine.post("/tokens", bare, "t-1", 422)["errors"]
    assert fault["field"] == "password"
    for _ in range(FAILURES):
        told = mine.post("/tokens", TOKEN | {"password": "guess"}, "t-1", 422)
        assert told["type"].endswith("wrong_password")
        assert "guess" not in str(told)
    told = mine.post("/tokens", TOKEN, "t-1", 429)
    assert told["type"].endswith("signed_in_too_often")
    assert web.events("TokenIssued") == []
    web.at("2026-09-20 10:00")
    assert mine.post("/tokens", TOKEN, "t-1")["token"]


def test_a_link_is_made_by_somebody(web: Web) -> None:
    """The log names who asked for it; of a disabled account there is none."""
    one = program(web, "administrator")
    account, who = web.visitor("branch").account, web.visitor("administrator").account
    path = one.post(f"/accounts/{account}/link")["path"]
    with web.read() as reader:
        told = list(reader.stream(account_stream(account)))[-1]
    assert (told.type, told.actor, told.channel) == ("LinkIssued", who, "api")
    assert path.rpartition("/")[2] not in told.body.decode()
    assert one.post(f"/accounts/{who}/link", status=409)["type"].endswith("own_account")
    one.post(f"/accounts/{account}/disabling", {"reason": "离职"}, status=200)
    assert one.post(f"/accounts/{account}/link", status=409)["type"].endswith("account_disabled")
    assert web.anybody().get(path).status == 404


def test_accounts(web: Web) -> None:
    """An administrator opens, grants, revokes, disables; each once under its key."""
    one = program(web, "administrator")
    given = {"login": "new", "name": "新人"}
    opened = one.post("/accounts", given, "a-1")
    assert opened["path"].startswith("/welcome/")
    assert one.post("/accounts", given, "a-1") == opened | {"path": None}
    assert one.post("/accounts", given | {"name": "别人"}, "a-1", 409)["type"].endswith(
        "account_exists"
    )
    assert one.post("/accounts", given, "a-2", 409)["type"].endswith("login_taken")
    assert one.post("/accounts", {"login": ""}, "a-3", 422)["errors"]
    account = opened["account"]
    grant = {"role": "branch", "organization": OWN, "from_on": "2026-09-01"}
    etag = one.call("GET", f"/accounts/{account}").headers["etag"]
    path = f"/accounts/{account}/grants"
    done = one.post(path, grant, "g-1", if_match=etag)
    assert one.post(path, grant, "g-1", if_match=etag) == done
    assert one.post(path, grant | {"role": "township"}, "g-1", 409)
    assert one.post(path, grant, "g-2", 412, if_match=etag)
    assert one.post(path, grant | {"organization": "nowhere"}, "g-3", 404)
    assert one.post(path, grant | {"until_on": "2026-08-01"}, "g-3", 422)["errors"]
    shown = one.call("GET", f"/accounts/{account}")
    assert [role["role"] for role in shown.json["roles"]] == ["branch"]
    etag = shown.headers["etag"]
    assert one.call("GET", f"/accounts/{account}", if_none_match=etag).status == 304
    end = {"reason": "换届"}
    assert one.post(f"{path}/g-1/revocation", end, status=200) == {"changed": True}
    assert one.post(f"{path}/g-1/revocation", end, status=200) == {"changed": False}
    assert one.post(path, grant, "g-1") == done
    assert one.get(f"/accounts/{account}")["roles"] == []
    assert one.post(f"/accounts/{account}/disabling", end, status=200) == {"changed": True}
    assert one.post(f"/accounts/{account}/enabling", status=200) == {"changed": True}
    assert one.post(f"/accounts/{account}/link")["path"].startswith("/welcome/")
    assert one.call("GET", "/accounts/nobody").status == 404


def test_list_of_accounts(web: Web) -> None:
    """Accounts are listed by log-in name, page by page, filtered, and as a file."""
    one = program(web, "administrator")
    page = one.get("/accounts?limit=4")
    rest = one.get(f"/accounts?after={page['next']}")
    logins = [row["login"] for row in [*page["items"], *rest["items"]]]
    assert logins == sorted(logins)
    assert len(logins) == 7
    assert [row["login"] for row in one.get("/accounts?role=auditor")["items"]] == ["auditor"]
    assert [row["login"] for row in one.get("/accounts?q=township")["items"]] == ["township"]
    assert one.get("/accounts?state=disabled")["items"] == []
    assert len(one.call("GET", "/accounts?format=csv").text.splitlines()) == 9
    for login in ("department", "auditor", "branch"):
        assert program(web, login).call("GET", "/accounts").status == 403


def test_loans(web: Web) -> None:
    """A clerk lends their own role for a while, once, and takes it back."""
    clerk = program(web, "township")
    web.admit("helper", "branch", FOREIGN)
    given = {
        "login": "helper", "role": "township", "organization": OWN, "from_on": "2026-09-20",
        "until_on": "2026-09-30",
    }  # fmt: skip
    done = clerk.post("/loans", given, "l-1")
    assert clerk.post("/loans", given, "l-1") == done
    helper = program(web, "helper")
    assert helper.call("GET", f"/organizations/{OWN}").status == 200
    assert helper.call("GET", f"/organizations/{SIBLING}").status == 404
    assert clerk.post("/loans", given | {"organization": FOREIGN}, "l-2", 403)
    assert clerk.post("/loans", given | {"role": "auditor"}, "l-2", 403)["type"].endswith(
        "not_lendable"
    )
    assert clerk.post("/loans", given | {"login": "nobody"}, "l-2", 404)
    assert clerk.post("/loans", given | {"until_on": None}, "l-2", 422)
    account = helper.get("/me")["account"]
    path = f"/loans/{account}/l-1/ending"
    assert clerk.post(path, {"reason": "回来了"}, status=200) == {"changed": True}
    assert clerk.post(path, {"reason": "回来了"}, status=200) == {"changed": False}
    assert helper.call("GET", f"/organizations/{OWN}").status == 404
    assert program(web, "branch").post("/loans", given, "l-3", 403)


def test_nobody_ends_their_own_access(web: Web) -> None:
    """The only administrator can neither disable their account nor revoke their own role."""
    admin = program(web, "administrator")
    own = f"/accounts/{web.visitor('administrator').account}"
    for path in (f"{own}/disabling", f"{own}/grants/g/revocation"):
        told = admin.post(path, {"reason": "离职"}, status=409)
        assert told["type"].endswith("own_account")
    assert admin.get("/accounts")["items"]
