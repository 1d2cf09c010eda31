"""The district policy: the numbers of the monthly, half-yearly and annual processes.

A policy is published and versioned like a scheme, and pinned when a cycle opens. Every default is
that of docs/semantics.md, section 7.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationError

from events.documents.faults import is_month_day, model_problems, text_problems
from events.documents.schemes import Document, Identifier, Share, Text
from events.documents.serialization import plain
from events.documents.vocabulary import CATEGORIES, known_categories
from events.documents.working_days import WorkingDays, Year, check_working_days
from events.event import Event
from events.refusals.errors import BadValue, Problem
from events.values import exact_text

STREAM = "policy-district"
NONE = "none"
TOP = re.compile("[1-9][0-9]{0,5}")
RANKINGS = ("places", "bands", "hidden")
EVERY_CATEGORY = "default"
"""The name in ``sampling`` of every category that has no plan."""
MOST_CATEGORIES = 100
"""The most categories that a district may add."""


def _or_none(value: object) -> object:
    return None if value == NONE else value


def _ranking(value: object) -> object:
    if isinstance(value, dict) and set(value) == {"top"} and TOP.fullmatch(str(value["top"])):
        return value
    if isinstance(value, TopPlaces) or (isinstance(value, str) and value in RANKINGS):
        return value
    raise BadValue("value_ranking")


MonthDay = Annotated[str, Field(pattern=r"^\d{2}-\d{2}$")]
Days = Annotated[int, Field(ge=1, le=366)]
DayOfMonth = Annotated[int, Field(ge=1, le=28)]
Months = Annotated[int, Field(ge=0, le=120)]
ReachMonths = Annotated[int, Field(ge=1, le=120)]
Organizations = Annotated[int, Field(ge=0, le=1_000_000)]


class SpotCheckPolicy(Document):
    """The days in the following month, and how the sample and its inspectors are drawn.

    With ``everyone_within_months: none`` no month is fixed by which every organization is drawn.
    ``randomness`` names the public source of randomness that a draw waits for.
    """

    opens: DayOfMonth = 1
    draws: DayOfMonth = 6
    closes: DayOfMonth = 10
    everyone_within_months: Annotated[ReachMonths | None, BeforeValidator(_or_none)] = 12
    rest_months: Months = 0
    inspectors: Annotated[int, Field(ge=1, le=10)] = 2
    roll: Literal["none", "next_working_day"] = "none"
    randomness: str | None = Field(default=None, min_length=1, max_length=200)


class Sampling(Document):
    """How many of a stratum are drawn: a share but at least ``at_least``, or a ``count``."""

    fraction: Share | None = None
    at_least: Organizations = 0
    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class AnnualStratum(Sampling):
    """One stratum of the annual sample; ``within`` draws inside each organization of a category."""

    stratum: Identifier
    within: Identifier | None = None


class HalfYear(Document):
    """Shares and dates (MM-DD) of the half-year check."""

    monthly_share: Share = Decimal("0.6")
    self_check_due: MonthDay = "08-06"
    inspection: tuple[MonthDay, MonthDay] = ("08-08", "08-14")


class Annual(Document):
    """The weights of the annual score; they add up to 1."""

    process: Share = Decimal("0.4")
    half_year: Share = Decimal("0.2")
    year_end: Share = Decimal("0.4")
    poll: Share = Decimal(0)


class RectificationPolicy(Document):
    """Days allowed for a rectification if its order names no date."""

    due_days: Days = 15


class Burden(Document):
    """How often one organization may be visited."""

    visits_per_year: Annotated[int, Field(ge=0, le=366)] = 4


class Band(Document):
    """A band of the annual score, given by its lower bound."""

    band: Identifier
    at_least: Annotated[Decimal, Field(ge=0, max_digits=12)]


class TopPlaces(Document):
    """Publish only the first ``top`` places."""

    top: Annotated[int, Field(ge=1, le=1_000_000)]


DEFAULT_SAMPLING = Sampling(fraction=Decimal("0.2"), at_least=1)
DEFAULT_ANNUAL_SAMPLING = (
    AnnualStratum(stratum="township", within="county", fraction=Decimal("0.2"), at_least=1),
    AnnualStratum(stratum="village", within="township", fraction=Decimal("0.2"), at_least=1),
    AnnualStratum(stratum="department", within="county", count=1),
    AnnualStratum(stratum="station", within="county", count=1),
    AnnualStratum(stratum="school", within="county", count=1),
)
DEFAULT_BANDS = (
    Band(band="first", at_least=Decimal(96)),
    Band(band="second", at_least=Decimal(91)),
    Band(band="third", at_least=Decimal(80)),
)


class DistrictPolicy(Document):
    """One version of a district's policy; without arguments, the defaults of section 7."""

    policy: Literal["district"] = "district"
    spot_check: SpotCheckPolicy = SpotCheckPolicy()
    unchecked_month: Literal["none", "derived"] = "none"
    sampling: dict[Identifier, Sampling] = Field(
        default_factory=lambda: {EVERY_CATEGORY: DEFAULT_SAMPLING}
    )
    half_year: HalfYear = HalfYear()
    annual: Annual = Annual()
    annual_sampling: tuple[AnnualStratum, ...] = DEFAULT_ANNUAL_SAMPLING
    rectification: RectificationPolicy = RectificationPolicy()
    appeal_days: Days = 15
    publish_ranking: Annotated[
        Literal["places", "bands", "hidden"] | TopPlaces, BeforeValidator(_ranking)
    ] = "places"
    burden: Burden = Burden()
    bands: tuple[Band, ...] = DEFAULT_BANDS
    categories: dict[Identifier, Text] = Field(default_factory=dict, max_length=MOST_CATEGORIES)
    """The district's own categories, besides the built-in ones."""
    working_days: dict[Year, WorkingDays] = Field(default_factory=dict)
    """By year the State Council's notice, for ``spot_check.roll``."""


