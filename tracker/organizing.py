"""One line about an organization or an inspector as it happens: the path of pages and programs.

The same decisions as the import's, under the same lock of the directory, in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.organizations import ChangeOrganization, RegisterOrganization
from events.people import RegisterInspector, person_stream
from events.periods import local_date
from projections.directory import LOCK
from projections.documents import district
from tracker.import_decisions import RECUSAL, Desk, Terms
from tracker.intake_lines import INSPECTOR, Line

if TYPE_CHECKING:
    from events.event import Metadata
    from events.people import RecuseInspector
    from events.store import Store


@dataclass(frozen=True, slots=True)
class Organized:
    """What became of a line: the stream that it is about, and whether anything changed."""

    stream: str
    changed: bool


def organize(
    store: Store,
    command: RegisterOrganization | ChangeOrganization | RegisterInspector | RecuseInspector,
    metadata: Metadata,
    identity: str,
) -> Organized:
    """Register or change an organization, register or recuse an inspector.

    ``identity`` tells repeats: the same with the same content changes nothing. Raises ``Refused``
    naming the field: a circle, an unknown or closed parent, a code that is taken, a date outside
    the life or out of order, an unknown organization, category or inspector; ``identity_conflict``
    where the identity was used for other content.
    """
    line = Line(1, _kind(command), command, f"line/{identity}", None)
    with store.append() as log:
        if isinstance(command, RegisterOrganization | ChangeOrganization):
            log.lock([LOCK])
        else:
            person = command.id if isinstance(command, RegisterInspector) else command.inspector
            log.lock([person_stream(person)])
        today = local_date(store.clock(), district(log).zone)
        decision = Desk(log, Terms(today, metadata)).one(line)
        log.lock([decision.stream])
        return Organized(decision.stream, bool(log.append(decision.pending)))


def _kind(
    command: RegisterOrganization | ChangeOrganization | RegisterInspector | RecuseInspector,
) -> str:
    if isinstance(command, RegisterOrganization):
        return "organization"
    if isinstance(command, ChangeOrganization):
        return "organization_change"
    return INSPECTOR if isinstance(command, RegisterInspector) else RECUSAL
