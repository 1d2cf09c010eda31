"""Names of people for pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.people.accounts import accounts_of_people
from tracker.accounts.credentials import names_of

if TYPE_CHECKING:
    from events.log.reader import Reader


def people_named(reader: Reader, people: list[str]) -> dict[str, str]:
    """The names of inspectors and accounts that can still be named, by their id in the log."""
    accounts = accounts_of_people(reader, sorted(set(people)))
    names = names_of(reader, [*people, *accounts.values()])
    return names | {
        person: names[account] for person, account in accounts.items() if account in names
    }
