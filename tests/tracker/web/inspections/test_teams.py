import re

from projections.people.inspectors import inspector
from tests.support.web_district import Form, Visitor, WebDistrict, notices

LIST = "/admin/teams"


def filled(admin: Visitor, person: str = "p-1", team: str = "一组") -> Form:
    """Return the form of an inspector who belongs to ``c``."""
    form = admin.form("/admin/register-inspector", "/admin/register-inspector")
    return form.fill(id=person, team=team, organization="c", categories=["community", "village"])


def test_registers_and_changes(home: WebDistrict, admin: Visitor) -> None:
    """A form sent twice registers once, and the form of a change has the current values."""
    assert "没有检查人员" in admin.get(LIST)
    form = filled(admin)
    for _ in range(2):
        assert admin.send(form).headers["location"] == f"{LIST}/p-1?done=registered"
    change = admin.form("/admin/register-inspector?person=p-1", "/admin/register-inspector")
    assert (change["team"], change["organization"]) == ("一组", "组织c（c）")
    assert set(change.fields["categories"]) == {"community", "village"}
    admin.send(change.fill(team="二组", categories=["community"]))
    with home.small.read() as reader:
        registered = inspector(reader, "p-1")
    assert registered is not None
    assert (registered.team, registered.categories) == ("二组", ("community",))
    assert len(home.events("InspectorRegistered")) == 2


def test_limits_what_and_until_when(home: WebDistrict, admin: Visitor) -> None:
    """Purposes, leading and the last day are kept, shown, offered again; none is a fault."""
    form = filled(admin)
    assert form.fields["purposes"] == ["monthly", "half_year", "annual"]
    empty = admin.send(form.fill(purposes=[]), 422)
    assert "e-purposes" in empty.text
    admin.send(form.fill(purposes=["annual"], leader="1", until="2026-01-04"))
    page = re.sub(r"<[^>]+>", " ", admin.get(f"{LIST}/p-1"))
    assert "年度考核 · 组长" in page
    assert "2026-01-04  已到期" in page
    assert "年度考核 · 组长" in admin.get(LIST)
    change = admin.form("/admin/register-inspector?person=p-1", "/admin/register-inspector")
    assert (change.fields["purposes"], change["leader"], change["until"]) == (
        ["annual"], "1", "2026-01-04",
    )  # fmt: skip
    admin.send(change.fill(purposes=["monthly", "half_year", "annual"], leader=None, until=""))
    with home.small.read() as reader:
        registered = inspector(reader, "p-1")
    assert registered is not None
    assert (registered.purposes, registered.leader, registered.until) == ((), False, None)
    assert "年度考核" not in admin.get(LIST)


def test_tells_what_is_wrong(admin: Visitor) -> None:
    """Unknown organizations and empty fields are reported at the field, keeping the input."""
    answer = admin.send(filled(admin).fill(organization="none"), 422)
    assert any("没有符合“none”的组织" in one for one in notices(answer.text))
    again = admin.again(answer, "/admin/register-inspector")
    assert again["team"] == "一组"
    assert set(again.fields["categories"]) == {"community", "village"}
    empty = admin.send(filled(admin, "", "").fill(categories=[]), 422)
    assert {"e-id", "e-team", "e-categories"} <= set(re.findall(r'id="(e-\w+)"', empty.text))


def test_recuses(home: WebDistrict, admin: Visitor) -> None:
    """An inspector is recused from an organization and its descendants, with a reason."""
    admin.send(filled(admin))
    form = admin.form(f"{LIST}/p-1", "/recuse")
    missing = admin.send(form.fill(organization="d"), 422)
    assert "e-reason" in missing.text
    unknown = admin.send(form.fill(organization="none", reason="亲属"), 422)
    assert any("没有符合“none”的组织" in one for one in notices(unknown.text))
    for _ in range(2):
        admin.send(form.fill(organization="d", reason="亲属"))
    assert "组织d" in admin.get(f"{LIST}/p-1")
    assert len(home.events("InspectorRecused")) == 1


def test_lists_by_team(home: WebDistrict, admin: Visitor) -> None:
    """The list shows inspectors by team with their accounts, and its export the same rows."""
    admin.send(filled(admin))
    admin.send(filled(admin, "p-2", "二组"))
    home.enter("inspector", "r", "p-1")
    page = admin.get(LIST)
    assert re.findall(r"<h2>(.组) ", page) == ["一组", "二组"]
    assert "名inspector-r" in page
    assert "没有账号" in page
    assert "二组 " not in admin.get(f"{LIST}?q=p-1")
    lines = admin.client.get(f"{LIST}?q=p-2&format=csv").content.decode("utf-8-sig").splitlines()
    assert [one.split(",")[:2] for one in lines[2:]] == [["二组", "p-2"]]
    assert "名inspector-r" in admin.get(f"{LIST}/p-1")


def test_an_unknown_inspector_is_not_found(admin: Visitor) -> None:
    """The page, the form and the recusal of an unknown inspector are not found."""
    admin.get(f"{LIST}/p-9", 404)
    admin.get("/admin/register-inspector?person=p-9", 404)
    form = filled(admin).fill(organization="c", reason="亲属")
    form.action = f"{LIST}/p-9/recuse"
    admin.send(form, 404)


def test_who_may(home: WebDistrict) -> None:
    """Only administrators see the teams."""
    home.enter("department", None).get(LIST, 403)
    home.enter("inspector", "r").get(LIST, 403)
