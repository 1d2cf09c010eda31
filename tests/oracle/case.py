"""What a question is about: a period, a scheme, the entries that count, the findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracle.scheme import Criterion, Scheme, in_force
from tests.oracle.stream import Stream
from tests.oracle.time import Span, is_month, last_day, number, span_of


@dataclass(frozen=True)
class CheckedFinding:
    """The newest finding of a checked period on a criterion."""

    checked: Span
    place: int
    finding: dict[str, Any]
    criterion: Criterion  # of the version that governed the period checked

    @property
    def names_causes(self) -> bool:
        """Return whether it names causes instead of a credit."""
        return "causes" in self.finding

    def credit(self) -> Fraction:
        """Return the credit that was set, as a credit or as points."""
        if "grade" in self.finding:
            grades = self.criterion.rule["grades"]
            (credit,) = [g["credit"] for g in grades if g["code"] == self.finding["grade"]]
            return number(credit)
        if "credit" in self.finding:
            return number(self.finding["credit"])
        points = self.criterion.points
        assert points is not None
        return number(self.finding["points"]) / points

    def taken(self, full: Fraction) -> Fraction:
        """Return the points that the causes deduct; a cause that takes all deducts `full`."""
        prices = {cause["code"]: cause for cause in self.criterion.rule["causes"]}
        total = Fraction(0)
        for cause in self.finding["causes"]:
            price = prices[cause["cause"]]
            if "points" in cause:
                each = number(cause["points"])
            elif "take" in price:
                each = number(price["take"])
            else:
                each = full
            total += each * number(cause.get("count", "1"))
        return total


@dataclass(frozen=True)
class Case:
    """A question about one organization and one period."""

    schemes: tuple[Scheme, ...]
    stream: Stream
    span: Span
    purpose: str
    asked: date
    inspected: bool
    first_month: str

    def outside_life(self) -> bool:
        """Whether the period ends before the registration or begins after the closing."""
        closing = self.stream.closing()
        if self.span.last < self.stream.registration():
            return True
        return closing is not None and self.span.first > closing

    def within_life(self, day: date) -> date:
        """The day on which the states of a day are taken: not after the closing."""
        closing = self.stream.closing()
        return day if closing is None else min(day, closing)

    def end(self) -> date:
        """The day on which the states of the period are taken."""
        return self.within_life(self.span.last)

    def governing(self, month: str) -> Scheme | None:
        """The scheme version that governs the organization in a month."""
        year, number_of_month = int(month[:4]), int(month[5:])
        category = self.stream.category(self.within_life(last_day(year, number_of_month)))
        if category is None:
            return None
        return in_force(self.schemes, month, category, self.purpose)

    def scheme(self) -> Scheme | None:
        """The scheme version of the period: that of its last month."""
        return self.governing(self.span.months()[-1])

    def is_own(self, period: str) -> bool:
        """Whether a sheet of that period is the asked period's own."""
        return period == self.span.name

    def disallowed(self) -> set[str]:
        """Return the records that do not count in this period.

        The newest sheet of a period holds its whole list. A sheet submitted after this period was
        posted does not affect it; the period's own sheets count in the inspected figure alone.
        """
        posted = self.stream.posted_at(self.span.name)
        lists: dict[str, set[str]] = {}
        for entry in self.stream.of_kind("sheet"):
            period = entry.data["period"]
            if self.is_own(period):
                if not self.inspected:
                    continue
            elif posted is not None and posted < entry.place:
                continue
            lists[period] = {line["record_id"] for line in entry.data.get("disallow", [])}
        return set().union(*lists.values())

    def findings_on(self, code: str) -> list[CheckedFinding]:
        """Return the newest finding of each checked period on a criterion of the period's scheme.

        The period's own findings are among them in the inspected figure alone.
        """
        scheme = self.scheme()
        newest: dict[str, CheckedFinding] = {}
        for entry in self.stream.of_kind("sheet"):
            period = entry.data["period"]
            if self.is_own(period) and not self.inspected:
                continue
            checked = span_of(period)
            then = self.governing(checked.months()[-1])
            if then is None or scheme is None or then.name != scheme.name:
                continue
            criterion = then.criterion(code)
            if criterion is None:
                continue
            for finding in entry.data.get("findings", []):
                if finding["criterion"] == code:
                    newest[period] = CheckedFinding(checked, entry.place, finding, criterion)
        return list(newest.values())

    def additions(self) -> list[dict[str, Any]]:
        """Return the additions of the newest sheet on the period; its list is the whole list."""
        newest: list[dict[str, Any]] = []
        for entry in self.stream.of_kind("sheet"):
            if self.is_own(entry.data["period"]):
                newest = entry.data.get("additions", [])
        return newest

    def own_finding(self, code: str) -> CheckedFinding | None:
        """Return the period's own finding, in the inspected figure."""
        for finding in self.findings_on(code):
            if self.is_own(finding.checked.name):
                return finding
        return None

    def carried(self, criterion: Criterion) -> CheckedFinding | None:
        """Return the finding that is the state in force at the end of the period.

        It holds from the last day of the period that was checked to the end of that year, as
        long as the scheme's versions keep the criterion with the same rule. A finding on the
        period of the closing counts in a longer one that it lies in.
        """
        end = self.span.last
        best: CheckedFinding | None = None
        for finding in self.findings_on(criterion.code):
            if finding.checked.last > end or finding.checked.last.year != end.year:
                continue
            if finding.names_causes:
                continue
            if best is None or _newer(finding, best):
                best = finding
        if best is None or not self._keeps(criterion, best.checked):
            return None
        return best

    def _keeps(self, criterion: Criterion, checked: Span) -> bool:
        """Whether each version of the scheme since a check has the criterion with its rule."""
        scheme = self.scheme()
        assert scheme is not None
        months = span_of(str(self.span.last.year)).months()
        first, last = checked.months()[-1], self.span.months()[-1]
        for month in months[months.index(first) : months.index(last) + 1]:
            then = self.governing(month)
            if then is None or then.name != scheme.name:
                continue
            kept = then.criterion(criterion.code)
            if kept is None or kept.rule != criterion.rule:
                return False
        return True

    def causes(self, criterion: Criterion) -> list[CheckedFinding]:
        """Return the findings with causes in the months of the period, and in its own check."""
        months = self.span.months()
        return [
            finding
            for finding in self.findings_on(criterion.code)
            if finding.names_causes
            and finding.criterion.kind == "deduction"
            and (
                self.is_own(finding.checked.name)
                or (is_month(finding.checked.name) and finding.checked.name in months)
            )
        ]


def _newer(finding: CheckedFinding, other: CheckedFinding) -> bool:
    return (finding.checked.last, finding.place) > (other.checked.last, other.place)
