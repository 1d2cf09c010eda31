from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import reduce
from statistics import mean
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from events.documents.scheme_checks import validate_scheme
from events.documents.schemes import Scheme, weights
from events.documents.serialization import load_document
from events.documents.vocabulary import BUILT_IN, CATEGORIES
from events.event import Event, RecordedEvent
from events.periods import Period, parse_month
from events.streams import findings, organizations, people, records
from events.streams.findings import Inspection, SheetContext, SubmitFindings
from events.streams.organizations import (
    ChangeOrganization,
    Organization,
    OrganizationContext,
    RegisterOrganization,
)
from events.streams.people import Person, RecuseInspector, RegisterInspector
from events.streams.records import Record, RecordActivity, RecordContext
from projections.scoring.assessment import Assessment, assess
from projections.scoring.history import fold
from projections.scoring.scheme_book import SchemeBook
from scheduler.assignment import AssignmentTarget, Inspector, assign_inspectors
from tracker.demonstration import district as demo_district
from tracker.demonstration.branches import ROOT, TOWNSHIPS, InventedDistrict, district
from tracker.demonstration.district import all_lines
from tracker.demonstration.sheets import make_sheet
from tracker.documents.sources import built_in_schemes
from tracker.imports.lines import ImportLine
from tracker.imports.parsing import parse_file
from tracker.inspections.sheets import derived_criteria

FIRST = parse_month("2025-11")
MONTHS = [Period(FIRST.first + index, 1) for index in range(12)]
TODAY = date(2026, 11, 24)
SEED = 1
GRACE = timedelta(days=5)
ZONE = ZoneInfo("Asia/Shanghai")
IDS = ("community-2011", "branch-basics")
AROUND: dict[str, Any] = {"today": TODAY, "categories": frozenset(CATEGORIES)}


def _scheme(name: str) -> Scheme:
    result = validate_scheme(load_document(built_in_schemes()[name], name), BUILT_IN)
    assert result.scheme is not None
    return result.scheme.model_copy(update={"effective_from": str(FIRST), "status": "in_force"})


SCHEMES = {category: scheme for scheme in map(_scheme, IDS) for category in scheme.categories}
BOOK = SchemeBook([SCHEMES["community"], SCHEMES["village"]], {})
WORDS = BUILT_IN.extended(SCHEMES.values())


class Year(NamedTuple):
    """The lines of the district and of each month of a year, raw and parsed."""

    raw: list[list[dict[str, Any]]]
    lines: list[list[ImportLine]]


class Replay:
    """Decides about lines as the import does, without a database."""

    def __init__(self) -> None:
        self.lives: dict[str, Organization] = {}
        self.persons: dict[str, Person] = {}
        self.known: dict[tuple[str, str], Record] = {}
        self.streams: dict[str, list[RecordedEvent]] = defaultdict(list)

    def take(self, line: ImportLine) -> None:
        """Decide about one line and fold what follows; a refusal is an error of the test."""
        command: Any = line.command
        if isinstance(command, RegisterOrganization | ChangeOrganization):
            life = self.lives.get(command.code or "", Organization())
            around = OrganizationContext(known=self.lives, **AROUND)
            events = organizations.decide(command, life, around)
            assert events, line
            new = self._append(command.code, events, line)
            self.lives[command.code] = reduce(organizations.evolve, new, life)
        elif isinstance(command, RegisterInspector | RecuseInspector):
            person = str(getattr(command, "id", None) or getattr(command, "inspector", ""))
            before = self.persons.get(person, Person())
            assert command.organization in self.lives
            new = self._append("", people.decide(command, before), line)
            self.persons[person] = reduce(people.evolve, new, before)
        else:
            self._record(command, line)

    def _record(self, command: Any, line: ImportLine) -> None:
        key = (command.organization, getattr(command, "record_id", ""))
        before = self.known.get(key, Record())
        assert not (isinstance(command, RecordActivity) and before.fields), line
        around = RecordContext(
            today=TODAY,
            activities=frozenset(WORDS.activities),
            conditions=frozenset(WORDS.conditions),
            measures=frozenset(WORDS.measures),
            recorded_on=line.recorded_on,
        )
        events = records.decide(command, before, self.lives[command.organization], around)
        new = self._append(command.organization, events, line)
        if key[1]:
            self.known[key] = reduce(records.evolve, new, before)

    def _append(self, code: str, events: list[Event], line: ImportLine) -> list[RecordedEvent]:
        stream = self.streams[code]
        on = line.recorded_on.isoformat() if line.recorded_on else None
        new = [
            RecordedEvent(
                *(f"organization-{code}", len(stream) + place, 0, "e", event.TYPE, event.data()),
                *("os:test", "import", "", "2026-11-24T00:00:00.000000Z", on),
                *(event.happened_on(), event.subject()),
            )
            for place, event in enumerate(events, start=1)
        ]
        stream.extend(new)
        return new


