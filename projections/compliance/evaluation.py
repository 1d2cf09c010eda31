"""The scheme in force evaluated over the facts of organizations.

For one organization this is cheap enough for every request; ``figures`` does it in bulk when a
cycle closes. A past instant (``known_at``) is folded from the log itself, up to that instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.periods import Period, instant_text, local_date
from projections.documents.in_force import DistrictFacts, book
from projections.records.facts import historical_counts, load_histories
from projections.records.openings import load_openings
from projections.scoring.assessment import Assessment, assess
from projections.scoring.history import fold
from projections.scoring.rules import NOT_APPLICABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.scoring.history import History

PAGE = 400
"""Organizations whose facts are in memory at once: bounds the memory of a large district."""


@dataclass(frozen=True, slots=True)
class ComplianceQuestion:
    """A period and purpose, the day of asking, and the past instant as known at which, if any."""

    period: Period
    purpose: str
    today: date
    known_at: datetime | None = None


def histories(
    reader: Reader,
    streams: Sequence[str],
    district: DistrictFacts,
    period: Period,
    known_at: datetime | None = None,
) -> dict[str, History]:
    """Return the facts that figures of a period can need: those of its calendar year, by stream."""
    if known_at is not None:
        until = instant_text(known_at)
        folded = {
            stream: fold(events, district.zone, until=until)
            for stream, events in reader.events_of_streams(streams).items()
        }
        load_openings(reader, folded)
        return folded
    first, last = f"{period.year:04}-01-01", f"{period.year:04}-12-31"
    return load_histories(reader, streams, district.zone, first, last)


def derive(
    reader: Reader,
    entries: Sequence[OrganizationEntry],
    district: DistrictFacts,
    question: ComplianceQuestion,
) -> list[Assessment]:
    """Return the derived figures of organizations, in the order of ``entries``."""
    until = None if question.known_at is None else instant_text(question.known_at)
    schemes = book(reader, until)
    asked_on = (
        question.today
        if question.known_at is None
        else local_date(question.known_at, district.zone)
    )
    assessments: list[Assessment] = []
    for start in range(0, len(entries), PAGE):
        page = entries[start : start + PAGE]
        facts = histories(
            reader, [entry.stream for entry in page], district, question.period, question.known_at
        )
        for entry in page:
            history = facts[entry.stream]
            history.code = entry.code
            assessments.append(
                assess(
                    history,
                    schemes,
                    question.period,
                    asked_on=asked_on,
                    first_month=district.first_month,
                    purpose=question.purpose,
                )
            )
    return assessments


@dataclass(frozen=True, slots=True)
class Figures:
    """What a closing cycle posts for one organization.

    ``inspected`` is None without an accepted sheet. ``stream_version`` is the version of the
    stream that the figures were made from, ``historical`` counts its historical records.
    ``not_counted`` are the criteria that a sheet found and that are not applicable at the close.
    """

    derived: Assessment
    inspected: Assessment | None
    stream_version: int
    historical: int
    not_counted: tuple[str, ...] = ()


def figures(
    reader: Reader,
    streams: Mapping[str, str],
    district: DistrictFacts,
    period: Period,
    closing_on: date,
    pinned: Mapping[str, tuple[str, int]],
    inspected: frozenset[str],
) -> dict[str, Figures]:
    """Return by stream the figures of organizations (stream to code) as of the closing date.

    ``pinned`` are the versions by category that the cycle pinned; ``inspected`` the streams with an
    accepted sheet. Source: docs/semantics.md, section 6, "Posted each month".
    """
    names = sorted(streams)
    heads = reader.versions(names)
    facts = histories(reader, names, district, period)
    first, last = period.first_day.isoformat(), period.last_day.isoformat()
    historical = historical_counts(reader, names, first, last, closing_on.isoformat())
    schemes = book(reader)
    posted: dict[str, Figures] = {}
    for stream in names:
        history = facts[stream]
        history.code = streams[stream]

        def ask(*, own_check: bool, history: History = history) -> Assessment:
            return assess(
                history,
                schemes,
                period,
                asked_on=closing_on,
                first_month=district.first_month,
                own_check=own_check,
                pinned=pinned,
            )

        checked = ask(own_check=True) if stream in inspected else None
        posted[stream] = Figures(
            ask(own_check=False),
            checked,
            heads.get(stream, 0),
            historical.get(stream, 0),
            () if checked is None else _find_not_counted(history, checked, closing_on),
        )
    return posted


def _find_not_counted(history: History, checked: Assessment, closing_on: date) -> tuple[str, ...]:
    """Return the criteria of a period's sheets that its scheme does not apply at the close."""
    day, period = closing_on.isoformat(), str(checked.period)
    found = {
        finding["criterion"]
        for sheet in history.sheets
        if (sheet.period, sheet.kind) == (period, checked.purpose) and sheet.known_on <= day
        for finding in sheet.findings
    }
    applicable = {result.code for result in checked.criteria if result.status != NOT_APPLICABLE}
    return tuple(sorted(found - applicable))
