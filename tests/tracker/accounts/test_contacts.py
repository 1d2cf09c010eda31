from collections.abc import Iterator
from datetime import date

import pytest

from events.streams.accounts import AccountDisabled, AccountOpened, RoleGranted, account_stream
from tests.support.small_district import SmallDistrict
from tracker.accounts.contacts import read_contacts
from tracker.accounts.credentials import Credential, add_credential
from tracker.accounts.people import PersonDetails, store_people


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A root with two organizations."""
    small = SmallDistrict(database_url)
    small.register("r", category="county")
    for code in ("a", "b"):
        small.register(code, "r")
    yield small
    small.dispose()


def give(
    small: SmallDistrict,
    account: str,
    code: str,
    *,
    role: str = "branch",
    lender: str | None = None,
) -> None:
    """Somebody has a role over an organization until the end of June."""
    grant = RoleGranted(
        account=account, grant_id="g", role=role, organization=code, from_on=date(2026, 1, 1),
        until_on=date(2026, 6, 30), delegated_by=lender,
    )  # fmt: skip
    small.tell(account_stream(account), AccountOpened(account=account, person=None), grant)
    with small.store.append() as log:
        add_credential(log, Credential(account, account, f"名{account}", None, None, 0))


def test_the_secretaries_are_the_contacts(district: SmallDistrict) -> None:
    """By organization, with phones: no other role, no delegate, nobody disabled, none after."""
    give(district, "u-1", "a")
    give(district, "u-2", "a")
    give(district, "u-3", "a", role="township")
    give(district, "u-4", "b", lender="u-1")
    give(district, "u-5", "b")
    district.tell(account_stream("u-5"), AccountDisabled(account="u-5", reason="离岗"))
    give(district, "u-6", "nowhere")
    with district.read() as reader:
        assert read_contacts(reader, "2026-03-01") == {"organization-a": ["名u-1", "名u-2"]}
        assert read_contacts(reader, "2026-07-01") == {}
    with district.store.append() as log:
        entered = PersonDetails("u-1", "名u-1", "13800000001", None, "os:clerk", "2026-03-01")
        store_people(log, [entered])
    with district.read() as reader:
        assert read_contacts(reader, "2026-03-01") == {
            "organization-a": ["名u-1 13800000001", "名u-2"]
        }
