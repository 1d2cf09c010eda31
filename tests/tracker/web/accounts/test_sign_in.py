"""Signing in by the pages: the form, the one-time link, one's own account."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from tests.support.web_client import BY, OWN, PASSWORD, Visitor, Web
from tracker.accounts.rate_limit import FAILURES
from tracker.http.context import SESSION_COOKIE

NEW = "another-password"
TOKEN: dict[str, str | list[str]] = {
    "token_id": "t-1", "until_on": "2026-12-31", "own": PASSWORD
}  # fmt: skip

FACTOR = "/account/second-factor"


def opened(web: Web, login: str = "li") -> str:
    """Return the path of the one-time link of a new account."""
    return f"/welcome/{web.authenticator.open_account(login, '李', BY).link}"


def code_of(web: Web, secret: str, later: int = 0) -> str:
    """Return the code that an authenticator shows."""
    return pyotp.TOTP(secret).at(web.authenticator.now() + timedelta(seconds=later))


def secret_of(visitor: Visitor) -> str:
    """Return the secret that the account page offers."""
    return visitor.get("/account").form("second-factor")["secret"]


def test_signing_in_leads_to_what_was_asked_for(web_on: Web) -> None:
    """Signing in leads to the requested page and sets a cookie that scripts cannot read."""
    stranger = web_on.anybody()
    login = stranger.get(f"/organizations/{OWN}?as_of=2026-09-01").location
    form = stranger.get(login).form("/login")
    page = stranger.send(form.fill(login="branch", password=PASSWORD))
    assert page.location == f"/organizations/{OWN}?as_of=2026-09-01"
    cookie = page.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert "红星社区" in stranger.get(f"/organizations/{OWN}").text
    assert stranger.get("/login?next=/account").location == "/account"


def test_the_cookie_of_a_secure_page_is_secure(web: Web) -> None:
    """Over TLS the session cookie is secure."""
    client = web.anybody().client
    client.base_url = "https://testserver"
    answer = client.post("/login", data={"login": "branch", "password": PASSWORD})
    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "wanted", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example",
               "\\\\elsewhere.example", "elsewhere", "javascript:alert(1)", ""]
)  # fmt: skip
def test_nobody_is_sent_elsewhere(web: Web, wanted: str) -> None:
    """An address outside the site leads to the home page after signing in."""
    page = web.anybody().post("/login", login="branch", password=PASSWORD, next=wanted)
    assert page.location == "/"
    assert web.visitor("branch").get("/login", next=wanted).location == "/"


def test_what_does_not_fit_is_told_without_telling_what(web: Web) -> None:
    """A failed sign-in keeps the user name as text and never the password."""
    stranger = web.anybody()
    for login in ("branch", "nobody", "<script>x</script>"):
        page = stranger.post("/login", login=login, password="wrong-password", next="/ranking")
        assert (page.status, page.faults[""]) == (422, "用户名或密码不正确")
        form = page.form("/login")
        assert (form["login"], form["next"]) == (login, "/ranking")
        assert "wrong-password" not in page.text
        assert "<script>x" not in page.text
        assert SESSION_COOKIE not in stranger.client.cookies


def test_guessing_is_stopped(web: Web) -> None:
    """After five failures signing in is refused for fifteen minutes."""
    stranger = web.anybody()
    for minute in range(FAILURES):
        web.at(f"2026-09-20 10:0{minute}")
        assert stranger.post("/login", login="branch", password="guess").status == 422
    page = stranger.post("/login", login="branch", password=PASSWORD)
    assert (page.status, page.faults[""]) == (429, "登录失败次数过多，请 15 分钟后再试")
    web.at("2026-09-20 10:30")
    assert stranger.post("/login", login="branch", password=PASSWORD).location == "/"


def test_an_upload_is_no_password(web: Web) -> None:
    """A file in place of the password is rejected."""
    answer = web.anybody().client.post("/login", files={"password": b"x", "login": b"branch"})
    assert answer.status_code == 422


def test_signing_out(web: Web) -> None:
    """Signing out ends the session and clears the browser's cache."""
    visitor = web.visitor("branch")
    secret = visitor.client.cookies[SESSION_COOKIE]
    answer = visitor.send(visitor.get("/").form("/logout"))
    assert (answer.location, answer.headers["clear-site-data"]) == ("/login", '"cache"')
    other = web.anybody()
    other.client.cookies.set(SESSION_COOKIE, secret)
    assert other.get("/").location == "/login?next=/"


