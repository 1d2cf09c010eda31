"""What was once stored can be read for ever: one stored event of every type and schema."""

import importlib
import pkgutil
from pathlib import Path

import orjson
import pytest

import events
from events.event import EVENT_TYPES, RecordedEvent, canonical
from events.log import chain
from events.log.reader import event_from_row

for module in pkgutil.iter_modules(events.__path__):
    importlib.import_module(f"events.{module.name}")

SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.json"))
COLUMNS = (
    *("stream", "version", "position", "id", "type", "subject", "actor", "channel"),
    *("correlation", "occurred_on", "recorded_at", "recorded_on"),
)


def stored(sample: Path) -> bytes:
    """The bytes that were stored: the file's one line."""
    body, end, rest = sample.read_bytes().partition(b"\n")
    assert (end, rest) == (b"\n", b"")
    return body


def read(sample: Path) -> RecordedEvent:
    """The event as it is read from its row today."""
    body = stored(sample)
    envelope = orjson.loads(body)
    return event_from_row([*(envelope.get(name) for name in COLUMNS), body, b""])


def test_every_type_of_event_has_a_sample() -> None:
    """Of its newest schema version and of every one before."""
    wanted = {
        f"{name}.v{schema}.json"
        for name, kind in EVENT_TYPES.items()
        for schema in range(1, kind.SCHEMA + 1)
    }
    assert {sample.name for sample in SAMPLES} == wanted


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.stem))
def test_a_stored_event_is_still_of_its_class(sample: Path) -> None:
    """Upcast, its data makes an event of its type, which says the same again."""
    event = read(sample)
    kind = EVENT_TYPES[event.type]
    again = kind.model_validate(event.data)
    assert sample.name == f"{event.type}.v{orjson.loads(event.body)['schema']}.json"
    assert again.data() == event.data
    assert (again.subject(), again.happened_on()) == (event.subject, event.occurred_on)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.stem))
def test_a_stored_event_is_still_canonical(sample: Path) -> None:
    """Writing the envelope again gives the bytes that were hashed."""
    body = stored(sample)
    assert canonical(orjson.loads(body)) == body


def test_the_chain_still_hashes_as_it_did() -> None:
    """The hash of these bytes, first in their stream, stays the same for ever."""
    event = read(SAMPLES[0].with_name("ActivityRecorded.v1.json"))
    link = chain.link(chain.genesis(event.stream), event.body)
    assert link.hex() == "8132e5e4215881ce20e238b6112fe20f8fc10dd88bc4c86ee37d28a67d909bc5"
