"""Why an organization was drawn, or was not, from the draw that the cycle's events record.

The key is computed again from seed, month and code; ``scheduler.draw_check`` verifies whether the
whole draw follows from its events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from projections.cycles.draw import last_inspections
from projections.cycles.overview import exclusions
from projections.organizations.scope import Scope
from scheduler.sampling import sample_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from events.periods import Period
    from projections.cycles.draw import DrawPlace, DrawSnapshot
    from projections.organizations.directory import OrganizationEntry

BY_KEY = "key"
LONGEST = "longest"
LEFT_OUT = "left_out"
SET_ASIDE = "set_aside"
KEY_TOO_HIGH = "key_too_high"
OUTSIDE = "outside"
RULES = {"by key": BY_KEY, "longest without inspection": LONGEST}
"""The rule by the reason that the draw recorded."""


@dataclass(frozen=True, slots=True)
class DrawOutcome:
    """What a draw decided about one organization, and by which rule.

    ``rule`` is ``key`` or ``longest`` for an organization that was drawn; for others ``outside``
    the frame, ``left_out`` (with ``reason``), ``set_aside`` because it was inspected recently and
    its turn after all others did not come, or ``key_too_high``.
    """

    organization: str
    name: str
    drawn: bool
    rule: str
    reason: str | None
    last: str | None
    """The month of its newest inspection before this cycle."""
    stratum: str | None = None
    N: int | None = None
    """The size of its stratum (docs/semantics.md, section 8)."""
    key: str | None = None
    highest: str | None = None
    """The highest key that was drawn in its stratum."""


def explain_draw(
    reader: Reader,
    snapshot: DrawSnapshot,
    seed: str,
    scope: str,
    period: Period,
    entries: Sequence[OrganizationEntry],
) -> list[DrawOutcome]:
    """Return what the draw of a cycle decided about each of the organizations, in their order."""
    streams = [entry.stream for entry in entries]
    last = last_inspections(reader, streams, period)
    own = Scope(streams=frozenset(streams))
    reasons = {
        exclusion.organization: exclusion.reason
        for exclusion in exclusions(reader, own, scope, str(period))
        if exclusion.stage == "draw"
    }
    outcomes = []
    for entry in entries:
        reason = reasons.get(entry.code)
        place = snapshot.of(entry.stream)
        if place is None:
            outcomes.append(
                DrawOutcome(
                    entry.code,
                    entry.name,
                    drawn=False,
                    rule=OUTSIDE,
                    reason=reason,
                    last=last[entry.stream],
                )
            )
            continue
        key = sample_key(seed, str(period), place.code)
        outcomes.append(
            DrawOutcome(
                organization=entry.code,
                name=entry.name,
                drawn=place.why is not None,
                rule=find_rule(place, key, reason),
                reason=reason,
                last=last[entry.stream],
                stratum=place.stratum,
                N=place.population,
                key=key,
                highest=place.highest,
            )
        )
    return outcomes


def find_rule(place: DrawPlace, key: str, reason: str | None) -> str:
    """Return the rule that decided about an organization of the frame.

    ``place`` is its place in the draw (``DrawSnapshot.of``), ``reason`` why it was left out.
    """
    if place.why is not None:
        return RULES[place.why]
    if reason is not None:
        return LEFT_OUT
    return SET_ASIDE if key < (place.highest or "") else KEY_TOO_HIGH