@pytest.fixture(scope="module")
def year() -> Year:
    """Twelve months, parsed as the import parses them."""
    raw = all_lines(MONTHS, SCHEMES, today=TODAY, seed=SEED)
    files = ("".join(f"{json.dumps(line)}\n" for line in lines) for lines in raw)
    checked = [parse_file(file.encode(), "a.jsonl", historical=True) for file in files]
    assert [one.faults for one in checked] == [[]] * 13
    return Year(raw, [one.lines for one in checked])


@pytest.fixture(scope="module")
def replay(year: Year) -> Replay:
    """All lines of the year, decided in order."""
    replay = Replay()
    for lines in year.lines:
        for line in lines:
            replay.take(line)
    return replay


@pytest.fixture(scope="module")
def world() -> InventedDistrict:
    """The district."""
    return district(FIRST, SEED)


def _all(year: Year, kind: str) -> Iterator[dict[str, Any]]:
    return (line for lines in year.raw for line in lines if line["kind"] == kind)


def _sheets(replay: Replay, month: Period) -> Iterator[tuple[Assessment, Scheme, dict[str, Any]]]:
    for code, life in replay.lives.items():
        if life.category not in SCHEMES or not life.alive(month.last_day):
            continue
        closing = month.last_day + timedelta(days=10)
        history = fold(replay.streams[code], ZONE)
        assessed = assess(history, BOOK, month, asked_on=closing, first_month=FIRST)
        scheme = next(one for one in SCHEMES.values() if one.scheme == assessed.scheme)
        criteria = assessed.to_json()["criteria"]
        due = date(2026, 10, 25)
        signed = make_sheet(month, code, ["p-001", "p-002"], criteria, scheme, due=due, seed=SEED)
        yield assessed, scheme, signed


@pytest.mark.parametrize("name", IDS)
def test_a_shipped_scheme_has_no_fault(name: str) -> None:
    """The two schemes that the demonstration publishes have no fault."""
    assert validate_scheme(load_document(built_in_schemes()[name], name), BUILT_IN).problems == ()


def test_the_example_scheme_adds_up_and_uses_every_kind_of_rule() -> None:
    """Its criteria add up to 100 points, and it uses all kinds of rules and windows."""
    scheme = SCHEMES["village"]
    assert sum(weights(scheme).values()) == scheme.points == 100
    rules = [one.rule for one in scheme.criteria()]
    assert {rule.kind for rule in rules} == {
        "activity", "condition", "measure", "deduction", "judgement",
    }  # fmt: skip
    assert {rule.per for rule in rules if rule.kind == "activity"} == {
        "month", "quarter", "half", "year",
    }  # fmt: skip
    assert "示例" in scheme.title.zh
    assert "example" in scheme.title.in_language("en")


