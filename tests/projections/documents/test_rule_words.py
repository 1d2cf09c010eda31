"""A rule in one sentence, in either language."""

from typing import Any

import pytest

from events.documents.schemes import Criterion
from events.documents.vocabulary import BUILT_IN
from projections.documents.rule_words import rule_words

TEXT = {"zh": "标准", "en": "Criterion"}


def said(rule: dict[str, Any], language: Any = "zh", **more: Any) -> str:
    """The sentence of a rule."""
    document = {"code": "c", "text": TEXT, "rule": rule} | more
    return rule_words(Criterion.model_validate(document), BUILT_IN, language)


ACTIVITY = {"kind": "activity", "activity": "party_lesson"}
RULES: list[tuple[dict[str, Any], str, str]] = [
    (
        ACTIVITY | {"per": "month", "count": 2},
        "党课每月2次",
        "Party lesson every month: 2",
    ),
    (
        ACTIVITY
        | {"per": "year", "by": "06-30", "evidence": ["minutes", "photo"],
           "attendance_at_least": "0.8", "in_full": True, "deduct_per_miss": "0.5"},
        "党课每年1次，6月30日前，须有会议记录、照片，到会不少于80%，足额，每少1次扣0.5分，扣完为止",
        (
            "Party lesson every year: 1; by 06-30; with Minutes、Photo; at least 80% present;"
            " paid in full; 0.5 points off for each missing"
        ),
    ),
    ({"kind": "condition", "condition": "national_flag"}, "现状：室外悬挂国旗",
     "State: National flag flown outdoors"),
    ({"kind": "condition", "condition": "own_word"}, "现状：own_word", "State: own_word"),
    ({"kind": "measure", "measure": "households", "at_least": "100"}, "居民户数不少于100",
     "Households at least 100"),
    (
        {"kind": "measure", "measure": "member_files", "ratio_at_least": "0.95", "of": "members",
         "proportional": True},
        "已单独建档的党员人数占党员人数不少于95%，按比例得分",
        "Members with a file of their own at least 95% of Party members, in proportion",
    ),
    (
        {"kind": "measure", "measure": "work_funds", "by_measure": "households",
         "tiers": [{"below": "2000", "at_least": "40000"}, {"at_least": "60000"}]},
        "年度社区工作经费（元）: 居民户数不足2000的，不少于40000；其余不少于60000",
        "Work funds of the year (yuan): Households below 2000: at least 40000；else at least 60000",
    ),
    (
        {"kind": "deduction", "causes": [
            {"code": "a", "text": {"zh": "缺记录", "en": "no record"}, "take": "0.5"},
            {"code": "b", "text": {"zh": "不规范", "en": "poor"}, "between": ["0.5", "1.5"]},
            {"code": "c", "text": {"zh": "造假", "en": "forged"}, "all": True},
            {"code": "d", "text": {"zh": "其他", "en": "other"}}]},
        "扣分：缺记录每次扣0.5分；不规范扣0.5至1.5分；造假不得分；其他每次扣0分",
        (
            "Deductions: no record: 0.5 points each；poor: 0.5 to 1.5 points；forged: all points；"
            "other: 0 points each"
        ),
    ),
    (
        {"kind": "deduction", "causes": [
            {"code": "a", "take": "0.5",
             "text": {"zh": "每处扣0.5分", "en": "0.5 points for each"}},
            {"code": "b", "between": ["1", "2"],
             "text": {"zh": "酌情扣1-2分", "en": "1 to 2 points off"}},
            {"code": "c", "all": True,
             "text": {"zh": "弄虚作假的不得分", "en": "Takes all points"}},
            {"code": "d", "take": "0.5", "text": {"zh": "每次扣1.5分", "en": "1.5 points each"}}]},
        "扣分：每处扣0.5分；酌情扣1-2分；弄虚作假的不得分；每次扣1.5分每次扣0.5分",
        (
            "Deductions: 0.5 points for each；1 to 2 points off；Takes all points；"
            "1.5 points each: 0.5 points each"
        ),
    ),
    ({"kind": "judgement"}, "由检查人员评判", "Judged by the inspectors"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "zh", "en"), RULES)
def test_each_kind_of_rule(rule: dict[str, Any], zh: str, en: str) -> None:
    """Every field of a rule is in its sentence."""
    assert said(rule) == zh
    assert said(rule, "en") == en


def test_to_whom_it_applies() -> None:
    """What a criterion applies to comes first."""
    applies = {"measure": "members", "at_least": "7"}
    rule = {"kind": "judgement"}
    assert said(rule, applies=applies) == "党员人数达到7的组织：由检查人员评判"
    assert said(rule, "en", applies=applies) == (
        "Where Party members is 7 or more: Judged by the inspectors"
    )
