"""What the sentences of a rubric state in numbers, proposed as rules.

Nothing is guessed: a proposal names the span of words that it comes from and waits for a person to
confirm it. A sentence without a number that is known here is for an inspector to judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Literal

DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
DIGITS["十"] = 10
N = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十])"
WORDS = r"[^，,；;。\n]"
"""A character inside a clause."""
CAUSE = rf"{WORDS}{{0,200}}?"
"""What comes before the points of a clause; its limit keeps the search linear."""


class Form(Enum):
    """The form of rule that a clause states."""

    FREQUENCY = "frequency"
    """So many times in each period: 每季度至少1次."""
    THRESHOLD = "threshold"
    """A number that is reached or not: 应占30%以上, 不低于5000元."""
    DEDUCTION = "deduction"
    """Points off for a cause: 无计划扣2分, 每少1次扣1分, 酌情扣0.5至2分."""
    GRADES = "grades"
    """Points by grade: 好2分、一般1分、差0分."""
    ADDITION = "addition"
    """Points added to the total, or taken from it: 加1分, 扣总分2分."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule that a clause states, from ``start`` to before ``end`` of its sentence.

    Points are exact decimals; what the form does not have is None or empty.
    """

    form: Form
    start: int
    end: int
    words: str
    cause: str = ""
    per: Literal["month", "quarter", "half_year", "year"] | None = None
    count: int | None = None
    take: Decimal | None = None
    """Points off; of an addition the points of the total, negative where they are taken."""
    between: tuple[Decimal, Decimal] | None = None
    whole: bool = False
    """All points of the criterion are lost."""
    each: bool = False
    """Points go off for every case, not once."""
    grades: tuple[tuple[str, Decimal], ...] = ()
    at_least: Decimal | None = None
    unit: str = ""

    @property
    def lacks_points(self) -> bool:
        """Return whether the clause takes points off without saying how many."""
        stated = self.take is not None or self.between is not None or self.whole
        return self.form is Form.DEDUCTION and not stated


PERIODS: dict[str, Literal["month", "quarter", "half_year", "year"]] = {
    "每月": "month", "每个月": "month", "每季度": "quarter", "每季": "quarter",
    "每半年": "half_year", "半年": "half_year", "每年": "year", "全年": "year",
    "一年": "year",
}  # fmt: skip
LEAST = r"(?:至少|不少于|不低于|不得少于)"
FREQUENCY = re.compile(
    rf"(每个月|每月|每季度|每季|每半年|每年|全年|半年|一年)(?:{LEAST}{WORDS}{{0,6}}?)?({N})[次篇]|"
    rf"(?:全年|每年){LEAST}({N})次|(?:全年|每年){WORDS}{{1,6}}?({N})次"
)
THRESHOLD = re.compile(
    rf"({WORDS}{{0,12}}?)(?:应占|占|达到?|不低于|不少于)?(\d+(?:\.\d+)?)(%|％)以上|"
    rf"({WORDS}{{0,12}}?)(?:不低于|不少于|达到?)(\d+(?:\.\d+)?)(元|万元|%|％|平方米)"
)
GRADE = rf"([\u4e00-\u9fff]{{1,4}}?)(?:的|得)?({N})分"
GRADES = re.compile(rf"{GRADE}(?:[、，,]{GRADE})+")
TOTAL = re.compile(rf"({CAUSE})(?:从总分中扣|扣总分)({N})分")
ADDITION = re.compile(rf"({CAUSE})加({N})分")
RANGE = re.compile(rf"({CAUSE})酌情扣({N})(?:分)?[至到~—－-]({N})分")
DISCRETION = re.compile(rf"({CAUSE})酌情扣分")
TAKE = re.compile(rf"({CAUSE})扣({N})分")
WHOLE = re.compile(rf"({CAUSE})(?:不得分|不计分|扣完该项分|全扣)")
EACH = re.compile(rf"每|[少缺延超]{N}")


def propose_rules(sentence: str) -> list[Proposal]:
    """Return the rules that a sentence states, in the order of their words, spans apart.

    A clause is read by the first form that fits: points of the total before points of a criterion,
    a range before fixed points. 酌情扣分 without numbers is a deduction whose points a person must
    state. 扣完为止 states only what every deduction does, so it is not proposed.
    """
    proposals: list[Proposal] = []
    taken = [False] * len(sentence)
    for pattern, read in READERS:
        for match in pattern.finditer(sentence):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            proposal = read(match)
            if proposal is not None:
                proposals.append(proposal)
                taken[start:end] = [True] * (end - start)
    return sorted(proposals, key=lambda proposal: proposal.start)


def parse_points(text: str) -> Decimal:
    """Return a number in digits or as a Chinese numeral of one character."""
    return Decimal(DIGITS[text]) if text in DIGITS else Decimal(text)


def _read_grades(match: re.Match[str]) -> Proposal | None:
    grades = tuple((word, parse_points(number)) for word, number in re.findall(GRADE, match[0]))
    if any(re.search("[扣加每占计]", word) for word, _ in grades):
        return None
    return Proposal(Form.GRADES, *match.span(), match[0], grades=grades)


def _read_total(match: re.Match[str]) -> Proposal:
    return Proposal(
        Form.ADDITION, *match.span(), match[0], cause=match[1], take=-parse_points(match[2]),
        each=_is_each(match[1]),
    )  # fmt: skip


def _read_addition(match: re.Match[str]) -> Proposal:
    return Proposal(
        Form.ADDITION, *match.span(), match[0], cause=match[1], take=parse_points(match[2]),
        each=_is_each(match[1]),
    )  # fmt: skip


def _read_range(match: re.Match[str]) -> Proposal | None:
    low, high = parse_points(match[2]), parse_points(match[3])
    if low > high:
        return None
    return Proposal(Form.DEDUCTION, *match.span(), match[0], cause=match[1], between=(low, high))


def _read_discretion(match: re.Match[str]) -> Proposal:
    return Proposal(Form.DEDUCTION, *match.span(), match[0], cause=match[1])


def _read_take(match: re.Match[str]) -> Proposal:
    return Proposal(
        Form.DEDUCTION, *match.span(), match[0], cause=match[1], take=parse_points(match[2]),
        each=_is_each(match[1]),
    )  # fmt: skip


def _read_whole(match: re.Match[str]) -> Proposal:
    return Proposal(Form.DEDUCTION, *match.span(), match[0], cause=match[1], whole=True)


def _read_frequency(match: re.Match[str]) -> Proposal | None:
    number = next(group for group in match.groups()[1:] if group is not None)
    count = parse_points(number)
    if count != count.to_integral_value() or count < 1:
        return None
    period = match[1] or match[0][:2]
    return Proposal(Form.FREQUENCY, *match.span(), match[0], per=PERIODS[period], count=int(count))


def _read_threshold(match: re.Match[str]) -> Proposal:
    cause, number, unit = match.groups()[:3] if match[2] else match.groups()[3:]
    return Proposal(
        Form.THRESHOLD, *match.span(), match[0], cause=cause, at_least=Decimal(number),
        unit=unit.replace("％", "%"),
    )  # fmt: skip


def _is_each(cause: str) -> bool:
    """Return whether a cause counts cases: 每少1次, 缺1篇."""
    return EACH.search(cause) is not None


READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Proposal | None]], ...] = (
    (TOTAL, _read_total),
    (RANGE, _read_range),
    (TAKE, _read_take),
    (ADDITION, _read_addition),
    (DISCRETION, _read_discretion),
    (WHOLE, _read_whole),
    (GRADES, _read_grades),
    (FREQUENCY, _read_frequency),
    (THRESHOLD, _read_threshold),
)
"""Forms in the order in which they are tried."""
