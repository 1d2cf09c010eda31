import re
from datetime import date

from events.streams.accounts import GrantRole, account_stream
from events.streams.people import InspectorRegistered
from projections.people.accounts import account_of
from tests.support.web_district import ADMINISTRATOR, Visitor, WebDistrict, notices
from tracker.accounts import credentials

LIST = "/admin/accounts"
INSPECTOR = InspectorRegistered(
    person="p-7", organization="d", team="一组", categories=("community",)
)


def opened(home: WebDistrict, admin: Visitor, login: str = "wang", **typed: str) -> str:
    """Open an account through its form; return the page with the link."""
    form = admin.form("/admin/open-account")
    text: str = admin.send(form.fill(login=login, name="王同志", **typed), 200).text
    return text


def account_named(home: WebDistrict, login: str) -> str:
    """Return the id of the account with a user name."""
    with home.small.read() as reader:
        login_row = credentials.by_login(reader, login)
    assert login_row is not None
    return login_row.account


def test_opens_an_account_and_shows_its_link_once(home: WebDistrict, admin: Visitor) -> None:
    """The link of a new account is shown once, and its holder sets a password with it."""
    home.small.tell("person-p-7", INSPECTOR)
    page = opened(home, admin, person="p-7")
    link = re.search(r'href="http://testserver(/welcome/[\w-]+)"', page)
    assert link is not None
    assert "<svg" in page
    account = account_named(home, "wang")
    assert "/welcome/" not in admin.get(f"{LIST}/{account}")
    session = home.authenticator.use_link(link[1].rpartition("/")[2], "a long password")
    assert session.account == account
    with home.small.read() as reader:
        standing = account_of(reader, account)
    assert standing is not None
    assert standing.person == "p-7"


def test_a_form_sent_twice_opens_once(home: WebDistrict, admin: Visitor) -> None:
    """A form sent twice opens one account and leads to it."""
    form = admin.form("/admin/open-account").fill(login="wang", name="王")
    admin.send(form, 200)
    again = admin.send(form)
    assert again.headers["location"].endswith("?done=twice")
    assert "刚才已经开设" in admin.get(again.headers["location"])


def test_opening_tells_what_is_wrong(home: WebDistrict, admin: Visitor) -> None:
    """Wrong values are reported at their fields, and the input is kept."""
    opened(home, admin)
    taken = admin.send(admin.form("/admin/open-account").fill(login="wang", name="另一人"), 422)
    assert any("已被使用" in one for one in notices(taken.text))
    assert 'value="另一人"' in taken.text
    for login in ("李 四", "li<b>", "a/b", "长" * 65):
        bad = admin.send(admin.form("/admin/open-account").fill(login=login, name="李"), 422)
        assert 'id="e-login"' in bad.text
    empty = admin.send(admin.form("/admin/open-account").fill(login=" ", person="x y"), 422)
    assert {"e-login", "e-name", "e-person"} <= set(re.findall(r'id="(e-\w+)"', empty.text))


def test_grants_and_ends_a_role(home: WebDistrict, admin: Visitor) -> None:
    """A role is granted with scope, categories and last day, and revoked with a reason."""
    opened(home, admin)
    account = account_named(home, "wang")
    form = admin.form(f"{LIST}/{account}", "/grant")
    bad = admin.send(form.fill(role="branch", organization="nowhere"), 422)
    assert any("nowhere" in one for one in notices(bad.text))
    for role, whole in (("branch", "1"), ("township", ""), ("auditor", "")):
        nowhere = admin.send(form.fill(role=role, whole=whole), 422)
        assert 'id="e-organization">请填写组织' in nowhere.text
    assert len(home.events("RoleGranted")) == 1
    late = admin.send(form.fill(role="branch", organization="c", until_on="2026-01-01"), 422)
    assert any("早于开始日期" in one for one in notices(late.text))
    given = form.fill(
        role="branch", organization="c", until_on="2026-12-31", categories=["community"]
    )
    for _ in range(2):
        admin.send(given)
    assert len(home.events("RoleGranted")) == 2
    page = admin.get(f"{LIST}/{account}")
    assert "支部书记" in page
    assert "组织c" in page
    assert "2026-12-31" in page
    other = admin.send(given.fill(organization="d"), 422)
    assert any("已经提交过" in one for one in notices(other.text))
    end = admin.form(f"{LIST}/{account}", "/revoke")
    assert "请填写" in admin.send(end, 422).text
    admin.send(end.fill(reason="调离"))
    assert "还没有角色" in admin.get(f"{LIST}/{account}")
    admin.send(form.fill(role="auditor", whole="1", grant_id="over-all"))
    assert "<b>监督审计</b> 全区" in admin.get(f"{LIST}/{account}")


