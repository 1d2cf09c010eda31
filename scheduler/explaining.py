"""Why an organization was drawn, or was not: from the draw as the cycle's events tell it.

The key is worked out anew from seed, month and code; whether the whole draw follows from its
events is what ``scheduler.draw_check`` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from projections.cycles.draw import DrawSnapshot, last_inspections
from projections.cycles.overview import exclusions
from projections.organizations.scope import Scope
from scheduler.sampling import sample_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from events.periods import Period
    from projections.organizations.directory import OrganizationEntry

BY_KEY = "key"
LONGEST = "longest"
LEFT_OUT = "left_out"
SET_ASIDE = "set_aside"
KEY_TOO_HIGH = "key_too_high"
OUTSIDE = "outside"
RULES = {"by key": BY_KEY, "longest without inspection": LONGEST}


def explained(
    reader: Reader,
    found: DrawSnapshot,
    seed: str,
    scope: str,
    period: Period,
    entries: Sequence[OrganizationEntry],
) -> list[dict[str, Any]]:
    """For each organization: ``drawn``, the ``rule`` that decided, its stratum, key and the like.

    ``rule`` is ``key`` or ``longest`` for those drawn; ``outside`` the frame, ``left_out`` (with
    ``reason``), ``key_too_high``, or ``set_aside`` because it was inspected lately, for others.
    ``highest`` is the highest key drawn in the stratum, ``last`` the month of the newest inspection
    before.
    """
    streams = [one.stream for one in entries]
    last = last_inspections(reader, streams, period)
    own = Scope(streams=frozenset(streams))
    left = {
        one["organization"]: one["reason"]
        for one in exclusions(reader, own, scope, str(period))
        if one["stage"] == "draw"
    }
    answer = []
    for one in entries:
        standing = found.of(one.stream)
        row: dict[str, Any] = {
            "organization": one.code,
            "name": one.name,
            "drawn": False,
            "rule": OUTSIDE,
            "reason": left.get(one.code),
            "stratum": None,
            "N": None,
            "key": None,
            "highest": None,
            "last": last[one.stream],
        }
        if standing is not None:
            key = sample_key(seed, str(period), standing["code"])
            row |= {
                "stratum": standing["stratum"],
                "N": standing["N"],
                "key": key,
                "highest": standing["highest"],
                "drawn": standing["why"] is not None,
                "rule": _rule(standing, key, row["reason"]),
            }
        answer.append(row)
    return answer


def _rule(standing: dict[str, Any], key: str, reason: str | None) -> str:
    if standing["why"] is not None:
        return RULES[standing["why"]]
    if reason is not None:
        return LEFT_OUT
    return SET_ASIDE if key < (standing["highest"] or "") else KEY_TOO_HIGH
