from typing import Any

from events.documents.policies import DistrictPolicy
from projections.documents.policy_words import policy_words


def said(language: Any, **given: Any) -> str:
    """All sentences of a policy."""
    policy = DistrictPolicy.model_validate(given)
    return "\n".join(
        f"{head}\n" + "\n".join(found) for head, found in policy_words(policy, language)
    )


def test_the_defaults_in_words() -> None:
    """Every default of docs/semantics.md is a sentence, in either language."""
    chinese = said("zh")
    for part in (
        "自查于8月6日前完成",
        "次月1日开启，6日抽取，10日截止",
        "每12个月内每个组织至少抽到一次",
        "没有抽到的月份不计分",
        "各类组织：抽20%，不少于1个",
        "年度每个乡镇",
        "平时过程 40%、半年 20%、年终 40%",
        "一类不低于96分",
        "排名：公布分数和名次",
        "同一组织一年最多检查4次",
    ):
        assert part in chinese, part
    assert "测评" not in chinese
    assert "休息日" not in chinese
    english = said("en")
    assert "opens on day 1, draws on day 6 and closes on day 10" in english
    assert "first from 96 on" in english


def test_what_differs_is_said() -> None:
    """Rest, rolled days, randomness, counts, own bands, a poll and the first places."""
    text = said(
        "zh",
        spot_check={
            "everyone_within_months": "none",
            "rest_months": 2,
            "roll": "next_working_day",
            "randomness": "福利彩票",
        },
        unchecked_month="derived",
        sampling={"village": {"count": 3}, "moon": {"at_least": 2}},
        annual={"process": "0.4", "half_year": "0.2", "year_end": "0.3", "poll": "0.1"},
        bands=[{"band": "good", "at_least": "90"}],
        publish_ranking={"top": 10},
        working_days={"2027": {"holidays": ["01-01..01-03", "05-01"], "workdays": ["01-09"]}},
    )
    for part in (
        "不规定多长时间抽遍",
        "最近2次抽查中检查过的组织排在最后抽取",
        "顺延到下一个工作日",
        "2027年放假：1月1日至1月3日、5月1日；调休上班：1月9日",
        "随机数取自福利彩票",
        "按自报推算计分",
        "抽3个",
        "moon：抽0%，不少于2个",
        "民主测评 10%",
        "good不低于90分",
        "只公布前10名",
    ):
        assert part in text, part


def test_own_categories_are_named() -> None:
    """The categories that the district adds are a sentence, and its sampling calls them so."""
    own = {"hospital": {"zh": "医院", "en": "Hospital"}, "police": {"zh": "派出所"}}
    plan = {"fraction": "0.5"}
    given = {"categories": own, "sampling": {"default": plan, "hospital": plan}}
    assert "本区另设的组织类别：医院、派出所" in said("zh", **given)
    assert "医院：抽50%" in said("zh", **given)
    assert "Categories that the district adds: Hospital, 派出所" in said("en", **given)
    assert "另设" not in said("zh")
