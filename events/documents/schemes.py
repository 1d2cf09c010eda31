"""The model of a scheme (考核评价项目), by which organizations of some categories are assessed.

A frozen model of docs/semantics.md, section 2. It is read from YAML in ``serialization``, validated
in ``scheme_checks`` and evaluated in ``projections.scoring.rules``.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from events.event import Event
from events.periods import Length

if TYPE_CHECKING:
    from collections.abc import Iterator


class Document(BaseModel):
    """Base of every part of a document: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Document):
    """A short text in Chinese and, where somebody wrote it, in English."""

    zh: str = Field(min_length=1, max_length=500)
    en: str | None = Field(default=None, min_length=1, max_length=500)

    def in_language(self, language: str) -> str:
        """Return the text in a language (``zh`` or ``en``), the Chinese where there is no English.

        Every reader of texts calls this.
        """
        return self.en if language == "en" and self.en is not None else self.zh

    def in_both(self) -> dict[str, str]:
        """Return the text by language, for answers that have both."""
        return {language: self.in_language(language) for language in ("zh", "en")}


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
SchemeId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$", max_length=32)]
Share = Annotated[Decimal, Field(ge=0, le=1, max_digits=12)]
Number = Annotated[Decimal, Field(ge=0, max_digits=20)]
Points = Annotated[Decimal, Field(gt=0, max_digits=12)]
ItemPoints = Annotated[Decimal, Field(ge=0, max_digits=12)]
Signed = Annotated[Decimal, Field(max_digits=12)]


def is_unset(value: object) -> bool:
    """Return whether an optional field has its default: empty, false, or ``none``.

    Fields that schemes received later are left out of a dump where nothing is stated, so that the
    digests of documents published before them do not change.
    """
    return not value or value == "none"


class Applies(Document):
    """Limits a criterion to organizations whose measure is at least ``at_least``."""

    measure: Identifier
    at_least: Number


class ActivityRule(Document):
    """Credit window by window from activity records (docs/semantics.md, section 4)."""

    kind: Literal["activity"] = "activity"
    activity: Identifier
    per: Length
    count: int = Field(default=1, ge=1, le=366)
    by: str | None = Field(default=None, pattern=r"^\d{2}-\d{2}$")
    evidence: tuple[Identifier, ...] = ()
    attendance_at_least: Share | None = None
    in_full: bool = False
    same_day: bool = False
    deduct_per_miss: Points | None = None


class ConditionRule(Document):
    """Credit from the reported state: met 1, partial 0.5, unmet or never reported 0."""

    kind: Literal["condition"] = "condition"
    condition: Identifier


class Tier(Document):
    """One step of a tiered threshold; ``below`` is exclusive, the last tier has none."""

    below: Number | None = None
    at_least: Number


class MeasureRule(Document):
    """Credit from a reported number, compared with a threshold, tiers or a ratio."""

    kind: Literal["measure"] = "measure"
    measure: Identifier
    at_least: Number | None = None
    tiers: tuple[Tier, ...] = ()
    by_measure: Identifier | None = None
    ratio_at_least: Number | None = None
    of: Identifier | None = None
    proportional: bool = False


class Cause(Document):
    """One cause of a deduction: fixed points, a range for the inspector, or all points."""

    code: Code
    text: Text
    take: Points | None = None
    between: tuple[Number, Number] | None = None
    all: bool = False


class DeductionRule(Document):
    """Starts from full points; each cause found in the period's inspections deducts some."""

    kind: Literal["deduction"] = "deduction"
    causes: tuple[Cause, ...] = Field(min_length=1)


class Grade(Document):
    """A grade of a judgement (好, 一般, 差) with the credit that it gives."""

    code: Code
    text: Text
    credit: Share


class JudgementRule(Document):
    """An inspector judges: the source document gives no number, at most ``grades`` to choose."""

    kind: Literal["judgement"] = "judgement"
    grades: tuple[Grade, ...] = Field(default=(), exclude_if=is_unset)


Rule = Annotated[
    ActivityRule | ConditionRule | MeasureRule | DeductionRule | JudgementRule,
    Field(discriminator="kind"),
]


class Criterion(Document):
    """One criterion (评价标准) of an item, with the rule that gives its credit."""

    code: Code
    text: Text
    note: Text | None = None
    points: Points | None = None
    check: Literal["documents", "site", "interview", "data"] = "documents"
    applies: Applies | None = None
    optional: bool = False
    dated: int | None = Field(default=None, ge=1900, le=2999)
    derived: bool = Field(default=False, exclude_if=is_unset)
    rule: Rule


class Addition(Document):
    """Points that an inspection adds to the total or takes from it (加分、扣总分).

    ``add`` are points of the scheme for each occurrence, negative where they are taken away;
    ``between`` is a range at the inspector's discretion. Source: docs/semantics.md, section 2.
    """

    code: Code
    text: Text
    add: Signed | None = None
    between: tuple[Signed, Signed] | None = None


