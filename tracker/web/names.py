"""Names of people for pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.credentials import names_of

if TYPE_CHECKING:
    from events.reading import Reader


def people_named(reader: Reader, people: list[str]) -> dict[str, str]:
    """The names of inspectors and accounts that can still be named, by their id in the log."""
    rows = reader.select_in("SELECT person, stream FROM accounts WHERE person", sorted(set(people)))
    accounts = {row[0]: row[1].partition("-")[2] for row in rows}
    names = names_of(reader, [*people, *accounts.values()])
    return names | {
        person: names[account] for person, account in accounts.items() if account in names
    }
