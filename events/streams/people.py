"""People by opaque ids: which inspectors have which team and categories, who is recused."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from pydantic import Field, field_validator

from events.decider import Decider
from events.event import Event
from events.refusals.errors import Refused
from events.values import CategoryName, Day, FrozenModel, Name, OrganizationCode, PersonId, Reason

if TYPE_CHECKING:
    from events.event import RecordedEvent

PREFIX = "person-"
Purpose = Literal["monthly", "half_year", "annual"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
"""What inspectors inspect for: the purposes of schemes."""


def person_stream(person: str) -> str:
    """Return the stream of a person."""
    return PREFIX + person


# facts
class InspectorRegistered(Event):
    """A person is an inspector, with organization, team and categories; the newest event counts.

    Without ``purposes`` it is for all, without ``until`` (the last day) until the next event.
    """

    TYPE: ClassVar[str] = "InspectorRegistered"

    person: str
    organization: str
    team: str
    categories: tuple[str, ...]
    purposes: tuple[str, ...] | None = None
    leader: bool | None = None
    until: date | None = None


class InspectorRecused(Event):
    """A person never inspects an organization or its descendants."""

    TYPE: ClassVar[str] = "InspectorRecused"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    person: str
    organization: str
    reason: str


# commands
class RegisterInspector(FrozenModel):
    """Register an inspector, or change all that is known of one.

    ``purposes`` None is all of them; ``leader`` leads the team; ``until`` is the last day.
    """

    id: PersonId
    organization: OrganizationCode
    team: Name
    categories: tuple[CategoryName, ...] = Field(min_length=1, max_length=50)
    purposes: tuple[Purpose, ...] | None = Field(default=None, min_length=1, max_length=10)
    leader: bool | None = None
    until: Day | None = None

    @field_validator("purposes")
    @classmethod
    def _in_order(cls, given: tuple[Purpose, ...] | None) -> tuple[Purpose, ...] | None:
        """Take each purpose once, in one order; all of them are the default."""
        named = tuple(purpose for purpose in PURPOSES if purpose in (given or PURPOSES))
        return None if named == PURPOSES else named


class RecuseInspector(FrozenModel):
    """Recuse an inspector from an organization and its descendants."""

    inspector: PersonId
    organization: OrganizationCode
    reason: Reason


# evolve
@dataclass(frozen=True, slots=True)
class Person:
    """The state of an inspector; ``person`` is empty before the registration.

    ``purposes`` empty is all of them; ``until`` is an ISO date, None without a last day.
    """

    person: str = ""
    organization: str = ""
    team: str = ""
    categories: tuple[str, ...] = ()
    recused: frozenset[str] = field(default_factory=frozenset)
    purposes: tuple[str, ...] = ()
    leader: bool = False
    until: str | None = None

    def serves(self, purpose: Purpose, day: str) -> bool:
        """Return whether the person inspects for a purpose on a day (ISO)."""
        return (not self.purposes or purpose in self.purposes) and (
            self.until is None or day <= self.until
        )


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
                purposes=tuple(data.get("purposes") or ()),
                leader=data.get("leader", False),
                until=data.get("until"),
            )
        case InspectorRecused.TYPE:
            return replace(state, recused=state.recused | {data["organization"]})
        case _:
            return state


# decide
def decide(command: RegisterInspector | RecuseInspector, state: Person) -> list[Event]:
    """Return the registration or recusal, none if nothing changes, or raise ``Refused``."""
    if isinstance(command, RegisterInspector):
        event = event_from_command(command)
        return [] if _registration(state) == event else [event]
    if not state.person:
        raise Refused("unknown_inspector", field="inspector", person=command.inspector)
    return [] if command.organization in state.recused else [event_from_command(command)]


def _registration(state: Person) -> InspectorRegistered:
    """Return the registration that would lead to a state."""
    return InspectorRegistered(
        person=state.person,
        organization=state.organization,
        team=state.team,
        categories=state.categories,
        purposes=state.purposes or None,
        leader=state.leader or None,
        until=None if state.until is None else date.fromisoformat(state.until),
    )


def event_from_command(command: RegisterInspector | RecuseInspector) -> Event:
    """Return the event of a command, even if it changes nothing."""
    if isinstance(command, RegisterInspector):
        return InspectorRegistered(
            person=command.id,
            organization=command.organization,
            team=command.team,
            categories=command.categories,
            purposes=command.purposes,
            leader=command.leader or None,
            until=command.until,
        )
    return InspectorRecused(
        person=command.inspector, organization=command.organization, reason=command.reason
    )


DECIDER = Decider(Person(), evolve, decide)