def test_a_link_welcomes_once(web_on: Web) -> None:
    """A one-time link names its account, works once and then is not found."""
    path, stranger = opened(web_on), web_on.anybody()
    page = stranger.get(path)
    assert (page.heading, "李 · 用户名 <b>li</b>" in page.text) == ("设置密码", True)
    assert page.form()["username"] == "li"
    assert stranger.post(path, password=NEW, again=NEW).location == "/"
    assert "您的账号还没有角色" in stranger.get("/").text
    for again in (stranger.get(path), web_on.anybody().get(path)):
        assert (again.status, "此链接已使用" in again.text) == (404, True)
    late = web_on.anybody().post(path, password="a-thief-password", again="a-thief-password")
    assert (late.status, "此链接已使用" in late.text) == (404, True)
    assert web_on.anybody().post("/login", login="li", password=NEW).location == "/"


def test_an_old_link_is_none(web: Web) -> None:
    """A one-time link expires after 24 hours, to the second."""
    path = opened(web)
    web.at("2026-09-21 08:59")
    assert web.anybody().get(path).status == 200
    web.at("2026-09-21 09:00")
    assert web.anybody().get(path).status == 404


@pytest.mark.parametrize(
    ("password", "again", "place", "said"),
    [
        ("short", "short", "password", "密码长度为 10 到 200 个字符"),
        ("x" * 201, "x" * 201, "password", "密码长度为 10 到 200 个字符"),
        (NEW, "other-password", "again", "两次输入的密码不一样"),
        (NEW, "", "again", "两次输入的密码不一样"),
        ([NEW, NEW], [NEW, NEW], "again", "两次输入的密码不一样"),
        ([], [], "again", "两次输入的密码不一样"),
    ],
)
def test_a_password_that_does_not_do(
    web: Web, password: str | list[str], again: str | list[str], place: str, said: str
) -> None:
    """An invalid password is reported at its field, and the link stays valid."""
    path = opened(web)
    page = web.anybody().post(path, password=password, again=again)
    assert (page.status, page.faults[place]) == (422, said)
    assert NEW not in page.text
    assert web.anybody().post(path, password=" spaces count ", again=" spaces count ").location


def test_the_own_password_is_changed(web: Web) -> None:
    """Changing the password needs the old one and signs other browsers out."""
    visitor, other = web.visitor("branch"), web.visitor("branch")
    page = visitor.post("/account/password", old="wrong-password", password=NEW, again=NEW)
    assert (page.status, page.faults["old"]) == (422, "当前密码不正确")
    page = visitor.post("/account/password", old=PASSWORD, password="short", again="short")
    assert page.faults["password"].startswith("密码长度")
    page = visitor.post("/account/password", old=PASSWORD, password=NEW, again="other")
    assert page.faults["again"] == "两次输入的密码不一样"
    assert visitor.post("/account/password", old=PASSWORD, password=NEW, again=NEW).location == (
        "/account?done=password"
    )
    assert "已保存" in visitor.get("/account?done=password").text
    assert other.get("/account").location.startswith("/login")
    assert web.anybody().post("/login", login="branch", password=NEW).location == "/"


def test_a_second_factor_is_set_up_and_asked_for(web: Web) -> None:
    """A second factor is enabled with a code, and signing in then needs one."""
    visitor = web.visitor("branch")
    secret = secret_of(visitor)
    page = visitor.post(
        "/account/second-factor", switch="on", secret=secret, old=PASSWORD, code="000000"
    )
    assert page.faults["code"] == "验证码不正确，请输入现在显示的六位数字"
    assert page.form("second-factor")["secret"] == secret
    done = visitor.post(
        "/account/second-factor",
        switch="on",
        secret=secret,
        old=PASSWORD,
        code=code_of(web, secret),
    )
    assert done.location == "/account?done=factor"
    stranger = web.anybody()
    asked = stranger.post("/login", login="branch", password=PASSWORD)
    assert (asked.status, asked.faults["code"]) == (422, "请输入身份验证器显示的六位数字")
    used = stranger.post("/login", login="branch", password=PASSWORD, code=code_of(web, secret))
    assert (used.status, "f-code" in used.text) == (422, True)
    web.at("2026-09-20 09:02")
    form = asked.form("/login").fill(password=PASSWORD, code=code_of(web, secret))
    assert stranger.send(form).location == "/"


