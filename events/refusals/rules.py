"""Problems of the rule of a criterion.

To add one: an entry with the key, the English sentence and the Chinese one; then
``Problem.error(place, "key", name=...)`` or ``Problem.warning``. The place is shown before the
sentence. Rules: ``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Sentence

RULES = {
    "applies_zero": Sentence(
        "applies.at_least is 0: the criterion applies to everybody",
        "applies.at_least 为 0：所有组织都适用",
    ),
    "by_without_year": Sentence(
        "by is allowed only with per: year, not with per: {per}",
        "by 只能与 per: year 同用，不能与 per: {per} 同用",
    ),
    "by_not_a_day": Sentence(
        "by: {day} is not a day (MM-DD) of every year", "by: {day} 不是每年都有的日期（月-日）"
    ),
    "count_never": Sentence(
        "can never be met: count {count} in a {per} of at most {days} days, and one day "
        "counts once; write same_day: true or a lower count",
        "不可能达到：要求 {count} 次，而期内（{per}）最多 {days} 天、一天只计一次；请写 "
        "same_day: true 或减少次数",
    ),
    "count_never.by": Sentence(
        "can never be met: count {count} by {day} of at most {days} days, and one day "
        "counts once; write same_day: true or a lower count",
        "不可能达到：要求 {day} 前 {count} 次，而期内最多 {days} 天、一天只计一次；请写 "
        "same_day: true 或减少次数",
    ),
    "count_sometimes": Sentence(
        "cannot be met everywhere: count {count} in a {per} of sometimes {days} days",
        "有时不可能达到：要求 {count} 次，而有的期间（{per}）只有 {days} 天",
    ),
    "count_sometimes.by": Sentence(
        "cannot be met everywhere: count {count} by {day} of sometimes {days} days",
        "有时不可能达到：要求 {day} 前 {count} 次，而有的期间只有 {days} 天",
    ),
    "evidence_twice": Sentence("evidence {kind} is named twice", "佐证 {kind} 写了两次"),
    "attendance_zero": Sentence(
        "attendance_at_least is 0: any recorded attendance is enough",
        "attendance_at_least 为 0：只要登记了到会人数就算达到",
    ),
    "miss_without_points": Sentence(
        "deduct_per_miss deducts points, but no points are stated",
        "deduct_per_miss 要扣分，但没有写分值",
    ),
    "miss_too_much": Sentence(
        "deduct_per_miss deducts {take} of {points} points, more than there are",
        "每少一次扣 {take} 分，超过该标准的 {points} 分",
    ),
    "threshold_one_of": Sentence(
        "needs exactly one of at_least, tiers, ratio_at_least; it has {given}",
        "at_least、tiers、ratio_at_least 应恰好写一个，现在有 {given}",
    ),
    "measure_needed": Sentence(
        "{name} needs {other}, the measure that it depends on",
        "{name} 要与 {other}（所依据的数据）一起写",
    ),
    "measure_alone": Sentence("{other} is allowed only with {name}", "{other} 只能与 {name} 同用"),
    "measure_itself": Sentence(
        "of: the measure {measure} is compared with itself", "of：{measure} 是与自身比较"
    ),
    "threshold_zero": Sentence(
        "the threshold is 0: any reported value is enough", "门槛为 0：只要填报了就算达到"
    ),
    "tier_open": Sentence(
        "tier {place} has no below; only the last has none",
        "第 {place} 档没有 below，只有最后一档可以没有",
    ),
    "tier_last": Sentence(
        "the last tier has below: {value}, so higher values have no threshold; add a "
        "tier without below",
        "最后一档写了 below: {value}，以上的情况没有规定；请加一个没有 below 的档",
    ),
    "tier_zero": Sentence(
        "the first tier has below: 0, but no value is below 0",
        "第一档写了 below: 0，没有任何数值落在其中",
    ),
    "tier_overlap": Sentence(
        "two tiers overlap: both end below {value}", "两档重叠：都在 {value} 以下"
    ),
    "tier_order": Sentence(
        "tiers are out of order: below {upper} follows below {lower}",
        "各档顺序不对：below {upper} 排在 below {lower} 之后",
    ),
    "tier_less": Sentence(
        "a higher tier asks for less than the one before it", "较高的一档要求反而低于前一档"
    ),
    "grade_twice": Sentence("grade {code} is named twice", "等次 {code} 写了两次"),
    "cause_twice": Sentence("cause {code} is named twice", "扣分原因 {code} 写了两次"),
    "deduction_without_points": Sentence(
        "a deduction deducts points, but no points are stated", "扣分项要扣分，但没有写分值"
    ),
    "cause_one_of": Sentence(
        "cause {code} needs exactly one of take, between, all: true; it has {given}",
        "扣分原因 {code} 应在 take、between、all: true 中恰好写一个，现在有 {given}",
    ),
    "cause_reversed": Sentence(
        "cause {code} has between {low} and {high}, from high to low",
        "扣分原因 {code} 的 between 从 {low} 到 {high}，应从小到大",
    ),
    "cause_nothing": Sentence(
        "cause {code} deducts nothing: between 0 and 0",
        "扣分原因 {code} 不扣任何分：between 为 0 到 0",
    ),
    "cause_too_much": Sentence(
        "cause {code} deducts {take} of {points} points, more than there are",
        "扣分原因 {code} 扣 {take} 分，超过该标准的 {points} 分",
    ),
}
"""The sentences by code."""
