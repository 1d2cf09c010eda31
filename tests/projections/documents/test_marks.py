import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from events.documents.schemes import SchemeClosed, SchemePublished
from events.event import Event, PendingEvent
from events.log.reader import Reader
from events.log.store import Append, Store
from projections.catalog import Projector
from projections.documents import in_force as documents
from projections.documents.in_force import book, scheme_words, vocabulary
from projections.documents.marks import NEWEST
from projections.rebuild import compare, rebuild
from tests.support.small_district import CLERK, SCHEME, SmallDistrict
from tracker.storage.database import open_engine

SPAWN = multiprocessing.get_context("spawn")
WALK = {"activities": {"village_walk": {"zh": "走村", "en": "Village walk"}}}
START = datetime(2026, 1, 6, tzinfo=UTC)


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[SmallDistrict]:
    """The same on PostgreSQL alone."""
    small = SmallDistrict(postgres_url)
    yield small
    small.dispose()


def publication(
    scheme: str, version: int = 1, more: dict[str, Any] | None = None
) -> SchemePublished:
    """A scheme put in force from January on."""
    document = SCHEME | {"scheme": scheme, "version": version} | (more or {})
    return SchemePublished(
        scheme=scheme,
        version=version,
        purpose="monthly",
        categories=("community",),
        effective_from="2026-01",
        document=document,
        digest="0" * 64,
    )


def publish(log: Append, event: Event, name: str, identity: str) -> None:
    """Append it to its scheme's stream."""
    log.append([PendingEvent(f"scheme-{name}", identity, event, CLERK)])


def publish_elsewhere(url: str) -> None:
    """Publish through an engine of one's own."""
    engine = open_engine(url)
    with Store(engine, lambda: START, Projector()).append() as log:
        publish(log, publication("walks", more=WALK), "walks", "published/1")
    engine.dispose()


def names(reader: Reader, until: str | None = None) -> set[tuple[str, int]]:
    """The scheme versions of the book."""
    return set(book(reader, until)._versions)


def walks(reader: Reader) -> bool:
    """Whether the word that the published scheme brings is known."""
    return "village_walk" in vocabulary(reader).activities


def newest(reader: Reader) -> str | None:
    """The marks as they stand."""
    found: str | None = reader.rows(NEWEST)[0][0]
    return found


def test_every_event_of_a_scheme_changes_the_marks(small: SmallDistrict) -> None:
    """Publishing, publishing again and closing give sums that were never there before."""
    seen: list[str | None] = []
    told: list[tuple[str, Event]] = [
        ("a", publication("a")),
        ("b", publication("b")),
        ("a", publication("a", 2)),
        ("b", SchemeClosed(scheme="b", closed_from="2026-05")),
    ]
    for name, event in told:
        with small.read() as reader:
            seen.append(newest(reader))
        small.tell(f"scheme-{name}", event)
    small.register("r")
    with small.read() as reader:
        seen.append(newest(reader))
    assert seen[0] is None
    assert len(set(seen)) == len(seen) == 5
    assert len(small.rows("scheme_marks")) == 2


def test_a_rebuild_makes_the_same_marks(small: SmallDistrict) -> None:
    """Rows that were lost or bent are found, and refolded to what the appends had written."""
    small.tell_many([("scheme-a", publication("a")), ("scheme-b", publication("b"))])
    small.tell("scheme-a", SchemeClosed(scheme="a", closed_from="2026-05"))
    before = small.rows("scheme_marks")
    assert compare(small.engine) == []
    small.tamper("DELETE FROM scheme_marks WHERE stream = 'scheme-a'")
    small.tamper("UPDATE scheme_marks SET mark = mark + 1 WHERE stream = 'scheme-b'")
    assert compare(small.engine) == ["scheme-a", "scheme-b"]
    rebuild(small.engine)
    assert small.rows("scheme_marks") == before
    assert compare(small.engine) == []


def test_what_another_process_publishes_is_seen_at_once(
    small: SmallDistrict, database_url: str
) -> None:
    """Book and vocabulary that were in memory already give way to the new ones."""
    small.publish()
    with small.read() as reader:
        assert names(reader) == {("community-test", 1)}
        assert not walks(reader)
        assert book(reader) is book(reader)
        assert vocabulary(reader) is vocabulary(reader)
    process = SPAWN.Process(target=publish_elsewhere, args=(database_url,))
    process.start()
    process.join()
    assert process.exitcode == 0
    with small.read() as reader:
        assert names(reader) == {("community-test", 1), ("walks", 1)}
        assert walks(reader)


def test_a_publication_that_commits_late_is_seen(
    on_postgres: SmallDistrict, postgres_url: str
) -> None:
    """A publication that commits late under an earlier position changes the marks too."""
    small = on_postgres
    with small.store.append() as early:
        publish(early, publication("early"), "early", "published/1")
        publish_elsewhere(postgres_url)
        with small.read() as reader:
            assert names(reader) == {("walks", 1)}
    with small.read() as reader:
        assert [event.stream for event, _ in documents.published_schemes(reader)] == [
            "scheme-early",
            "scheme-walks",
        ]
        assert names(reader) == {("early", 1), ("walks", 1)}


def test_a_publication_that_is_rolled_back_leaves_nothing(small: SmallDistrict) -> None:
    """The writer itself sees its scheme; afterwards book and vocabulary are as they were."""
    small.publish()
    with small.read() as reader:
        before = newest(reader)

    def interrupted() -> None:
        with small.store.append() as log:
            publish(log, publication("walks", more=WALK), "walks", "published/1")
            assert names(log) == {("community-test", 1), ("walks", 1)}
            assert walks(log)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    with small.read() as reader:
        assert newest(reader) == before
        assert names(reader) == {("community-test", 1)}
        assert not walks(reader)
    small.tell("scheme-other", publication("other"))
    with small.read() as reader:
        assert names(reader) == {("community-test", 1), ("other", 1)}
        assert not walks(reader)


def test_what_is_read_after_the_marks_is_not_kept_under_them(
    on_postgres: SmallDistrict, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that read past its marks leaves a reader of an older snapshot what it had."""
    small = on_postgres
    real = documents.published_schemes
    waiting = [publish_elsewhere]

    def late(reader: Reader) -> Any:
        while waiting:
            waiting.pop()(postgres_url)
        return real(reader)

    with small.read() as early:
        assert newest(early) is None
        monkeypatch.setattr(documents, "published_schemes", late)
        with small.store.append() as log:
            assert names(log) == {("walks", 1)}
            assert "village_walk" in scheme_words(log, "").activities
        assert names(early) == set()
        assert not walks(early)


def test_few_books_are_kept(small: SmallDistrict, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many instants the newest few are in memory, and a publication forgets them all."""
    monkeypatch.setattr(documents, "BOOKS_KEPT", 2)
    instants = [f"2026-01-01T00:00:0{second}.000000Z" for second in range(5)]
    with small.read() as reader:
        found = [book(reader, one) for one in instants]
        assert list(documents._CACHES[small.engine].books) == instants[-2:]
        assert book(reader, instants[-1]) is found[-1]
    small.publish()
    with small.read() as reader:
        assert names(reader, instants[-1]) == set()
        assert list(documents._CACHES[small.engine].books) == instants[-1:]


def test_engines_share_nothing(small: SmallDistrict, sqlite_url: str) -> None:
    """Each database has its own cache."""
    other = SmallDistrict(sqlite_url.replace("tracker.db", "other.db"))
    small.publish(SCHEME | WALK)
    for place, found in ((small, True), (other, False), (small, True)):
        with place.read() as reader:
            assert walks(reader) is found
    other.dispose()
