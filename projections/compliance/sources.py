"""The events that a criterion hangs on: self-reports and findings, who recorded them and when.

Activities have their records; a condition, a measure or a judgement has what was reported and,
separately, what a check found.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.documents.schemes import ConditionRule, DeductionRule, MeasureRule
from events.log.texts import data_with_texts, texts_of
from events.streams.records import ConditionReported, MeasureReported
from projections.records.facts import reports_of, sheet_versions
from projections.scoring.figures import exact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.documents.schemes import Criterion
    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.documents.rule_words import Language

LAST = "9999"
"""After every instant."""
SHOWN = 12
"""Reports and findings of one criterion that are returned, the newest ones."""


@dataclass(frozen=True, slots=True)
class EventOrigin:
    """Who recorded an event, when and through which channel; ``hash`` proves it.

    ``recorded_on`` is the local date on which a historical record was first written down.
    """

    version: int
    type: str
    actor: str
    channel: str
    recorded_at: str
    recorded_on: str | None
    hash: str


@dataclass(frozen=True, slots=True)
class ReportSource(EventOrigin):
    """A self-report: the value of a condition or measure (``name`` of ``kind``) on a date."""

    kind: str
    name: str
    value: str
    on: str


@dataclass(frozen=True, slots=True)
class FoundCause:
    """A cause of a deduction that was found: in words, how often, and what it took in all.

    ``taken`` are points (an exact number), None where it takes all.
    """

    text: str
    count: int
    taken: str | None


@dataclass(frozen=True, slots=True)
class FindingSource(EventOrigin):
    """What the sheet of a period found on a criterion.

    ``finding`` is as it is stored, ``causes`` are the deductions that it names, in words.
    """

    period: str
    sheet_id: str
    inspectors: list[str]
    finding: dict[str, Any]
    causes: list[FoundCause]


def words_of(criterion: Criterion) -> list[tuple[str, str]]:
    """Return (kind, name) of every condition and measure that a criterion needs, each once."""
    rule = criterion.rule
    words = [] if criterion.applies is None else [("measure", criterion.applies.measure)]
    if isinstance(rule, ConditionRule):
        words.append(("condition", rule.condition))
    elif isinstance(rule, MeasureRule):
        names = (rule.measure, rule.of, rule.by_measure)
        words += [("measure", name) for name in names if name is not None]
    return list(dict.fromkeys(words))


def reports(
    reader: Reader, stream: str, words: Sequence[tuple[str, str]], last: str, until: str = ""
) -> list[ReportSource]:
    """Return the self-reports of words dated up to a day (ISO), newest date first.

    ``until`` is the last instant whose events count; empty for all.
    """
    kinds = {ConditionReported.TYPE: "condition", MeasureReported.TYPE: "measure"}
    wanted = [
        report.version
        for report in reports_of(reader, stream, last)
        if (report.kind, report.name) in words
    ]
    sources = []
    for event in events_at(reader, stream, wanted, until):
        kind = kinds[event.type]
        sources.append(
            ReportSource(
                **origin_fields(event),
                kind=kind,
                name=event.data[kind],
                value=event.data["state" if kind == "condition" else "value"],
                on=event.data["on"],
            )
        )
    return sorted(sources, key=lambda source: (source.on, source.version), reverse=True)[:SHOWN]


def findings(
    reader: Reader,
    stream: str,
    criterion: Criterion,
    language: Language,
    last: str,
    until: str = "",
) -> list[FindingSource]:
    """Return what sheets found on a criterion in months up to a period (text), newest first.

    ``until`` is the last instant whose events count; empty for all.
    """
    events = events_at(reader, stream, sheet_versions(reader, stream, "", last), until)
    texts = texts_of(reader, events)
    sources: list[FindingSource] = []
    for event in reversed(events):
        data = data_with_texts(event, texts)
        sources += [
            FindingSource(
                **origin_fields(event),
                period=data["period"],
                sheet_id=data["sheet_id"],
                inspectors=list(data["inspectors"]),
                finding=finding,
                causes=_name_causes(criterion, finding, language),
            )
            for finding in data["findings"]
            if finding["criterion"] == criterion.code
        ]
    return sources[:SHOWN]


def _name_causes(
    criterion: Criterion, finding: dict[str, Any], language: Language
) -> list[FoundCause]:
    """Return the causes that a finding names; one that the criterion lacks keeps its code."""
    rule = criterion.rule
    known = {cause.code: cause for cause in rule.causes} if isinstance(rule, DeductionRule) else {}
    named = []
    for row in finding.get("causes") or ():
        cause, count = known.get(row["cause"]), int(row.get("count") or 1)
        each = row.get("points") or (None if cause is None else cause.take)
        named.append(
            FoundCause(
                row["cause"] if cause is None else cause.text.in_language(language),
                count,
                None if each is None else exact(Fraction(str(each)) * count),
            )
        )
    return named


def events_at(
    reader: Reader, stream: str, versions: Sequence[int], until: str
) -> list[RecordedEvent]:
    """Return the events at some versions of a stream recorded up to an instant, in order."""
    events = reader.events_at([(stream, version) for version in versions]).values()
    known = [event for event in events if event.recorded_at <= (until or LAST)]
    return sorted(known, key=lambda event: event.version)


def origin_fields(event: RecordedEvent) -> dict[str, Any]:
    """Return the fields of ``EventOrigin`` by name."""
    return {
        "version": event.version,
        "type": event.type,
        "actor": event.actor,
        "channel": event.channel,
        "recorded_at": event.recorded_at,
        "recorded_on": event.recorded_on,
        "hash": event.hash.hex(),
    }
