"""People picked by name, part of it, initials, log-in name or id, within a scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from events.streams.accounts import AccountDisabled, AccountOpened, RoleGranted, account_stream
from events.streams.people import InspectorRegistered, person_stream
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from tests.support.small_district import SmallDistrict
from tracker.accounts import picking
from tracker.accounts.credentials import Credential, add_credential
from tracker.accounts.picking import PeopleKind, PersonQuery, find_people, resolve_person

EAST = Scope((ScopePart("organization-e"),))
PEOPLE = {
    "u-1": ("wang.wei", "王伟", "e"),
    "u-2": ("wangwei2", "王伟", "w"),
    "u-3": ("li", "李小红", "e"),
    "u-4": ("gone", "王大力", "e"),
    "u-5": ("head", "区小王", None),
}


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """People of two streets and of the whole district; one is disabled, two are inspectors."""
    small = SmallDistrict(database_url)
    small.register("r", category="county")
    for code in ("e", "w"):
        small.register(code, "r", "street")
    for account, (login, name, organization) in PEOPLE.items():
        person = "p-3" if account == "u-3" else None
        grant = RoleGranted(
            account=account, grant_id="g", role="auditor", organization=organization,
            from_on=date(2026, 1, 1),
        )  # fmt: skip
        small.tell(account_stream(account), AccountOpened(account=account, person=person), grant)
        with small.store.append() as log:
            add_credential(log, Credential(account, login, name, None, None, 0))
    small.tell(account_stream("u-4"), AccountDisabled(account="u-4", reason="离岗"))
    for person, team in (("p-3", "一组"), ("p-9", "二组")):
        event = InspectorRegistered(
            person=person, organization="r", team=team, categories=("community",)
        )
        small.tell(person_stream(person), event)
    yield small
    small.dispose()


def meant(
    small: SmallDistrict, kind: PeopleKind, text: str, scope: Scope = EVERYTHING
) -> list[str]:
    """The values that a typed text means."""
    with small.read() as reader:
        return [one.value for one in resolve_person(reader, PersonQuery(kind, scope, text), 5)]


def offered(
    small: SmallDistrict, kind: PeopleKind, text: str, scope: Scope = EVERYTHING, limit: int = 5
) -> list[str]:
    """The values that are offered while a text is typed."""
    with small.read() as reader:
        return [one.value for one in find_people(reader, PersonQuery(kind, scope, text), limit)]


@pytest.mark.parametrize(
    ("text", "logins"),
    [
        ("li", ["li"]),
        ("LI", ["li"]),
        ("李小红（li）", ["li"]),
        ("李小红", ["li"]),
        ("王伟", ["wang.wei", "wangwei2"]),
        ("王伟（wangwei2）", ["wangwei2"]),
        ("小", ["head", "li"]),
        ("lxh", ["li"]),
        ("oxw", ["head"]),
        ("wang", ["wang.wei", "wangwei2"]),
        ("gone", ["gone"]),
        ("王大力", []),
        ("nobody", []),
        ("no（one）", []),
    ],
)
def test_whom_a_text_means(district: SmallDistrict, text: str, logins: list[str]) -> None:
    """A whole log-in name is decided, a disabled one's too; names mean who can sign in."""
    assert sorted(meant(district, PeopleKind.BORROWERS, text)) == sorted(logins)


def test_only_people_of_the_scope_are_offered(district: SmallDistrict) -> None:
    """Names mean the people of the own part; a whole log-in name is known to who types it."""
    assert meant(district, PeopleKind.BORROWERS, "王伟", EAST) == ["wang.wei"]
    assert meant(district, PeopleKind.BORROWERS, "wangwei2", EAST) == ["wangwei2"]
    assert offered(district, PeopleKind.BORROWERS, "w", EAST) == ["wang.wei"]
    assert offered(district, PeopleKind.BORROWERS, "") == []


def test_actors_are_found_by_the_ids_of_the_log(district: SmallDistrict) -> None:
    """An actor's value is the account's id; who is disabled did things too."""
    assert meant(district, PeopleKind.ACTORS, "u-3") == ["u-3"]
    assert meant(district, PeopleKind.ACTORS, "王大力") == ["u-4"]
    assert meant(district, PeopleKind.ACTORS, "gone") == ["u-4"]


def test_inspectors_are_found_with_and_without_an_account(district: SmallDistrict) -> None:
    """By id, and by the name of the account where there is one; over the whole district alone."""
    assert meant(district, PeopleKind.INSPECTORS, "p-9") == ["p-9"]
    assert meant(district, PeopleKind.INSPECTORS, "李") == ["p-3"]
    assert offered(district, PeopleKind.INSPECTORS, "p-") == ["p-3", "p-9"]
    assert offered(district, PeopleKind.INSPECTORS, "p-", EAST) == []
    with district.read() as reader:
        query = PersonQuery(PeopleKind.INSPECTORS, EVERYTHING, "p-3")
        (person,) = resolve_person(reader, query, 5)
    assert (person.name, person.team, person.account) == ("李小红", "一组", "u-3")


def test_pages_of_people_are_read_until_enough(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Roles are read page by page; the first with the right scope are the answer."""
    monkeypatch.setattr(picking, "PAGE", 1)
    assert offered(district, PeopleKind.BORROWERS, "王", limit=2) == ["wang.wei", "wangwei2"]
    assert offered(district, PeopleKind.BORROWERS, "小", EAST) == ["li"]
