"""People by opaque ids: which inspectors have which team and categories, who is recused."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from events.decider import Decider
from events.event import Event
from events.refusals.errors import Refused
from events.values import CategoryName, FrozenModel, Name, OrganizationCode, PersonId, Reason

if TYPE_CHECKING:
    from events.event import RecordedEvent

PREFIX = "person-"


def person_stream(person: str) -> str:
    """Return the stream of a person."""
    return PREFIX + person


# facts
class InspectorRegistered(Event):
    """A person is an inspector, with organization, team and categories; the newest event counts."""

    TYPE: ClassVar[str] = "InspectorRegistered"

    person: str
    organization: str
    team: str
    categories: tuple[str, ...]


class InspectorRecused(Event):
    """A person never inspects an organization or its descendants."""

    TYPE: ClassVar[str] = "InspectorRecused"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    person: str
    organization: str
    reason: str


# commands
class RegisterInspector(FrozenModel):
    """Register an inspector, or change their organization, team and categories."""

    id: PersonId
    organization: OrganizationCode
    team: Name
    categories: tuple[CategoryName, ...] = Field(min_length=1, max_length=50)


class RecuseInspector(FrozenModel):
    """Recuse an inspector from an organization and its descendants."""

    inspector: PersonId
    organization: OrganizationCode
    reason: Reason


# evolve
@dataclass(frozen=True, slots=True)
class Person:
    """The state of an inspector; ``person`` is empty before the registration."""

    person: str = ""
    organization: str = ""
    team: str = ""
    categories: tuple[str, ...] = ()
    recused: frozenset[str] = field(default_factory=frozenset)


def evolve(state: Person, event: RecordedEvent) -> Person:
    """Return the person after one event."""
    data = event.data
    match event.type:
        case InspectorRegistered.TYPE:
            return replace(
                state,
                person=data["person"],
                organization=data["organization"],
                team=data["team"],
                categories=tuple(data["categories"]),
            )
        case InspectorRecused.TYPE:
            return replace(state, recused=state.recused | {data["organization"]})
        case _:
            return state


# decide
def decide(command: RegisterInspector | RecuseInspector, state: Person) -> list[Event]:
    """Return the registration or recusal, none if nothing changes, or raise ``Refused``."""
    if isinstance(command, RegisterInspector):
        if (state.person, state.organization, state.team, state.categories) == (
            command.id,
            command.organization,
            command.team,
            command.categories,
        ):
            return []
        return [event_from_command(command)]
    if not state.person:
        raise Refused("unknown_inspector", field="inspector", person=command.inspector)
    return [] if command.organization in state.recused else [event_from_command(command)]


def event_from_command(command: RegisterInspector | RecuseInspector) -> Event:
    """Return the event of a command, even if it changes nothing."""
    if isinstance(command, RegisterInspector):
        return InspectorRegistered(
            person=command.id,
            organization=command.organization,
            team=command.team,
            categories=command.categories,
        )
    return InspectorRecused(
        person=command.inspector, organization=command.organization, reason=command.reason
    )


DECIDER = Decider(Person(), evolve, decide)