def test_the_district_is_of_the_size_that_was_promised(world: InventedDistrict) -> None:
    """One root has twelve townships and streets, with three hundred organizations in all."""
    counted = Counter(branch.category for branch in world.branches)
    assert (counted["county"], counted["township"] + counted["street"]) == (1, 12)
    assert len(TOWNSHIPS) == 12
    assert 290 <= sum(counted[category] for category in SCHEMES) <= 320
    assert min(counted[category] for category in SCHEMES) >= 30
    names = [branch.name for branch in world.branches]
    assert len(set(names)) == len(names)


def test_every_line_is_accepted(year: Year, replay: Replay) -> None:
    """Every line of the year is accepted, in order."""
    taken = sum(len(stream) for stream in replay.streams.values())
    assert 40_000 <= sum(map(len, year.lines)) <= 80_000
    assert taken >= sum(map(len, year.lines))


def test_the_five_changes_of_lives_happen(replay: Replay) -> None:
    """One organization was founded, made a community, moved, merged and closed each."""
    later = MONTHS[1].first_day
    counted = Counter(
        event.type
        for stream in replay.streams.values()
        for event in stream
        if event.subject == organizations.SUBJECT and (event.occurred_on or "") >= str(later)
    )
    assert counted == {
        "OrganizationRegistered": 1,
        "OrganizationRenamed": 1,
        "OrganizationRecategorized": 1,
        "OrganizationMoved": 1,
        "OrganizationMerged": 1,
        "OrganizationClosed": 1,
    }


def test_records_are_missing_and_late_about_as_often_as_in_life(year: Year) -> None:
    """Some 4 % of monthly dues are never recorded, and 3 to 10 % of records are late."""
    due = recorded = late = whole = 0
    for month, lines in zip(MONTHS, year.raw[1:], strict=True):
        made = [line for line in lines if line["kind"] == "activity"]
        living = {line["organization"] for line in made}
        due += len(living)
        recorded += len(
            {line["organization"] for line in made if line["activity"] == "dues_collection"}
            & living
        )
        limit = (month.last_day + GRACE).isoformat()
        late += sum(line["recorded_on"] > limit for line in made)
        whole += len(made)
    assert 0.02 < 1 - recorded / due < 0.06
    assert 0.03 < late / whole < 0.10


def test_records_are_incomplete_corrected_and_retracted(year: Year) -> None:
    """Records lack minutes, are corrected or retracted, each with its frequency."""
    made = list(_all(year, "activity"))
    meetings = [line for line in made if line["activity"] == "branch_committee_meeting"]
    bare = sum("minutes" not in line.get("evidence", ()) for line in meetings)
    assert 0.02 < bare / len(meetings) < 0.09
    unpaid = sum(line["money"]["paid"] != line["money"]["due"] for line in made if "money" in line)
    assert unpaid > 50
    corrections = list(_all(year, "correction"))
    slips = [line for line in corrections if len(line["changes"]) == 1]
    assert 0.01 < len(slips) / len(made) < 0.035
    assert {name for line in slips for name in line["changes"]} >= {
        "attendance", "occurred_on", "place", "title",
    }  # fmt: skip
    assert 0.002 < len(list(_all(year, "retraction"))) / len(made) < 0.01


def test_stubs_are_filled_before_and_after_the_grace(year: Year) -> None:
    """A stub has neither place nor evidence; its correction is in time or too late."""
    filled: Counter[bool] = Counter()
    for month, lines in zip(MONTHS, year.raw[1:], strict=True):
        stubs = {
            (line["organization"], line["record_id"])
            for line in lines
            if line["kind"] == "activity" and "place" not in line
        }
        limit = (month.last_day + GRACE).isoformat()
        for line in lines:
            if line["kind"] == "correction" and (line["organization"], line["record_id"]) in stubs:
                assert "place" in line["changes"]
                filled[line["recorded_on"] > limit] += 1
    assert min(filled[True], filled[False]) > 50


