"""The draw: unpredictable beforehand, reproducible afterwards, free of hidden choice.

The frame, the plan, the seed, the months of the last inspections and those of the earlier cycles
determine a draw completely; nothing else matters, not even the order in which the codes are given.

Source: docs/semantics.md, section 8.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
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
"""The number of the month of somebody never inspected: before every real month."""


class DrawReason(StrEnum):
    """Why an organization was drawn."""

    LONGEST = "longest without inspection"
    BY_KEY = "by key"


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """The numbers of one stratum's draw, committed to when the cycle opens.

    ``count`` replaces ``fraction`` and ``at_least``. ``rest_months`` is a number of cycles.
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
    """The place of one organization in a draw; ``why`` is None if it was not drawn.

    ``population`` and ``size`` are N and n of the stratum, ``set_aside`` says that it was resting
    and its turn did not come.
    """

    code: str
    key: str
    rank: int
    population: int
    size: int
    why: DrawReason | None
    set_aside: bool


@dataclass(frozen=True, slots=True)
class Draw:
    """A stratum's draw: N (``population``), n (``size``), those drawn, those set aside.

    ``set_aside`` are those who rest and were not drawn after the others either. ``drawn`` is in
    key order; ``keys`` holds the key of every organization of the stratum, in key order too.
    """

    population: int
    size: int
    drawn: tuple[SampledOrganization, ...]
    set_aside: frozenset[str]
    keys: Mapping[str, str] = field(repr=False)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes drawn, in key order."""
        return tuple(one.code for one in self.drawn)

    def explain(self, code: str) -> DrawExplanation:
        """Return the place of an organization; raise ``Refused`` if it is not in the frame."""
        key = self.keys.get(code)
        if key is None:
            raise Refused("not_in_frame", organization=code)
        why = next((one.why for one in self.drawn if one.code == code), None)
        rank = 1 + list(self.keys).index(code)
        return DrawExplanation(
            code, key, rank, self.population, self.size, why, code in self.set_aside
        )


def frame_in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes in UTF-8 byte order, which is code point order.

    Raise ``CorruptError`` if a code appears twice.
    """
    ordered = tuple(sorted(codes))
    for code, following in pairwise(ordered):
        if code == following:
            raise CorruptError(f"{code} appears twice in one frame")
    return ordered


def frame_digest(codes: Iterable[str]) -> str:
    """Return SHA-256, in hex, of the frame's codes in order, each followed by LF."""
    return hashlib.sha256(
        "".join(f"{code}\n" for code in frame_in_order(codes)).encode()
    ).hexdigest()


def seed_of(root: str, value: str) -> str:
    """Return the seed: SHA-256, in hex, of the last seal's root and the later public value."""
    return hashlib.sha256(f"{root}|{value}".encode()).hexdigest()


def sample_key(seed: str, period: str, code: str) -> str:
    """Return an organization's key: HMAC-SHA256 in hex, keyed by the seed's 64 characters."""
    return hmac.digest(seed.encode("ascii"), f"{period}|{code}".encode(), "sha256").hex()


def sample_size(
    population: int,
    fraction: Decimal | None,
    at_least: int,
    count: int | None,
    everyone_within_months: int | None,
) -> int:
    """Return the n of a stratum of N organizations, in exact arithmetic.

    The minimum that ``everyone_within_months`` demands applies to a plan by ``count`` too; n is
    at most N.
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
    earlier_cycles: Sequence[str] | None,
) -> Draw:
    """Draw one stratum (docs/semantics.md, section 8).

    ``last_inspected`` gives the month of the newest cycle in which an organization was inspected;
    None, or no entry, means never. ``earlier_cycles`` are the months of the cycles before this one
    that a rest looks at, newest first; None repeats a draw of before cycles were counted. n and N
    are always those of the whole stratum.

    First come the ``ceil(N / m)`` organizations longest without an inspection (m is
    ``everyone_within_months``; equal ones go by key), then those with the lowest keys of the rest,
    until n are drawn. With ``rest_months: k`` an organization inspected in one of the last k
    cycles, or later, is drawn after all others.
    """
    frame = frame_in_order(codes)
    size = sample_size(
        len(frame), plan.fraction, plan.at_least, plan.count, plan.everyone_within_months
    )
    ordered = sorted((sample_key(seed, period, code), code) for code in frame)
    last = {code: _month_number(last_inspected.get(code)) for code in frame}
    if earlier_cycles is None:
        resting = _resting_by_month(last, size, period, plan.rest_months)
    else:
        resting = _resting(last, period, plan.rest_months, earlier_cycles)
    longest: set[str] = set()
    if plan.everyone_within_months is not None:
        first = _ceil_div(len(frame), plan.everyone_within_months)
        # Those who rest were inspected after all others, so they come last here by themselves. The
        # pairs are in key order and nsmallest is stable: equal waits go by key.
        longest = {code for _, code in nsmallest(first, ordered, key=lambda pair: last[pair[1]])}
    others = [code for _, code in ordered if code not in longest]
    others.sort(key=resting.__contains__)
    by_key = set(others[: size - len(longest)])
    drawn = tuple(
        SampledOrganization(
            code, key, rank, DrawReason.LONGEST if code in longest else DrawReason.BY_KEY
        )
        for rank, (key, code) in enumerate(ordered, start=1)
        if code in longest or code in by_key
    )
    set_aside = resting - longest - by_key
    return Draw(len(frame), size, drawn, set_aside, {code: key for key, code in ordered})


def draw_within(
    groups: Mapping[str, Iterable[str]],
    plan: DrawPlan,
    *,
    seed: str,
    period: str,
    last_inspected: Mapping[str, str | None],
    earlier_cycles: Sequence[str] | None,
    restricted_to: Collection[str] | None = None,
) -> dict[str, Draw]:
    """Draw within each group separately, by the group's name: a stratum with ``within: X``.

    If the groups were themselves drawn, ``restricted_to`` names the drawn groups; the others are
    skipped.
    """
    return {
        name: draw(
            groups[name],
            plan,
            seed=seed,
            period=period,
            last_inspected=last_inspected,
            earlier_cycles=earlier_cycles,
        )
        for name in sorted(groups)
        if restricted_to is None or name in restricted_to
    }


def _resting(
    last: Mapping[str, int], period: str, cycles: int, earlier: Sequence[str]
) -> frozenset[str]:
    """Return the codes inspected in the last ``cycles`` cycles before the period, or later."""
    counted = earlier[:cycles]
    if not cycles:
        return frozenset()
    since = parse_period(min(counted, default=period)).first
    return frozenset(code for code, month in last.items() if month >= since)


def _resting_by_month(
    last: Mapping[str, int], size: int, period: str, months: int
) -> frozenset[str]:
    """Return the codes inspected in the last calendar months; none if too few would remain.

    The rule of the draws that were made before cycles were counted.
    """
    if not months:
        return frozenset()
    since = parse_period(period).first - months
    resting = frozenset(code for code, month in last.items() if month >= since)
    return resting if len(last) - len(resting) >= size else frozenset()


def _month_number(month: str | None) -> int:
    return NEVER if month is None else parse_month(month).first


def _ceil_div(number: int, by: int) -> int:
    return -(-number // by)