def test_disables_and_enables(home: WebDistrict, admin: Visitor) -> None:
    """Disabling ends the sessions at once; administrators cannot disable themselves."""
    clerk = home.enter("township", "r")
    address = f"{LIST}/{clerk.account}"
    form = admin.form(address, "/switch")
    assert "请填写" in admin.send(form, 422).text
    admin.send(form.fill(reason="离岗"))
    assert clerk.client.get("/").status_code in {302, 303, 307}
    assert "已停用" in admin.get(address)
    assert "/link" not in admin.get(address)
    form.action = f"{address}/link"
    assert "账号已停用" in admin.send(form, 409).text
    form.action = f"{address}/switch"
    admin.send(admin.form(address, "/switch"))
    assert "可以登录" in admin.get(address)
    form.action = f"{LIST}/{admin.account}/switch"
    admin.send(form.fill(reason="错"), 409)
    form.action = f"{LIST}/{admin.account}/revoke"
    admin.send(form.fill(reason="错", grant_id="g"), 409)
    assert "/switch" not in admin.get(f"{LIST}/{admin.account}")


def test_nobody_gets_around_their_own_password(home: WebDistrict, admin: Visitor) -> None:
    """Administrators can neither link nor drop the second factor of their own account."""
    address = f"{LIST}/{admin.account}"
    form = admin.form("/admin/open-account")
    for action in ("link", "factor-off"):
        assert f"/{action}" not in admin.get(address)
        form.action = f"{address}/{action}"
        assert "您自己的账号" in admin.send(form, 409).text
    assert len(home.events("LinkIssued")) == 1


def test_helps_who_lost_password_or_telephone(home: WebDistrict, admin: Visitor) -> None:
    """A new link invalidates the old one, and the second factor can be turned off."""
    first = re.findall(r"/welcome/([\w-]+)", opened(home, admin))[0]
    account = account_named(home, "wang")
    page = admin.send(admin.form(f"{LIST}/{account}", "/link"), 200).text
    second = re.findall(r"/welcome/([\w-]+)", page)[0]
    assert second != first
    with home.small.read() as reader:
        told = [one for one in reader.stream(account_stream(account)) if one.type == "LinkIssued"]
    assert [(one.actor, one.channel) for one in told] == [(admin.account, "web")] * 2
    home.authenticator.use_link(second, "a long password")
    with home.small.store.append() as log:
        log.write("UPDATE credentials SET totp_secret = ? WHERE account = ?", [("X", account)])
    assert "/factor-off" not in admin.get(f"{LIST}/{account}")
    form = admin.form(f"{LIST}/{account}", "/link")
    form.action = f"{LIST}/{account}/factor-off"
    admin.send(form)
    with home.small.read() as reader:
        login_row = credentials.by_account(reader, account)
    assert login_row is not None
    assert login_row.totp_secret is None


def test_searches_and_hands_over(home: WebDistrict, admin: Visitor) -> None:
    """Accounts are filtered by name, role and state, on pages of fifty and in exports."""
    home.enter("branch", "c")
    home.enter("branch", "d")
    opened(home, admin)
    assert "账号 <span" in admin.get(LIST)
    rows = re.findall(r'href="/admin/accounts/u-\w+">(.*?)</a>', admin.get(f"{LIST}?role=branch"))
    assert rows == ["branch-c", "branch-d"]
    assert "branch-d" not in admin.get(f"{LIST}?q=branch-c&role=nonsense&page=x")
    waiting = admin.get(f"{LIST}?state=no_password")
    assert "wang" in waiting
    assert "branch-c" not in waiting
    assert "没有符合条件" in admin.get(f"{LIST}?state=disabled")
    assert "branch-c" in admin.get(f"{LIST}?state=enabled")
    lines = admin.client.get(f"{LIST}?role=branch&format=csv").content.decode("utf-8-sig")
    assert [one.split(",")[0] for one in lines.splitlines()[2:]] == ["branch-c", "branch-d"]
    assert "支部书记 组织c" in lines
    for number in range(60):
        home.authenticator.open_account(f"x{number:02}", "某", ADMINISTRATOR)
    assert 'href="?page=2"' in admin.get(LIST)
    assert "x59" in admin.get(f"{LIST}?page=2")


def test_an_unknown_account_is_not_found(home: WebDistrict, admin: Visitor) -> None:
    """An unknown account is not found, and only administrators see accounts."""
    admin.get(f"{LIST}/u-none", 404)
    form = admin.form("/admin/open-account")
    for action in ("link", "switch", "factor-off"):
        form.action = f"{LIST}/u-none/{action}"
        admin.send(form.fill(reason="x"), 404)
    form.action = f"{LIST}/u-none/grant"
    admin.send(form.fill(grant_id="g", role="branch", from_on="2026-01-01"), 404)
    for role in ("branch", "township", "department", "auditor"):
        visitor = home.enter(role, None if role != "branch" else "c")
        visitor.get(LIST, 403)
        visitor.get(f"{LIST}/{admin.account}", 403)


def test_a_part_of_the_district_is_not_enough(home: WebDistrict) -> None:
    """Only an administrator of the whole district manages accounts."""
    part = home.enter("administrator", "c")
    part.get(LIST, 403)
    home.authenticator.grant_role(
        part.account,
        GrantRole(grant_id="g2", role="administrator", from_on=date(2026, 1, 1)),
        ADMINISTRATOR,
    )
    part.get(LIST)


def test_a_page_beyond_every_number_is_a_page(admin: Visitor) -> None:
    """A page number that no database holds is not a fault of the server."""
    for number in ("99999999999999999999", "9" * 5000, "0", "x"):
        assert admin.get(f"{LIST}?page={number}")