def test_some_organizations_write_down_a_month_at_once(year: Year) -> None:
    """In some 3 % of months an organization's records are mostly of one recording date."""
    bulk = months = 0
    for lines in year.raw[1:]:
        days: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            if line["kind"] == "activity":
                days[line["organization"]].append(line["recorded_on"])
        months += len(days)
        bulk += sum(
            Counter(written).most_common(1)[0][1] >= 0.8 * len(written) for written in days.values()
        )
    assert 0.01 < bulk / months < 0.06


def test_the_teams_are_enough_for_a_fifth_of_each_category(world: InventedDistrict) -> None:
    """Every fifth organization of each category gets two people, even with recusals."""
    lines = demo_district.organizations(FIRST, SCHEMES, seed=SEED)
    team = [
        Inspector(one["id"], one["organization"], one["team"], frozenset(one["categories"]))
        for one in lines
        if one["kind"] == "inspector"
    ]
    away = [(one["inspector"], one["organization"]) for one in lines if one["kind"] == "recusal"]
    assert len(away) == 2
    drawn = [branch for branch in world.branches if branch.category in SCHEMES][::5]
    targets = [
        AssignmentTarget(one.code, one.category, one.code, one.parent, ancestors=frozenset({ROOT}))
        for one in drawn
    ]
    plan = assign_inspectors(
        targets, team, period="2026-09", seed="0" * 64, per_organization=2, recusals=away
    )
    assert plan.exceptions == []
    load = Counter(person for one in plan.assignments for person in one.persons)
    assert max(load.values()) <= 8


def test_scores_differ_and_most_are_good(replay: Replay) -> None:
    """At the close of September the mean of derived scores is high, and scores differ."""
    scores = [
        float(one.score) for one, _, _ in _sheets(replay, MONTHS[10]) if one.score is not None
    ]
    assert len(scores) > 290
    assert 80 < mean(scores) < 98
    assert max(scores) - min(scores) > 20


@pytest.mark.parametrize("month", [MONTHS[0], MONTHS[10]], ids=str)
def test_every_sheet_is_accepted(replay: Replay, month: Period) -> None:
    """The sheet on every organization is accepted, in the first month and at a quarter's end."""
    taken, assigned = 0, Inspection("open", ("p-001", "p-002"))
    for assessed, scheme, signed in _sheets(replay, month):
        code = assessed.organization
        results = {one.code: one for one in assessed.criteria}
        context = SheetContext(
            scope=ROOT,
            today=month.last_day + timedelta(days=8),
            criteria=derived_criteria(scheme, results),
            records=frozenset(record for owner, record in replay.known if owner == code),
            cycle_state="drawn",
        )
        taken += len(findings.decide(SubmitFindings(**signed), assigned, context))
    assert taken > 290


def test_sheets_lower_raise_judge_disallow_and_order(replay: Replay) -> None:
    """A month's sheets have every kind of finding, and most criteria are confirmed."""
    seen: Counter[str] = Counter()
    for assessed, _, signed in _sheets(replay, MONTHS[10]):
        derived = {one.code: one.credit for one in assessed.criteria}
        kept = {one["criterion"] for one in signed["findings"]}
        for one in assessed.criteria:
            if one.status == "unjudged":
                assert one.code in kept
                seen["judged"] += 1
            seen["confirmed"] += one.status in {"met", "partial", "missed"} and one.code not in kept
        for one in signed["findings"]:
            assert one["reason"]
            before = derived[one["criterion"]]
            if "credit" in one and before is not None:
                seen["lowered" if float(one["credit"]) < before else "raised"] += 1
            seen["causes"] += "causes" in one
        seen["disallowed"] += len(signed["disallow"])
        seen["ordered"] += len(signed["rectify"])
    kinds = ("judged", "lowered", "raised", "causes", "disallowed", "ordered")
    assert min(seen[kind] for kind in kinds) > 5
    assert seen["confirmed"] > 10 * (seen["lowered"] + seen["raised"])
