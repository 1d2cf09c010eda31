"""The rows of an inspection sheet as a page shows them: sections, items, criteria, records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.streams.findings import Finding, finding_credit
from tracker.web.page.attachments import Attachment

if TYPE_CHECKING:
    from events.streams.findings import DerivedCriterion
    from projections.documents.cause_words import RuleParts
    from projections.scoring.history import StateReport


@dataclass(frozen=True, slots=True)
class SheetRecord:
    """A record in a window, with what reduces its credit: late, lacking evidence, disallowed."""

    record_id: str
    occurred_on: str
    state: str
    counted: bool
    late: bool
    lacking: tuple[str, ...]
    fields: dict[str, Any]
    evidence: Sequence[Attachment]


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window of an activity criterion with its records, those that counted first."""

    window: str
    required: int
    counted: str
    records: list[SheetRecord]
    more: int


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A cause of a deduction: ``take`` points each, ``low`` to ``high``, or all of them.

    ``figure`` says so in words, empty where the text does.
    """

    code: str
    text: str
    take: str | None
    low: str | None
    high: str | None
    figure: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion of a sheet.

    ``derived`` is the exact credit, ``confirm`` the finding that confirms it; ``points`` is None
    where the scheme states no points for the criterion. ``grades`` have ``code``, ``text`` and
    ``credit``; the script offers them as the only choices.
    """

    code: str
    text: str
    note: str
    rule: RuleParts
    kind: str
    check: str
    optional: bool
    status: str
    derived: str | None
    value: float | None
    gained: str
    reason: str
    points: str | None
    confirm: dict[str, str] | None
    causes: tuple[CauseRow, ...]
    windows: list[WindowRow]
    reports: list[tuple[str, str, StateReport | None]]
    judged: DerivedCriterion
    grades: tuple[dict[str, str], ...] = ()

    @property
    def listed_causes(self) -> list[dict[str, str | None]]:
        """The causes as JSON for the script."""
        return [asdict(one) for one in self.causes]

    def credit(self, finding: Mapping[str, Any]) -> Fraction:
        """Return the credit of a finding from the log or a validated sheet."""
        known = {name: one for name, one in finding.items() if name in Finding.model_fields}
        return finding_credit(Finding.model_validate(known), self.judged)

    def changed(self, finding: Mapping[str, Any]) -> bool:
        """Return whether the finding differs from the derived credit."""
        return self.credit(finding) != self.judged.credit

    def raised(self, finding: Mapping[str, Any]) -> bool:
        """Return whether the finding is above the derived credit."""
        return self.judged.credit is not None and self.credit(finding) > self.judged.credit


@dataclass(frozen=True, slots=True)
class AdditionRow:
    """An addition of an item: ``figure`` says its points in words, ``chosen`` that they vary."""

    item: str
    code: str
    text: str
    figure: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item with the criteria that can be judged, its additions and how they are limited."""

    code: str
    title: str
    criteria: list[CriterionRow]
    additions: tuple[AdditionRow, ...] = ()
    limit: str = ""


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section with its items."""

    code: str
    title: str
    items: list[ItemRow]


@dataclass(slots=True)
class SheetView:
    """The content of a sheet; ``waiting`` holds the criteria that cannot be judged this month."""

    sections: list[SectionRow] = field(default_factory=list)
    waiting: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def additions(self) -> dict[tuple[str, str], AdditionRow]:
        """The additions by item and code, in the order of the scheme."""
        return {
            (item.code, addition.code): addition
            for section in self.sections
            for item in section.items
            for addition in item.additions
        }

    @property
    def rows(self) -> dict[str, CriterionRow]:
        """The criteria that can be judged, by code, in the order of the scheme."""
        return {
            criterion.code: criterion
            for section in self.sections
            for item in section.items
            for criterion in item.criteria
        }
