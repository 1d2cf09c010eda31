from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from events.event import Metadata
from events.proofs.verify import verify_log
from events.refusals.errors import Kind, Refused
from events.streams.organizations import stream_of
from events.streams.rectifications import (
    RectificationOrdered,
    RectificationReplied,
    ReplyRectification,
)
from projections.rebuild import compare
from tests.support.logs import register_file
from tests.support.small_district import SmallDistrict
from tracker.commands.rectifications import record_reply
from tracker.storage import evidence

WEB = Metadata("a-1", "web", "piece")
ORDERED = RectificationOrdered(
    rectification_id="s-1/1", period="2026-03", criterion="m", problem="缺", due=date(2026, 5, 20)
)


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """An order of ``c``; it is the tenth of May."""
    found = SmallDistrict(database_url)
    found.register("c")
    found.tell(stream_of("c"), ORDERED)
    found.now = datetime(2026, 5, 10, 4, 0, tzinfo=UTC)
    yield found
    found.dispose()


def command(**more: object) -> ReplyRectification:
    """A reply of the ninth of May."""
    given = {
        "rectification_id": "s-1/1",
        "reply_id": "w-1",
        "measures": "补齐了",
        "done_on": "2026-05-09",
    }
    return ReplyRectification.model_validate(given | more)


def test_a_reply_is_appended_with_its_read_models(small: SmallDistrict) -> None:
    """It is in the organization's stream under an identity made from its id."""
    done = record_reply(small.store, "c", command(), WEB)
    assert (done.stream, done.version, done.changed) == (stream_of("c"), 3, True)
    with small.read() as reader:
        event = reader.stream(done.stream)[-1]
        assert reader.rows("SELECT rectification_id, actor FROM rectification_replies") == [
            ("s-1/1", "a-1")
        ]
    assert verify_log(small.engine).ok
    assert compare(small.engine) == []
    assert (event.type, event.event_id) == (RectificationReplied.TYPE, "reply/w-1")
    assert (event.subject, event.occurred_on) == ("rectification/s-1/1", "2026-05-09")


def test_the_same_reply_again_changes_nothing(small: SmallDistrict) -> None:
    """Also where two come at once: one is recorded, both are answered alike."""
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: record_reply(small.store, "c", command(), WEB), range(2)))
    assert sorted(one.changed for one in done) == [False, True]
    assert {one.version for one in done} == {3}


def test_the_same_identity_with_other_content_is_refused(small: SmallDistrict) -> None:
    """The first reply stays."""
    record_reply(small.store, "c", command(), WEB)
    with pytest.raises(Refused) as refused:
        record_reply(small.store, "c", command(measures="另外"), WEB)
    assert (refused.value.code, refused.value.kind) == ("identity_conflict", Kind.CONFLICT)
    assert refused.value.field == "reply_id"


@pytest.mark.parametrize(
    ("code", "given", "refusal"),
    [
        ("none", {}, "unknown_organization"),
        ("c", {"rectification_id": "s-9/9"}, "unknown_rectification"),
        ("c", {"done_on": "2026-05-11"}, "future_date"),
        ("c", {"evidence": [{"kind": "photo", "file": "a" * 64}]}, "no_such_file"),
    ],
)
def test_what_does_not_fit_is_refused(
    small: SmallDistrict, code: str, given: dict[str, object], refusal: str
) -> None:
    """Nothing is recorded of it."""
    with pytest.raises(Refused) as refused:
        record_reply(small.store, code, command(**given), WEB)
    assert refused.value.code == refusal
    with small.read() as reader:
        assert len(reader.stream(stream_of("c"))) == 2


def test_a_stored_file_may_be_named(small: SmallDistrict) -> None:
    """And is then used by the reply."""
    file = "a" * 64
    stored = evidence.describe_file("a.png", file, "image/png", 9, "a-1", small.now)
    register_file(small.store, stored)
    record_reply(small.store, "c", command(evidence=[{"kind": "photo", "file": file}]), WEB)
    with small.read() as reader:
        assert reader.rows("SELECT file, subject FROM evidence_uses") == [
            (file, "rectification/s-1/1")
        ]
