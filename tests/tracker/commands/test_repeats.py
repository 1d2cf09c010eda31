"""The same identity with the same content is a repeat, with other content a conflict."""

from datetime import date

import pytest

from events.event import Metadata
from events.refusals.errors import Kind, Refused
from tests.support.small_district import meeting
from tracker.commands.repeats import Earlier, pending_events, refuse_other_content, repeats

BY = Metadata("u-1", "web")


def test_an_earlier_line_of_the_same_file_is_compared() -> None:
    """A pending event repeats only with the same content and the same historical date."""
    event, other = meeting("r-1", "2026-03-02"), meeting("r-1", "2026-03-03")
    (first,) = pending_events("org-a", "record/r-1", [event], BY, date(2026, 3, 4))
    earlier = Earlier(first, {})
    assert repeats(earlier, event, date(2026, 3, 4))
    assert not repeats(earlier, event)
    assert not repeats(earlier, other, date(2026, 3, 4))
    refuse_other_content(earlier, event, date(2026, 3, 4), field="record_id")
    with pytest.raises(Refused) as caught:
        refuse_other_content(earlier, other, date(2026, 3, 4), field="record_id")
    refused = caught.value
    assert (refused.code, refused.kind, refused.field) == (
        "identity_conflict", Kind.CONFLICT, "record_id"
    )  # fmt: skip


def test_events_of_one_command_have_numbered_identities() -> None:
    """The first event has the identity itself, the others their number after it."""
    event = meeting("r-1", "2026-03-02")
    pending = pending_events("org-a", "line/1", [event, event, event], BY)
    assert [row.event_id for row in pending] == ["line/1", "line/1#2", "line/1#3"]
