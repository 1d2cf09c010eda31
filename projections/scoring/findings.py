"""Which findings of inspection sheets matter to the figure of a period.

Pure: sheets come as plain values, see ``projections.scoring.history``
(docs/semantics.md, section 5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from events.periods import Period, parse_period
from projections.scoring.history import SheetFindings


@dataclass(slots=True)
class Findings:
    """The findings that matter to one period, newest by period and then by stream order.

    ``own`` are those of the period's own check; ``states`` all that set a credit since the year
    began, oldest first, with the period checked; ``causes`` those of the months inside the period.
    """

    own: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[str, list[tuple[Period, dict[str, Any]]]] = field(default_factory=dict)
    causes: dict[str, dict[Period, list[dict[str, Any]]]] = field(default_factory=dict)


def findings_in_force(
    sheets: Iterable[SheetFindings],
    period: Period,
    purpose: str,
    asked_on: str,
    same_scheme: Callable[[Period], bool],
) -> Findings:
    """Return the findings that count for ``period`` (section 5).

    Only sheets of this purpose and scheme (``same_scheme`` of their period: a criterion is the same
    only within one scheme), recorded by ``asked_on``, for periods of the same year that end no
    later. A later sheet for one period replaces the earlier criterion by criterion; the period's
    own replace others that end with it.
    """
    in_force = Findings()
    counting = []
    for sheet in sheets:
        checked = parse_period(sheet.period)
        if (
            sheet.kind == purpose
            and sheet.known_on <= asked_on
            and checked.year == period.year
            and checked.last_month.first <= period.last_month.first
            and same_scheme(checked)
        ):
            # The period's own sheets come last among those that end with it, so that they win.
            order = (checked.last_month.first, checked == period, sheet.version)
            counting.append((order, checked, sheet))
    counting.sort(key=lambda entry: entry[0])
    for _, checked, sheet in counting:
        inside = checked != period and checked.months == 1 and checked.first >= period.first
        for finding in sheet.findings:
            code = finding["criterion"]
            if checked == period:
                in_force.own[code] = finding
            if inside:
                in_force.causes.setdefault(code, {})[checked] = finding.get("causes") or []
            if finding.get("credit") is not None or finding.get("points") is not None:
                in_force.states.setdefault(code, []).append((checked, finding))
    return in_force
