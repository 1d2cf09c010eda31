from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from events.streams.accounts import GrantRole, RevokeRole, SwitchAccount
from tests.support.web_district import ADMINISTRATOR, Form, Visitor, WebDistrict, notices

PAGE = "/account/delegations"


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Township ``t`` with village ``v`` under it, beside ``c`` and ``d``; the third of April."""
    found = WebDistrict(sqlite_url, tmp_path / "evidence")
    found.small.register("t", "r", category="township")
    found.small.register("v", "t", category="village")
    found.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield found
    found.dispose()


@pytest.fixture
def clerk(home: WebDistrict) -> Visitor:
    """The clerk of the township, until the end of June."""
    found = home.enter("township", "t")
    home.doors.tell(found.account, RevokeRole(grant_id="g", reason="换"), ADMINISTRATOR)
    own = GrantRole(
        grant_id="own", role="township", organization="t", from_on=date(2026, 1, 1),
        until_on=date(2026, 6, 30),
    )  # fmt: skip
    home.doors.grant(found.account, own, ADMINISTRATOR)
    return found


@pytest.fixture
def deputy(home: WebDistrict) -> Visitor:
    """Somebody with a role elsewhere."""
    return home.enter("branch", "c")


def loan(clerk: Visitor, **typed: str | list[str]) -> Form:
    """The form filled in for the deputy."""
    fields: dict[str, str | list[str]] = {"login": "branch-c", "until_on": "2026-05-01"}
    return clerk.form(PAGE, PAGE).fill(**fields | typed)


def test_lends_for_a_while(home: WebDistrict, clerk: Visitor, deputy: Visitor) -> None:
    """The other acts over it from then on, and no longer once it is taken back; once by twice."""
    deputy.get("/organizations/v", 404)
    form = loan(clerk)
    assert form["organization"] == "t"
    for _ in range(2):
        clerk.send(form)
    deputy.get("/organizations/v")
    assert len([one for one in home.events("RoleGranted") if one[2].startswith("grant/loan-")]) == 1
    page = clerk.get(PAGE)
    assert "名branch-c" in page
    assert "2026-05-01" in page
    clerk.send(clerk.form(PAGE, PAGE + "/end"))
    deputy.get("/organizations/v", 404)
    assert "没有委托给任何人" in clerk.get(PAGE)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"login": "nobody"}, "没有登录名为 nobody 的账号"),
        ({"login": "township-t"}, "这是您自己的账号"),
        ({"organization": "r"}, "超出了您自己角色的范围"),
        ({"organization": ""}, "请填写组织代码"),
        ({"organization": "", "role": "department"}, "管全区的请勾选"),
        ({"organization": "", "role": "department", "whole": "1"}, "超出了您自己角色的范围"),
        ({"organization": "c"}, "超出了您自己角色的范围"),
        ({"organization": "none"}, "超出了您自己角色的范围"),
        ({"role": "department"}, "超出了您自己角色的范围"),
        ({"until_on": "2026-07-01"}, "您自己的角色到 2026-06-30 为止"),
        ({"until_on": "2026-04-01", "from_on": "2026-03-01"}, "已经过去"),
        ({"until_on": ""}, "必须有最后一天"),
        ({"until_on": "2026-04-01"}, "已经过去"),
        ({"until_on": "soon"}, "不是有效日期"),
    ],
)
def test_refuses_at_the_field(
    clerk: Visitor, deputy: Visitor, typed: dict[str, str], said: str
) -> None:
    """Nobody lends more, to oneself, or for longer than they have; what was typed is kept."""
    answer = clerk.send(loan(clerk, **typed), 422)
    assert any(said in one for one in notices(answer.text)), notices(answer.text)
    assert clerk.again(answer, PAGE)["login"] == typed.get("login", "branch-c")
    assert "g" in deputy.get("/")


def test_a_loan_ends_with_the_role(home: WebDistrict, clerk: Visitor, deputy: Visitor) -> None:
    """Revoked, disabled or past its day: what was lent of it is void at once, and says so."""
    admin = home.enter("administrator", None)
    clerk.send(loan(clerk))
    home.doors.tell(clerk.account, SwitchAccount(reason="离岗"), ADMINISTRATOR)
    deputy.get("/organizations/v", 404)
    assert "委托人已无此角色" in admin.get(f"/admin/accounts/{deputy.account}")
    home.doors.tell(clerk.account, SwitchAccount(), ADMINISTRATOR)
    deputy.get("/organizations/v")
    home.doors.tell(clerk.account, RevokeRole(grant_id="own", reason="调离"), ADMINISTRATOR)
    deputy.get("/organizations/v", 404)


def test_what_was_lent_is_not_lent_on(clerk: Visitor, deputy: Visitor) -> None:
    """The borrower sees why there is no form."""
    deputy.get(PAGE, 403)
    clerk.send(loan(clerk))
    assert "不能再转委托" in deputy.get(PAGE)


def test_categories_bound_a_loan(home: WebDistrict, deputy: Visitor) -> None:
    """Of a role over some categories only these are lent."""
    part = home.enter("department", "d")
    home.doors.tell(part.account, RevokeRole(grant_id="g", reason="换"), ADMINISTRATOR)
    own = GrantRole(
        grant_id="own", role="department", categories=("village",), from_on=date(2026, 1, 1)
    )
    home.doors.grant(part.account, own, ADMINISTRATOR)
    assert part.send(loan(part), 422)
    assert part.send(loan(part, categories=["village", "community"]), 422)
    part.send(loan(part, categories=["village"], organization="r"))
    deputy.get("/organizations/v")
    deputy.get("/organizations/d", 404)


def test_only_the_lender_takes_back(home: WebDistrict, clerk: Visitor, deputy: Visitor) -> None:
    """Another's loan is not theirs to end; one that never was changes nothing."""
    clerk.send(loan(clerk))
    form = clerk.form(PAGE, PAGE + "/end")
    other = home.enter("department", None)
    foreign = other.form(PAGE, PAGE).fill(
        account=form["account"], grant_id=form["grant_id"], reason="抢"
    )
    foreign.action = PAGE + "/end"
    other.send(foreign, 404)
    deputy.get("/organizations/v")
    clerk.send(form.fill(grant_id="none"))
    clerk.send(form.fill(grant_id=""), 422)
