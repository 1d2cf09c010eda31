"""What auditors look at first: the newest seal, what came since, what people changed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
"""Changes of the tree. Registrations come by the hundred in a file and are left out."""
ACCOUNTS = (
    AccountOpened.TYPE,
    RoleGranted.TYPE,
    RoleRevoked.TYPE,
    AccountDisabled.TYPE,
    AccountEnabled.TYPE,
    LinkIssued.TYPE,
)
DOCUMENTS = (PolicyPublished.TYPE, SchemePublished.TYPE, SchemeClosed.TYPE, DeadlineMoved.TYPE)


def newest_seal(reader: Reader) -> dict[str, Any] | None:
    """The newest seal with the events that came since; None where nothing was sealed yet.

    ``total`` counts all events but the seals themselves, which no seal covers.
    """
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1", [SEALS]
    )
    if not rows:
        return None
    event = event_from_row(rows[0])
    sums = reader.rows("SELECT coalesce(sum(version), 0) FROM heads WHERE stream <> ?", [SEALS])
    total = int(sums[0][0])
    names = ("seal", "root", "streams", "events", "occasion")
    return {name: event.data[name] for name in names} | {
        "at": event.recorded_at,
        "since": total - event.data["events"],
        "total": total,
    }


def adjustments(reader: Reader, scope: Scope, limit: int) -> list[dict[str, Any]]:
    """The newest adjustments of scores in a scope, with their reasons where they still stand."""
    found = _of_scope(reader, scope, [ScoreAdjusted.TYPE], limit)
    texts = reader.texts([(event.stream, event.version) for _, _, event in found])
    return [
        _head(event)
        | {
            "organization": code,
            "name": name,
            "period": event.data["period"],
            "old": event.data.get("old"),
            "new": event.data["new"],
            "reason": texts.get((event.stream, event.version, "reason")),
        }
        for code, name, event in found
    ]


def administrative(reader: Reader, scope: Scope, limit: int) -> list[dict[str, Any]]:
    """The newest events by which people changed the tree, documents, deadlines or accounts.

    Documents and accounts are told of to those alone who look over the whole district.
    """
    found = [
        _head(event) | {"organization": code, "name": name}
        for code, name, event in _of_scope(reader, scope, TREE, limit)
    ]
    if scope.whole:
        for kind in (*DOCUMENTS, *ACCOUNTS):
            rows = reader.rows(
                f"SELECT {COLUMNS} FROM events WHERE type = ? ORDER BY position DESC LIMIT ?",
                [kind, limit],
            )
            found += [
                _head(event_from_row(row)) | {"organization": None, "name": None} for row in rows
            ]
    return sorted(found, key=lambda one: one["position"], reverse=True)[:limit]


def _of_scope(
    reader: Reader, scope: Scope, types: Sequence[str], limit: int
) -> list[tuple[str, str, RecordedEvent]]:
    """The newest events of some types in a scope: code, name and event of each."""
    condition, values = scope.condition()
    columns = ", ".join(f"e.{name.strip()}" for name in COLUMNS.split(","))
    found: list[tuple[str, str, RecordedEvent]] = []
    for kind in types:
        rows = reader.rows(
            f"SELECT {columns}, o.code, o.name FROM events e"
            f" JOIN organizations o ON o.stream = e.stream WHERE e.type = ? AND {condition}"
            " ORDER BY e.position DESC LIMIT ?",
            [kind, *values, limit],
        )
        found += [(code, name, event_from_row(event)) for *event, code, name in rows]
    found.sort(key=lambda one: one[2].position, reverse=True)
    return found[:limit]


def _head(event: RecordedEvent) -> dict[str, Any]:
    return {
        "stream": event.stream,
        "version": event.version,
        "position": event.position,
        "type": event.type,
        "actor": event.actor,
        "at": event.recorded_at,
    }
