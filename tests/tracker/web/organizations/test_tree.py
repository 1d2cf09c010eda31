import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.small_district import cycle
from tests.support.web_district import Visitor, WebDistrict, notices
from tracker.web.organizations import tree as admin_organizations

TREE = "/admin/organizations"


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Yield county ``r`` over ``c``, ``d`` and township ``t`` over ``v``; today is 3 April."""
    district = WebDistrict(sqlite_url, tmp_path / "evidence")
    district.small.register("t", "r", category="township")
    district.small.register("v", "t", category="village")
    district.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield district
    district.dispose()


def shown(page: str) -> list[str]:
    """Return the organizations that a tree shows, in order."""
    return re.findall(r'<a href="/admin/organizations/([\w.-]+)">', page)


def test_opens_part_by_part(admin: Visitor) -> None:
    """A single root is open, a level is loaded alone, and a link opens a path in the tree."""
    page = admin.get(TREE)
    assert shown(page) == ["r", "c", "d", "t"]
    assert "下辖 1" in page
    assert shown(admin.get(f"{TREE}/t/children")) == ["v"]
    assert shown(admin.get(f"{TREE}?at=t")) == ["r", "c", "d", "t", "v"]
    admin.get(f"{TREE}?at=none", 404)
    admin.get(f"{TREE}/none/children", 404)
    admin.get(f"{TREE}/none", 404)


def test_a_long_part_goes_on(admin: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link loads the rest of a long level."""
    monkeypatch.setattr(admin_organizations, "PAGE", 2)
    page = admin.get(f"{TREE}/r/children")
    assert shown(page) == ["c", "d"]
    assert "children?after=d" in page
    assert shown(admin.get(f"{TREE}/r/children?after=d")) == ["t"]


def test_searches(admin: Visitor) -> None:
    """The search by name or code includes closed organizations and says when nothing matches."""
    assert "组织v" in admin.get(f"{TREE}?q=组织v").split("查找结果")[1].split("</section>")[0]
    assert "没有符合的组织" in admin.get(f"{TREE}?q=没有")


def test_registers_once(home: WebDistrict, admin: Visitor) -> None:
    """The parent is filled in, and the same form sent twice registers once."""
    form = admin.form("/admin/register-organization?parent=t")
    assert form["parent"] == "组织t（t）"
    form = form.fill(code="w", name="新村", category="village", registered_on="2026-04-01")
    for _ in range(2):
        assert admin.send(form).headers["location"] == f"{TREE}/w?done=registered"
    assert home.small.entry("w").parent == "organization-t"
    page = admin.get(f"{TREE}/w?done=registered")
    assert "已登记" in page
    assert "组织登记" in page
    changed = admin.send(form.fill(name="别的"), 422)
    assert any("已经提交" in one for one in notices(changed.text))


def test_faults_of_a_registration(admin: Visitor) -> None:
    """Each invalid field of a registration has its message, and the input is kept."""
    form = admin.form("/admin/register-organization").fill(
        code="v", name="新村", category="village", registered_on="2026-04-01"
    )
    taken = admin.send(form, 422)
    assert "代码 v 已被使用" in notices(taken.text)
    assert admin.again(taken, "/admin/register-organization")["name"] == "新村"
    unknown = notices(admin.send(form.fill(code="w", parent="x"), 422).text)
    assert any("没有符合“x”的组织" in one for one in unknown)
    late = admin.send(form.fill(code="w", registered_on="2027-01-01"), 422)
    assert any("还没有到" in one for one in notices(late.text))
    empty = admin.send(form.fill(code="", name="", category=""), 422)
    assert {"e-code", "e-name", "e-category"} <= set(re.findall(r'id="(e-\w+)"', empty.text))


@pytest.mark.parametrize(
    ("do", "typed", "said"),
    [
        ("rename", {"name": "改名村"}, "改名村"),
        ("move", {"parent": "r"}, "隶属变更：上级 r"),
        ("recategorize", {"category": "community"}, "类别变更：社区"),
        ("merge", {"merged_into": "c", "reason": "撤并"}, "组织合并：并入 c · 撤并"),
        ("close", {"reason": "整村搬迁", "on": "2026-03-31"}, "组织撤销：整村搬迁"),
    ],
)
def test_changes(
    home: WebDistrict, admin: Visitor, do: str, typed: dict[str, str], said: str
) -> None:
    """Each change has a form, is made once by sending it twice, and appears in the history."""
    form = admin.form(f"{TREE}/v?do={do}", "/change").fill(**typed)
    for _ in range(2):
        assert admin.send(form).headers["location"] == f"{TREE}/v?done={do}"
    page = admin.get(f"{TREE}/v?done={do}")
    assert "已变更" in page
    assert said in page
    assert len(home.small.rows("events")) > 0


