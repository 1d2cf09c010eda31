"""A second implementation of the draw, written from the specification alone.

Read it together with section 8 of docs/semantics.md: it is plain and slow, and takes one
organization after the other from a list.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil


@dataclass(frozen=True)
class Plan:
    """The numbers of a stratum; a fraction as text, None where the policy does not set one."""

    fraction: str | None = None
    at_least: int = 0
    count: int | None = None
    everyone_within_months: int | None = None
    rest_months: int = 0


def key_of(seed: str, period: str, code: str) -> str:
    """Return the key of an organization."""
    return hmac.new(seed.encode(), f"{period}|{code}".encode(), hashlib.sha256).hexdigest()


def sample(
    codes: Sequence[str],
    plan: Plan,
    seed: str,
    period: str,
    inspected: Mapping[str, str],
    opened: Sequence[str],
) -> set[str]:
    """Return who is drawn.

    ``inspected`` has the month of the newest inspection of those who had one, ``opened`` the
    months of all cycles of the scope that had opened.
    """
    left = sorted(codes, key=lambda code: key_of(seed, period, code))
    places = _places(len(left), plan)
    rest = _rest_since(plan, period, opened)
    drawn: set[str] = set()
    if plan.everyone_within_months is not None:
        for _ in range(min(places, ceil(Fraction(len(codes), plan.everyone_within_months)))):
            # "" sorts before every month; min takes the first of equals, the lowest key
            longest = min(left, key=lambda code: inspected.get(code, ""))
            left.remove(longest)
            drawn.add(longest)
    rested = [code for code in left if rest is not None and inspected.get(code, "") >= rest]
    turn = [code for code in left if code not in rested] + rested
    return drawn | set(turn[: places - len(drawn)])


def _places(number: int, plan: Plan) -> int:
    """Return n of a stratum of ``number`` organizations."""
    if plan.count is not None:
        wanted = plan.count
    else:
        wanted = max(plan.at_least, ceil(Fraction(plan.fraction or "0") * number))
    if plan.everyone_within_months is not None:
        wanted = max(wanted, ceil(Fraction(2 * number, plan.everyone_within_months)))
    return min(number, wanted)


def _rest_since(plan: Plan, period: str, opened: Sequence[str]) -> str | None:
    """Return the month since which an inspection means rest; None where nobody rests."""
    if plan.rest_months == 0:
        return None
    before = sorted(month for month in set(opened) if month < period)
    return before[-plan.rest_months :][0] if before else period
