"""A criterion's rule in one sentence that a person reads, in either language."""

from __future__ import annotations

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
    """The rule of a criterion in one sentence, with what it applies to before it."""
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
                [said.cause(one) for one in rule.causes]
            )
        case JudgementRule():
            sentence = said.t("由检查人员评判", "Judged by the inspectors")
        case _:
            assert_never(rule)
    return said.applies(criterion.applies) + sentence


class _Words:
    """Parts of sentences in one language."""

    def __init__(self, words: Vocabulary, language: Language) -> None:
        self._words = words
        self._language = language

    def t(self, zh: str, en: str) -> str:
        """One of two texts."""
        return zh if self._language == "zh" else en

    def name(self, family: str, word: str) -> str:
        """A word of the vocabulary, as it is where nobody defined it."""
        known: Mapping[str, Text] = getattr(self._words, family)
        found = known.get(word)
        return word if found is None else self.t(found.zh, found.en)

    def applies(self, found: Applies | None) -> str:
        """To whom a criterion applies."""
        if found is None:
            return ""
        name, least = self.name("measures", found.measure), plain(found.at_least)
        return self.t(f"{name}达到{least}的组织：", f"Where {name} is {least} or more: ")

    def activity(self, rule: ActivityRule) -> str:
        """How often, with what to show for it, and what missing ones cost."""
        zh, en = PER[rule.per]
        name = self.name("activities", rule.activity)
        parts = [self.t(f"{name}{zh}{rule.count}次", f"{name} {en}: {rule.count}")]
        if rule.by is not None:
            month, day = rule.by.split("-")
            parts.append(self.t(f"{int(month)}月{int(day)}日前", f"by {rule.by}"))
        if rule.evidence:
            kinds = "、".join(self.name("evidence", one) for one in rule.evidence)
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
        """The threshold that a number is held against."""
        name = self.name("measures", rule.measure)
        if rule.at_least is not None:
            least = plain(rule.at_least)
            said = self.t(f"{name}不少于{least}", f"{name} at least {least}")
        elif rule.ratio_at_least is not None and rule.of is not None:
            of, share = self.name("measures", rule.of), percent(rule.ratio_at_least)
            said = self.t(f"{name}占{of}不少于{share}", f"{name} at least {share} of {of}")
        else:
            by = self.name("measures", rule.by_measure or "")
            steps = [self._tier(by, one.below, one.at_least) for one in rule.tiers]
            said = f"{name}: " + "；".join(steps)
        return said + (self.t("，按比例得分", ", in proportion") if rule.proportional else "")

    def _tier(self, by: str, below: Decimal | None, least: Decimal) -> str:
        if below is None:
            return self.t(f"其余不少于{plain(least)}", f"else at least {plain(least)}")
        return self.t(
            f"{by}不足{plain(below)}的，不少于{plain(least)}",
            f"{by} below {plain(below)}: at least {plain(least)}",
        )

    def cause(self, one: Cause) -> str:
        """One cause and what it takes."""
        text = self.t(one.text.zh, one.text.en)
        if one.all:
            return self.t(f"{text}不得分", f"{text}: all points")
        if one.between is not None:
            low, high = (plain(number) for number in one.between)
            return self.t(f"{text}扣{low}至{high}分", f"{text}: {low} to {high} points")
        take = plain(one.take) if one.take is not None else "0"
        return self.t(f"{text}每次扣{take}分", f"{text}: {take} points each")


def percent(share: Decimal) -> str:
    """A share from 0 to 1 as percent, without zeros that say nothing."""
    return f"{(share * 100).normalize():f}%"