class PolicyPublished(Event):
    """The district policy was published; ``document`` is the whole policy as JSON values."""

    TYPE: ClassVar[str] = "PolicyPublished"
    OPEN: ClassVar[bool] = True

    version: int
    document: dict[str, object]
    digest: str


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """The numbers of one category's draw; ``count`` replaces ``fraction`` and ``at_least``."""

    fraction: Decimal | None
    at_least: int
    count: int | None
    everyone_within_months: int | None
    rest_months: int


def plan_for(policy: DistrictPolicy, category: str) -> SamplingPlan:
    """Return the plan for drawing organizations of a category in a month (section 8)."""
    sampling = (
        policy.sampling.get(category) or policy.sampling.get(EVERY_CATEGORY) or DEFAULT_SAMPLING
    )
    return SamplingPlan(
        fraction=sampling.fraction,
        at_least=sampling.at_least,
        count=sampling.count,
        everyone_within_months=policy.spot_check.everyone_within_months,
        rest_months=policy.spot_check.rest_months,
    )


def stored_policy(policy: DistrictPolicy) -> dict[str, Any]:
    """Return the JSON values for ``PolicyPublished.document``, with every default written out."""
    document: dict[str, Any] = plain(policy.model_dump())
    document["spot_check"].setdefault("everyone_within_months", NONE)
    return document


def policy_from_document(document: dict[str, Any]) -> DistrictPolicy:
    """Return the policy of a stored document; it was validated when it was published."""
    return DistrictPolicy.model_validate(document)


def check_against_grace(policy: DistrictPolicy, grace_days: int) -> Problem | None:
    """Return a problem if the draw is on a day when the month's records are still in time.

    ``grace_days`` is ``recording_grace_days`` of a scheme under the policy (section 7).
    """
    draws = policy.spot_check.draws
    if draws > grace_days:
        return None
    return Problem.error(
        "spot_check.draws", "draw_in_grace", day=draws, grace=grace_days, next=grace_days + 1
    )


def validate_policy(document: dict[str, Any]) -> tuple[DistrictPolicy | None, tuple[Problem, ...]]:
    """Return the policy, or None if it cannot be read, and every problem at its dotted field.

    The policy may be published only if no problem is an error. Source:
    docs/semantics.md, section 7.
    """
    problems = text_problems(document)
    try:
        policy = DistrictPolicy.model_validate(document)
    except ValidationError as error:
        rest = _readable(document, error)
        return None, (*problems, *model_problems(error, document), *_problems(rest))
    return policy, (*problems, *_problems(policy))


def _readable(document: dict[str, Any], error: ValidationError) -> DistrictPolicy:
    """Return the policy without its unreadable parts, so that its other problems are found too."""
    broken = {one["loc"][0] for one in error.errors()}
    return DistrictPolicy.model_validate({k: v for k, v in document.items() if k not in broken})


