"""What organizations would have scored in a month under another scheme, before it is published.

Nothing is recorded: the scheme is put into a book of its own and the facts are read once. Of many
organizations a sample is taken, spread evenly over their codes.
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
LARGEST = 20
STEPS = (("<60", 0, 60), ("60–70", 60, 70), ("70–80", 70, 80), ("80–90", 80, 90),
         ("90–100", 90, 101))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One organization: its derived score as schemes stand, under the new one, and the change."""

    code: str
    name: str
    before: str | None
    after: str | None
    change: Fraction | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a scheme would change: among ``asked`` of the ``among`` organizations it is for.

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
    """The effect of a monthly scheme on one month, by derived scores as known today."""
    streams = _streams(reader, scheme, period, scope)
    step = max(1, -(-len(streams) // most))
    entries = sorted(entries_of(reader, streams[::step]).values(), key=lambda one: one.code)
    old, (new, pin) = book(reader), what_if(reader, scheme, district.first_month, period)
    pinned = dict.fromkeys(scheme.categories, pin)
    changes: list[Change] = []
    scores: tuple[list[Fraction], list[Fraction]] = ([], [])
    facts = histories(reader, [one.stream for one in entries], district, period)
    for one in entries:
        before, after = (
            assess(
                facts[one.stream],
                schemes,
                period,
                asked_on=today,
                first_month=district.first_month,
                pinned=pins,
            ).score
            for schemes, pins in ((old, None), (new, pinned))
        )
        for score, known in zip((before, after), scores, strict=True):
            if score is not None:
                known.append(score)
        change = None if before is None or after is None else after - before
        changes.append(Change(one.code, one.name, _text(before), _text(after), change))
    moved = sorted(
        (-abs(one.change), one.code, place)
        for place, one in enumerate(changes)
        if one.change is not None
    )
    known = [one.change for one in changes if one.change is not None]
    return Effect(
        period=str(period),
        among=len(streams),
        asked=len(entries),
        before=_steps(scores[0]),
        after=_steps(scores[1]),
        mean_before=_mean(scores[0]),
        mean_after=_mean(scores[1]),
        rise=sum(1 for one in known if one > 0),
        fall=sum(1 for one in known if one < 0),
        same=sum(1 for one in known if one == 0),
        largest=tuple(changes[place] for size, _, place in moved[:LARGEST] if size),
    )


def what_if(
    reader: Reader, scheme: Scheme, first_month: Period, period: Period
) -> tuple[SchemeBook, tuple[str, int]]:
    """A book in which a scheme governs a month, and the name and version that it has there.

    The next version of a published scheme governs from that month on, the older ones before it. A
    scheme that nobody published is taken to have governed its categories from the first month.
    """
    older = [one for _, one in published_schemes(reader) if one.scheme == scheme.scheme]
    version = max([scheme.version, *(one.version + 1 for one in older)])
    since = period if older else first_month
    candidate = scheme.model_copy(update={"version": version, "effective_from": str(since)})
    return SchemeBook([*older, candidate], {}), (scheme.scheme, version)


def _streams(reader: Reader, scheme: Scheme, period: Period, scope: Scope) -> list[str]:
    """The organizations of the scheme's categories that lived in the month, by first code."""
    condition, values = scope.condition()
    marks = ", ".join("?" * len(scheme.categories))
    rows = reader.rows(
        f"SELECT o.stream FROM organizations o WHERE {condition} AND o.category IN ({marks})"
        " AND o.registered_on <= ? AND (o.closed_on IS NULL OR o.closed_on >= ?)",
        [*values, *scheme.categories, period.last_day.isoformat(), period.first_day.isoformat()],
    )
    return sorted(stream for (stream,) in rows)


def _steps(scores: Sequence[Fraction]) -> tuple[tuple[str, int], ...]:
    return tuple((name, sum(1 for one in scores if low <= one < high)) for name, low, high in STEPS)


def _mean(scores: Sequence[Fraction]) -> str | None:
    return round_score(sum(scores, Fraction(0)) / len(scores)) if scores else None


def _text(score: Fraction | None) -> str | None:
    return None if score is None else round_score(score)
