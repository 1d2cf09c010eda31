"""Names and phones of people, stored outside the log by opaque ids, where they can be erased.

No event, export of events, seal or log line has any of it.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.log.reader import Reader
    from events.log.store import Append


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """What is known of a person; ``born_on`` is an ISO day, ``entered_by`` an actor."""

    id: str
    name: str
    phone: str | None
    born_on: str | None
    entered_by: str
    entered_at: str


COLUMNS = ", ".join(column.name for column in fields(PersonDetails))


def people_of(reader: Reader, ids: Iterable[str]) -> dict[str, PersonDetails]:
    """Return the people of ids by id; who was erased or never entered is left out."""
    rows = reader.select_in(f"SELECT {COLUMNS} FROM people WHERE id", sorted(set(ids)))
    return {row[0]: PersonDetails(*row) for row in rows}


def store_people(log: Append, people: Iterable[PersonDetails]) -> None:
    """Store people; what was known of the same ids is replaced."""
    marks = ", ".join("?" * len(fields(PersonDetails)))
    rows = [astuple(person) for person in people]
    log.write("DELETE FROM people WHERE id = ?", [(person_id,) for person_id, *_ in rows])
    log.write(f"INSERT INTO people ({COLUMNS}) VALUES ({marks})", rows)
