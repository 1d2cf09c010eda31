"""Accounts from a list: checked, opened, printed; a slip's code leads to a password."""

import re
from datetime import timedelta
from typing import Any

from events.periods import instant_text
from projections.people.accounts import accounts
from projections.people.inspectors import inspectors
from tests.support.serving import client_of
from tests.support.web_district import Form, Forms, Visitor, WebDistrict, rows_of
from tracker.accounts import credentials
from tracker.accounts.people import people_of

PEOPLE = """姓名\t手机号\t党组织\t职务\t登录名\t检查组\t负责类别
王伟\t13800000001\tc\t支部书记
王伟\t13800000002\td\t支部书记
李娜\t\tr\t检查人员\tlina\t一组\t社区
"""
LIST, WAITING = "/accounts/list", "/accounts/waiting"


def slips(text: str) -> dict[str, str]:
    """Return the codes by log-in name of a page of slips."""
    pair = r'<b class="mono">([^<]+)</b>.*?<b class="mono code">([^<]+)</b>'
    return dict(re.findall(pair, text, re.DOTALL))


def opened(admin: Visitor, text: str = PEOPLE) -> tuple[dict[str, str], Form]:
    """Check a list and open it; return the codes, and the form that opened it."""
    checked = admin.send(admin.form(LIST, LIST).fill(text=text, do="check"), 200)
    (form, _) = [one for one in Forms(checked.text).found if one.action == LIST]
    form = form.fill(do="open")
    return slips(admin.send(form, 200).text), form


def test_a_list_opens_accounts_roles_and_inspectors(home: WebDistrict, admin: Visitor) -> None:
    """Names become log-in names, each once; names and phones are outside the log."""
    codes, form = opened(admin)
    assert set(codes) == {"wangwei", "wangwei2", "lina"}
    with home.small.read() as reader:
        known = {row.login: row.account for row in credentials.all_credentials(reader)}
        every = accounts(reader)
        grants = {
            login: [(one.role, one.organization) for one in account.grants.values()]
            for login in codes
            for account in every.values()
            if account.account == known[login]
        }
        (inspector,) = [one for one in inspectors(reader).values() if one.team == "一组"]
        people = people_of(reader, [known["wangwei"], inspector.person])
        log = repr(reader.rows("SELECT body FROM events"))
    assert grants == {
        "wangwei": [("branch", "c")], "wangwei2": [("branch", "d")], "lina": [("inspector", None)],
    }  # fmt: skip
    assert (people[known["wangwei"]].phone, people[inspector.person].name) == (
        "13800000001", "李娜",
    )  # fmt: skip
    assert "13800000001" not in log
    assert "王伟" not in log
    again = admin.send(form)
    assert again.headers["location"] == f"{WAITING}?done=twice"
    assert "没有重复开设" in admin.get(again.headers["location"])


def test_a_code_leads_to_a_password(home: WebDistrict, admin: Visitor) -> None:
    """Typed in any case with its user name; wrong ones are refused and counted, used ones void."""
    codes, _ = opened(admin)
    anybody = client_of(home.app)

    def enter(login: str, code: str) -> Any:
        form = next(one for one in Forms(anybody.get("/welcome").text).found
                    if one.action == "/welcome")  # fmt: skip
        return anybody.post("/welcome", data=form.fill(login=login, slip=code).fields)

    wrong = enter("wangwei2", codes["wangwei"])
    assert (wrong.status_code, "用户名与登录码不符" in wrong.text) == (422, True)
    home.small.now += timedelta(days=13)
    led = enter("wangwei", codes["wangwei"].lower().replace("-", " "))
    assert led.headers["location"] == "/welcome/" + codes["wangwei"].replace("-", "")
    secret = led.headers["location"].rpartition("/")[2]
    home.authenticator.use_link(secret, "a long password")
    assert enter("wangwei", codes["wangwei"]).status_code == 422
    home.small.now += timedelta(days=1)
    assert enter("lina", codes["lina"]).status_code == 422
    assert [enter("lina", "AAAA").status_code for _ in range(5)][-1] == 429


def test_who_has_not_signed_in_gets_new_slips(home: WebDistrict, admin: Visitor) -> None:
    """They are listed with phones, also as Excel; a new slip makes the one before void."""
    codes, _ = opened(admin)
    workbook = admin.client.get(f"{WAITING}?format=xlsx").content
    assert "13800000001" in repr(rows_of(workbook))
    assert "13800000001" in admin.get(WAITING)
    form = admin.form(WAITING, "/accounts/slips")
    assert "没有选中" in admin.send(form.fill(account=None), 422).text
    new = slips(admin.send(form, 200).text)
    assert set(new) == set(codes)
    for login, fits in ((codes["lina"], False), (new["lina"], True)):
        with home.small.read() as reader:
            secret = login.replace("-", "")
            link = credentials.link_of(reader, secret, instant_text(home.small.clock()))
        assert (link is not None) == fits


def test_faults_are_named_and_nothing_is_opened(home: WebDistrict, admin: Visitor) -> None:
    """Each at its row and heading; the list stays in the form."""
    bad = "姓名\t电话\t组织\t角色\t登录名\n\t12\tx\t县长\ta b\n李四\t\t\t书记\n王五\t\tr\t检查员"
    text = admin.send(admin.form(LIST, LIST).fill(text=bad, do="open"), 422).text
    for words in ("没有“县长”这种角色", "12 不是电话号码", "没有代码或名称为 x 的组织",
                  "第 3 行 组织", "第 4 行 检查组"):  # fmt: skip
        assert words in text
    with home.small.read() as reader:
        assert len(credentials.all_credentials(reader)) == 1
    for typed, words in (({"text": ""}, "请选择文件"), ({"days": "91"}, "1 到 90 天"),
                         ({"text": "a\tb\n1\t2"}, "没有找到表头")):  # fmt: skip
        page = admin.send(admin.form(LIST, LIST).fill(**{"text": PEOPLE} | typed), 422).text
        assert words in page


def test_a_township_opens_branches_of_its_own(home: WebDistrict, admin: Visitor) -> None:
    """Other roles are refused, other organizations are unknown; it lists its own alone."""
    opened(admin)
    township = home.enter("township", "c")
    text = township.send(township.form(LIST, LIST).fill(text=PEOPLE), 422).text
    assert "没有代码或名称为 d 的组织" in text
    assert "只能给本辖区内的党支部书记开账号" in text
    own, _ = opened(township, "姓名\t组织\t角色\n赵敏\tc\t支部书记\n")
    assert set(own) == {"zhaomin"}
    waiting = township.get(WAITING)
    assert ("wangwei2" in waiting, "zhaomin" in waiting, "lina" in waiting) == (False, True, False)


def test_slips_for_nobody_and_for_no_number_of_days(home: WebDistrict) -> None:
    """Both come back to the list with their message; no code is made."""
    admin = home.enter("administrator", None)
    for typed, said in (
        ({"days": "14"}, "没有选中尚未登录的人员"),
        ({"days": "soon", "account": "u-1"}, "有内容需要修改"),
    ):
        answer = admin.client.post("/accounts/slips", data={"csrf": admin.csrf, **typed})
        assert answer.status_code == 422
        assert said in answer.text
