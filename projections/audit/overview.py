"""The newest seal, what came since, and what people changed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from events.documents.policies import PolicyPublished
from events.documents.schemes import SchemeClosed, SchemePublished
from events.log.reader import COLUMNS, event_from_row
from events.proofs.seals import STREAM as SEALS
from events.streams.accounts import (
    AccountDisabled,
    AccountEnabled,
    AccountOpened,
    LinkIssued,
    RoleGranted,
    RoleRevoked,
)
from events.streams.cycles import DeadlineMoved
from events.streams.organizations import (
    OrganizationClosed,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRecategorized,
    OrganizationRecoded,
    OrganizationRenamed,
)
from events.streams.scores import ScoreAdjusted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.organizations.scope import Scope

TREE = (
    OrganizationMoved.TYPE,
    OrganizationMerged.TYPE,
    OrganizationClosed.TYPE,
    OrganizationRecoded.TYPE,
    OrganizationRecategorized.TYPE,
    OrganizationRenamed.TYPE,
)
"""Changes of the tree. Registrations are left out: a file brings hundreds of them."""
ACCOUNTS = (
    AccountOpened.TYPE,
    RoleGranted.TYPE,
    RoleRevoked.TYPE,
    AccountDisabled.TYPE,
    AccountEnabled.TYPE,
    LinkIssued.TYPE,
)
DOCUMENTS = (PolicyPublished.TYPE, SchemePublished.TYPE, SchemeClosed.TYPE, DeadlineMoved.TYPE)


@dataclass(frozen=True, slots=True)
class SealSummary:
    """The newest seal: its number, root and occasion, and what came since.

    ``streams`` and ``events`` are what it covers, ``since`` the events after it; ``total`` counts
    all events but the seals themselves, which no seal covers.
    """

    seal: int
    root: str
    streams: int
    events: int
    occasion: str
    at: str
    since: int
    total: int


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """An event by which a person changed something; ``position`` is its place in the log.

    ``organization`` (code) and ``name`` are None for documents, deadlines and accounts.
    """

    stream: str
    version: int
    position: int
    type: str
    actor: str
    at: str
    organization: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class AdjustmentEvent(ChangeEvent):
    """An adjustment of a month's score; ``reason`` is None where its text was erased."""

    period: str
    old: str | None
    new: str
    reason: str | None


class _OrganizationEvent(NamedTuple):
    """An event of an organization, with its present code and name."""

    code: str
    name: str
    event: RecordedEvent


def newest_seal(reader: Reader) -> SealSummary | None:
    """Return the newest seal, or None before the first."""
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1", [SEALS]
    )
    if not rows:
        return None
    event = event_from_row(rows[0])
    ((total,),) = reader.rows(
        "SELECT coalesce(sum(version), 0) FROM heads WHERE stream <> ?", [SEALS]
    )
    data = event.data
    return SealSummary(
        seal=data["seal"],
        root=data["root"],
        streams=data["streams"],
        events=data["events"],
        occasion=data["occasion"],
        at=event.recorded_at,
        since=int(total) - data["events"],
        total=int(total),
    )


def adjustments(reader: Reader, scope: Scope, limit: int) -> list[AdjustmentEvent]:
    """Return the newest adjustments of scores in a scope, newest first."""
    rows = _of_scope(reader, scope, [ScoreAdjusted.TYPE], limit)
    texts = reader.texts([(row.event.stream, row.event.version) for row in rows])
    return [
        AdjustmentEvent(
            *_head(row.event),
            row.code,
            row.name,
            period=row.event.data["period"],
            old=row.event.data.get("old"),
            new=row.event.data["new"],
            reason=texts.get((row.event.stream, row.event.version, "reason")),
        )
        for row in rows
    ]


def administrative(reader: Reader, scope: Scope, limit: int) -> list[ChangeEvent]:
    """Return the newest events by which people changed tree, documents, deadlines or accounts.

    Newest first. Documents, deadlines and accounts are only returned for the whole district.
    """
    changes = [
        ChangeEvent(*_head(row.event), row.code, row.name)
        for row in _of_scope(reader, scope, TREE, limit)
    ]
    if scope.whole:
        for kind in (*DOCUMENTS, *ACCOUNTS):
            # one query a type: each reads a few entries of the index of types, from the end
            rows = reader.rows(
                f"SELECT {COLUMNS} FROM events WHERE type = ? ORDER BY position DESC LIMIT ?",
                [kind, limit],
            )
            changes += [ChangeEvent(*_head(event_from_row(row)), None, None) for row in rows]
    return sorted(changes, key=lambda change: change.position, reverse=True)[:limit]


def _of_scope(
    reader: Reader, scope: Scope, types: Sequence[str], limit: int
) -> list[_OrganizationEvent]:
    """Return the newest events of some types in a scope, newest first."""
    condition, values = scope.condition()
    columns = ", ".join(f"e.{name.strip()}" for name in COLUMNS.split(","))
    events: list[_OrganizationEvent] = []
    for kind in types:
        rows = reader.rows(
            f"SELECT {columns}, o.code, o.name FROM events e"
            f" JOIN organizations o ON o.stream = e.stream WHERE e.type = ? AND {condition}"
            " ORDER BY e.position DESC LIMIT ?",
            [kind, *values, limit],
        )
        events += [
            _OrganizationEvent(code, name, event_from_row(event)) for *event, code, name in rows
        ]
    events.sort(key=lambda row: row.event.position, reverse=True)
    return events[:limit]


def _head(event: RecordedEvent) -> tuple[str, int, int, str, str, str]:
    """Return the first fields of a ``ChangeEvent``."""
    return (
        event.stream,
        event.version,
        event.position,
        event.type,
        event.actor,
        event.recorded_at,
    )
