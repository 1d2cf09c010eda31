from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson
import pytest

from events.event import Metadata
from events.refusals.errors import Refused
from events.streams.organizations import ChangeOrganization, RegisterOrganization
from events.streams.people import RecuseInspector, RegisterInspector
from projections.people.inspectors import inspector
from tests.support.small_district import SmallDistrict
from tracker.commands.organizations import OrganizeResult, organize
from tracker.imports.importing import import_file
from tracker.wording.refusals import say

WHO = Metadata("u-1", "web")


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """County ``r`` with townships ``t`` and ``u``, and village ``v`` under ``t``."""
    found = SmallDistrict(database_url)
    found.register("r", category="county")
    found.register("t", "r", "township")
    found.register("u", "r", "township")
    found.register("v", "t", "village")
    yield found
    found.dispose()


def new(code: str, **more: Any) -> RegisterOrganization:
    """The command that registers a village."""
    fields = {"name": "新村", "category": "village", "parent": "t", "registered_on": "2026-01-05"}
    return RegisterOrganization.model_validate({"code": code} | fields | more)


def change(code: str, **more: Any) -> ChangeOrganization:
    """The command that changes an organization on the fourth of January."""
    return ChangeOrganization.model_validate({"code": code, "on": "2026-01-04"} | more)


def test_registers_once(small: SmallDistrict) -> None:
    """The same form twice registers once; other content under its id is refused."""
    first = organize(small.store, new("n"), WHO, "f-1")
    assert first == OrganizeResult("organization-n", changed=True)
    assert organize(small.store, new("n"), WHO, "f-1").changed is False
    with pytest.raises(Refused) as refused:
        organize(small.store, new("n", name="别名"), WHO, "f-1")
    assert refused.value.code == "identity_conflict"
    entry = small.entry("n")
    assert (entry.name, entry.parent) == ("新村", "organization-t")


def test_changes_what_is_given(small: SmallDistrict) -> None:
    """Name, parent, category, code, merging and closing, each in one transaction."""
    organize(small.store, change("v", name="改名", parent="u"), WHO, "f-1")
    organize(small.store, change("v", new_code="w"), WHO, "f-2")
    organize(small.store, change("w", category="community"), WHO, "f-3")
    assert organize(small.store, change("w", name="改名"), WHO, "f-4").changed is False
    entry = small.entry("w")
    assert (entry.name, entry.parent, entry.category) == ("改名", "organization-u", "community")
    organize(small.store, change("t", merged_into="u", reason="合并"), WHO, "f-5")
    assert small.entry("t").merged_into == "organization-u"
    organize(small.store, change("w", closed=True, on="2026-01-05"), WHO, "f-6")
    assert small.entry("v").closed_on == "2026-01-05"


@pytest.mark.parametrize(
    ("command", "field", "said"),
    [
        (change("t", parent="v"), "parent", "不能以 v 为上级"),
        (change("t", parent="t"), "parent", "不能以 t 为上级"),
        (change("v", parent="none"), "parent", "上级 none 没有登记"),
        (change("v", new_code="u"), "new_code", "代码 u 已被使用"),
        (change("v", name="早", on="2025-12-01"), "on", "不在该组织存续期内（2026-01-01 至 今）"),
        (change("v", name="晚", on="2027-01-01"), "on", "还没有到"),
        (change("none", name="x"), "code", "没有这个组织"),
        (change("v", merged_into="none"), "merged_into", "没有这个组织"),
        (change("v", category="moon"), "category", "没有这个类别：moon"),
        (new("v"), "code", "代码 v 已被使用"),
        (new("n", parent="none"), "parent", "上级 none"),
        (RegisterInspector(id="p-1", organization="none", team="一组", categories=("village",)),
         "organization", "没有这个组织"),
        (RegisterInspector(id="p-1", organization="t", team="一组", categories=("moon",)),
         "categories", "没有这个类别"),
        (RecuseInspector(inspector="p-9", organization="t", reason="亲属"),
         "inspector", "没有登记过检查人员 p-9"),
    ],
)  # fmt: skip
def test_refuses_at_the_field(small: SmallDistrict, command: Any, field: str, said: str) -> None:
    """Each refusal names its field, in Chinese, and leaves the log as it was."""
    before = small.rows("heads")
    with pytest.raises(Refused) as refused:
        organize(small.store, command, WHO, "f-1")
    assert refused.value.field == field
    assert said in say(refused.value, "zh")
    assert small.rows("heads") == before


def test_a_change_before_the_last_is_out_of_order(small: SmallDistrict) -> None:
    """A change comes after the ones that stand."""
    organize(small.store, change("v", name="一"), WHO, "f-1")
    with pytest.raises(Refused) as refused:
        organize(small.store, change("v", name="二", on="2026-01-02"), WHO, "f-2")
    assert say(refused.value, "zh") == "该组织最近一次变更在 2026-01-04，这次变更不能早于它"


def test_inspectors_are_registered_and_recused(small: SmallDistrict) -> None:
    """The newest registration counts, a recusal holds from then on, and both are idempotent."""
    team = RegisterInspector(id="p-1", organization="t", team="一组", categories=("village",))
    assert organize(small.store, team, WHO, "f-1").changed
    assert not organize(small.store, team, WHO, "f-1").changed
    other = team.model_copy(update={"team": "二组"})
    assert organize(small.store, other, WHO, "f-2").changed
    recusal = RecuseInspector(inspector="p-1", organization="v", reason="亲属")
    assert organize(small.store, recusal, WHO, "f-3").changed
    assert not organize(small.store, recusal, WHO, "f-3").changed
    with small.read() as reader:
        found = inspector(reader, "p-1")
    assert found is not None
    assert (found.team, found.recused) == ("二组", frozenset({"v"}))


def test_dates_of_the_district_count(small: SmallDistrict) -> None:
    """Today is that of the district's zone, which is a day ahead of UTC late in the evening."""
    small.now = small.now.replace(hour=20)
    assert small.now.date() == date(2026, 1, 5)
    assert organize(small.store, new("n", registered_on="2026-01-06"), WHO, "f-1").changed


def test_one_command_and_an_import_line_are_decided_alike(small: SmallDistrict) -> None:
    """A refused command is refused as a line with the same code, at the same field."""
    organize(small.store, new("n"), WHO, "f-1")
    cases: list[tuple[str, RegisterOrganization | ChangeOrganization, str]] = [
        ("organization", new("o", parent="x"), "f-2"),
        ("organization", new("v"), "f-2"),
        ("organization", new("n", name="别名"), "f-1"),
        ("organization_change", change("x", name="新"), "f-2"),
        ("organization_change", change("v", merged_into="x"), "f-2"),
        ("organization_change", change("t", parent="v"), "f-2"),
    ]
    for kind, command, identity in cases:
        with pytest.raises(Refused) as caught:
            organize(small.store, command, WHO, identity)
        document = command.model_dump(mode="json", exclude_none=True)
        line = orjson.dumps(document | {"kind": kind, "id": identity})
        report = import_file(small.store, line, "a.jsonl", actor="a", today=date(2026, 3, 1))
        assert [fault.field for fault in report.refused] == [caught.value.field]
        assert [fault.say("zh") for fault in report.refused] == [say(caught.value, "zh")]
