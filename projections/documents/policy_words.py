"""The district policy as sentences, in either language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.documents.policies import Sampling, TopPlaces
from events.documents.vocabulary import known_categories
from events.documents.working_days import ends_of
from events.values import exact_text
from projections.documents.rule_words import percent

if TYPE_CHECKING:
    from events.documents.policies import DistrictPolicy
    from projections.documents.rule_words import Language

BANDS = {"first": ("一类", "first"), "second": ("二类", "second"), "third": ("三类", "third")}
RANKINGS = {
    "places": ("公布分数和名次", "scores and places are published"),
    "bands": ("只公布等次", "bands alone are published"),
    "hidden": ("不公布", "nothing is published"),
}

NOT_YET: dict[str, tuple[str, str]] = {
    "half_year": (
        "半年考核：不开启半年考核，不计算半年得分",
        "Half-year checks: none is opened, no half-year score is computed",
    ),
    "annual": (
        "年度考核：不开启年度考核，不抽取单位，不计算年度得分和等次",
        "Annual assessment: none is opened, no unit is drawn, no score or band is computed",
    ),
    "bonus": (
        "加分项：写在评价标准里，不计入任何得分",
        "Bonus points: schemes list them, no score counts them",
    ),
    "veto": (
        "一票否决项：写在评价标准里，不影响任何结果",
        "Vetoes: schemes list them, they change no result",
    ),
    "appeal": (
        "申诉：不能在系统中提出；公布的得分由组织部门更正",
        "Appeals: none can be filed; the department adjusts a published score",
    ),
    "deadline": (
        "移动期限：不能改动一个月份的抽取和截止日期",
        "Moved deadlines: the days of a month's draw and close cannot be moved",
    ),
}
"""What this policy or a scheme states and the tracker does not carry out: delete what is built."""


def policy_words(policy: DistrictPolicy, language: Language) -> list[tuple[str, list[str]]]:
    """Return the policy part by part: a heading, and its sentences.

    The last part says what is not carried out yet; the headings and sentences concerned are marked.
    """
    said = _Words(policy, language)
    return [
        (said.t("每月抽查", "Monthly spot check"), said.spot_check()),
        (said.t("抽取比例", "Sampling"), said.sampling()),
        (said.mark("half_year", said.t("半年考核", "Half-year check")), said.half_year()),
        (said.mark("annual", said.t("年度考核", "Annual score")), said.annual()),
        (said.t("整改、申诉、公布", "Rectification, appeal, publication"), said.rest()),
        *(
            [(said.t("系统尚未执行的内容", "Not carried out yet"), said.not_yet())]
            if NOT_YET
            else []
        ),
    ]


class _Words:
    """Sentences of one policy in one language."""

    def __init__(self, policy: DistrictPolicy, language: Language) -> None:
        self._policy = policy
        self._language = language

    def t(self, zh: str, en: str) -> str:
        return zh if self._language == "zh" else en

    def mark(self, subject: str, text: str) -> str:
        """Return a text, marked where its subject is not carried out yet."""
        return (
            text + self.t("（尚未执行）", " (not carried out yet)") if subject in NOT_YET else text
        )

    def not_yet(self) -> list[str]:
        return [self.t(*text) for text in NOT_YET.values()]

    def day(self, month_day: str) -> str:
        month, day = month_day.split("-")
        return self.t(f"{int(month)}月{int(day)}日", month_day)

    def category(self, name: str) -> str:
        if name == "default":
            return self.t("各类组织", "every category")
        text = known_categories(self._policy.categories).get(name)
        return name if text is None else text.in_language(self._language)

    def own_categories(self) -> list[str]:
        """Return a sentence with the categories that the district adds, none where it adds none."""
        if not self._policy.categories:
            return []
        own = self.t("、", ", ").join(map(self.category, self._policy.categories))
        return [self.t(f"本区另设的组织类别：{own}", f"Categories that the district adds: {own}")]

    def spot_check(self) -> list[str]:
        check = self._policy.spot_check
        sentences = [
            self.t(
                f"次月{check.opens}日开启，{check.draws}日抽取，{check.closes}日截止",
                f"In the month that follows it opens on day {check.opens}, draws on day"
                f" {check.draws} and closes on day {check.closes}",
            ),
            self.t(
                f"每个组织由{check.inspectors}名检查人员检查",
                f"{check.inspectors} inspectors check each organization",
            ),
        ]
        if check.everyone_within_months is None:
            sentences.append(self.t("不规定多长时间抽遍", "Nobody is reached by a fixed month"))
        else:
            sentences.append(
                self.t(
                    f"每{check.everyone_within_months}个月内每个组织至少抽到一次",
                    "Everybody is drawn at least once within"
                    f" {check.everyone_within_months} months",
                )
            )
        if check.rest_months:
            sentences.append(
                self.t(
                    f"最近{check.rest_months}次抽查中检查过的组织排在最后抽取",
                    f"Who was inspected in the last {check.rest_months} cycles is drawn after all"
                    " others",
                )
            )
        if check.roll == "next_working_day":
            sentences.append(
                self.t("遇休息日顺延到下一个工作日", "Days off move on to the next working day")
            )
        sentences += self.working_days()
        if check.randomness is not None:
            sentences.append(
                self.t(f"随机数取自{check.randomness}", f"Randomness comes from {check.randomness}")
            )
        if self._policy.unchecked_month == "derived":
            sentences.append(
                self.t(
                    "没有抽到的月份按自报推算计分", "A month without inspection counts as derived"
                )
            )
        else:
            sentences.append(
                self.t("没有抽到的月份不计分", "A month without inspection has no score")
            )
        return sentences

    def working_days(self) -> list[str]:
        """Return a sentence for each year whose days off the policy lists."""
        comma = self.t("、", ", ")
        return [
            self.t(
                f"{year}年放假：{comma.join(map(self.span, days.holidays)) or '无'}；"
                f"调休上班：{comma.join(map(self.span, days.workdays)) or '无'}",
                f"Days off in {year}: {comma.join(map(self.span, days.holidays)) or 'none'};"
                f" worked instead: {comma.join(map(self.span, days.workdays)) or 'none'}",
            )
            for year, days in self._policy.working_days.items()
        ]

    def span(self, span: str) -> str:
        first, last = ends_of(span)
        if first == last:
            return self.day(first)
        return self.t(f"{self.day(first)}至{self.day(last)}", f"{first} to {last}")

    def _sample(self, sample: Sampling) -> str:
        if sample.count is not None:
            return self.t(f"抽{sample.count}个", f"{sample.count} of them")
        share = percent(sample.fraction) if sample.fraction is not None else "0%"
        return self.t(
            f"抽{share}，不少于{sample.at_least}个", f"{share}, at least {sample.at_least}"
        )

    def sampling(self) -> list[str]:
        colon = self.t("：", ": ")
        sentences = self.own_categories()
        sentences += [
            f"{self.category(name)}{colon}{self._sample(sample)}"
            for name, sample in self._policy.sampling.items()
        ]
        for sample in self._policy.annual_sampling:
            within = (
                ""
                if sample.within is None
                else self.t(
                    f"每个{self.category(sample.within)}内",
                    f" within each {self.category(sample.within)}",
                )
            )
            name = self.category(sample.stratum)
            head = self.t(f"年度{within}{name}", f"Annual: {name}{within}")
            sentences.append(self.mark("annual", f"{head}{colon}{self._sample(sample)}"))
        return sentences

    def half_year(self) -> list[str]:
        half_year = self._policy.half_year
        share = percent(half_year.monthly_share)
        first, last = half_year.inspection
        return [
            self.t(f"平时各月占{share}", f"The months weigh {share}"),
            self.t(
                f"自查于{self.day(half_year.self_check_due)}前完成",
                f"Self-checks are due on {half_year.self_check_due}",
            ),
            self.t(
                f"集中检查{self.day(first)}至{self.day(last)}",
                f"Inspections from {first} to {last}",
            ),
        ]

    def annual(self) -> list[str]:
        annual = self._policy.annual
        parts = [
            (self.t("平时过程", "process"), annual.process),
            (self.t("半年", "half-years"), annual.half_year),
            (self.t("年终", "year end"), annual.year_end),
            (self.t("民主测评", "poll"), annual.poll),
        ]
        said = "、" if self._language == "zh" else ", "
        bands = [self._band(band.band, exact_text(band.at_least)) for band in self._policy.bands]
        return [
            said.join(f"{name} {percent(share)}" for name, share in parts if share),
            said.join(bands),
        ]

    def _band(self, name: str, least: str) -> str:
        known = self.t(*BANDS.get(name, (name, name)))
        return self.t(f"{known}不低于{least}分", f"{known} from {least} on")

    def rest(self) -> list[str]:
        policy = self._policy
        ranking = policy.publish_ranking
        shown = (
            self.t(f"只公布前{ranking.top}名", f"the first {ranking.top} places are published")
            if isinstance(ranking, TopPlaces)
            else self.t(*RANKINGS[ranking])
        )
        visits = policy.burden.visits_per_year
        return [
            self.t(
                f"整改期限{policy.rectification.due_days}天",
                f"A rectification is due in {policy.rectification.due_days} days",
            ),
            self.mark(
                "appeal",
                self.t(
                    f"申诉期{policy.appeal_days}天", f"Appeals within {policy.appeal_days} days"
                ),
            ),
            self.t(f"排名：{shown}", f"Ranking: {shown}"),
            self.t(
                f"同一组织一年最多检查{visits}次",
                f"One organization is visited at most {visits} times a year",
            ),
        ]
