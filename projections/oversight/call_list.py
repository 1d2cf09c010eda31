"""Whom to call: organizations that owe duties or overdue rectifications, by the one above them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from projections.organizations.directory import entries_of
from projections.oversight.heat_map import LATE, owed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.log.reader import Reader
    from projections.oversight.heat_map import HeatMap, OwedDuty


class OverdueOrder(Protocol):
    """A rectification order past its last day: of which organization, which one, about what."""

    @property
    def stream(self) -> str:
        """The organization's stream."""

    @property
    def rectification_id(self) -> str:
        """The order's id, unique within the organization."""

    @property
    def criterion(self) -> str:
        """The code of the criterion."""

    @property
    def problem(self) -> str | None:
        """The problem in words; None where it was erased."""

    @property
    def due(self) -> str:
        """The last day (ISO)."""


@dataclass(frozen=True, slots=True)
class CallLine:
    """One organization to call, with what it owes: duties and overdue rectification orders."""

    organization: str
    name: str
    stream: str
    duties: list[OwedDuty] = field(default_factory=list)
    orders: list[OverdueOrder] = field(default_factory=list)

    @property
    def due_on(self) -> str:
        """The earliest last day (ISO) of what is owed."""
        days = [duty.due_on for duty in self.duties] + [order.due for order in self.orders]
        return min(days)

    @property
    def late(self) -> int:
        """How much of it is past its last day."""
        return sum(duty.state == LATE for duty in self.duties) + len(self.orders)


@dataclass(frozen=True, slots=True)
class CallGroup:
    """The organizations to call under one organization; the name is empty at the top."""

    name: str
    lines: list[CallLine]


def call_list(reader: Reader, heat: HeatMap, overdue: Iterable[OverdueOrder]) -> list[CallGroup]:
    """Return who owes what of a heat map, with the overdue orders of its organizations.

    Groups and their lines are in the order of codes (UTF-8 bytes); who owes nothing is left out.
    """
    rows = {row.stream: row for group in heat.groups for row in group.rows}
    lines = {stream: CallLine(row.organization, row.name, stream) for stream, row in rows.items()}
    for duty in owed(heat):
        lines[duty.stream].duties.append(duty)
    for order in overdue:
        if order.stream in lines:
            lines[order.stream].orders.append(order)
    to_call = [line for line in lines.values() if line.duties or line.orders]
    entries = entries_of(reader, [line.stream for line in to_call])
    above = entries_of(reader, sorted({one.parent for one in entries.values() if one.parent}))
    groups: dict[str, list[CallLine]] = {}
    for line in sorted(to_call, key=lambda line: line.organization.encode()):
        groups.setdefault(entries[line.stream].parent or "", []).append(line)
    tops = {stream: (entry.code.encode(), entry.name) for stream, entry in above.items()}
    ordered = sorted(groups, key=lambda stream: tops.get(stream, (b"", "")))
    return [CallGroup(tops.get(stream, (b"", ""))[1], groups[stream]) for stream in ordered]
