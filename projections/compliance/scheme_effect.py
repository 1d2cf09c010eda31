"""What organizations would have scored in a month under another scheme, before it is published.

Nothing is recorded: the scheme is added to a separate scheme book and the facts are read once. Of
many organizations a sample is assessed, spread evenly over their codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from projections.compliance.evaluation import histories
from projections.documents.in_force import DistrictFacts, book, published_schemes
from projections.organizations.directory import entries_of
from projections.scoring.assessment import assess, round_score
from projections.scoring.scheme_book import SchemeBook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from events.documents.schemes import Scheme
    from events.log.reader import Reader
    from events.periods import Period
    from projections.organizations.scope import Scope

MOST = 300
"""Organizations that are assessed at most: a page waits for all of them."""
LARGEST = 20
"""Changes that are listed at most."""
STEPS = (("<60", 0, 60), ("60–70", 60, 70), ("70–80", 70, 80), ("80–90", 80, 90),
         ("90–100", 90, 101))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One organization: its derived score before and after the new scheme, and the change.

    ``change`` is exact, None where either score is missing.
    """

    code: str
    name: str
    before: str | None
    after: str | None
    change: Fraction | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a scheme would change for ``asked`` of the ``among`` organizations that it covers.

    ``before`` and ``after`` count scores by step; ``largest`` are the largest changes, ``rise``,
    ``fall`` and ``same`` count those with both scores. Means are None where nothing is scored.
    """

    period: str
    among: int
    asked: int
    before: tuple[tuple[str, int], ...]
    after: tuple[tuple[str, int], ...]
    mean_before: str | None
    mean_after: str | None
    rise: int
    fall: int
    same: int
    largest: tuple[Change, ...]


def effect(
    reader: Reader,
    district: DistrictFacts,
    scheme: Scheme,
    period: Period,
    today: date,
    scope: Scope,
    most: int = MOST,
) -> Effect:
    """Return the effect of a monthly scheme on one month, by derived scores as known today.

    Of more than ``most`` organizations every n-th is assessed.
    """
    streams = _streams(reader, scheme, period, scope)
    step = max(1, -(-len(streams) // most))
    entries = sorted(entries_of(reader, streams[::step]).values(), key=lambda entry: entry.code)
    old, (new, pin) = book(reader), book_with_scheme(reader, scheme, district.first_month, period)
    pinned = dict.fromkeys(scheme.categories, pin)
    changes: list[Change] = []
    before_scores: list[Fraction] = []
    after_scores: list[Fraction] = []
    facts = histories(reader, [entry.stream for entry in entries], district, period)
    for entry in entries:
        before, after = (
            assess(
                facts[entry.stream],
                schemes,
                period,
                asked_on=today,
                first_month=district.first_month,
                pinned=pins,
            ).score
            for schemes, pins in ((old, None), (new, pinned))
        )
        if before is not None:
            before_scores.append(before)
        if after is not None:
            after_scores.append(after)
        change = None if before is None or after is None else after - before
        changes.append(Change(entry.code, entry.name, _text(before), _text(after), change))
    differences = [row.change for row in changes if row.change is not None]
    return Effect(
        period=str(period),
        among=len(streams),
        asked=len(entries),
        before=_steps(before_scores),
        after=_steps(after_scores),
        mean_before=_mean(before_scores),
        mean_after=_mean(after_scores),
        rise=sum(difference > 0 for difference in differences),
        fall=sum(difference < 0 for difference in differences),
        same=sum(difference == 0 for difference in differences),
        largest=_largest(changes),
    )


def _largest(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the largest changes, ties by code, without those that change nothing."""
    moved = sorted(
        (-abs(row.change), row.code, place) for place, row in enumerate(changes) if row.change
    )
    return tuple(changes[place] for _, _, place in moved[:LARGEST])


def book_with_scheme(
    reader: Reader, scheme: Scheme, first_month: Period, period: Period
) -> tuple[SchemeBook, tuple[str, int]]:
    """Return a book in which a scheme is in force, and the name and version that it has there.

    The next version of a published scheme is in force from that month on, the older ones before
    it. A scheme that was never published is in force from the district's first month.
    """
    older = [version for _, version in published_schemes(reader) if version.scheme == scheme.scheme]
    number = max([scheme.version, *(version.version + 1 for version in older)])
    since = period if older else first_month
    candidate = scheme.model_copy(update={"version": number, "effective_from": str(since)})
    return SchemeBook([*older, candidate], {}), (scheme.scheme, number)


def _streams(reader: Reader, scheme: Scheme, period: Period, scope: Scope) -> list[str]:
    """Return the organizations of the scheme's categories existing in the month, by first code."""
    condition, values = scope.condition()
    marks = ", ".join("?" * len(scheme.categories))
    rows = reader.rows(
        f"SELECT o.stream FROM organizations o WHERE {condition} AND o.category IN ({marks})"
        " AND o.registered_on <= ? AND (o.closed_on IS NULL OR o.closed_on >= ?)",
        [*values, *scheme.categories, period.last_day.isoformat(), period.first_day.isoformat()],
    )
    return sorted(stream for (stream,) in rows)


def _steps(scores: Sequence[Fraction]) -> tuple[tuple[str, int], ...]:
    return tuple((name, sum(low <= score < high for score in scores)) for name, low, high in STEPS)


def _mean(scores: Sequence[Fraction]) -> str | None:
    return round_score(sum(scores, Fraction(0)) / len(scores)) if scores else None


def _text(score: Fraction | None) -> str | None:
    return None if score is None else round_score(score)
