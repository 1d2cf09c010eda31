"""Old shapes become the newest one, step by step."""

from typing import Any

import pytest

from events.log.upcasters import UPCASTERS, upcast


def test_an_event_of_the_newest_shape_stays_as_it_is() -> None:
    """Without an upcaster the data is handed on."""
    data = {"record_id": "a"}
    assert upcast("NeverRecorded", 1, data) is data


def test_an_old_shape_takes_every_step_to_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step leads from one schema version to the next, beginning at the event's version."""

    def split(data: dict[str, Any]) -> dict[str, Any]:
        first, last = data["name"].split()
        return {"first": first, "last": last}

    def greet(data: dict[str, Any]) -> dict[str, Any]:
        return data | {"greeting": "hello " + data["first"]}

    monkeypatch.setitem(UPCASTERS, ("NeverRecorded", 1), split)
    monkeypatch.setitem(UPCASTERS, ("NeverRecorded", 2), greet)
    newest = {"first": "A", "last": "B", "greeting": "hello A"}
    assert upcast("NeverRecorded", 1, {"name": "A B"}) == newest
    assert upcast("NeverRecorded", 2, {"first": "A", "last": "B"}) == newest
    assert upcast("Another", 1, {"name": "A B"}) == {"name": "A B"}
