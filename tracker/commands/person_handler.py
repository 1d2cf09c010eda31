"""Commands about inspectors: registered, changed and recused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.refusals.errors import Refused
from events.streams.people import RegisterInspector, decide, event_from_command, person_stream
from tracker.commands.historical_dates import check_historical_dates
from tracker.commands.repeats import refuse_other_content, unknown_organization

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from events.event import Event
    from events.streams.people import Person, RecuseInspector
    from tracker.commands.repeats import Earlier

    PersonCommand = RegisterInspector | RecuseInspector


def stream_of_person(command: PersonCommand) -> str:
    """Return the stream of the person that a command is about."""
    return person_stream(
        command.id if isinstance(command, RegisterInspector) else command.inspector
    )


def handle_person(
    command: PersonCommand,
    person: Person,
    earlier: Earlier | None,
    *,
    organization_known: bool,
    categories: Collection[str],
    today: date,
    recorded_on: date | None = None,
    derived: bool = False,
) -> list[Event]:
    """Return the event to append: none for a repeat and where nothing changes.

    ``organization_known`` says whether the organization that the command names is registered,
    ``categories`` are those of the district.
    Raises ``Refused`` naming the field.
    """
    if not organization_known:
        raise unknown_organization(command.organization)
    if isinstance(command, RegisterInspector):
        unknown = [category for category in command.categories if category not in categories]
        if unknown:
            known = ", ".join(categories)
            raise Refused("unknown_category", field="categories", code=unknown[0], known=known)
    if earlier is not None:
        refuse_other_content(
            earlier, event_from_command(command), recorded_on, field="id", derived=derived
        )
        return []
    check_historical_dates(command, recorded_on, today, frozenset())
    return decide(command, person)
