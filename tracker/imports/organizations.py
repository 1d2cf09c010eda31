"""The order of import lines about organizations: each after the lines it depends on.

So a file may register, move and close organizations that depend on each other, in any order
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


def order_lines(lines: Sequence[ImportLine]) -> tuple[list[ImportLine], list[ImportLine]]:
    """Return lines about organizations, each after those it depends on; and lines in a circle.

    A line depends on the line that registers (or recodes to) a code that it names, and on the line
    before it about the same organization. Otherwise the order of the file is kept.
    """
    after = _dependencies(lines)
    followers: dict[int, list[int]] = defaultdict(list)
    for place, before in after.items():
        for earlier in before:
            followers[earlier].append(place)
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


def _dependencies(lines: Sequence[ImportLine]) -> dict[int, set[int]]:
    """Return for each place in ``lines`` the places of the lines it depends on."""
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


def circle_refusal(line: ImportLine) -> Refused:
    """Return the refusal of a line whose parents in the file form or lead into a circle."""
    command = _command(line)
    named = [*named_codes(command), command.code][0]
    return Refused("circle.file", field="parent", code=named)
