"""One organization's stream in real events, and questions about it to the engine.

Import lines go through the commands and decisions of their streams. The events are as the store
returns them: canonical bytes, free text as commitments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from events.documents.schemes import Scheme
from events.documents.serialization import from_document, stored_document
from events.event import Event, RecordedEvent, canonical, commitment, text_places
from events.log.reader import event_from_row
from events.periods import instant_text, parse_month, parse_period
from events.streams import organizations, records
from events.streams.additions import AdditionFound
from events.streams.findings import Disallowance, Finding, FindingsSubmitted
from events.streams.organizations import (
    ChangeEvent,
    Organization,
    OrganizationClosed,
    OrganizationRecategorized,
    OrganizationRegistered,
    OrganizationRenamed,
)
from events.streams.records import (
    CorrectActivity,
    Record,
    RecordActivity,
    RecordCommand,
    RecordContext,
    ReportCondition,
    ReportMeasure,
    RetractActivity,
)
from events.streams.scores import ScorePosted
from projections.scoring.assessment import Assessment, assess
from projections.scoring.figures import exact
from projections.scoring.history import History, fold
from projections.scoring.scheme_book import SchemeBook, SchemeEnd, end_versions

CODE = "421102-003-007"
CATEGORY = "community"
LESSON = "party_lesson"
WORD = {"zh": "字", "en": "word"}
HELD = {"kind": "activity", "activity": LESSON, "per": "month"}
FLAG = {"kind": "condition", "condition": "national_flag"}
JUDGED = {"kind": "judgement"}
COMMANDS: dict[str, type[RecordCommand]] = {
    "activity": RecordActivity,
    "correction": CorrectActivity,
    "retraction": RetractActivity,
    "condition": ReportCondition,
    "measure": ReportMeasure,
}


class AnyWord(frozenset[str]):
    """A vocabulary that knows every word."""

    def __contains__(self, word: object) -> bool:
        """Every word is known."""
        return True


@dataclass
class Stream:
    """Writes the stream of one organization; `day` is a local date, recorded at noon."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    events: list[RecordedEvent] = field(default_factory=list)

    def append(self, event: Event, at: datetime, recorded_on: str | None = None) -> Stream:
        """Append an event as the store does."""
        data = event.data()
        for _, holder, key in list(text_places(data, event.TEXTS)):
            holder[key] = commitment(b"salt", holder[key])
        version, instant = len(self.events) + 1, instant_text(at)
        body = canonical({"data": data, "schema": event.SCHEMA})
        row = (
            f"organization-{CODE}", version, version, f"e-{version}", event.TYPE, event.subject(),
            "os:test", "import", "", event.happened_on(), instant, recorded_on, body, b"",
        )  # fmt: skip
        self.events.append(event_from_row(row))
        return self

    def take(self, line: Mapping[str, Any], at: datetime, recorded_on: str | None = None) -> Stream:
        """Append what follows from an import line, a sheet or a posting."""
        kind = line["kind"]
        if kind in COMMANDS:
            events = self._decide(kind, line, at, recorded_on)
        elif kind == "organization":
            fields = {key: value for key, value in line.items() if key != "kind"}
            events = [OrganizationRegistered.model_validate(fields)]
        elif kind == "organization_change":
            events = [_change(line)]
        elif kind == "sheet":
            events = [_sheet(line)]
        else:
            events = [_posting(line["period"])]
        for event in events:
            self.append(event, at, recorded_on)
        return self

    def _decide(
        self, kind: str, line: Mapping[str, Any], at: datetime, recorded_on: str | None
    ) -> list[Event]:
        fields = {key: value for key, value in line.items() if key != "kind"}
        fields = {"organization": CODE} | _with_kinds(fields)
        if "changes" in fields:
            fields["changes"] = _with_kinds(fields["changes"])
        command = COMMANDS[kind].model_validate(fields)
        record, life = Record(), Organization()
        for event in self.events:
            if "record_id" in fields and event.data.get("record_id") == fields["record_id"]:
                record = records.evolve(record, event)
            life = organizations.evolve(life, event)
        around = RecordContext(
            today=at.astimezone(self.zone).date(),
            activities=AnyWord(),
            conditions=AnyWord(),
            measures=AnyWord(),
            recorded_on=None if recorded_on is None else date.fromisoformat(recorded_on),
        )
        return records.decide(command, record, life, around)

    def history(self, until: datetime | None = None) -> History:
        """The facts so far, or those recorded by an instant."""
        return fold(self.events, self.zone, until=None if until is None else instant_text(until))

    def noon(self, day: str) -> datetime:
        """Noon of a local day."""
        return datetime.combine(date.fromisoformat(day), time(12), tzinfo=self.zone)

    def add(self, line: Mapping[str, Any], day: str, recorded_on: str | None = None) -> Stream:
        """Take a line at noon of a local day."""
        return self.take(line, self.noon(day), recorded_on)

    def registered(self, on: str = "2025-01-01", day: str = "", category: str = CATEGORY) -> Stream:
        """Register the organization."""
        line = {"kind": "organization", "code": CODE, "name": "Community"}
        return self.add(line | {"category": category, "registered_on": on}, day or on)

    def changed(self, on: str, day: str = "", **what: Any) -> Stream:
        """Change the organization's life: `category=…` or `closed=True`."""
        return self.add({"kind": "organization_change", "code": CODE, "on": on} | what, day or on)

    def held(
        self, name: str, on: str, day: str = "", historical: str | None = None, **more: Any
    ) -> Stream:
        """Record a party lesson, by default on its own day; `activity=…` names another."""
        line = {"kind": "activity", "record_id": name, "activity": LESSON, "occurred_on": on}
        return self.add(line | more, day or on, historical)

    def corrected(
        self, name: str, day: str, historical: str | None = None, **changes: Any
    ) -> Stream:
        """Correct a record."""
        line = {"kind": "correction", "record_id": name, "changes": changes, "reason": "wrong"}
        return self.add(line, day, historical)

    def retracted(self, name: str, day: str) -> Stream:
        """Take a record back."""
        return self.add({"kind": "retraction", "record_id": name, "reason": "never held"}, day)

    def condition(self, name: str, state: str, on: str, day: str = "") -> Stream:
        """Report a condition."""
        line = {"kind": "condition", "condition": name, "state": state, "on": on}
        return self.add(line, day or on)

    def measure(self, name: str, value: str, on: str, day: str = "") -> Stream:
        """Report a measure."""
        return self.add({"kind": "measure", "measure": name, "value": value, "on": on}, day or on)

    def checked(
        self,
        period: str,
        day: str,
        *findings: dict[str, Any],
        disallow: Iterable[str] = (),
        purpose: str = "monthly",
    ) -> Stream:
        """Hand in the joint sheet of a period."""
        struck = [{"record_id": name, "reason": "never held"} for name in disallow]
        line = {"kind": "sheet", "period": period, "findings": findings, "disallow": struck}
        return self.add(line | {"purpose": purpose}, day)

    def posted(self, period: str, day: str) -> Stream:
        """Post the score of a month."""
        return self.add({"kind": "posted", "period": period}, day)


