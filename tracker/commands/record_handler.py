"""Commands about records: activities, corrections, retractions, conditions, measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.streams.records import RecordActivity, decide, event_from_command
from tracker.commands.repeats import refuse_other_content, unknown_organization

if TYPE_CHECKING:
    from events.event import Event
    from events.streams.organizations import Organization
    from events.streams.records import Record, RecordCommand, RecordContext
    from tracker.commands.repeats import Earlier


def handle_record(
    command: RecordCommand,
    organization: Organization | None,
    earlier: Earlier | None,
    record: Record,
    context: RecordContext,
    *,
    derived: bool = False,
) -> list[Event]:
    """Return the event to append: none where ``earlier`` has the same content.

    ``organization`` is the life of the organization that the command names, None where it is not
    registered; ``derived`` says that the identity is a digest of the content. Raises ``Refused``
    naming the field.
    """
    if organization is None:
        raise unknown_organization(command.organization)
    if earlier is None:
        return decide(command, record, organization, context)
    field = "record_id" if isinstance(command, RecordActivity) else "id"
    refuse_other_content(
        earlier, event_from_command(command), context.recorded_on, field=field, derived=derived
    )
    return []
