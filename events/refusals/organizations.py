"""Refusals of organizations, the tree and inspectors.

To add one: an entry with the code, the English sentence, the Chinese one and, unless it is
``INVALID``, the kind; then ``raise Refused("code", field=..., name=...)``. Rules:
``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Kind, Sentence

ORGANIZATIONS = {
    "change_out_of_order": Sentence(
        "{code} was last changed on {last}; a change cannot come before it",
        "该组织最近一次变更在 {last}，这次变更不能早于它",
    ),
    "circle": Sentence(
        "{code} cannot be the parent: it is the organization itself or a descendant",
        "不能以 {code} 为上级：它是该组织自身或其下级",
    ),
    "circle.file": Sentence(
        "{code} cannot be the parent: the parents in this file form a circle",
        "不能以 {code} 为上级：这份文件中的上级关系形成循环",
    ),
    "living_children": Sentence(
        "{code} still has {count} organizations under it ({codes}); move or close them first",
        "{code} 还有 {count} 个下级组织（{codes}），请先变更它们的隶属或撤销它们",
        kind=Kind.CONFLICT,
    ),
    "no_organizations": Sentence(
        "no organization is registered yet; import them with: tracker import FILE",
        "还没有登记任何组织",
        kind=Kind.NOT_FOUND,
    ),
    "not_a_root": Sentence("{code} is not a root of the tree", "{code} 不是考核区的最上级组织"),
    "organization_exists": Sentence("{code} is already registered", "代码 {code} 已被使用"),
    "pick_none": Sentence(
        "no organization matches {text}, or you may not see it: write its name, part of the name,"
        " the pinyin initials of the name, or its code",
        "没有符合“{text}”的组织，或您无权查看：请写名称、名称中的几个字、名称的拼音首字母，或代码",
        kind=Kind.NOT_FOUND,
    ),
    "pick_none.person": Sentence(
        "nobody matches {text}: write the name, part of the name, its pinyin initials, the user"
        " name or the id",
        "没有符合“{text}”的人员：请写姓名、姓名中的字、姓名的拼音首字母、登录名或编号",
        kind=Kind.NOT_FOUND,
    ),
    "pick_several": Sentence(
        "{count} organizations match {text}: choose one, or write more of the name",
        "有 {count} 个组织符合“{text}”：请选择一个，或把名称写得更具体",
    ),
    "pick_several.person": Sentence(
        "{count} people match {text}: choose one, or write more of the name",
        "有 {count} 人符合“{text}”：请选择一人，或把姓名写得更具体",
    ),
    "reopening": Sentence(
        "{code} is closed for good; it cannot be reopened", "已撤销的组织不能恢复"
    ),
    "root_unsaid": Sentence(
        "a parent is missing: the district has the root {root} already; name the parent, or say "
        "with root: true that this is another root",
        "没有填写上级：已有最上级组织 {root}。请填写上级；另设最上级组织的，请注明 root: true",
    ),
    "root_with_parent": Sentence(
        "a root has no parent; leave out root, or the parent {parent}",
        "最上级组织没有上级：请去掉 root，或去掉上级 {parent}",
    ),
    "scope_needed": Sentence(
        "there are {count} roots ({codes}); name one of them", "有 {count} 个考核区，请指明其中一个"
    ),
    "unknown_category": Sentence(
        "{code} is not a category; choose one of {known}",
        "没有这个类别：{code}（可用：{known}）",
        kind=Kind.NOT_FOUND,
    ),
    "unknown_category.filter": Sentence(
        "{code} is not a category; choose one of {known}", "没有这个类别：{code}（可用：{known}）"
    ),
    "unknown_inspector": Sentence(
        "{person} is not a registered inspector", "没有登记过检查人员 {person}", kind=Kind.NOT_FOUND
    ),
    "unknown_organization": Sentence(
        "{code} is not a registered organization",
        "没有这个组织，或您无权查看：{code}",
        kind=Kind.NOT_FOUND,
    ),
    "unknown_organization.merge": Sentence(
        "{code} is not an active organization to merge into",
        "不能并入 {code}：没有这个组织，或它已经撤销",
        kind=Kind.NOT_FOUND,
    ),
    "unknown_parent": Sentence(
        "the parent {code} is not registered or is closed",
        "上级 {code} 没有登记或已经撤销",
        kind=Kind.NOT_FOUND,
    ),
}
"""The sentences by code."""
