"""Commands about organizations, each decided on the current organization tree."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from events.event import RecordedEvent
from events.refusals.errors import Refused
from events.streams.organizations import (
    SUBJECT,
    ChangeOrganization,
    Organization,
    OrganizationContext,
    OrganizationRegistered,
    RegisterOrganization,
    decide,
    evolve,
    stream_of,
)
from projections.documents.in_force import categories
from projections.organizations.directory import (
    ancestors_of,
    children_after,
    streams_of,
    unclosed_root,
)
from tracker.commands.historical_dates import check_historical_dates
from tracker.commands.repeats import Earlier, identity_conflict, refuse_other_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from events.event import Event
    from events.log.reader import Reader

    OrganizationCommand = RegisterOrganization | ChangeOrganization


class EarlierLine(NamedTuple):
    """A line of the same file that came first under an identity."""

    event_id: str
    command: OrganizationCommand
    recorded_on: date | None


def handle_organization(
    command: OrganizationCommand,
    tree: OrganizationTree,
    earlier: Earlier | EarlierLine | None,
    *,
    recorded_on: date | None = None,
    opened: frozenset[str] = frozenset(),
    derived: bool = False,
) -> list[Event]:
    """Return the events to append: none for a repeat and where nothing changes.

    ``tree`` holds what the command names (``load_named``); ``opened`` are the months whose cycle
    has opened for ``tree.months_scope``. Raises ``Refused`` naming the field.
    """
    if earlier is None:
        events = tree.decide(command)
        check_historical_dates(command, recorded_on, tree.today, opened)
        return events
    if isinstance(earlier, EarlierLine):
        if (earlier.command, earlier.recorded_on) != (command, recorded_on):
            raise identity_conflict(earlier.event_id, "id")
    elif not derived:
        _refuse_other_events(command, tree, earlier, recorded_on)
    return []


def _refuse_other_events(
    command: OrganizationCommand,
    tree: OrganizationTree,
    earlier: Earlier,
    recorded_on: date | None,
) -> None:
    """Refuse unless the command means all events that are recorded under its identity."""
    first = earlier.event
    assert isinstance(first, RecordedEvent)
    meant = tree.replay(command, first)
    if not meant or not tree.has_same(meant, first):
        raise identity_conflict(first.event_id, "id")
    refuse_other_content(earlier, meant[0], recorded_on, field="id")


def given_code(command: OrganizationCommand) -> str | None:
    """Return the code that a command gives an organization."""
    return command.code if isinstance(command, RegisterOrganization) else command.new_code


def closes(command: OrganizationCommand) -> bool:
    """Return whether a command closes or merges its organization."""
    return isinstance(command, ChangeOrganization) and bool(command.closed or command.merged_into)


def named_codes(command: OrganizationCommand) -> list[str]:
    """Return the codes of the other organizations that a command names."""
    named = [command.parent]
    if isinstance(command, ChangeOrganization):
        named.append(command.merged_into)
    return [code for code in named if code is not None]


class OrganizationTree:
    """Codes, lives and parents of the organizations that commands name.

    It is read once; ``accept`` then applies in memory the events of each command decided.
    """

    def __init__(self, reader: Reader, today: date) -> None:
        """Read through an open transaction, when codes are loaded."""
        self.categories = frozenset(categories(reader))
        self.codes: dict[str, str] = {}
        self.lives: dict[str, Organization] = {}
        self.parents: dict[str, str | None] = {}
        self._events: dict[str, list[RecordedEvent]] = {}
        self._children: dict[str, set[str]] = {}
        self._root: str | None = None
        self._reader = reader
        self.today = today
        self._loaded: set[str] = set()

    def load(self, codes: Iterable[str]) -> None:
        """Read the organizations that have or had codes, once."""
        new = sorted({code for code in codes if code not in self._loaded})
        self._loaded.update(new)
        named = streams_of(self._reader, new)
        streams = sorted(set(named.values()) - self.lives.keys())
        self.codes = named | self.codes
        pairs = [(stream, SUBJECT) for stream in streams]
        for (stream, _), events in self._reader.events_of_subjects(pairs).items():
            life = Organization()
            for event in events:
                life = evolve(life, event)
            self.lives[stream] = life
            self._events[stream] = events

    def load_named(self, commands: Iterable[OrganizationCommand]) -> None:
        """Read all organizations that commands name, with their ancestors."""
        self._root = self._root or unclosed_root(self._reader)
        self.load(
            code
            for command in commands
            for code in (*named_codes(command), command.code, given_code(command))
            if code is not None
        )
        streams = sorted(set(self.codes.values()) - self.parents.keys())
        for stream, chain in ancestors_of(self._reader, streams).items():
            above = [ancestor for ancestor, _ in chain]
            self.parents.setdefault(stream, None)
            for child, parent in zip(above, [*above[1:], None], strict=True):
                self.parents[child] = parent

    def life(self, code: str) -> Organization | None:
        """Return the life of the organization that has or had a code."""
        return self.lives.get(self.codes.get(code, ""))

    def stream(self, command: OrganizationCommand) -> str:
        """Return the stream of the organization that a command is about."""
        return self.codes.get(command.code, stream_of(command.code))

    def decide(self, command: OrganizationCommand) -> list[Event]:
        """Return the events of a command about an organization, or raise ``Refused``."""
        stream = self.stream(command)
        life = self.lives.get(stream, Organization())
        if isinstance(command, RegisterOrganization):
            if self._registered_alike(command, stream):
                return []
        elif command.code != life.code and life.code:
            command = command.model_copy(update={"code": life.code})
        return decide(command, life, self._context(command, stream))

    def replay(self, command: OrganizationCommand, first: RecordedEvent) -> list[Event]:
        """Return the events that a command would have led to where ``first`` is recorded.

        Decided on the organization as it was before ``first``, with every named organization
        accepted: whether the command repeats ``first`` depends on content alone. An empty list
        means that the content differs.
        """
        ever = Organization("*", registered_on=date.min)
        known = dict.fromkeys(named_codes(command), ever)
        context = OrganizationContext(date.max, self.categories, known)
        life = Organization()
        for event in self._events.get(first.stream, ()):
            if 0 < event.version < first.version:
                life = evolve(life, event)
        try:
            return decide(command, life, context)
        except Refused:
            return []

    def has_same(self, meant: Sequence[Event], first: RecordedEvent) -> bool:
        """Return whether exactly these events are recorded under the identity of ``first``."""
        identity = first.event_id
        recorded = [
            (event.type, _without_reason(event.data))
            for event in self._events.get(first.stream, ())
            if event.event_id == identity or event.event_id.startswith(f"{identity}#")
        ]
        return recorded == [(event.TYPE, _without_reason(event.data())) for event in meant]

    def newest_change(self, stream: str, kind: str, on: str) -> dict[str, Any] | None:
        """Return the data of the newest change of one kind on a date, without its reason."""
        changes = [
            _without_reason(event.data)
            for event in self._events.get(stream, ())
            if event.type == kind and event.data.get("on") == on
        ]
        return changes[-1] if changes else None

    def months_scope(self, command: OrganizationCommand) -> str:
        """Return the stream whose opened months count; for a new organization its parent's."""
        stream = self.stream(command)
        if stream in self.lives or command.parent is None:
            return stream
        return self.codes.get(command.parent, stream)

    def accept(self, stream: str, events: Sequence[RecordedEvent]) -> None:
        """Apply the events that were decided for a line."""
        for event in events:
            life = evolve(self.lives.get(stream, Organization()), event)
            self.lives[stream] = life
            self.codes[life.code] = stream
            self._events.setdefault(stream, []).append(event)
            if life.parent is not None and ("parent" in event.data):
                parent = self.parents[stream] = self.codes[life.parent]
                self._children.setdefault(parent, set()).add(stream)
            else:
                self.parents.setdefault(stream, None)
            if life.parent is None and life.closed_on is None:
                self._root = self._root or life.code

    def depth(self, stream: str) -> int:
        """Return how many organizations are above one."""
        depth, parent = 0, self.parents.get(stream)
        while parent is not None:
            depth, parent = depth + 1, self.parents.get(parent)
        return depth

    def _children_after(self, stream: str, day: date) -> tuple[str, ...]:
        """Return the codes of the children that are alive after a date, sorted."""
        codes = []
        recorded = children_after(self._reader, stream, day.isoformat())
        for child in {*recorded, *self._children.get(stream, ())}:
            life = self.lives.get(child)
            if life is None:
                codes.append(recorded[child])
            elif self.parents.get(child) == stream and (
                life.closed_on is None or life.closed_on > day
            ):
                codes.append(life.code)
        return tuple(sorted(codes))

    def _registered_alike(self, command: RegisterOrganization, stream: str) -> bool:
        """Return whether an identical registration is recorded already, under any identity."""
        wanted = command.model_dump(mode="json", exclude_none=True, exclude={"root"})
        first = self._events.get(stream, ())[:1]
        return any(
            event.type == OrganizationRegistered.TYPE and event.data == wanted for event in first
        )

    def _context(self, command: OrganizationCommand, stream: str) -> OrganizationContext:
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
        return OrganizationContext(
            today=self.today,
            categories=self.categories,
            known=known,
            taken_code=new_code is not None and new_code in self.codes,
            circle=self._below(parent, stream),
            root=self._root,
            children=self._children_after(stream, command.on)
            if isinstance(command, ChangeOrganization) and closes(command)
            else (),
        )

    def _below(self, parent: str | None, stream: str) -> bool:
        """Return whether ``parent`` is the organization itself or one of its descendants."""
        while parent is not None and parent != stream:
            parent = self.parents.get(parent)
        return parent is not None


def _without_reason(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "reason"}
