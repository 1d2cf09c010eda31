from collections.abc import Iterator
from datetime import date

import pytest

from events.documents.policies import DistrictPolicy, PolicyPublished, stored_policy
from events.event import Metadata
from events.proofs.seals import seal_log
from events.streams.accounts import AccountOpened, LinkIssued
from events.streams.organizations import OrganizationClosed, OrganizationRenamed, stream_of
from projections.audit.overview import adjustments, administrative, newest_seal
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from tests.support.small_district import SmallDistrict, adjusted, posted


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Communities a and b under the street s, c under the root."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", None, "county")
    small.register("s", "r", "street")
    for code, parent in (("a", "s"), ("b", "s"), ("c", "r")):
        small.register(code, parent)
    yield small
    small.dispose()


STREET = Scope((ScopePart(stream_of("s")),))


def test_the_newest_seal_with_what_came_since(district: SmallDistrict) -> None:
    """Nothing before the first; then what it covers, and how many events it does not."""
    with district.read() as reader:
        assert newest_seal(reader) is None
    with district.store.append() as log:
        seal_log(log, Metadata("os:clerk", "cli"), "first")
    with district.store.append() as log:
        sealed = seal_log(log, Metadata("os:clerk", "cli"), "second")
    with district.read() as reader:
        newest = newest_seal(reader)
    assert newest is not None
    assert (newest.seal, newest.occasion, newest.root) == (2, "second", sealed.root)
    assert (newest.since, newest.total) == (0, sealed.events)
    district.record("a", "a-1", "2026-01-02")
    district.record("b", "b-1", "2026-01-02")
    with district.read() as reader:
        newest = newest_seal(reader)
    assert newest is not None
    assert newest.since == 2


def test_adjustments_newest_first_with_reasons(district: SmallDistrict) -> None:
    """Adjustments are those of the scope alone; a reason that was erased is None."""
    for code in "abc":
        district.tell(stream_of(code), posted("2026-01", "50.00"))
        district.tell(stream_of(code), adjusted("2026-01", "50.00", "60.00"))
    district.tamper(f"DELETE FROM texts WHERE stream = '{stream_of('c')}' AND field = 'reason'")
    with district.read() as reader:
        whole = adjustments(reader, EVERYTHING, 2)
        street = adjustments(reader, STREET, 10)
    assert [(row.organization, row.reason) for row in whole] == [
        ("c", None), ("b", "申诉成立"),
    ]  # fmt: skip
    assert [row.organization for row in street] == ["b", "a"]
    assert (street[0].old, street[0].new, street[0].period) == (
        "50.00", "60.00", "2026-01",
    )  # fmt: skip
    assert (street[0].actor, street[0].name) == ("os:clerk", "组织b")


def test_administrative_events_newest_first(district: SmallDistrict) -> None:
    """Changes of the tree are those of the scope; others are shown for the whole district only."""
    district.tell(stream_of("a"), OrganizationRenamed(on=date(2026, 1, 3), name="新名"))
    district.tell(stream_of("c"), OrganizationClosed(on=date(2026, 1, 4)))
    policy = DistrictPolicy()
    district.tell(
        "policy-district",
        PolicyPublished(version=1, document=stored_policy(policy), digest="0" * 64),
    )
    district.tell("account-1", AccountOpened(account="1"))
    district.tell("account-1", LinkIssued(account="1", link_id="l"))
    with district.read() as reader:
        whole = administrative(reader, EVERYTHING, 10)
        street = administrative(reader, STREET, 10)
        newest = administrative(reader, EVERYTHING, 1)
    assert [row.type for row in whole] == [
        "LinkIssued", "AccountOpened", "PolicyPublished", "OrganizationClosed",
        "OrganizationRenamed", "SchemePublished",
    ]  # fmt: skip
    assert [(row.type, row.name) for row in street] == [("OrganizationRenamed", "新名")]
    assert newest == whole[:1]