def _problems(policy: DistrictPolicy) -> Iterator[Problem]:
    yield from _spot_check(policy.spot_check)
    yield from _own_categories(policy.categories)
    known = known_categories(policy.categories)
    if EVERY_CATEGORY not in policy.sampling:
        yield Problem.error("sampling.default", "no_default")
    for category, plan in policy.sampling.items():
        if category != EVERY_CATEGORY:
            yield from _category(f"sampling.{category}", category, known)
        yield from _sampling(f"sampling.{category}", plan)
    yield from _annual_sampling(policy.annual_sampling, known)
    yield from _half_year(policy.half_year)
    weights = policy.annual
    total = weights.process + weights.half_year + weights.year_end + weights.poll
    if total != 1:
        yield Problem.error("annual", "weights_not_one", sum=exact_text(total))
    yield from _bands(policy.bands)
    yield from check_working_days(policy.working_days)


def _spot_check(days: SpotCheckPolicy) -> Iterator[Problem]:
    if days.opens > days.draws:
        place = "spot_check.draws"
        yield Problem.error(place, "draw_before_opening", draw=days.draws, open=days.opens)
    if days.draws > days.closes:
        place = "spot_check.closes"
        yield Problem.error(place, "close_before_draw", close=days.closes, draw=days.draws)
    within = days.everyone_within_months
    if within is not None and days.rest_months >= within:
        place = "spot_check.rest_months"
        yield Problem.warning(place, "rest_too_long", rest=days.rest_months, within=within)


def _own_categories(own: Mapping[str, Text]) -> Iterator[Problem]:
    named: dict[str, str] = {text.zh: name for name, text in CATEGORIES.items()}
    for category, text in own.items():
        place = f"categories.{category}"
        if category in CATEGORIES or category == EVERY_CATEGORY:
            yield Problem.error(place, "category_built_in", category=category)
        elif named.setdefault(text.zh, category) != category:
            yield Problem.error(place, "category_named_twice", name=text.zh, other=named[text.zh])


def _category(place: str, category: str, known: Collection[str]) -> Iterator[Problem]:
    if category not in known:
        yield Problem.error(place, "no_category", category=category, known=", ".join(known))


def _sampling(place: str, plan: Sampling) -> Iterator[Problem]:
    if plan.fraction is None and plan.count is None:
        yield Problem.error(place, "plan_neither")
    elif plan.fraction is not None and plan.count is not None:
        yield Problem.error(place, "plan_both")
    elif plan.count is not None and plan.at_least:
        yield Problem.error(f"{place}.at_least", "plan_least")
    elif plan.fraction == 0 and not plan.at_least:
        yield Problem.warning(place, "plan_nobody")


def _annual_sampling(
    strata: tuple[AnnualStratum, ...], known: Collection[str]
) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, stratum in enumerate(strata):
        place = f"annual_sampling.{index}"
        yield from _category(f"{place}.stratum", stratum.stratum, known)
        if stratum.within is not None:
            yield from _category(f"{place}.within", stratum.within, known)
        if stratum.within == stratum.stratum:
            yield Problem.error(f"{place}.within", "stratum_itself", stratum=stratum.stratum)
        if stratum.stratum in seen:
            yield Problem.error(f"{place}.stratum", "stratum_twice", stratum=stratum.stratum)
        seen.add(stratum.stratum)
        yield from _sampling(place, stratum)


def _half_year(half: HalfYear) -> Iterator[Problem]:
    first, last = half.inspection
    days = (
        ("half_year.self_check_due", half.self_check_due),
        ("half_year.inspection.0", first),
        ("half_year.inspection.1", last),
    )
    for place, day in days:
        if not is_month_day(day):
            yield Problem.error(place, "no_day", day=day)
    if first > last:
        yield Problem.error("half_year.inspection", "inspection_reversed", last=last, first=first)
    if half.self_check_due > first:
        place, day = "half_year.self_check_due", half.self_check_due
        yield Problem.warning(place, "self_check_late", day=day, first=first)


def _bands(bands: tuple[Band, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, band in enumerate(bands):
        if band.band == NONE:
            yield Problem.error(f"bands.{index}", "band_none")
        if band.band in seen:
            yield Problem.error(f"bands.{index}", "band_twice", band=band.band)
        seen.add(band.band)
    for index, (upper, lower) in enumerate(pairwise(bands), start=1):
        if lower.at_least >= upper.at_least:
            yield Problem.error(
                f"bands.{index}",
                "band_order",
                lower=lower.band,
                least=exact_text(lower.at_least),
                upper=upper.band,
                most=exact_text(upper.at_least),
            )