def test_a_new_code_keeps_the_old(home: WebDistrict, admin: Visitor) -> None:
    """After a change of code the page moves, and the old code still finds the organization."""
    form = admin.form(f"{TREE}/v?do=recode", "/change").fill(new_code="v2")
    assert admin.send(form).headers["location"] == f"{TREE}/v2?done=recode"
    assert "组织v" in admin.get(f"{TREE}/v")
    assert home.small.entry("v").code == "v2"


@pytest.mark.parametrize(
    ("code", "do", "typed", "said"),
    [
        ("t", "move", {"parent": "v"}, "不能以 v 为上级：它是该组织自身或其下级"),
        ("v", "move", {"parent": "none"}, "没有符合“none”的组织"),
        ("v", "move", {"parent": ""}, "请填写"),
        ("v", "recode", {"new_code": "c"}, "代码 c 已被使用"),
        ("v", "rename", {"name": "x", "on": "2025-01-01"}, "不在该组织存续期内"),
        ("v", "rename", {"name": "x", "on": "soon"}, "不是有效日期"),
        ("v", "merge", {"merged_into": "c"}, "请填写"),
        ("v", "merge", {"merged_into": "v", "reason": "错"}, "没有这个组织"),
        ("v", "close", {}, "请填写"),
        ("t", "close", {"reason": "撤"}, "t 还有 1 个下级组织（v）"),
        ("t", "merge", {"merged_into": "c", "reason": "并"}, "t 还有 1 个下级组织（v）"),
    ],
)
def test_refuses_at_the_field(
    admin: Visitor, code: str, do: str, typed: dict[str, str], said: str
) -> None:
    """Each invalid change is refused at its field."""
    answer = admin.send(admin.form(f"{TREE}/{code}?do={do}", "/change").fill(**typed), 422)
    assert any(said in one for one in notices(answer.text)), notices(answer.text)


def test_a_root_is_ticked_on_purpose(home: WebDistrict, admin: Visitor) -> None:
    """A registration without a parent needs the tick once there is a root."""
    form = admin.form("/admin/register-organization").fill(
        code="s", name="新县", category="county", registered_on="2026-04-01"
    )
    answer = admin.send(form, 422)
    assert any("已有最上级组织 r" in one for one in notices(answer.text))
    admin.send(form.fill(root="1"))
    assert home.small.entry("s").parent is None


def test_a_closed_one_has_no_forms(admin: Visitor) -> None:
    """A closed organization has no form, unknown changes are refused, children cause a warning."""
    assert "还有下辖组织" in admin.get(f"{TREE}/t?do=close")
    form = admin.form(f"{TREE}/v?do=close", "/change")
    assert "f-on" not in admin.send(form.fill(do="explode"), 422).text
    admin.send(form.fill(reason="撤销"))
    page = admin.get(f"{TREE}/v")
    assert "do=rename" not in page
    assert "撤销" in page
    assert shown(admin.get(f"{TREE}/t/children")) in (["v"], [])


def test_who_may(home: WebDistrict) -> None:
    """Only administrators of the whole district may change the tree."""
    for role in ("branch", "township", "department", "auditor"):
        home.enter(role, "r").get(TREE, 403)


def test_a_root_is_moved_on_purpose(home: WebDistrict, admin: Visitor) -> None:
    """A root that gets a parent asks first: who comes along, and which months go on as before."""
    home.small.register("p", category="county")
    home.small.tell_many(cycle("2026-03", closed=False))
    form = admin.form(f"{TREE}/r?do=move", "/change").fill(parent="p", on="2026-04-01")
    asked = admin.send(form, 409)
    text = re.sub(r"<[^>]+>|\s+", "", asked.text)
    assert "归入组织p" in text
    assert "尚未截止的月份仍按原范围进行到截止：2026年3月。" in text
    assert home.small.entry("r").parent is None
    ticked = admin.again(asked, f"{TREE}/r/change").fill(sure="r p 2026-04-01")
    admin.send(ticked.fill(on="2026-04-02"), 409)
    assert admin.send(ticked).headers["location"] == f"{TREE}/r?done=move"
    assert home.small.entry("r").parent == "organization-p"
