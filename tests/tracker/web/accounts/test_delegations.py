from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from events.streams.accounts import GrantRole, RevokeRole, SwitchAccount
from tests.support.web_district import ADMINISTRATOR, Form, Visitor, WebDistrict, notices

PAGE = "/account/delegations"


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Serve a district with township ``t`` and its village ``v`` on the third of April."""
    district = WebDistrict(sqlite_url, tmp_path / "evidence")
    district.small.register("t", "r", category="township")
    district.small.register("v", "t", category="village")
    district.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield district
    district.dispose()


@pytest.fixture
def clerk(home: WebDistrict) -> Visitor:
    """Sign in the clerk of the township, whose role ends on 30 June."""
    lender = home.enter("township", "t")
    home.authenticator.change_account(
        lender.account, RevokeRole(grant_id="g", reason="换"), ADMINISTRATOR
    )
    own = GrantRole(
        grant_id="own", role="township", organization="t", from_on=date(2026, 1, 1),
        until_on=date(2026, 6, 30),
    )  # fmt: skip
    home.authenticator.grant_role(lender.account, own, ADMINISTRATOR)
    return lender


@pytest.fixture
def deputy(home: WebDistrict) -> Visitor:
    """Sign in a user with a role elsewhere."""
    return home.enter("branch", "c")


def loan(clerk: Visitor, **typed: str | list[str]) -> Form:
    """Return the form filled in for the deputy."""
    fields: dict[str, str | list[str]] = {"login": "branch-c", "until_on": "2026-05-01"}
    return clerk.form(PAGE, PAGE).fill(**fields | typed)


def test_lends_for_a_while(home: WebDistrict, clerk: Visitor, deputy: Visitor) -> None:
    """A delegated role works until it is taken back, and a form sent twice lends once."""
    deputy.get("/organizations/v", 404)
    form = loan(clerk)
    assert form["organization"] == "组织t（t）"
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
        ({"login": "nobody"}, "没有符合“nobody”的人员"),
        ({"login": "township-t"}, "不能委托给自己的账号"),
        ({"organization": "r"}, "没有符合“r”的组织"),
        ({"login": ""}, "请填写"),
        ({"organization": ""}, "请填写组织"),
        ({"organization": "", "role": "department"}, "管全区的请勾选"),
        ({"organization": "", "role": "department", "whole": "1"}, "超出您本人的权限范围"),
        ({"organization": "c"}, "没有符合“c”的组织"),
        ({"organization": "none"}, "没有符合“none”的组织"),
        ({"role": "department"}, "超出您本人的权限范围"),
        ({"until_on": "2026-07-01"}, "您本人的角色到 2026-06-30 为止"),
        ({"until_on": "2026-04-01", "from_on": "2026-03-01"}, "已过，请改选"),
        ({"until_on": ""}, "必须有最后一天"),
        ({"until_on": "2026-04-01"}, "已过，请改选"),
        ({"until_on": "soon"}, "不是有效日期"),
    ],
)
def test_refuses_at_the_field(
    clerk: Visitor, deputy: Visitor, typed: dict[str, str], said: str
) -> None:
    """A delegation beyond the own role is reported at its field, and the input is kept."""
    answer = clerk.send(loan(clerk, **typed), 422)
    assert any(said in one for one in notices(answer.text)), notices(answer.text)
    assert typed.get("login", "branch-c") in clerk.again(answer, PAGE)["login"]
    assert "g" in deputy.get("/")


def test_a_loan_ends_with_the_role(home: WebDistrict, clerk: Visitor, deputy: Visitor) -> None:
    """A delegated role ends with the lender's role or account, and its page says so."""
    admin = home.enter("administrator", None)
    clerk.send(loan(clerk))
    home.authenticator.change_account(clerk.account, SwitchAccount(reason="离岗"), ADMINISTRATOR)
    deputy.get("/organizations/v", 404)
    assert "委托人已无此角色" in admin.get(f"/admin/accounts/{deputy.account}")
    home.authenticator.change_account(clerk.account, SwitchAccount(), ADMINISTRATOR)
    deputy.get("/organizations/v")
    home.authenticator.change_account(
        clerk.account, RevokeRole(grant_id="own", reason="调离"), ADMINISTRATOR
    )
    deputy.get("/organizations/v", 404)


def test_what_was_lent_is_not_lent_on(clerk: Visitor, deputy: Visitor) -> None:
    """A borrower sees why a delegated role cannot be delegated."""
    deputy.get(PAGE, 403)
    clerk.send(loan(clerk))
    assert "不能再转委托" in deputy.get(PAGE)


def test_categories_bound_a_loan(home: WebDistrict, deputy: Visitor) -> None:
    """A role over some categories can be delegated only for these."""
    part = home.enter("department", "d")
    home.authenticator.change_account(
        part.account, RevokeRole(grant_id="g", reason="换"), ADMINISTRATOR
    )
    own = GrantRole(
        grant_id="own", role="department", categories=("village",), from_on=date(2026, 1, 1)
    )
    home.authenticator.grant_role(part.account, own, ADMINISTRATOR)
    assert part.send(loan(part), 422)
    assert part.send(loan(part, categories=["village", "community"]), 422)
    part.send(loan(part, categories=["village"], organization="r"))
    deputy.get("/organizations/v")
    deputy.get("/organizations/d", 404)


def test_only_the_lender_takes_back(home: WebDistrict, clerk: Visitor, deputy: Visitor) -> None:
    """Only the lender can end a delegation."""
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
