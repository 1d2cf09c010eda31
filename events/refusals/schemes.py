"""Problems of a scheme: its words, codes and points.

To add one: an entry with the key, the English sentence and the Chinese one; then
``Problem.error(place, "key", name=...)`` or ``Problem.warning``. The place is shown before the
sentence. Rules: ``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Sentence

SCHEMES = {
    "word_unknown": Sentence(
        "{kind} {word} is not in the vocabulary", "词汇表里没有 {word}（{kind}）"
    ),
    "word_unknown.near": Sentence(
        "{kind} {word} is not in the vocabulary; did you mean {near}?",
        "词汇表里没有 {word}（{kind}），是不是 {near}？",
    ),
    "named_twice": Sentence("{name} is named twice", "{name} 写了两次"),
    "version_too_high": Sentence(
        "version {version} is above {most}", "版本号 {version} 超过 {most}"
    ),
    "code_twice": Sentence(
        "two {family} have the code {code}; give each a different code",
        "有两处（{family}）用了同一代码 {code}，请各用各的",
    ),
    "bonus_cap_zero": Sentence("is 0, so no bonus can ever count", "为 0，加分永远不会计入"),
    "empty_section": Sentence("the section has no item and no section", "这一部分下没有任何项目"),
    "no_criterion": Sentence("the scheme has no criterion", "没有任何评价标准"),
    "all_optional": Sentence(
        "every criterion is optional, so nothing can be scored", "所有标准都不计分，算不出得分"
    ),
    "word_redefined": Sentence(
        "{word} already means {zh} ({en}) and keeps that meaning; use another word for "
        "another meaning",
        "{word} 已经表示“{zh}”，仍按原义；另有所指请换一个词",
    ),
    "points_optional": Sentence(
        "an optional criterion states points in a scheme that states none; leave them out",
        "全表未列分值，不计分的标准也不要写分值",
    ),
    "points_no_item": Sentence(
        "the scheme states {total} points, but no item does; state the points of each item",
        "总分为 {total}，但没有一个项目列出分值，请逐项写明",
    ),
    "points_unstated": Sentence(
        "the item and {codes} state no points, but other items do; state the points of the item",
        "其他项目列了分值，这个项目和标准 {codes} 没有，请写明项目分值",
    ),
    "points_without_criteria": Sentence(
        "the item has no criterion that gives its {points} points; an item of additions alone has "
        "points: 0",
        "项目下没有评价标准，这 {points} 分无从得到；只有加扣分的项目请写 points: 0",
    ),
    "points_zero": Sentence(
        "the item has criteria but 0 points; state its points",
        "项目下有评价标准，分值却是 0，请写明分值",
    ),
    "item_empty": Sentence(
        "the item has neither criteria nor additions", "项目下既没有评价标准也没有加扣分"
    ),
    "additions_without_points": Sentence(
        "additions need a scheme that states points; state points or remove the additions",
        "全表未列分值，不能加扣分；请列出分值或去掉加扣分",
    ),
    "addition_twice": Sentence("addition {code} is named twice", "加扣分 {code} 写了两次"),
    "addition_one_of": Sentence(
        "addition {code} needs exactly one of add, between; it has {given}",
        "加扣分 {code} 应在 add、between 中恰好写一个，现在有 {given}",
    ),
    "addition_nothing": Sentence(
        "addition {code} adds and takes nothing: 0", "加扣分 {code} 为 0，不加也不扣"
    ),
    "addition_reversed": Sentence(
        "addition {code} has between {low} and {high}, from high to low",
        "加扣分 {code} 的 between 从 {low} 到 {high}，应从小到大",
    ),
    "additions_missing": Sentence(
        "{name} is stated, but the item has no additions", "写了 {name}，但项目没有加扣分"
    ),
    "annual_only": Sentence(
        "{name} is allowed only in a scheme of purpose annual",
        "{name} 只能写在年度考核标准（purpose: annual）里",
    ),
    "points_unearned": Sentence(
        "all criteria are optional, so nobody can earn its {points} points",
        "标准都不计分，无人能得到这 {points} 分",
    ),
    "points_above_item": Sentence(
        "the criteria add up to {sum} points, more than the item's {points}",
        "各标准合计 {sum} 分，超过项目的 {points} 分",
    ),
    "points_nothing_left": Sentence(
        "other criteria take {sum} of the item's {points} points; nothing is left for {codes}",
        "其他标准已占项目 {points} 分中的 {sum} 分，{codes} 没有分了",
    ),
    "points_not_item": Sentence(
        "the criteria add up to {sum} points, the item states {points}",
        "各标准合计 {sum} 分，项目写的是 {points} 分",
    ),
    "points_no_total": Sentence(
        "the items add up to {sum} points and the scheme states no total; write points: {sum}",
        "各项目合计 {sum} 分，没有写总分，请写 points: {sum}",
    ),
    "points_not_total": Sentence(
        "the items add up to {sum} points, the scheme states {points}",
        "各项目合计 {sum} 分，总分写的是 {points} 分",
    ),
}
"""The sentences by code."""
