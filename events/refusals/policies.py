"""Problems of a district policy.

To add one: an entry with the key, the English sentence and the Chinese one; then
``Problem.error(place, "key", name=...)`` or ``Problem.warning``. The place is shown before the
sentence. Rules: ``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Sentence

POLICIES = {
    "draw_in_grace": Sentence(
        "the draw on day {day} is within the grace of {grace} days, when records are "
        "still in time; draw on day {next} or later",
        "{day} 日抽取时，{grace} 天的迟报宽限还没有过；请在 {next} 日或以后抽取",
    ),
    "no_default": Sentence(
        "is missing; it applies to every category that is not named",
        "缺少；未单独列出的类别都按它执行",
    ),
    "weights_not_one": Sentence(
        "the four weights add up to {sum}, not to 1", "四项权重合计 {sum}，应为 1"
    ),
    "draw_before_opening": Sentence(
        "day {draw} is before the opening on day {open}", "{draw} 日早于 {open} 日的启动"
    ),
    "close_before_draw": Sentence(
        "day {close} is before the draw on day {draw}", "{close} 日早于 {draw} 日的抽取"
    ),
    "rest_too_long": Sentence(
        "{rest} cycles of rest last as long as the {within} months in which everybody is drawn: "
        "some who rest will be drawn all the same",
        "检查后休息 {rest} 次抽查，不短于抽遍所有组织的 {within} 个月：仍会抽到正在休息的组织",
    ),
    "category_built_in": Sentence(
        "{category} is a name that the tracker uses itself; give your category another name",
        "{category} 是系统自带的名称，请换一个名称",
    ),
    "category_in_use": Sentence(
        "is left out, but {organizations} organizations, {inspectors} inspectors, {roles} roles and"
        " {schemes} schemes use it; keep it",
        "这个类别不能去掉：有 {organizations} 个组织、{inspectors} 名检查人员、{roles} 项角色、"
        "{schemes} 个评价标准用到它，请保留",
    ),
    "category_named_twice": Sentence(
        "{name} is the name of {other} already; each category needs another name",
        "“{name}”已是类别 {other} 的名称，每个类别应有不同的名称",
    ),
    "no_category": Sentence(
        "{category} is not a category; choose one of {known}",
        "没有 {category} 这个类别，可用：{known}",
    ),
    "plan_neither": Sentence(
        "needs one of fraction and count; it has neither", "fraction 与 count 应写一个，现在都没有"
    ),
    "plan_both": Sentence(
        "needs one of fraction and count; it has both", "fraction 与 count 应写一个，现在两个都有"
    ),
    "plan_least": Sentence(
        "is allowed only with fraction, not with count", "只能与 fraction 同用，不能与 count 同用"
    ),
    "plan_nobody": Sentence(
        "draws nobody: fraction 0 and no at_least", "抽不到任何组织：fraction 为 0，也没有 at_least"
    ),
    "stratum_itself": Sentence(
        "{stratum} is drawn within itself", "{stratum} 不能在自身范围内抽取"
    ),
    "stratum_twice": Sentence("{stratum} is drawn twice; keep one", "{stratum} 写了两次，请留一个"),
    "no_day": Sentence(
        "{day} is not a day (MM-DD) of every year", "{day} 不是每年都有的日期（月-日）"
    ),
    "no_day_of_year": Sentence("{year} has no day {day}", "{year} 年没有 {day} 这一天"),
    "span_reversed": Sentence(
        "the last day {last} is before the first, {first}; a span over the turn of the year is "
        "written in both years",
        "最后一天 {last} 早于第一天 {first}；跨年的假期请分写在两年里",
    ),
    "day_worked_and_off": Sentence(
        "{span} is listed as worked and as a holiday", "{span} 同时写成了上班和放假"
    ),
    "calendar_ahead": Sentence(
        "the working days of {year} are not known, and the cycle that opens on {day} needs them: "
        "add the year by the State Council's notice",
        "还没有 {year} 年的工作日历，{day} 开启的抽查就要用到：请按国务院放假通知补上这一年",
    ),
    "inspection_reversed": Sentence(
        "the last day {last} is before the first, {first}", "最后一天 {last} 早于第一天 {first}"
    ),
    "self_check_late": Sentence(
        "{day} is after the inspection begins on {first}", "{day} 晚于 {first} 的集中检查"
    ),
    "band_none": Sentence("none means below all bands; remove it", "none 表示低于所有等次，不用写"),
    "band_twice": Sentence("band {band} is named twice", "等次 {band} 写了两次"),
    "band_order": Sentence(
        "{lower} from {least} is not below {upper} from {most}; write the highest band first",
        "{lower}（{least} 分起）不低于 {upper}（{most} 分起），请从高到低写",
    ),
}
"""The sentences by code."""