def test_a_second_factor_is_stopped(web: Web) -> None:
    """A second factor is turned off with the password."""
    visitor = web.visitor("branch")
    secret = secret_of(visitor)
    visitor.post("/account/second-factor", secret=secret, old=PASSWORD, code=code_of(web, secret))
    page = visitor.post("/account/second-factor", switch="off", old="wrong-password")
    assert page.faults["stop"] == "当前密码不正确"
    page = visitor.post("/account/second-factor", switch="off", old=PASSWORD)
    assert page.location == "/account?done=factor"
    assert web.anybody().post("/login", login="branch", password=PASSWORD).location == "/"


def test_a_second_factor_is_not_replaced(web: Web) -> None:
    """An enabled second factor is not replaced by another secret."""
    visitor = web.visitor("branch")
    secret, other = secret_of(visitor), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    visitor.post("/account/second-factor", secret=secret, old=PASSWORD, code=code_of(web, secret))
    page = visitor.post(
        "/account/second-factor", secret=other, old=PASSWORD, code=code_of(web, other)
    )
    assert (page.status, page.faults[""]) == (422, "已经启用了验证码，请先停用")
    assert len(web.events("SecondFactorChanged")) == 1
    web.at("2026-09-20 09:02")
    fields = {"login": "branch", "password": PASSWORD}
    stranger = web.anybody()
    assert stranger.post("/login", **fields, code=code_of(web, other)).status == 422
    assert stranger.post("/login", **fields, code=code_of(web, secret)).location == "/"


def test_a_link_leads_to_the_code(web: Web) -> None:
    """With a second factor a link sets the password, and signing in needs both."""
    visitor = web.visitor("branch")
    secret = secret_of(visitor)
    visitor.post("/account/second-factor", secret=secret, old=PASSWORD, code=code_of(web, secret))
    link, stranger = web.authenticator.new_link(visitor.account, BY), web.anybody()
    sent = stranger.post(f"/welcome/{link}", password=NEW, again=NEW)
    assert sent.location == "/login?done=chosen"
    assert SESSION_COOKIE not in stranger.client.cookies
    page = stranger.get(sent.location)
    assert "密码已设置。请用新密码和验证码登录。" in page.text
    web.at("2026-09-20 09:02")
    form = page.form("/login").fill(login="branch", password=NEW, code=code_of(web, secret))
    assert stranger.send(form).location == "/"


def test_guessing_at_an_open_session_is_stopped(web: Web) -> None:
    """Every form that asks for the password counts its failures."""
    visitor = web.visitor("branch")
    wrong = "wrong-password"
    forms: list[tuple[str, dict[str, Any]]] = [
        ("/account/password", {"old": wrong, "password": NEW, "again": NEW}),
        ("/account/second-factor", {"switch": "off", "old": wrong}),
        ("/account/tokens", TOKEN | {"scopes": ["read"], "own": wrong}),
    ]
    for number in range(FAILURES):
        path, fields = forms[number % 3]
        assert visitor.post(path, **fields).status == 422
    for path, fields in forms:
        page = visitor.post(path, **fields)
        assert (page.status, page.faults[""]) == (429, "登录失败次数过多，请 15 分钟后再试")


@pytest.mark.parametrize("secret", ["", "short", "A" * 31, "a" * 32, "0" * 32, "x" * 5000])
def test_a_bad_secret_breaks_nothing(web: Web, secret: str) -> None:
    """An invalid secret is replaced by a new one."""
    page = web.visitor("branch").post(
        "/account/second-factor", secret=secret, old=PASSWORD, code="000000"
    )
    assert page.status == 422
    assert re.fullmatch("[A-Z2-7]{32}", page.form("second-factor")["secret"])


