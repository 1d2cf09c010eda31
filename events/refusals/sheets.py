"""Refusals of inspection sheets.

To add one: an entry with the code, the English sentence, the Chinese one and, unless it is
``INVALID``, the kind; then ``raise Refused("code", field=..., name=...)``. Rules:
``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Kind, Sentence

SHEETS = {
    "bad_sheet": Sentence("{file}: field {field}: {problem}", "检查表的格式不正确：{problem}"),
    "cycle_not_drawn": Sentence(
        "the cycle of {period} accepts no sheets (its state: {state})",
        "{period} 目前不收检查表",
        kind=Kind.CONFLICT,
    ),
    "drawn_without_inspectors": Sentence(
        "{code} was drawn in {period}, but no inspectors could be assigned ({reason}): {problem}",
        "{code} 在 {period} 被抽中，但未能分派检查人员：{problem}",
        kind=Kind.CONFLICT,
    ),
    "inspection_over": Sentence(
        "the inspections of {period} ended on {day}; sheets are no longer accepted",
        "{period} 的检查已于 {day} 截止，不再收检查表",
        kind=Kind.CONFLICT,
    ),
    "no_inspector": Sentence(
        "your account is not linked to an inspector; ask an administrator",
        "您的账号没有关联检查人员编号，请联系管理员",
        kind=Kind.FORBIDDEN,
    ),
    "no_proposal": Sentence(
        "sheet {sheet_id} is no longer waiting for a signature; open the page again",
        "检查表 {sheet_id} 已不在等待签字，请重新打开页面",
        kind=Kind.CONFLICT,
    ),
    "not_assigned": Sentence(
        "{code} was not drawn in {period}", "{code} 在 {period} 没有被抽中", kind=Kind.NOT_FOUND
    ),
    "not_assigned_to_you": Sentence(
        "the inspection of {code} in {period} was not assigned to you",
        "{code} 在 {period} 的检查没有分派给您",
        kind=Kind.NOT_FOUND,
    ),
    "not_signed": Sentence(
        "you can submit only sheets that you sign yourself",
        "只能提交您本人签字的检查表",
        kind=Kind.FORBIDDEN,
    ),
    "other_person": Sentence(
        "somebody else filled this sheet in; they must sign in themselves to send it",
        "这份检查表是别人填写的，须由填写人本人登录后提交",
        kind=Kind.FORBIDDEN,
    ),
    "own_proposal": Sentence(
        "you proposed sheet {sheet_id} yourself; a colleague must sign it",
        "检查表 {sheet_id} 是您自己送签的，须由同事签字",
        kind=Kind.FORBIDDEN,
    ),
    "proposal_changed": Sentence(
        "your colleague has changed the sheet since you opened it; read it again",
        "同事在您打开之后改过这份检查表，请重新看过再签字",
        kind=Kind.CONFLICT,
    ),
    "remark_needed": Sentence(
        "say in at most {most} characters what must be changed", "请写明哪里要改，最多 {most} 个字"
    ),
    "sheet_cause_between": Sentence(
        "{name}: cause {cause} deducts {low} to {high} points",
        "{name} “{cause}”应扣 {low} 到 {high} 分",
    ),
    "sheet_cause_fixed": Sentence(
        "{name}: cause {cause} deducts fixed points; give only the count",
        "{name} “{cause}”的扣分是固定的，只填次数",
    ),
    "sheet_cause_points": Sentence(
        "{name}: cause {cause} needs points", "{name} 请填写“{cause}”扣多少分"
    ),
    "sheet_derived_moved": Sentence(
        "{name} is now derived as {now} (you saw {was}); check it again",
        "{name} 的推算已变为 {now}（您看到的是 {was}）；请刷新页面后再评",
        kind=Kind.CONFLICT,
    ),
    "sheet_faults": Sentence(
        "the sheet has {count} faults", "检查表有 {count} 处需要修改，已在相应位置标出"
    ),
    "sheet_grade": Sentence(
        "{name} needs a grade, one of: {known}", "{name} 请选一个等次：{known}"
    ),
    "sheet_unknown_grade": Sentence(
        "{name} has no grade {grade}; its grades are: {known}",
        "{name} 没有等次 {grade}，可选：{known}",
    ),
    "sheet_unknown_addition": Sentence(
        "{name}: item {item} has no such addition; it has: {known}",
        "{name}：项目 {item} 没有这个加扣分，可选：{known}",
    ),
    "sheet_addition_between": Sentence(
        "{name} needs points from {low} to {high}", "{name} 请填写 {low} 到 {high} 分"
    ),
    "sheet_addition_fixed": Sentence(
        "{name} has fixed points, {add}; give only the count", "{name} 固定为 {add} 分，只填次数"
    ),
    "sheet_id_used": Sentence(
        "{sheet_id} ordered rectifications of {code} in another month; give this sheet a new id",
        "这个检查表编号已用于另一个月份，请重新打开页面",
        kind=Kind.CONFLICT,
    ),
    "sheet_meanwhile": Sentence(
        "{name} was judged by {people} after you opened the sheet; check it, and submit "
        "yours again to replace it",
        "{name} 同事（{people}）已在您打开之后提交过结论；请核对，再次提交将以您的为准",
        kind=Kind.CONFLICT,
    ),
    "sheet_no_deduction": Sentence(
        "{name} is not a deduction and has no causes", "{name} 不是扣分项，不能按扣分原因评判"
    ),
    "sheet_no_points": Sentence(
        "{name} has no points; give a credit from 0 to 1", "{name} 没有分值，请给 0 到 1 的得分率"
    ),
    "sheet_no_reason": Sentence(
        "{name} differs from the derived credit; give a reason", "{name} 与推算不同，请写明理由"
    ),
    "sheet_not_judged": Sentence(
        "{name} is {status} and cannot be judged", "{name} 本月尚未到期或不适用，不能评判"
    ),
    "sheet_one_of": Sentence(
        "{name} needs one of credit, points and causes",
        "{name} 请给出得分率、得分或扣分原因之一",
    ),
    "sheet_points_above": Sentence("{name} has only {most} points", "{name} 满分只有 {most} 分"),
    "sheet_raised": Sentence(
        "{name} is above the derived credit; all assigned inspectors must sign",
        "{name} 评得比推算高，须全体检查人员签字：请送同事签字",
    ),
    "sheet_refused": Sentence("{file}: {problem}", "{file}：{problem}"),
    "sheet_twice": Sentence("{name} is on the sheet twice", "{name} 在检查表中出现了两次"),
    "sheet_unknown_cause": Sentence(
        "{name} has no cause {cause}", "{name} 没有这个扣分原因：{cause}"
    ),
    "sheet_unknown_criterion": Sentence(
        "{name} is not a criterion of the scheme", "{name} 不是本次适用的评价标准"
    ),
    "sheet_unknown_record": Sentence(
        "{name} is not a record of this organization", "{name} 不是该组织的记录"
    ),
    "unassigned_no_team": Sentence(
        "no team inspects its category; register inspectors for it before the next draw",
        "没有检查该类组织的检查组；请在下次抽取前登记检查人员",
    ),
    "unassigned_team_too_small": Sentence(
        "the team has too few inspectors; add some before the next draw",
        "检查组人数不足；请在下次抽取前增加检查人员",
    ),
    "unassigned_too_few_left": Sentence(
        "after recusals and relations too few inspectors were left; add some before the next draw",
        "回避后检查人员不足；请在下次抽取前增加检查人员",
    ),
    "wrong_inspector": Sentence(
        "{people} cannot sign for {code}; assigned are {assigned}",
        "只有分派到该组织的检查人员可以签字",
        kind=Kind.FORBIDDEN,
    ),
}
"""The sentences by code."""
