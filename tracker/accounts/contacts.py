"""Whom to call in an organization: those who have the role of its branch secretary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.organizations.directory import streams_of
from projections.people.accounts import accounts
from tracker.accounts.credentials import names_of
from tracker.accounts.people import people_of

if TYPE_CHECKING:
    from events.log.reader import Reader

SECRETARY = "branch"
"""The role whose holders answer for one organization."""


def read_contacts(reader: Reader, day: str) -> dict[str, list[str]]:
    """Return names and phones of the secretaries of organizations, by stream, in force on a day.

    ``day`` is an ISO text. Accounts that are disabled, roles that are delegated and erased names
    are left out.
    """
    places: dict[str, set[str]] = {}
    for account in accounts(reader).values():
        for grant in account.grants.values():
            answers = grant.role == SECRETARY and grant.delegated_by is None and grant.holds(day)
            if answers and account.enabled and grant.organization is not None:
                places.setdefault(grant.organization, set()).add(account.account)
    streams = streams_of(reader, sorted(places))
    everybody = {account for own in places.values() for account in own}
    names, people = names_of(reader, everybody), people_of(reader, everybody)
    phones = {account: person.phone for account, person in people.items() if person.phone}
    contacts: dict[str, list[str]] = {}
    for code, own in sorted(places.items()):
        known = sorted(
            f"{names[account]} {phones.get(account, '')}".rstrip()
            for account in own
            if account in names
        )
        if code in streams and known:
            contacts.setdefault(streams[code], []).extend(known)
    return contacts
