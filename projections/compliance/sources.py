"""Where the states and numbers of a criterion come from: self-reports and findings, who and when.

Activities have their records; a condition, a measure or a judgement has what was reported, and what
a check found, beside each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.documents.schemes import ConditionRule, MeasureRule
from events.log.texts import data_with_texts, texts_of
from events.streams.records import ConditionReported, MeasureReported
from projections.records.facts import reports_of, sheet_versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.documents.schemes import Criterion
    from events.event import RecordedEvent
    from events.log.reader import Reader

LAST = "9999"
"""After every instant."""
SHOWN = 12
"""Reports and findings that are told of one criterion, the newest ones."""


def words_of(criterion: Criterion) -> list[tuple[str, str]]:
    """The (kind, name) of every condition and measure that a criterion looks at."""
    rule = criterion.rule
    found: list[tuple[str, str]] = []
    if isinstance(rule, ConditionRule):
        found.append(("condition", rule.condition))
    elif isinstance(rule, MeasureRule):
        names = (rule.measure, rule.by_measure, rule.of)
        found += [("measure", name) for name in names if name is not None]
    if criterion.applies is not None:
        found.append(("measure", criterion.applies.measure))
    return list(dict.fromkeys(found))


def reports(
    reader: Reader, stream: str, words: Sequence[tuple[str, str]], last: str, until: str = ""
) -> list[dict[str, Any]]:
    """The self-reports of words dated up to a day (ISO), newest first by date, then by order.

    ``{kind, name, value, on, version, actor, channel, recorded_at, recorded_on}``; ``until`` is
    the last instant whose events count.
    """
    kinds = {ConditionReported.TYPE: "condition", MeasureReported.TYPE: "measure"}
    reports = reports_of(reader, stream, last)
    wanted = [one.version for one in reports if (one.kind, one.name) in words]
    found = []
    for event in events_at(reader, stream, wanted, until):
        kind = kinds[event.type]
        found.append(
            who_of(event)
            | {
                "kind": kind,
                "name": event.data[kind],
                "value": event.data["state" if kind == "condition" else "value"],
                "on": event.data["on"],
            }
        )
    return sorted(found, key=lambda one: (one["on"], one["version"]), reverse=True)[:SHOWN]


def findings(
    reader: Reader, stream: str, criterion: str, last: str, until: str = ""
) -> list[dict[str, Any]]:
    """What sheets found on a criterion in months up to a period (its text), newest sheet first.

    ``{period, sheet_id, inspectors, finding}`` with who handed it in and when.
    """
    events = events_at(reader, stream, sheet_versions(reader, stream, "", last), until)
    texts = texts_of(reader, events)
    found = []
    for event in reversed(events):
        data = data_with_texts(event, texts)
        found += [
            who_of(event)
            | {
                "period": data["period"],
                "sheet_id": data["sheet_id"],
                "inspectors": list(data["inspectors"]),
                "finding": one,
            }
            for one in data["findings"]
            if one["criterion"] == criterion
        ]
    return found[:SHOWN]


def events_at(
    reader: Reader, stream: str, versions: Sequence[int], until: str
) -> list[RecordedEvent]:
    """The events at some versions of a stream that were recorded by an instant, in order."""
    events = reader.events_at([(stream, one) for one in versions]).values()
    known = [event for event in events if event.recorded_at <= (until or LAST)]
    return sorted(known, key=lambda event: event.version)


def who_of(event: RecordedEvent) -> dict[str, Any]:
    """Who recorded an event, when, through which door."""
    return {
        "version": event.version,
        "type": event.type,
        "actor": event.actor,
        "channel": event.channel,
        "recorded_at": event.recorded_at,
        "recorded_on": event.recorded_on,
        "hash": event.hash.hex(),
    }
