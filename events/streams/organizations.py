"""An organization's life: registered, renamed, moved, recategorized, recoded, merged, closed.

The stream ``organization-CODE`` is named after the first code for ever; later codes are aliases.
Events of the life have the subject ``organization``: decisions about records fold only these.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from events.decider import Decider
from events.event import Event
from events.refusals.errors import Refused
from events.values import CategoryName, Day, FrozenModel, Name, OrganizationCode, Reason

if TYPE_CHECKING:
    from events.event import RecordedEvent

PREFIX = "organization-"
SUBJECT = "organization"
CODES_SHOWN = 5
"""Codes of children that a refusal lists."""


def stream_of(first_code: str) -> str:
    """Return the stream of the organization that was registered under a code."""
    return PREFIX + first_code


# facts
class LifeEvent(Event):
    """Base of the events of an organization's life."""

    def subject(self) -> str:
        """Return the one subject of all life events."""
        return SUBJECT


class OrganizationRegistered(LifeEvent):
    """An organization entered the district under a code, a parent (or none: a root), a category."""

    TYPE: ClassVar[str] = "OrganizationRegistered"

    code: str
    name: str
    category: str
    parent: str | None = None
    registered_on: date

    def happened_on(self) -> str:
        """Return the date of registration."""
        return self.registered_on.isoformat()


class ChangeEvent(LifeEvent):
    """A change of the life from a date on, with a reason if one was given."""

    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    on: date
    reason: str | None = None


class OrganizationRenamed(ChangeEvent):
    """It has a new name."""

    TYPE: ClassVar[str] = "OrganizationRenamed"

    name: str


class OrganizationMoved(ChangeEvent):
    """It has a new parent."""

    TYPE: ClassVar[str] = "OrganizationMoved"

    parent: str


class OrganizationRecategorized(ChangeEvent):
    """It has a new category, and therefore another scheme."""

    TYPE: ClassVar[str] = "OrganizationRecategorized"

    category: str


class OrganizationRecoded(ChangeEvent):
    """The authority gave it a new code; the old one stays an alias."""

    TYPE: ClassVar[str] = "OrganizationRecoded"

    code: str


class OrganizationMerged(ChangeEvent):
    """It was merged into another organization; ``on`` is its last day."""

    TYPE: ClassVar[str] = "OrganizationMerged"

    into: str


class OrganizationClosed(ChangeEvent):
    """It was closed; ``on`` is its last day."""

    TYPE: ClassVar[str] = "OrganizationClosed"


# commands
class RegisterOrganization(FrozenModel):
    """Register an organization; ``root`` says that it has no parent on purpose."""

    code: OrganizationCode
    name: Name
    category: CategoryName
    parent: OrganizationCode | None = None
    registered_on: Day
    root: bool | None = None


class ChangeOrganization(FrozenModel):
    """Change the given fields from ``on``; all others stay."""

    code: OrganizationCode
    on: Day
    name: Name | None = None
    parent: OrganizationCode | None = None
    category: CategoryName | None = None
    closed: bool | None = None
    merged_into: OrganizationCode | None = None
    new_code: OrganizationCode | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class OrganizationContext:
    """The context of a decision about an organization, read under the directory's lock.

    ``known`` are the organizations named as parent or merge target (code to its life),
    ``circle`` is whether the new parent is a descendant of the organization. ``root`` is the code
    of a root that exists, ``children`` are the codes of the children
    that are alive after the day of the change.
    """

    today: date
    categories: frozenset[str]
    known: dict[str, Organization] = field(default_factory=dict)
    taken_code: bool = False
    circle: bool = False
    root: str | None = None
    children: tuple[str, ...] = ()


# evolve
@dataclass(frozen=True, slots=True)
class Organization:
    """The state of an organization's life; ``code`` is empty before the registration."""

    code: str = ""
    name: str = ""
    category: str = ""
    parent: str | None = None
    registered_on: date = date.max
    closed_on: date | None = None
    changed_on: date = date.min

    def alive(self, day: date) -> bool:
        """Return whether a date is in its life, both ends included."""
        return self.registered_on <= day and (self.closed_on is None or day <= self.closed_on)


def evolve(state: Organization, event: RecordedEvent) -> Organization:
    """Return the organization after one event of its life; other events change nothing."""
    data = event.data
    if event.subject != SUBJECT:
        return state
    if event.type == OrganizationRegistered.TYPE:
        day = date.fromisoformat(data["registered_on"])
        return Organization(
            data["code"], data["name"], data["category"], data.get("parent"), day, None, day
        )
    on = date.fromisoformat(data["on"])
    state = replace(state, changed_on=max(on, state.changed_on))
    match event.type:
        case OrganizationRenamed.TYPE:
            return replace(state, name=data["name"])
        case OrganizationMoved.TYPE:
            return replace(state, parent=data["parent"])
        case OrganizationRecategorized.TYPE:
            return replace(state, category=data["category"])
        case OrganizationRecoded.TYPE:
            return replace(state, code=data["code"])
        case _:
            return replace(state, closed_on=on)