def test_a_token_is_shown_once_and_revoked(web: Web) -> None:
    """A token is shown once with its scopes and works until it is revoked."""
    visitor = web.visitor("branch")
    page = visitor.post("/account/tokens", scopes=["read", "record", "junk"], **TOKEN)
    shown = re.search(r"<code>([\w-]{43})</code>", page.text)
    assert shown is not None
    assert shown[1] not in visitor.get("/account").text
    assert web.program(shown[1]).get("/api/v1/me").json["token_scopes"] == ["read", "record"]
    void = visitor.get("/account").form("/account/tokens/")
    assert visitor.send(void).location == "/account?done=token"
    assert web.program(shown[1]).get("/api/v1/me").status == 401


def test_a_form_issues_one_token(web: Web) -> None:
    """A form sent twice issues one token and says that it was already shown."""
    visitor = web.visitor("branch")
    form = visitor.get("/account").form("/account/tokens")
    form = form.fill(scopes=["read"], until_on="2026-12-31", own=PASSWORD)
    page = visitor.send(form)
    assert "令牌只显示这一次" in page.text
    again = visitor.send(form)
    assert again.location == "/account?done=twice"
    assert "已签发过令牌" in visitor.get(again.location).text
    other = visitor.send(form.fill(scopes=["record"]))
    assert (other.status, len(web.events("TokenIssued"))) == (422, 1)
    token_ids = re.findall(r'name="token_id" value="(t-\w{32})"', page.text)
    assert len(token_ids) == 1
    assert token_ids[0] != form["token_id"]


@pytest.mark.parametrize(
    ("fields", "place", "said"),
    [
        ({"until_on": "2026-12-31"}, "scopes", "请至少选择一项"),
        ({"scopes": ["junk"], "until_on": "2026-12-31"}, "scopes", "请至少选择一项"),
        ({"scopes": ["read"], "until_on": ""}, "until_on", "不是有效日期，例如 2026-09-12"),
        ({"scopes": ["read"], "until_on": "2026-02-30"}, "until_on", "不是有效日期"),
        ({"scopes": ["read"], "until_on": "2026-09-19"}, "until_on", "最后一天应在今天到 366 天"),
        ({"scopes": ["read"], "until_on": "2028-01-01"}, "until_on", "最后一天应在今天到 366 天"),
        ({"scopes": ["read"], "own": "wrong-password"}, "own", "当前密码不正确"),
        ({"scopes": ["read"], "own": ""}, "own", "当前密码不正确"),
        ({"scopes": ["read"], "token_id": ""}, "", "有内容需要修改"),
    ],
)
def test_a_token_that_does_not_do(
    web: Web, fields: dict[str, str | list[str]], place: str, said: str
) -> None:
    """An invalid request for a token is reported at its field, and none is issued."""
    page = web.visitor("branch").post("/account/tokens", **(TOKEN | fields))
    assert page.status == 422
    assert page.faults[place].startswith(said)
    assert "wrong-password" not in page.text
    assert web.events("TokenIssued") == []


def test_the_account_tells_its_roles(web: Web) -> None:
    """The account page lists roles with scope, categories and last day."""
    lender = web.visitor("township").account
    web.admit("lent", "township", "99-01", categories=["community"], until_on="2026-09-30",
              delegated_by=lender)  # fmt: skip
    text = web.visitor("lent").get("/account").text
    assert "乡镇（街道）专干 · 99-01（社区） · 至 2026-09-30" in re.sub(r"\s+", " ", text)
    assert "系统管理员 · 全区" in web.visitor("administrator").get("/account").text


def test_the_pages_in_english(web: Web) -> None:
    """One click changes the language and leads back to the same page."""
    visitor = web.visitor("branch")
    form = visitor.get("/account?x=1").form("/language")
    assert visitor.send(form.fill(language="en")).location == "/account?x=1"
    page = visitor.get("/account")
    assert 'lang="en"' in page.text
    assert "Change the password" in page.text
    bad = visitor.post("/account/password", old="x", password=NEW, again=NEW)
    assert bad.faults["old"] == "the current password is wrong"
