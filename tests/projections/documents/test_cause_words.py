"""Causes of deductions are listed, each with what it takes, which is said once."""

from __future__ import annotations

from typing import Any

import pytest

from events.documents.schemes import Criterion, DeductionRule
from events.documents.vocabulary import BUILT_IN
from projections.documents.cause_words import list_causes, rule_parts


def cause(zh: str, **takes: Any) -> dict[str, Any]:
    """A cause of a deduction."""
    return {"code": "c1", "text": {"zh": zh, "en": "Fault"}, **takes}


def criterion(rule: dict[str, Any], **more: Any) -> Criterion:
    """A criterion of 2 points with a rule."""
    given = {"code": "1", "text": {"zh": "台账", "en": "Book"}, "points": "2", "check": "site"}
    return Criterion.model_validate(given | {"rule": rule} | more)


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        (cause("无台账", take="0.5"), "每次扣0.5分", "0.5 points each"),
        (cause("每处扣0.5分", take="0.5"), "", "0.5 points each"),
        (cause("每处扣 0.5 分", take="0.5"), "", "0.5 points each"),
        (cause("每处扣10.5分", take="0.5"), "每次扣0.5分", "0.5 points each"),
        (cause("资料不全", between=["0.5", "2"]), "每次扣0.5至2分", "0.5 to 2 points each"),
        (cause("酌情扣0.5至2分", between=["0.5", "2"]), "", "0.5 to 2 points each"),
        (cause("未召开", all="true"), "不得分", "no points"),
        (cause("未召开不得分", all="true"), "", "no points"),
    ],
)
def test_the_figure_is_said_once(given: dict[str, Any], zh: str, en: str) -> None:
    """What a cause takes is left out where its text says it already."""
    rule = criterion({"kind": "deduction", "causes": [given]}).rule
    assert isinstance(rule, DeductionRule)
    assert [listed.figure for listed in list_causes(rule, "zh")] == [zh]
    assert [listed.figure for listed in list_causes(rule, "en")] == [en]


def test_a_deduction_is_a_short_sentence_and_a_list() -> None:
    """The sentence counts the causes and says to whom the criterion applies."""
    rule = {"kind": "deduction", "causes": [cause("无台账", take="0.5")]}
    parts = rule_parts(
        criterion(rule, applies={"measure": "members", "at_least": "7"}), BUILT_IN, "zh"
    )
    assert parts.sentence == "党员人数达到7的组织：扣分，共 1 种情形"
    assert [(listed.code, listed.text) for listed in parts.causes] == [("c1", "无台账")]


def test_other_rules_are_sentences() -> None:
    """They have no causes."""
    parts = rule_parts(criterion({"kind": "judgement"}), BUILT_IN, "en")
    assert (parts.sentence, parts.causes) == ("Judged by the inspectors", ())