# decide
def decide(
    command: RegisterOrganization | ChangeOrganization,
    state: Organization,
    context: OrganizationContext,
) -> list[Event]:
    """Return the events that register or change an organization, or raise ``Refused``."""
    if isinstance(command, RegisterOrganization):
        return _register(command, state, context)
    return _change(command, state, context)


def _register(
    command: RegisterOrganization, state: Organization, context: OrganizationContext
) -> list[Event]:
    """Register an organization; refuse a code that is in use."""
    if state.code or context.taken_code:
        raise Refused("organization_exists", field="code", code=command.code)
    _require_category(command.category, context)
    _refuse_future(command.registered_on, context, "registered_on")
    if command.parent is not None:
        if command.root:
            raise Refused("root_with_parent", field="root", parent=command.parent)
        _require_parent(command.parent, command.code, command.registered_on, context)
    elif not command.root and context.root is not None:
        raise Refused("root_unsaid", field="parent", root=context.root)
    return [
        OrganizationRegistered(
            code=command.code,
            name=command.name,
            category=command.category,
            parent=command.parent,
            registered_on=command.registered_on,
        )
    ]


def _change(
    command: ChangeOrganization, state: Organization, context: OrganizationContext
) -> list[Event]:
    """Return the events for the fields that change, none if all are so already."""
    if not state.code:
        raise Refused("unknown_organization", field="code", code=command.code)
    _refuse_future(command.on, context, "on")
    changes = [] if _is_closed_so(command, state) else _changes(command, state, context)
    if changes and not state.alive(command.on):
        raise Refused(
            "outside_life",
            field="on",
            code=command.code,
            day=command.on,
            first=state.registered_on,
            last=state.closed_on or "now",
        )
    if changes and command.on < state.changed_on:
        raise Refused("change_out_of_order", field="on", code=command.code, last=state.changed_on)
    return changes


def _is_closed_so(command: ChangeOrganization, state: Organization) -> bool:
    """Return whether the command repeats the closing or merger of a closed organization."""
    return (
        state.closed_on == command.on
        and (command.closed is True or command.merged_into is not None)
        and command.name in (None, state.name)
        and command.parent in (None, state.parent)
        and command.category in (None, state.category)
        and command.new_code in (None, state.code)
    )


def _changes(
    command: ChangeOrganization, state: Organization, context: OrganizationContext
) -> list[Event]:
    changes: list[Event] = []
    on, reason = command.on, command.reason
    if command.name is not None and command.name != state.name:
        changes.append(OrganizationRenamed(on=on, reason=reason, name=command.name))
    if command.parent is not None and command.parent != state.parent:
        _require_parent(command.parent, command.code, on, context)
        changes.append(OrganizationMoved(on=on, reason=reason, parent=command.parent))
    if command.category is not None and command.category != state.category:
        _require_category(command.category, context)
        changes.append(OrganizationRecategorized(on=on, reason=reason, category=command.category))
    if command.new_code is not None and command.new_code != state.code:
        if context.taken_code:
            raise Refused("organization_exists", field="new_code", code=command.new_code)
        changes.append(OrganizationRecoded(on=on, reason=reason, code=command.new_code))
    if command.merged_into is not None:
        into = command.merged_into
        _require_no_children(command, context, "merged_into")
        target = context.known.get(into)
        if target is None or not _outlives(target, on) or into == state.code:
            raise Refused("unknown_organization.merge", field="merged_into", code=into)
        changes.append(OrganizationMerged(on=on, reason=reason, into=command.merged_into))
    elif command.closed:
        _require_no_children(command, context, "closed")
        changes.append(OrganizationClosed(on=on, reason=reason))
    elif command.closed is False:
        raise Refused("reopening", field="closed", code=command.code)
    return changes


def _require_parent(parent: str, code: str, day: date, context: OrganizationContext) -> None:
    life = context.known.get(parent)
    if parent == code or context.circle:
        raise Refused("circle", field="parent", code=parent)
    if life is None or (life.closed_on is not None and life.closed_on <= day):
        raise Refused("unknown_parent", field="parent", code=parent)


def _outlives(target: Organization, day: date) -> bool:
    """Return whether an organization exists on a date and after it."""
    return target.alive(day) and target.closed_on != day


def _require_no_children(
    command: ChangeOrganization, context: OrganizationContext, name: str
) -> None:
    """Refuse to close an organization that has children alive after its last day."""
    if context.children:
        codes, count = ", ".join(context.children[:CODES_SHOWN]), len(context.children)
        more = ", …" if count > CODES_SHOWN else ""
        raise Refused(
            "living_children", field=name, code=command.code, count=count, codes=codes + more
        )


def _require_category(category: str, context: OrganizationContext) -> None:
    if category not in context.categories:
        known = ", ".join(sorted(context.categories))
        raise Refused("unknown_category", field="category", code=category, known=known)


def _refuse_future(day: date, context: OrganizationContext, name: str) -> None:
    if day > context.today:
        raise Refused("future_date", field=name, day=day, today=context.today)


DECIDER = Decider(Organization(), evolve, decide)
