"""Read model: what a person may type to find an organization, its code and pinyin initials.

The initials come from a library's table of readings. ``SearchKeys.version`` is raised with every
release of that library that reads a common character differently; a test compares them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.streams.organizations import (
    OrganizationRecoded,
    OrganizationRegistered,
    OrganizationRenamed,
)
from projections.organizations.sounds import sounds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.contract import Statement

INSERT = (
    "INSERT INTO organization_keys (stream, code, sounds) VALUES (?, ?, ?)"
    " ON CONFLICT (stream) DO UPDATE SET code = excluded.code, sounds = excluded.sounds"
)


class SearchKeys:
    """The read model of the keys by which organizations are picked."""

    name = "search_keys"
    version = 1
    tables = ("organization_keys",)
    create = (
        """CREATE TABLE IF NOT EXISTS organization_keys (stream text PRIMARY KEY,
        code text NOT NULL, sounds text NOT NULL)""",
        # A search by initials reads this index alone, in the order of its answer.
        """CREATE INDEX IF NOT EXISTS organization_keys_code
        ON organization_keys (code, sounds, stream)""",
    )
    types = frozenset(
        {OrganizationRegistered.TYPE, OrganizationRenamed.TYPE, OrganizationRecoded.TYPE}
    )

    def plan(self, _reader: Reader, events: Sequence[RecordedEvent], _zone: str) -> list[Statement]:
        """Plan the keys after events: whole rows of new organizations, else what changed."""
        rows: dict[str, tuple[str, str]] = {}
        codes: dict[str, str] = {}
        sounds: dict[str, str] = {}
        for event in events:
            data, stream = event.data, event.stream
            if event.type == OrganizationRegistered.TYPE:
                rows[stream] = data["code"], sounds_of(data["name"])
            elif event.type == OrganizationRecoded.TYPE:
                codes[stream] = data["code"]
            else:
                sounds[stream] = sounds_of(data["name"])
        return [
            (INSERT, [(stream, *row) for stream, row in rows.items()]),
            (
                "UPDATE organization_keys SET code = ? WHERE stream = ?",
                [(code, stream) for stream, code in codes.items()],
            ),
            (
                "UPDATE organization_keys SET sounds = ? WHERE stream = ?",
                [(sound, stream) for stream, sound in sounds.items()],
            ),
        ]
