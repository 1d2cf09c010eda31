"""An event whose bytes were changed past the store is named, not decoded."""

import pickle

import pytest

from events.log.store import Store
from events.refusals.errors import DamagedEvent
from tests.support.logs import append, break_event, pending


@pytest.mark.parametrize("body", [b"\xff{", b"[]", b"{}", b'{"schema": {}, "data": {}}', b"null"])
def test_a_damaged_body_is_named(store: Store, body: bytes) -> None:
    """What is no envelope of an event is named by stream and version, with what to do."""
    append(store, pending("s", "1"), pending("s", "2"))
    break_event(store.engine, "s", 2, body)
    with store.read() as reader, pytest.raises(DamagedEvent, match="audit verify") as caught:
        reader.stream("s")
    assert "event 2 of the stream s" in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
