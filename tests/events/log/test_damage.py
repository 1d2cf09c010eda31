"""The first event that does not match its hash is named; an intact stream has none."""

import pytest

from events.log.damage import find_damage, refuse_damage
from events.log.store import Store
from events.refusals.errors import DamagedEvent
from tests.support.logs import append, break_event, pending


def test_the_first_changed_event_is_named(store: Store) -> None:
    """What follows it is left out: one place is enough to begin with."""
    append(store, pending("s", "1"), pending("s", "2"), pending("s", "3"), pending("t", "4"))
    with store.read() as reader:
        assert find_damage(reader, "s") is None
    break_event(store.engine, "s", 2, b"{}")
    with store.read() as reader:
        damaged = find_damage(reader, "s")
        assert find_damage(reader, "t") is None
        assert find_damage(reader, "nothing") is None
        refuse_damage(reader, "t")
        with pytest.raises(DamagedEvent, match="event 2 of the stream s"):
            refuse_damage(reader, "s")
    assert "event 2 of the stream s" in str(damaged)