class Item(Document):
    """One item (考核项目) with the criteria that share its points, and its additions.

    ``additions_cap`` is the most that the item's additions come to; ``highest_only`` counts only
    the largest of them (就高). An item of additions alone has 0 points and no criteria.
    """

    code: Code
    title: Text
    responsible: Text | None = None
    points: ItemPoints | None = None
    criteria: tuple[Criterion, ...] = ()
    additions: tuple[Addition, ...] = Field(default=(), exclude_if=is_unset)
    additions_cap: Points | None = None
    highest_only: bool = Field(default=False, exclude_if=is_unset)


class Section(Document):
    """A part of the scheme; sections can be nested."""

    code: Code
    title: Text
    sections: tuple[Section, ...] = ()
    items: tuple[Item, ...] = ()


class Bonus(Document):
    """Points added to the annual score; ``policy.bonus_cap`` limits their sum."""

    code: Code
    text: Text
    add: Points


class Veto(Document):
    """A grave matter that sets the annual band to ``none`` (一票否决)."""

    code: Code
    text: Text


class Method(Document):
    """A way in which the annual assessment is held (docs/semantics.md, section 2)."""

    code: Code
    text: Text
    kind: Literal["note", "visits", "poll", "sample", "scoring", "feedback"]


class SchemePolicy(Document):
    """The numbers that a scheme sets for all its criteria; the defaults are those of section 2."""

    recording_grace_days: int = Field(default=5, ge=0, le=60)
    late_credit: Share = Decimal("0.5")
    incomplete_credit: Share = Decimal("0.5")
    apply_at_least: Annotated[Decimal, Field(ge=0, le=1000)] = Decimal(90)
    bonus_cap: Annotated[Decimal, Field(ge=0, le=1000)] = Decimal(5)


class Scheme(Document):
    """One version of a whole scheme."""

    scheme: SchemeId
    version: int = Field(ge=1)
    status: Literal["draft", "in_force", "closed"] = "draft"
    derived_from: str | None = None
    purpose: Literal["monthly", "half_year", "annual"] = "monthly"
    title: Text
    categories: tuple[Identifier, ...] = Field(min_length=1)
    effective_from: str | None = None
    points: Points | None = None
    activities: dict[Identifier, Text] = Field(default_factory=dict)
    conditions: dict[Identifier, Text] = Field(default_factory=dict)
    measures: dict[Identifier, Text] = Field(default_factory=dict)
    evidence: dict[Identifier, Text] = Field(default_factory=dict)
    sections: tuple[Section, ...] = Field(min_length=1)
    bonus: tuple[Bonus, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    application: Literal["none", "required"] = Field(default="none", exclude_if=is_unset)
    methods: tuple[Method, ...] = Field(default=(), exclude_if=is_unset)
    policy: SchemePolicy = SchemePolicy()

    def items(self) -> Iterator[Item]:
        """Return all items in document order."""
        return (item for section in self.all_sections() for item in section.items)

    def criteria(self) -> Iterator[Criterion]:
        """Return all criteria in document order."""
        return (criterion for item in self.items() for criterion in item.criteria)

    def all_sections(self) -> Iterator[Section]:
        """Yield all sections, a parent before its children, in document order."""
        waiting = list(reversed(self.sections))
        while waiting:
            section = waiting.pop()
            yield section
            waiting.extend(reversed(section.sections))


def has_points(scheme: Scheme) -> bool:
    """Return whether the scheme states points; if not, all items weigh the same (section 2)."""
    return (
        scheme.points is not None
        or any(item.points for item in scheme.items())
        or any(criterion.points is not None for criterion in scheme.criteria())
    )


def weights(scheme: Scheme) -> dict[str, Fraction]:
    """Return the exact points of every criterion by code: stated, or an equal part of the rest.

    Optional criteria weigh 0 and take no part. In a scheme without points every item weighs 1. An
    item without points weighs the sum of its criteria. Source: docs/semantics.md, section 2.
    """
    points: dict[str, Fraction] = {}
    stated = has_points(scheme)
    for item in scheme.items():
        counted = [criterion for criterion in item.criteria if not criterion.optional]
        given = sum((Fraction(c.points) for c in counted if c.points is not None), Fraction(0))
        unstated = [criterion for criterion in counted if criterion.points is None]
        unpointed = given if stated else Fraction(1)
        total = Fraction(item.points) if item.points is not None else unpointed
        share = (total - given) / len(unstated) if unstated else Fraction(0)
        for criterion in item.criteria:
            if criterion.optional:
                points[criterion.code] = Fraction(0)
            elif criterion.points is not None:
                points[criterion.code] = Fraction(criterion.points)
            else:
                points[criterion.code] = share
    return points


def additions_offered(scheme: Scheme) -> dict[tuple[str, str], Addition]:
    """Return the additions of a scheme by item and code."""
    return {
        (item.code, addition.code): addition
        for item in scheme.items()
        for addition in item.additions
    }


class SchemePublished(Event):
    """A scheme is in force from a month on; ``document`` is the whole scheme as JSON values."""

    TYPE: ClassVar[str] = "SchemePublished"
    OPEN: ClassVar[bool] = True

    scheme: str
    version: int
    purpose: str
    categories: tuple[str, ...]
    effective_from: str
    document: dict[str, object]
    digest: str


class SchemeClosed(Event):
    """A scheme applies to nobody from a month on."""

    TYPE: ClassVar[str] = "SchemeClosed"

    scheme: str
    closed_from: str
