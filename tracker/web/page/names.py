"""The names of people by their ids in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.people.accounts import accounts_of_people
from tracker.accounts.credentials import names_of

if TYPE_CHECKING:
    from events.log.reader import Reader


def read_people_names(reader: Reader, people: list[str]) -> dict[str, str]:
    """Return the names of inspectors and accounts by their id; erased names are left out."""
    accounts = accounts_of_people(reader, sorted(set(people)))
    names = names_of(reader, [*people, *accounts.values()])
    return names | {
        person: names[account] for person, account in accounts.items() if account in names
    }
