"""The causes of a deduction as a list: each with what it takes, which is said once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.documents.schemes import DeductionRule
from events.documents.serialization import plain
from projections.documents.rule_words import applies_words, rule_words

if TYPE_CHECKING:
    from events.documents.schemes import Cause, Criterion
    from events.documents.vocabulary import Vocabulary
    from projections.documents.rule_words import Language


@dataclass(frozen=True, slots=True)
class CauseWords:
    """A cause in words; ``figure`` is what it takes, empty where the text says it already."""

    code: str
    text: str
    figure: str


@dataclass(frozen=True, slots=True)
class RuleParts:
    """A rule as a sentence; the causes of a deduction are a list instead of a part of it."""

    sentence: str
    causes: tuple[CauseWords, ...] = ()


def rule_parts(criterion: Criterion, words: Vocabulary, language: Language) -> RuleParts:
    """Return the rule of a criterion for a page that shows causes as a list."""
    rule = criterion.rule
    if not isinstance(rule, DeductionRule):
        return RuleParts(rule_words(criterion, words, language))
    count = len(rule.causes)
    said = f"扣分，共 {count} 种情形" if language == "zh" else f"Deductions: {count} causes"
    return RuleParts(applies_words(criterion, words, language) + said, list_causes(rule, language))


def list_causes(rule: DeductionRule, language: Language) -> tuple[CauseWords, ...]:
    """Return the causes of a deduction in their order."""
    return tuple(_cause_words(cause, language) for cause in rule.causes)


def _cause_words(cause: Cause, language: Language) -> CauseWords:
    zh = language == "zh"
    text = cause.text.zh if zh else cause.text.en or cause.text.zh
    if cause.all:
        figure, known = ("不得分", "不得分") if zh else ("no points", "no points")
    elif cause.between is not None:
        low, high = (plain(number) for number in cause.between)
        figure = f"每次扣{low}至{high}分" if zh else f"{low} to {high} points each"
        known = f"{low}至{high}分" if zh else f"{low} to {high} points"
    else:
        take = plain(cause.take) if cause.take is not None else "0"
        figure = f"每次扣{take}分" if zh else f"{take} points each"
        known = f"扣{take}分" if zh else f"{take} points"
    said = text.replace(" ", "") if zh else text
    return CauseWords(cause.code, text, "" if known in said else figure)
