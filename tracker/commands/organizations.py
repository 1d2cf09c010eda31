"""One command about an organization or an inspector, from a page, the API or the command line.

The handlers and the lock of the directory are those of import lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.periods import local_date
from events.streams import people
from events.streams.organizations import ChangeOrganization, RegisterOrganization
from projections.documents.in_force import categories, district
from projections.organizations.directory import LOCK, streams_of
from tracker.commands.organization_handler import OrganizationTree, handle_organization
from tracker.commands.person_handler import handle_person, stream_of_person
from tracker.commands.repeats import Earlier, pending_events

if TYPE_CHECKING:
    from datetime import date

    from events.event import Event, Metadata
    from events.log.store import Append, Store
    from events.streams.people import RecuseInspector, RegisterInspector
    from tracker.commands.organization_handler import OrganizationCommand
    from tracker.commands.person_handler import PersonCommand


@dataclass(frozen=True, slots=True)
class OrganizeResult:
    """The result of a command: the stream that it is about, and whether anything changed."""

    stream: str
    changed: bool


def organize(
    store: Store,
    command: RegisterOrganization | ChangeOrganization | RegisterInspector | RecuseInspector,
    metadata: Metadata,
    identity: str,
) -> OrganizeResult:
    """Register or change an organization, register or recuse an inspector.

    ``identity`` makes it idempotent: the same content again changes nothing. Raises ``Refused``
    naming the field: a circle, an unknown or closed parent, a code that is taken, a date outside
    the life or out of order, an unknown organization, category or inspector; ``identity_conflict``
    where the identity was used for other content.
    """
    event_id = f"line/{identity}"
    with store.append() as log:
        if isinstance(command, RegisterOrganization | ChangeOrganization):
            log.lock([LOCK])
            stream, events = _decide_organization(log, command, event_id, _today(log, store))
        else:
            log.lock([stream_of_person(command)])
            stream, events = _decide_person(log, command, event_id, _today(log, store))
        log.lock([stream])
        done = log.append(pending_events(stream, event_id, events, metadata))
        return OrganizeResult(stream, changed=bool(done))


def _today(log: Append, store: Store) -> date:
    return local_date(store.clock(), district(log).zone)


def _decide_organization(
    log: Append, command: OrganizationCommand, event_id: str, today: date
) -> tuple[str, list[Event]]:
    tree = OrganizationTree(log, today)
    tree.load_named([command])
    stream = tree.stream(command)
    return stream, handle_organization(command, tree, _earlier(log, stream, event_id))


def _decide_person(
    log: Append, command: PersonCommand, event_id: str, today: date
) -> tuple[str, list[Event]]:
    stream = stream_of_person(command)
    events = handle_person(
        command,
        people.DECIDER.fold(log.stream(stream)),
        _earlier(log, stream, event_id),
        organization_known=bool(streams_of(log, [command.organization])),
        categories=categories(log),
        today=today,
    )
    return stream, events


def _earlier(log: Append, stream: str, event_id: str) -> Earlier | None:
    """Return the event recorded under an identity, with its texts; None for a new identity."""
    event = log.known([(stream, event_id)]).get((stream, event_id))
    return None if event is None else Earlier(event, log.texts_of([event]))
