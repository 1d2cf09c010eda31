"""Deciding import lines about organizations: parents first, each line on the tree it will meet.

The tree is read once and then changed in memory by every line that is decided, so that a file may
register, move and close organizations that build on each other (contracts, "Import lines").
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from events.errors import Refused
from events.organizations import (
    SUBJECT,
    ChangeOrganization,
    Organization,
    OrganizationRegistered,
    RegisterOrganization,
    Surroundings,
    change,
    evolve,
    register,
    stream_of,
)
from events.vocabulary import CATEGORIES
from projections.directory import ancestors_of, streams_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from events.event import Event, RecordedEvent
    from events.reading import Reader
    from tracker.intake_lines import Line

CATEGORY_NAMES = frozenset(CATEGORIES)
TREE_KINDS = frozenset({"organization", "organization_change"})


def in_order(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
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
    ordered: list[Line] = []
    while ready:
        place = heapq.heappop(ready)
        ordered.append(lines[place])
        del after[place]
        for follower in followers[place]:
            after[follower].discard(place)
            if not after[follower]:
                heapq.heappush(ready, follower)
    return ordered, [lines[place] for place in after]


def _builds_on(lines: Sequence[Line]) -> dict[int, set[int]]:
    """For each place in ``lines`` the places of those that come before it."""
    givers: dict[str, int] = {}
    for place, line in enumerate(lines):
        code = _gives(line)
        if code is not None:
            givers.setdefault(code, place)
    after: dict[int, set[int]] = {}
    last: dict[str, int] = {}
    for place, line in enumerate(lines):
        code = _code(line)
        before = {givers[named] for named in (*_names(line), code) if named in givers}
        if isinstance(line.command, ChangeOrganization):
            before |= {last[code]} if code in last else set()
            last[code] = place
        after[place] = before - {place}
    return after


def _code(line: Line) -> str:
    return str(getattr(line.command, "code", ""))


def _gives(line: Line) -> str | None:
    command = line.command
    if isinstance(command, RegisterOrganization):
        return command.code
    return command.new_code if isinstance(command, ChangeOrganization) else None


def _names(line: Line) -> list[str]:
    """The other organizations that a line names."""
    command = line.command
    assert isinstance(command, (RegisterOrganization, ChangeOrganization))
    named = [command.parent]
    if isinstance(command, ChangeOrganization):
        named.append(command.merged_into)
    return [code for code in named if code is not None]


class Tree:
    """Codes, lives and parents of the organizations that lines name, as they stand so far."""

    def __init__(self, reader: Reader, today: date) -> None:
        """Read through an open transaction, when asked."""
        self.codes: dict[str, str] = {}
        self.lives: dict[str, Organization] = {}
        self.parents: dict[str, str | None] = {}
        self._events: dict[str, list[RecordedEvent]] = {}
        self._reader = reader
        self._today = today
        self._asked: set[str] = set()

    def load(self, codes: Iterable[str]) -> None:
        """Read the organizations that bear or bore codes, once."""
        new = sorted({code for code in codes if code not in self._asked})
        self._asked.update(new)
        found = streams_of(self._reader, new)
        streams = sorted(set(found.values()) - self.lives.keys())
        self.codes = found | self.codes
        pairs = [(stream, SUBJECT) for stream in streams]
        for (stream, _), events in self._reader.subjects(pairs).items():
            life = Organization()
            for event in events:
                life = evolve(life, event)
            self.lives[stream] = life
            self._events[stream] = events

    def load_lines(self, lines: Sequence[Line]) -> None:
        """Read all that lines about organizations name, with the tree above it."""
        self.load(
            code
            for line in lines
            for code in (*_names(line), _code(line), _gives(line))
            if code is not None
        )
        streams = sorted(set(self.codes.values()) - self.parents.keys())
        for stream, chain in ancestors_of(self._reader, streams).items():
            above = [one for one, _ in chain]
            self.parents.setdefault(stream, None)
            for child, parent in zip(above, [*above[1:], None], strict=True):
                self.parents[child] = parent

    def life(self, code: str) -> Organization | None:
        """The life of the organization that bears or bore a code."""
        return self.lives.get(self.codes.get(code, ""))

    def stream(self, line: Line) -> str:
        """The stream that a line about an organization belongs to."""
        code = _code(line)
        return self.codes.get(code, stream_of(code))

    def decide(self, line: Line) -> list[Event]:
        """The events of a line about an organization, or ``Refused``."""
        command, stream = line.command, self.stream(line)
        life = self.lives.get(stream, Organization())
        if isinstance(command, RegisterOrganization):
            if self._registered_alike(command, stream):
                return []
            return register(command, life, self._around(command, stream))
        assert isinstance(command, ChangeOrganization)
        if command.code != life.code and life.code:
            command = command.model_copy(update={"code": life.code})
        return change(command, life, self._around(command, stream))

    def meant(self, line: Line, first: RecordedEvent) -> list[Event]:
        """The events that a line led to, where ``first`` was recorded under its identity.

        None where it could not have led to any: its content is another.
        """
        command = line.command
        ever = Organization("*", registered_on=self._today.min)
        known = dict.fromkeys(_names(line), ever)
        around = Surroundings(self._today.max, CATEGORY_NAMES, known)
        life = Organization()
        for event in self._events.get(first.stream, ()):
            if 0 < event.version < first.version:
                life = evolve(life, event)
        try:
            if isinstance(command, RegisterOrganization):
                return register(command, life, around)
            assert isinstance(command, ChangeOrganization)
            return change(command, life, around)
        except Refused:
            return []

    def stands(self, line: Line, first: RecordedEvent) -> bool:
        """Whether the events under a line's identity are those that it means."""
        kept = [
            (event.type, _without_reason(event.data))
            for event in self._events.get(first.stream, ())
            if event.event_id == line.identity or event.event_id.startswith(f"{line.identity}#")
        ]
        meant = self.meant(line, first)
        return kept == [(event.TYPE, _without_reason(event.data())) for event in meant]

    def accept(self, stream: str, events: Sequence[RecordedEvent]) -> None:
        """Change the tree by the events that were decided for a line."""
        for event in events:
            life = evolve(self.lives.get(stream, Organization()), event)
            self.lives[stream] = life
            self.codes[life.code] = stream
            self._events.setdefault(stream, []).append(event)
            if life.parent is not None and ("parent" in event.data):
                self.parents[stream] = self.codes[life.parent]
            else:
                self.parents.setdefault(stream, None)

    def _registered_alike(self, command: RegisterOrganization, stream: str) -> bool:
        """Whether the very same registration stands already, whoever recorded it."""
        wanted = command.model_dump(mode="json", exclude_none=True)
        first = self._events.get(stream, ())[:1]
        return any(one.type == OrganizationRegistered.TYPE and one.data == wanted for one in first)

    def _around(
        self, command: RegisterOrganization | ChangeOrganization, stream: str
    ) -> Surroundings:
        named = [command.parent]
        new_code: str | None = command.code
        if isinstance(command, ChangeOrganization):
            named.append(command.merged_into)
            new_code = command.new_code
        known = {}
        for code in named:
            life = self.life(code) if code is not None else None
            if code is not None and life is not None and self.codes[code] != stream:
                known[code] = life
        parent = self.codes.get(command.parent) if command.parent is not None else None
        return Surroundings(
            today=self._today,
            categories=CATEGORY_NAMES,
            known=known,
            taken_code=new_code is not None and new_code in self.codes,
            circle=self._below(parent, stream),
        )

    def _below(self, parent: str | None, stream: str) -> bool:
        """Whether ``parent`` is the organization itself or lies under it."""
        while parent is not None and parent != stream:
            parent = self.parents.get(parent)
        return parent is not None


def _without_reason(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "reason"}


def refuse_circle(line: Line) -> Refused:
    """The refusal of a line whose parents in the file lead back to it, or into such a circle."""
    named = [*_names(line), _code(line)][0]
    return Refused("circle.file", field="parent", code=named)
