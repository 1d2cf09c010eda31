"""An organization's file as it was known at a past instant: its head, inspections and orders.

``until`` is the last instant (its text) whose events count; empty for all of them. Within a stream
instants never go back, so what was known then is the stream up to one version.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from events.streams.findings import FindingsSubmitted, InspectionAssigned
from events.streams.organizations import SUBJECT, Organization, OrganizationRecoded, evolve
from events.streams.records import ActivityRecorded
from projections.organizations.directory import entries_of, find
from projections.organizations.scope import Scope
from projections.organizations.selection import codes_of
from projections.records.facts import count_historical_records
from projections.rectifications.ledger import read_orders, read_replies, state_of
from projections.scores.outcomes import INSPECTION_STATES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from events.log.reader import Reader
    from projections.electronic_file.file import FileScore
    from projections.organizations.directory import OrganizationEntry
    from projections.rectifications.ledger import RectificationOrder

LAST = "9999"
"""After every instant."""


@dataclass(frozen=True, slots=True)
class ParentName:
    """The parent of an organization: its code, and the name that it has now."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class KnownHead:
    """The head of a file as it was known: the organization, and the event that proves it.

    ``codes`` are all codes up to then, the present one last; ``version`` and ``hash`` (hex) are
    those of the newest event; ``historical`` counts the records of historical imports.
    """

    codes: list[str]
    version: int
    hash: str
    historical: int
    code: str | None
    name: str | None
    category: str | None
    parent: ParentName | None
    registered_on: str
    closed_on: str | None


def head_known(reader: Reader, entry: OrganizationEntry, until: str = "") -> KnownHead | None:
    """Return the head of a file; None where the organization was not known yet."""
    if not until:
        version, digest = reader.head(entry.stream) or (0, b"")
        parent = entries_of(reader, [entry.parent or ""]).get(entry.parent or "")
        return KnownHead(
            codes=codes_of(reader, entry.stream),
            version=version,
            hash=digest.hex(),
            historical=count_historical_records(reader, entry.stream),
            code=entry.code,
            name=entry.name,
            category=entry.category,
            parent=None if parent is None else ParentName(parent.code, parent.name),
            registered_on=entry.registered_on,
            closed_on=entry.closed_on,
        )
    life = [event for event in reader.subject(entry.stream, SUBJECT) if event.recorded_at <= until]
    if not life:
        return None
    then = reduce(evolve, life, Organization())
    version, digest = reader.rows(
        "SELECT version, hash FROM events WHERE stream = ? AND recorded_at <= ?"
        " ORDER BY version DESC LIMIT 1",
        [entry.stream, until],
    )[0]
    later_codes = [
        event.data["code"] for event in life[1:] if event.type == OrganizationRecoded.TYPE
    ]
    return KnownHead(
        codes=list(dict.fromkeys([life[0].data["code"], *later_codes])),
        version=version,
        hash=bytes(digest).hex(),
        historical=_count_historical(reader, entry.stream, until),
        code=then.code,
        name=then.name,
        category=then.category,
        parent=_parent_named(reader, then.parent),
        registered_on=then.registered_on.isoformat(),
        closed_on=None if then.closed_on is None else then.closed_on.isoformat(),
    )


def _parent_named(reader: Reader, code: str | None) -> ParentName | None:
    """Return a parent under the code that it had then, with its present name."""
    parent = None if code is None else find(reader, code)
    return None if code is None or parent is None else ParentName(code, parent.name)


def _count_historical(reader: Reader, stream: str, until: str) -> int:
    """Count the records of historical imports that were known at an instant."""
    ((count,),) = reader.rows(
        "SELECT count(*) FROM events WHERE stream = ? AND type = ? AND recorded_at <= ?"
        " AND recorded_on IS NOT NULL",
        [stream, ActivityRecorded.TYPE, until],
    )
    return int(count)


@dataclass(slots=True)
class KnownInspection:
    """An inspection as it was known: its state, and what its sheets hold.

    ``sheets`` counts those handed in, ``findings`` and ``disallowed`` what they hold in all;
    ``done_at`` is the instant of the newest sheet, or of its end without one.
    """

    period: str
    scope: str
    inspectors: list[str]
    assigned_at: str
    done_at: str | None = None
    sheets: int = 0
    findings: int = 0
    disallowed: int = 0
    state: str = ""


def inspections_known(reader: Reader, stream: str, until: str = "") -> list[KnownInspection]:
    """Return the inspections of an organization, newest month first."""
    kinds = sorted(INSPECTION_STATES)
    inspections: dict[tuple[str, str], KnownInspection] = {}
    for event in reader.events_of_types(stream, kinds, until or LAST):
        data = event.data
        inspection = inspections.setdefault(
            (data["period"], data["scope"]),
            KnownInspection(data["period"], data["scope"], data["inspectors"], event.recorded_at),
        )
        inspection.state = INSPECTION_STATES[event.type]
        if event.type == FindingsSubmitted.TYPE:
            inspection.sheets += 1
            inspection.findings += len(data["findings"])
            inspection.disallowed += len(data["disallow"])
        if event.type != InspectionAssigned.TYPE:
            inspection.done_at = event.recorded_at
    return [inspections[key] for key in sorted(inspections, reverse=True)]


def orders_known(
    reader: Reader, stream: str, day: date, until: str = ""
) -> list[RectificationOrder]:
    """Return the rectification orders of an organization as ``read_orders`` does.

    The state is that of ``day``, which is the local day of ``until`` where there is one.
    """
    ordered = read_orders(reader, Scope(streams=frozenset({stream})), day)
    if not until:
        return ordered
    replies = read_replies(reader, stream)
    known = []
    for order in ordered:
        replied = [
            reply.replied_at
            for reply in replies.get(order.rectification_id, [])
            if reply.replied_at <= until
        ]
        if order.ordered_at <= until:
            state = state_of(order.due, bool(replied), day)
            known.append(order._replace(replied_at=max(replied, default=None), state=state))
    return known


@dataclass(frozen=True, slots=True)
class SelfReportGap:
    """The self-report gap of some months: derived minus inspected, in points with two decimals.

    ``months`` counts the months with both figures, ``period`` is the month of the largest gap.
    """

    months: int
    mean: str
    largest: str
    period: str


def self_report_gap(scores: Sequence[FileScore]) -> SelfReportGap | None:
    """Return the self-report gap over the inspected months of some scores, None without any.

    The mean is of hundredths of a point, rounded half up once.
    """
    gaps = [
        (_hundredths_of(score.derived) - _hundredths_of(score.inspected), score.period)
        for score in scores
        if score.derived is not None and score.inspected is not None
    ]
    if not gaps:
        return None
    largest, period = max(gaps)
    total, count = sum(difference for difference, _ in gaps), len(gaps)
    mean = (2 * total + count) // (2 * count)
    return SelfReportGap(count, hundredths(mean), hundredths(largest), period)


def _hundredths_of(text: str) -> int:
    """Return a posted score (two decimals) in hundredths of a point."""
    return int(text.replace(".", ""))


def hundredths(number: int) -> str:
    """Return a whole number of hundredths as text with two decimals and its sign."""
    return f"{'-' if number < 0 else ''}{abs(number) // 100}.{abs(number) % 100:02}"
