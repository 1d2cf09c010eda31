from typing import Any

import pytest

from events.documents.policies import STREAM as POLICY
from events.documents.policies import DistrictPolicy, PolicyPublished, stored_policy
from events.documents.schemes import SchemeClosed
from events.log.reader import Reader
from events.periods import parse_month
from events.refusals.errors import Kind, Refused
from projections.documents import in_force as documents
from projections.documents.in_force import (
    book,
    categories,
    district,
    policy,
    published_schemes,
    require_category,
    vocabulary,
    zone_of,
)
from tests.support.small_district import SCHEME, SmallDistrict
from tracker.storage.database import migrate, open_engine

MAY = parse_month("2026-05")


def in_force(reader: Reader, until: str | None = None) -> tuple[str, int] | None:
    """The scheme in force for communities in May."""
    found = book(reader, until).in_force("community", "monthly", MAY)
    return None if found is None else (found.scheme, found.version)


def test_the_district_is_read_from_its_event(small: SmallDistrict) -> None:
    """Zone and first month are those of init."""
    with small.read() as reader:
        found = district(reader)
    assert (found.zone, str(found.first_month)) == (zone_of("Asia/Shanghai"), "2026-01")


def test_refuses_a_database_without_a_district(database_url: str) -> None:
    """Before init the answer says how to make one."""
    engine = open_engine(database_url)
    migrate(engine)
    with engine.connect() as connection, pytest.raises(Refused, match="tracker init") as refused:
        district(Reader(connection))
    assert refused.value.kind is Kind.NOT_FOUND
    engine.dispose()


def test_a_book_holds_what_was_published_by_then(small: SmallDistrict) -> None:
    """A new version takes a new book, and a past instant knows only what stood at it."""
    small.publish()
    with small.read() as reader:
        first = published_schemes(reader)[-1][0].recorded_at
        assert in_force(reader) == ("community-test", 1)
        assert book(reader) is book(reader)
    second: dict[str, Any] = SCHEME | {"version": 2, "effective_from": "2026-04"}
    small.publish(second)
    with small.read() as reader:
        assert in_force(reader) == ("community-test", 2)
        assert in_force(reader, first) == ("community-test", 1)
        assert in_force(reader, "2020-01-01T00:00:00.000000Z") is None
    small.tell(
        "scheme-community-test", SchemeClosed(scheme="community-test", closed_from="2026-05")
    )
    with small.read() as reader:
        assert in_force(reader) is None
        assert in_force(reader, first) == ("community-test", 1)


def test_keeps_a_few_books(small: SmallDistrict, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many instants are asked for, only the newest books are kept."""
    monkeypatch.setattr(documents, "BOOKS_KEPT", 2)
    small.publish()
    with small.read() as reader:
        for second in range(5):
            book(reader, f"2026-01-01T00:00:0{second}.000000Z")
        assert len(documents._cache_of(reader, None).books) == 2


def test_the_policy_is_the_newest_or_the_defaults(small: SmallDistrict) -> None:
    """Version 0 are the defaults; a published one counts from then on."""
    with small.read() as reader:
        assert policy(reader) == documents.PolicyInForce(0, DistrictPolicy())
    wanted = DistrictPolicy(appeal_days=20)
    small.tell(
        POLICY,
        PolicyPublished(version=3, document=stored_policy(wanted), digest="0" * 64),
    )
    with small.read() as reader:
        assert policy(reader) == documents.PolicyInForce(3, wanted)


def test_the_vocabulary_grows_with_the_schemes(small: SmallDistrict) -> None:
    """What a published scheme adds is known in addition to the built-in words."""
    added = SCHEME | {"activities": {"village_walk": {"zh": "走村", "en": "Village walk"}}}
    with small.read() as reader:
        assert "party_lesson" in vocabulary(reader).activities
        assert "village_walk" not in vocabulary(reader).activities
    small.publish(added)
    with small.read() as reader:
        assert "village_walk" in vocabulary(reader).activities


def test_the_categories_are_those_of_the_newest_policy(small: SmallDistrict) -> None:
    """Built in before any policy; the policy's own follow, and the vocabulary has them."""
    with small.read() as reader:
        assert "hospital" not in categories(reader)
        assert vocabulary(reader).categories is categories(reader)
    for version, name in enumerate(("hospital", "police"), start=1):
        document = stored_policy(
            DistrictPolicy.model_validate({"categories": {name: {"zh": "名"}}})
        )
        small.tell(POLICY, PolicyPublished(version=version, document=document, digest="0" * 64))
        with small.read() as reader:
            assert list(categories(reader))[-1] == name
            assert categories(reader) is categories(reader)
            assert list(vocabulary(reader).categories)[-1] == name
            require_category(reader, name, "category")
    with small.read() as reader, pytest.raises(Refused, match=r"choose one of .*police"):
        require_category(reader, "hospital", "category")
