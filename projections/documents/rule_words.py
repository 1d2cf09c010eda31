"""A criterion's rule as one sentence, in either language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, assert_never

from events.documents.schemes import (
    ActivityRule,
    ConditionRule,
    Criterion,
    DeductionRule,
    JudgementRule,
    MeasureRule,
)
from events.documents.serialization import plain
from events.periods import Length

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from events.documents.schemes import Applies, Cause, Text
    from events.documents.vocabulary import Vocabulary

Language = Literal["zh", "en"]
PER: dict[Length, tuple[str, str]] = {
    Length.MONTH: ("每月", "every month"),
    Length.QUARTER: ("每季度", "every quarter"),
    Length.HALF: ("每半年", "every half-year"),
    Length.YEAR: ("每年", "every year"),
}


def rule_words(criterion: Criterion, words: Vocabulary, language: Language) -> str:
    """Return the rule of a criterion as one sentence, which begins with what it applies to."""
    said = _Words(words, language)
    rule = criterion.rule
    match rule:
        case ActivityRule():
            sentence = said.activity(rule)
        case ConditionRule():
            sentence = said.t("现状：", "State: ") + said.name("conditions", rule.condition)
        case MeasureRule():
            sentence = said.measure(rule)
        case DeductionRule():
            sentence = said.t("扣分：", "Deductions: ") + "；".join(
                [said.cause(cause) for cause in rule.causes]
            )
        case JudgementRule():
            sentence = said.t("由检查人员评判", "Judged by the inspectors")
        case _:
            assert_never(rule)
    return said.applies(criterion.applies) + sentence


def applies_words(criterion: Criterion, words: Vocabulary, language: Language) -> str:
    """Return to which organizations a criterion applies, empty for all."""
    return _Words(words, language).applies(criterion.applies)


class _Words:
    """Parts of sentences in one language."""

    def __init__(self, words: Vocabulary, language: Language) -> None:
        self._words = words
        self._language = language

    def t(self, zh: str, en: str) -> str:
        """Return the text in the language."""
        return zh if self._language == "zh" else en

    def name(self, family: str, word: str) -> str:
        """Return a word of the vocabulary, the code itself where it is not defined."""
        known: Mapping[str, Text] = getattr(self._words, family)
        text = known.get(word)
        return word if text is None else text.in_language(self._language)

    def applies(self, applies: Applies | None) -> str:
        """Say to which organizations a criterion applies."""
        if applies is None:
            return ""
        name, least = self.name("measures", applies.measure), plain(applies.at_least)
        return self.t(f"{name}达到{least}的组织：", f"Where {name} is {least} or more: ")

    def activity(self, rule: ActivityRule) -> str:
        """Say how often, with which evidence, and what each missing one costs."""
        zh, en = PER[rule.per]
        name = self.name("activities", rule.activity)
        parts = [self.t(f"{name}{zh}{rule.count}次", f"{name} {en}: {rule.count}")]
        if rule.by is not None:
            month, day = rule.by.split("-")
            parts.append(self.t(f"{int(month)}月{int(day)}日前", f"by {rule.by}"))
        if rule.evidence:
            kinds = "、".join(self.name("evidence", kind) for kind in rule.evidence)
            parts.append(self.t(f"须有{kinds}", f"with {kinds}"))
        if rule.attendance_at_least is not None:
            share = percent(rule.attendance_at_least)
            parts.append(self.t(f"到会不少于{share}", f"at least {share} present"))
        if rule.in_full:
            parts.append(self.t("足额", "paid in full"))
        if rule.deduct_per_miss is not None:
            points = plain(rule.deduct_per_miss)
            parts.append(
                self.t(f"每少1次扣{points}分，扣完为止", f"{points} points off for each missing")
            )
        return "，".join(parts) if self._language == "zh" else "; ".join(parts)

    def measure(self, rule: MeasureRule) -> str:
        """Say the threshold that a measure is compared with."""
        name = self.name("measures", rule.measure)
        if rule.at_least is not None:
            least = plain(rule.at_least)
            said = self.t(f"{name}不少于{least}", f"{name} at least {least}")
        elif rule.ratio_at_least is not None and rule.of is not None:
            of, share = self.name("measures", rule.of), percent(rule.ratio_at_least)
            said = self.t(f"{name}占{of}不少于{share}", f"{name} at least {share} of {of}")
        else:
            by = self.name("measures", rule.by_measure or "")
            steps = [self._tier(by, tier.below, tier.at_least) for tier in rule.tiers]
            said = f"{name}: " + "；".join(steps)
        return said + (self.t("，按比例得分", ", in proportion") if rule.proportional else "")

    def _tier(self, by: str, below: Decimal | None, least: Decimal) -> str:
        if below is None:
            return self.t(f"其余不少于{plain(least)}", f"else at least {plain(least)}")
        return self.t(
            f"{by}不足{plain(below)}的，不少于{plain(least)}",
            f"{by} below {plain(below)}: at least {plain(least)}",
        )

    def cause(self, cause: Cause) -> str:
        """Say a cause and what it takes, unless its text says that already."""
        text = cause.text.in_language(self._language)
        if states_deduction(cause, text):
            return text
        if cause.all:
            return self.t(f"{text}不得分", f"{text}: all points")
        if cause.between is not None:
            low, high = (plain(number) for number in cause.between)
            return self.t(f"{text}扣{low}至{high}分", f"{text}: {low} to {high} points")
        take = plain(cause.take) if cause.take is not None else "0"
        return self.t(f"{text}每次扣{take}分", f"{text}: {take} points each")


def states_deduction(cause: Cause, text: str) -> bool:
    """Return whether the text of a cause says itself what it takes, such as 每处扣0.5分."""
    if cause.all:
        return "不得分" in text or "扣完" in text or "all points" in text.casefold()
    if cause.between is not None:
        low, high = (re.escape(plain(number)) for number in cause.between)
        number = rf"{low}分?\s*(?:[-~—－～]+|至|到|to)\s*{high}"
    else:
        number = re.escape("0" if cause.take is None else plain(cause.take))
    stated = rf"扣\s*{number}\s*分|(?<![\d.]){number}\s*(?:of a )?points?\b"
    return re.search(stated, text) is not None


def percent(share: Decimal) -> str:
    """Return a share from 0 to 1 as percent, without trailing zeros."""
    return f"{(share * 100).normalize():f}%"
