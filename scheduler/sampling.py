"""The draw: unpredictable before, reproducible after, free of hidden choice.

Whoever has the frame, the plan, the seed and the months of the last inspections repeats a draw to
the last organization; nothing else enters, not even the order in which the codes are handed in.

Source: docs/semantics.md, section 8.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from heapq import nsmallest
from itertools import pairwise
from math import ceil

from events.periods import parse_month, parse_period
from events.refusals.errors import CorruptError, Refused

NEVER = -1


class DrawReason(StrEnum):
    """Why an organization was drawn."""

    LONGEST = "longest without inspection"
    BY_KEY = "by key"


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """The numbers of one stratum's draw, committed to when the cycle opens.

    ``count`` stands in the place of ``fraction`` and ``at_least``. ``rest_months`` are cycles.
    """

    fraction: Decimal | None = None
    at_least: int = 0
    count: int | None = None
    everyone_within_months: int | None = None
    rest_months: int = 0


@dataclass(frozen=True, slots=True)
class SampledOrganization:
    """One organization that was drawn; ``rank`` counts from 1 in key order over the stratum."""

    code: str
    key: str
    rank: int
    why: DrawReason


@dataclass(frozen=True, slots=True)
class DrawExplanation:
    """What the draw says of one organization, drawn (``why``) or not (``why`` is ``None``)."""

    code: str
    key: str
    rank: int
    population: int
    size: int
    why: DrawReason | None
    set_aside: bool


@dataclass(frozen=True, slots=True)
class Draw:
    """A stratum's draw: N (``population``), n (``size``), the drawn in key order, those at rest.

    ``keys`` holds the key of every organization of the stratum, in the order of the keys.
    """

    population: int
    size: int
    drawn: tuple[SampledOrganization, ...]
    set_aside: frozenset[str]
    keys: Mapping[str, str] = field(repr=False)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes drawn, in key order."""
        return tuple(one.code for one in self.drawn)

    def explain(self, code: str) -> DrawExplanation:
        """Key, rank and reason of one organization of the frame; ``Refused`` for any other."""
        key = self.keys.get(code)
        if key is None:
            raise Refused("not_in_frame", organization=code)
        why = next((one.why for one in self.drawn if one.code == code), None)
        rank = 1 + list(self.keys).index(code)
        return DrawExplanation(
            code, key, rank, self.population, self.size, why, code in self.set_aside
        )


def frame_in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """The frame's codes in UTF-8 byte order (which is code point order); each stands once."""
    ordered = tuple(sorted(codes))
    for code, following in pairwise(ordered):
        if code == following:
            raise CorruptError(f"{code} stands twice in one frame")
    return ordered


def frame_digest(codes: Iterable[str]) -> str:
    """SHA-256, in hex, of the frame's codes in order, each followed by LF."""
    return hashlib.sha256(
        "".join(f"{code}\n" for code in frame_in_order(codes)).encode()
    ).hexdigest()


def seed_of(root: str, value: str) -> str:
    """The seed: SHA-256, in hex, of the last seal's root and the value that came later."""
    return hashlib.sha256(f"{root}|{value}".encode()).hexdigest()


def sample_key(seed: str, period: str, code: str) -> str:
    """An organization's key: HMAC-SHA256 in hex, keyed by the 64 characters of the seed."""
    return hmac.digest(seed.encode("ascii"), f"{period}|{code}".encode(), "sha256").hex()


def sample_size(
    population: int,
    fraction: Decimal | None,
    at_least: int,
    count: int | None,
    everyone_within_months: int | None,
) -> int:
    """The n of a stratum of N organizations, exactly.

    The floor of ``everyone_within_months`` holds for a plan by ``count`` too; n is never above N.
    """
    share = ceil(Fraction(fraction or 0) * population)
    size = max(at_least, share) if count is None else count
    if everyone_within_months is not None:
        size = max(size, _ceil_div(2 * population, everyone_within_months))
    return min(population, size)


def draw(
    codes: Iterable[str],
    plan: DrawPlan,
    *,
    seed: str,
    period: str,
    last_inspected: Mapping[str, str | None],
) -> Draw:
    """Draw one stratum.

    ``last_inspected`` gives the month of the newest cycle in which an organization was inspected;
    ``None``, or no entry, means never. n and N are always those of the whole stratum.

    Of the n, the ``ceil(N / m)`` longest without an inspection come first, equal ones by key, and
    the others are those with the lowest keys among all who remain. With ``rest_months: k`` whoever
    was inspected in the month of one of the k cycles before this one (or in a later one) is set
    aside from both; if fewer than n remain then, nobody is set aside.
    """
    frame = frame_in_order(codes)
    size = sample_size(
        len(frame), plan.fraction, plan.at_least, plan.count, plan.everyone_within_months
    )
    ordered = sorted((sample_key(seed, period, code), code) for code in frame)
    last = {code: _month_number(last_inspected.get(code)) for code in frame}
    resting = _resting(last, size, period, plan.rest_months)
    candidates = [one for one in ordered if one[1] not in resting]
    longest: set[str] = set()
    if plan.everyone_within_months is not None:
        first = _ceil_div(len(frame), plan.everyone_within_months)
        # The candidates stand in key order and nsmallest is stable: equal waits go by key.
        longest = {code for _, code in nsmallest(first, candidates, key=lambda one: last[one[1]])}
    others = [code for _, code in candidates if code not in longest]
    by_key = set(others[: size - len(longest)])
    drawn = tuple(
        SampledOrganization(
            code, key, rank, DrawReason.LONGEST if code in longest else DrawReason.BY_KEY
        )
        for rank, (key, code) in enumerate(ordered, start=1)
        if code in longest or code in by_key
    )
    return Draw(len(frame), size, drawn, resting, {code: key for key, code in ordered})


def draw_within(
    groups: Mapping[str, Iterable[str]],
    plan: DrawPlan,
    *,
    seed: str,
    period: str,
    last_inspected: Mapping[str, str | None],
    restricted_to: Collection[str] | None = None,
) -> dict[str, Draw]:
    """Draw inside each X (a group's name) separately: a stratum with ``within: X``.

    Where X was itself drawn, ``restricted_to`` names those drawn, and only inside them is drawn.
    """
    return {
        name: draw(groups[name], plan, seed=seed, period=period, last_inspected=last_inspected)
        for name in sorted(groups)
        if restricted_to is None or name in restricted_to
    }


def _resting(last: Mapping[str, int], size: int, period: str, rest_months: int) -> frozenset[str]:
    """Those inspected in the last ``rest_months`` cycles, unless too few would remain."""
    if rest_months <= 0:
        return frozenset()
    since = parse_period(period).first - rest_months
    resting = frozenset(code for code, month in last.items() if month >= since)
    return resting if len(last) - len(resting) >= size else frozenset()


def _month_number(month: str | None) -> int:
    return NEVER if month is None else parse_month(month).first


def _ceil_div(number: int, by: int) -> int:
    return -(-number // by)
