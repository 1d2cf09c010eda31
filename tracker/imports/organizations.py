"""The order of import lines about organizations: parents first, each behind what it builds on.

So a file may register, move and close organizations that build on each other, in any order
(docs/contracts.md, "Import lines").
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING

from events.refusals.errors import Refused
from events.streams.organizations import ChangeOrganization, RegisterOrganization
from tracker.commands.organization_handler import given_code, named_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.commands.organization_handler import OrganizationCommand
    from tracker.imports.lines import ImportLine

TREE_KINDS = frozenset({"organization", "organization_change"})


def in_order(lines: Sequence[ImportLine]) -> tuple[list[ImportLine], list[ImportLine]]:
    """Lines about organizations, each behind those it builds on; and those that go in a circle.

    What a line builds on: the line that registers (or recodes to) a code that it names, and the
    line before it about the same organization. Otherwise the order of the file stands.
    """
    after = _builds_on(lines)
    followers: dict[int, list[int]] = defaultdict(list)
    for place, before in after.items():
        for one in before:
            followers[one].append(place)
    ready = [place for place, before in after.items() if not before]
    ordered: list[ImportLine] = []
    while ready:
        place = heapq.heappop(ready)
        ordered.append(lines[place])
        del after[place]
        for follower in followers[place]:
            after[follower].discard(place)
            if not after[follower]:
                heapq.heappush(ready, follower)
    return ordered, [lines[place] for place in after]


def _builds_on(lines: Sequence[ImportLine]) -> dict[int, set[int]]:
    """For each place in ``lines`` the places of those that come before it."""
    givers: dict[str, int] = {}
    for place, line in enumerate(lines):
        code = given_code(_command(line))
        if code is not None:
            givers.setdefault(code, place)
    after: dict[int, set[int]] = {}
    last: dict[str, int] = {}
    for place, line in enumerate(lines):
        command = _command(line)
        code = command.code
        before = {givers[named] for named in (*named_codes(command), code) if named in givers}
        if isinstance(command, ChangeOrganization):
            before |= {last[code]} if code in last else set()
            last[code] = place
        after[place] = before - {place}
    return after


def _command(line: ImportLine) -> OrganizationCommand:
    assert isinstance(line.command, (RegisterOrganization, ChangeOrganization))
    return line.command


def refuse_circle(line: ImportLine) -> Refused:
    """The refusal of a line whose parents in the file lead back to it, or into such a circle."""
    command = _command(line)
    named = [*named_codes(command), command.code][0]
    return Refused("circle.file", field="parent", code=named)
