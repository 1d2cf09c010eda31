"""An organization's file as it was known at a past instant: its head, inspections and orders.

``until`` is the last instant (its text) whose events count; empty for all of them. Within a stream
instants never go back, so what was known then is the stream up to one version.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from events.streams.findings import FindingsSubmitted, InspectionAssigned
from events.streams.organizations import SUBJECT, Organization, OrganizationRecoded, evolve
from events.streams.records import ActivityRecorded
from projections.electronic_file.file import file_head
from projections.organizations.directory import entries_of, find
from projections.organizations.scope import Scope
from projections.rectifications.ledger import read_orders, read_replies, state_of
from projections.scores.outcomes import INSPECTION_STATES

if TYPE_CHECKING:
    from datetime import date

    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.rectifications.ledger import RectificationOrder

LAST = "9999"
"""After every instant."""


def head_known(reader: Reader, entry: OrganizationEntry, until: str = "") -> dict[str, Any] | None:
    """What stands at the head of a file; None where the organization was not known yet.

    ``codes`` are all it bore, the present one last; ``historical`` counts the records that came by
    a historical import; ``parent`` is the parent's ``{code, name}`` with the name it has now.
    """
    if not until:
        parent = entries_of(reader, [entry.parent or ""]).get(entry.parent or "")
        return file_head(reader, entry) | {
            "code": entry.code,
            "name": entry.name,
            "category": entry.category,
            "parent": None if parent is None else {"code": parent.code, "name": parent.name},
            "registered_on": entry.registered_on,
            "closed_on": entry.closed_on,
        }
    life = [one for one in reader.subject(entry.stream, SUBJECT) if one.recorded_at <= until]
    if not life:
        return None
    then = reduce(evolve, life, Organization())
    version, digest = reader.rows(
        "SELECT version, hash FROM events WHERE stream = ? AND recorded_at <= ?"
        " ORDER BY version DESC LIMIT 1",
        [entry.stream, until],
    )[0]
    above = find(reader, then.parent) if then.parent is not None else None
    borne = [one.data["code"] for one in life[1:] if one.type == OrganizationRecoded.TYPE]
    return {
        "codes": list(dict.fromkeys([life[0].data["code"], *borne])),
        "version": version,
        "hash": bytes(digest).hex(),
        "historical": _historical(reader, entry.stream, until),
        "code": then.code,
        "name": then.name,
        "category": then.category,
        "parent": None if above is None else {"code": then.parent, "name": above.name},
        "registered_on": then.registered_on.isoformat(),
        "closed_on": None if then.closed_on is None else then.closed_on.isoformat(),
    }


def _historical(reader: Reader, stream: str, until: str) -> int:
    """How many records had come by a historical import."""
    count: int = reader.rows(
        "SELECT count(*) FROM events WHERE stream = ? AND type = ? AND recorded_at <= ?"
        " AND recorded_on IS NOT NULL",
        [stream, ActivityRecorded.TYPE, until],
    )[0][0]
    return count


def inspections_known(reader: Reader, stream: str, until: str = "") -> list[dict[str, Any]]:
    """The inspections of an organization, newest month first, each with its state and sheets.

    ``sheets`` counts those handed in, ``findings`` and ``disallowed`` what they hold in all.
    """
    kinds = sorted(INSPECTION_STATES)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for event in reader.events_of_types(stream, kinds, until or LAST):
        data = event.data
        one = found.setdefault(
            (data["period"], data["scope"]),
            {"period": data["period"], "scope": data["scope"], "inspectors": data["inspectors"],
             "assigned_at": event.recorded_at, "done_at": None, "sheets": 0, "findings": 0,
             "disallowed": 0},
        )  # fmt: skip
        one["state"] = INSPECTION_STATES[event.type]
        if event.type == FindingsSubmitted.TYPE:
            one["sheets"] += 1
            one["findings"] += len(data["findings"])
            one["disallowed"] += len(data["disallow"])
        if event.type != InspectionAssigned.TYPE:
            one["done_at"] = event.recorded_at
    return [found[key] for key in sorted(found, reverse=True)]


def orders_known(
    reader: Reader, stream: str, day: date, until: str = ""
) -> list[RectificationOrder]:
    """The rectification orders of an organization as ``read_orders`` returns them.

    Each stands as on ``day``, which is the local day of ``until`` where there is one.
    """
    found = read_orders(reader, Scope(streams=frozenset({stream})), day)
    if not until:
        return found
    answers = read_replies(reader, stream)
    known = []
    for order in found:
        given = [
            reply.replied_at
            for reply in answers.get(order.rectification_id, [])
            if reply.replied_at <= until
        ]
        if order.ordered_at <= until:
            state = state_of(order.due, bool(given), day)
            known.append(order._replace(replied_at=max(given, default=None), state=state))
    return known


def gap(scores: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The self-report gap over the inspected months of some scores: how many, mean, largest.

    Derived minus inspected in hundredths of a point, rounded half up once, as text; None where no
    month has both figures.
    """
    gaps = [
        (_fen(one["derived"]) - _fen(one["inspected"]), one["period"])
        for one in scores
        if one["derived"] is not None and one["inspected"] is not None
    ]
    if not gaps:
        return None
    largest, period = max(gaps)
    total, count = sum(one for one, _ in gaps), len(gaps)
    mean = (2 * total + count) // (2 * count)
    return {
        "months": count,
        "mean": hundredths(mean),
        "largest": hundredths(largest),
        "period": period,
    }


def _fen(text: str) -> int:
    """A posted score (two decimals) in hundredths."""
    return int(text.replace(".", ""))


def hundredths(number: int) -> str:
    """A whole number of hundredths as text with two decimals and its sign."""
    return f"{'-' if number < 0 else ''}{abs(number) // 100}.{abs(number) % 100:02}"
