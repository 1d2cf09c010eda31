"""Inspectors as they are now: team, categories, own organization, recusals, terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from events.streams.people import (
    PREFIX,
    InspectorRecused,
    InspectorRegistered,
    Person,
    evolve,
    person_stream,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.contract import Statement


class People:
    """The read model of inspectors."""

    name = "people"
    version = 1
    tables = ("inspectors", "inspector_terms")
    create = (
        """CREATE TABLE IF NOT EXISTS inspectors (stream text PRIMARY KEY,
        organization text NOT NULL, team text NOT NULL, categories text NOT NULL,
        recused text NOT NULL)""",
        # Only of those who have any: a district from before them needs no rebuild.
        """CREATE TABLE IF NOT EXISTS inspector_terms (stream text PRIMARY KEY,
        purposes text NOT NULL, leader integer NOT NULL, until_on text)""",
    )
    types = frozenset({InspectorRegistered.TYPE, InspectorRecused.TYPE})

    def plan(self, reader: Reader, events: Sequence[RecordedEvent], _zone: str) -> list[Statement]:
        """Plan the newest row of each person that events change."""
        people = inspectors(reader, sorted({event.stream for event in events}))
        for event in events:
            people[event.stream] = evolve(people.get(event.stream, Person()), event)
        rows = [
            (
                stream,
                person.organization,
                person.team,
                orjson.dumps(person.categories).decode(),
                orjson.dumps(sorted(person.recused)).decode(),
            )
            for stream, person in people.items()
        ]
        terms = [
            (stream, orjson.dumps(person.purposes).decode(), int(person.leader), person.until)
            for stream, person in people.items()
            if person.purposes or person.leader or person.until is not None
        ]
        return [
            (
                (
                    "INSERT INTO inspectors (stream, organization, team, categories, recused)"
                    " VALUES (?, ?, ?, ?, ?) ON CONFLICT (stream) DO UPDATE SET"
                    " organization = excluded.organization, team = excluded.team,"
                    " categories = excluded.categories, recused = excluded.recused"
                ),
                rows,
            ),
            ("DELETE FROM inspector_terms WHERE stream = ?", [(stream,) for stream in people]),
            (
                (
                    "INSERT INTO inspector_terms (stream, purposes, leader, until_on)"
                    " VALUES (?, ?, ?, ?)"
                ),
                terms,
            ),
        ]


def inspectors(reader: Reader, streams: Sequence[str] | None = None) -> dict[str, Person]:
    """Return inspectors by stream: those named, or all."""
    sql = (
        "SELECT i.stream, organization, team, categories, recused, purposes, leader, until_on"
        " FROM inspectors i LEFT JOIN inspector_terms t ON t.stream = i.stream"
    )
    if streams is None:
        rows = reader.rows(sql)
    else:
        rows = reader.select_in(f"{sql} WHERE i.stream", streams)
    return {
        stream: Person(
            stream.removeprefix(PREFIX),
            organization,
            team,
            tuple(orjson.loads(categories)),
            frozenset(orjson.loads(recused)),
            tuple(orjson.loads(purposes or "[]")),
            bool(leader),
            until,
        )
        for stream, organization, team, categories, recused, purposes, leader, until in rows
    }


def inspector(reader: Reader, person: str) -> Person | None:
    """Return one inspector, or None."""
    return inspectors(reader, [person_stream(person)]).get(person_stream(person))