def _with_kinds(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with each kind of evidence as the value that commands take."""
    if fields.get("evidence") is None:
        return fields
    return fields | {"evidence": [{"kind": kind} for kind in fields["evidence"]]}


def _change(line: Mapping[str, Any]) -> ChangeEvent:
    on, reason = date.fromisoformat(line["on"]), line.get("reason")
    if line.get("closed") is True:
        return OrganizationClosed(on=on, reason=reason)
    if "category" in line:
        return OrganizationRecategorized(on=on, reason=reason, category=line["category"])
    return OrganizationRenamed(on=on, reason=reason, name=line["name"])


def _sheet(line: Mapping[str, Any]) -> FindingsSubmitted:
    """The event of a joint sheet, as its decision writes it."""
    findings = [Finding.model_validate(one) for one in line.get("findings", ())]
    dumped = [one.model_dump(mode="json", exclude_none=True) for one in findings]
    disallow = [Disallowance.model_validate(one).model_dump() for one in line.get("disallow", ())]
    return FindingsSubmitted(
        scope="421102",
        period=line["period"],
        kind=line.get("purpose", "monthly"),
        sheet_id="s-1",
        inspectors=("p-1",),
        findings=tuple({key: value for key, value in one.items() if value != []} for one in dumped),
        disallow=tuple(disallow),
        additions=tuple(
            AdditionFound.model_validate(one).model_dump(exclude_none=True)
            for one in line.get("additions", ())
        )
        or None,
    )


def _posting(period: str) -> ScorePosted:
    """The event of a posted score; its figures do not matter here."""
    return ScorePosted(
        kind="monthly",
        scope="421102",
        period=period,
        score="75.00",
        scheme="one",
        scheme_version=1,
        stream_version=1,
        digest="0",
    )


def criterion(rule: Mapping[str, Any], points: str | None = "1", **more: Any) -> dict[str, Any]:
    """A criterion as a document; its scheme sets its code."""
    return {"text": WORD, "rule": dict(rule), "points": points} | more


def scheme(
    *items: dict[str, Any] | list[dict[str, Any]], item_points: str | None = None, **more: Any
) -> dict[str, Any]:
    """A scheme of all months from January 2025; each item is a criterion or a list of them.

    The criteria are coded `1.1`, `1.2`, `2.1`, …; `item_points` gives every item its points.
    """
    listed = []
    for place, item in enumerate(items, start=1):
        criteria = [item] if isinstance(item, dict) else item
        coded = [{"code": f"{place}.{n}"} | one for n, one in enumerate(criteria, start=1)]
        head = {"code": str(place), "title": WORD, "points": item_points}
        listed.append(head | {"criteria": coded})
    return {
        "scheme": "one",
        "version": 1,
        "title": WORD,
        "categories": [CATEGORY],
        "effective_from": "2025-01",
        "sections": [{"code": "0", "title": WORD, "items": listed}],
    } | more


def book_of(documents: Iterable[Mapping[str, Any]]) -> SchemeBook:
    """The schemes of some documents, as published in this order.

    A document may have `closed_from` too: its scheme was closed right after it was published.
    """
    steps: list[Scheme | SchemeEnd] = []
    for document in documents:
        fields = {key: document[key] for key in document if key != "closed_from"}
        stored = stored_document(Scheme.model_validate(fields))
        steps.append(from_document(stored))
        if "closed_from" in document:
            steps.append(SchemeEnd(document["scheme"], document["closed_from"]))
    schemes = [step for step in steps if not isinstance(step, SchemeEnd)]
    return SchemeBook(schemes, end_versions(steps))


def answer(
    history: History, book: SchemeBook, period: str, asked_on: date, **more: Any
) -> Assessment:
    """What the engine says of a period."""
    more.setdefault("first_month", parse_month("2025-01"))
    return assess(history, book, parse_period(period), asked_on=asked_on, **more)


def ask(
    stream: Stream,
    *documents: dict[str, Any],
    period: str = "2026-09",
    on: str = "2028-01-01",
    **more: Any,
) -> Assessment:
    """Ask about one organization, long after everything unless a day is given."""
    history = stream.history(more.pop("until", None))
    history.openings = more.pop("openings", {})
    return answer(history, book_of(documents), period, date.fromisoformat(on), **more)


def standing(assessment: Assessment) -> list[tuple[str, str | None]]:
    """Status and exact credit of every criterion."""
    return [
        (criterion.status, None if criterion.credit is None else exact(criterion.credit))
        for criterion in assessment.criteria
    ]


def first(
    stream: Stream, rule: Mapping[str, Any], period: str = "2026-09", **more: Any
) -> tuple[str, str | None]:
    """Status and exact credit by a scheme of one criterion of 4 points."""
    policy = {"policy": more.pop("policy")} if "policy" in more else {}
    return standing(ask(stream, scheme(criterion(rule, "4"), **policy), period=period, **more))[0]
