import copy
import re
from typing import Any

import pytest

from events.documents.policies import DistrictPolicy, check_against_grace, validate_policy
from events.documents.scheme_checks import validate_scheme
from events.documents.serialization import load_document
from events.documents.vocabulary import BUILT_IN
from events.refusals.errors import Problem, Refused
from tests.support.small_district import SCHEME
from tracker.wording.problems import problem_answers
from tracker.wording.refusals import say


def broken(change: Any) -> list[str]:
    """The faults of the small district's scheme after a change of its criteria, in Chinese."""
    document = copy.deepcopy(SCHEME)
    change(document, document["sections"][0]["items"][0]["criteria"])
    found = validate_scheme(document, BUILT_IN)
    return [one["problem"] for one in problem_answers(found.problems, "zh")]


def scheme_faults() -> list[Any]:
    """Ways to break a scheme, each with a word of what is said then."""
    return [
        (lambda d, _: d.update(version=10_000_000), "版本号 10000000 超过"),
        (lambda d, _: d.update(categories=["moon"]), "没有 moon 这个类别"),
        (lambda d, _: d.update(effective_from="2026-13"), "不是有效的月份"),
        (lambda d, _: d.update(moon=1), "没有 moon 这个字段"),
        (lambda d, _: d.pop("title"), "缺少 title"),
        (lambda d, _: d.update(points="7"), "总分写的是 7 分"),
        (lambda _, c: c[0].update(points="-1"), "应大于 0"),
        (lambda _, c: c[0].update(points="many"), "应为数字"),
        (lambda _, c: c[0]["rule"].update(per="week"), "现在是 week"),
        (lambda _, c: c[0]["rule"].update(kind="magic"), "magic，应为"),
        (lambda _, c: c[0]["rule"].update(count="900"), "不能大于 366"),
        (lambda _, c: c[0]["rule"].update(count="some"), "应为整数"),
        (lambda _, c: c[0]["rule"].update(count=99), "不可能达到"),
        (lambda _, c: c[0]["rule"].update(by="03-01"), "by 只能与 per: year"),
        (lambda _, c: c[2]["rule"].update(by="02-30"), "不是每年都有的日期"),
        (lambda _, c: c[0]["rule"].update(deduct_per_miss="50"), "超过该标准的 2 分"),
        (lambda _, c: c[4]["rule"].update(tiers=[{"at_least": "1"}]), "应恰好写一个"),
        (lambda _, c: c[1].update(code="m"), "用了同一代码 m"),
        (lambda _, c: c[0].update(optional=True, points=None), "合计"),
    ]


@pytest.mark.parametrize(("change", "said"), scheme_faults())
def test_faults_of_a_scheme_are_said_in_chinese(change: Any, said: str) -> None:
    """Each in a sentence, and none of them left in English."""
    found = broken(change)
    assert any(said in one for one in found), found
    assert all(any(ord(sign) > 0x2E80 for sign in one) for one in found), found


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"appeal_days": 0}, "不能小于 1"),
        ({"annual": {"process": "0.5"}}, "四项权重合计 1.1"),
        ({"spot_check": {"draws": 9, "closes": 7}}, "7 日早于 9 日的抽取"),
        ({"sampling": {"moon": {"fraction": "0.1"}}}, "没有 moon 这个类别"),
        ({"sampling": {"default": {}}}, "应写一个"),
        ({"bands": [{"band": "a", "at_least": "1"}, {"band": "b", "at_least": "2"}]}, "从高到低"),
        ({"half_year": {"self_check_due": "02-30"}}, "不是每年都有的日期"),
        ({"publish_ranking": "loud"}, "places、bands、hidden"),
    ],
)
def test_faults_of_a_policy_are_said_in_chinese(document: dict[str, Any], said: str) -> None:
    """Each in a sentence, and none of them left in English."""
    _, problems = validate_policy({"policy": "district"} | document)
    found = [one["problem"] for one in problem_answers(problems, "zh")]
    assert any(said in one for one in found), found
    assert all(any(ord(sign) > 0x2E80 for sign in one) for one in found), found


def test_grace_is_said_in_chinese() -> None:
    """A draw too early for late records says from when on it may be."""
    fault = check_against_grace(DistrictPolicy(), 20)
    assert fault is not None
    assert say(fault.message, "zh").endswith("请在 21 日或以后抽取")


def test_english_is_the_sentence_itself() -> None:
    """Who reads English gets what a program gets."""
    known = Problem.warning("x", "bonus_cap_zero")
    (told,) = problem_answers([known], "en")
    assert told == {"place": "x", "problem": known.problem, "severity": "warning"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xff\xfe", "不是 UTF-8 编码"),
        (b"- a", "以字段名加冒号开头"),
        (b"a: 1\n---\nb: 2", "又开始了另一份文档"),
        (b"a: &x 1\nb: *x", "锚点 &x"),
        (b"b: *x", "引用 *x"),
        (b"a: !!set {}", "不支持标签"),
        (b"a: " + b"[" * 200, "嵌套超过"),
        (b"? [a]\n: 1", "字段名应是一个词"),
        (b"a: 1\na: 2", "a 写了两次"),
        (b"a: 1\nb: [", "不符合 YAML 格式"),
    ],
)
def test_a_text_that_cannot_be_read_is_said_in_chinese(text: bytes, said: str) -> None:
    """At its line, and not in English."""
    with pytest.raises(Refused) as found:
        load_document(text, "document")
    told = say(found.value, "zh")
    assert re.match(r"第 \d+ 行：", told)
    assert said in told, told
