import random  # noqa: TID251  # seeded here, handed in from here
from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from tests.oracle.bench import FLAG, LATER, MEETING, ask, first, held, report, scheme, sheet, world
from tests.oracle.oracle import World, compliance
from tests.oracle.stream import read_entries
from tests.oracle.time import exact, number, span_of, two_places
from tests.oracle.worlds import random_question, random_world


def example() -> World:
    """The worked example of the section on scores, with H2 filled in as it says."""
    assembly = {"kind": "activity", "activity": "assembly", "per": "quarter"}
    return world(
        [scheme(("2", MEETING), ("1", assembly), ("1", FLAG))],
        report("condition", "national_flag", "2026-01-01", "met"),
        held("m7", "2026-07-10"),
        held("m8", "2026-08-10"),
        held("m9", "2026-09-10", "2026-10-20"),
        held("m11", "2026-11-10"),
        held("m12", "2026-12-10"),
        held("q3", "2026-08-02", activity="assembly"),
    )


@pytest.mark.parametrize(
    ("period", "score"), [("2026-09", "75.00"), ("2026-08", "100.00"), ("2026-H2", "75.00")]
)
def test_worked_example(period: str, score: str) -> None:
    """The example of the section on scores is reproduced to the last digit."""
    assert ask(example(), period)["score"] == score


def test_worked_example_shows_a_pending_quarter() -> None:
    """In August the quarterly criterion is pending and shows its open window with its progress."""
    line = ask(example(), "2026-08")["criteria"][1]
    assert (line["status"], line["credit"]) == ("pending", None)
    window = {"window": "2026-Q3", "required": 1, "counted": "1", "records": ["q3"]}
    assert line["windows"] == [window]


@pytest.mark.parametrize(
    ("households", "funds", "status"),
    [
        ("1999", "40000", "met"),
        ("1999", "39999.99", "missed"),
        ("2000", "49999", "missed"),
        ("2000", "50000", "met"),
        ("2999", "50000", "met"),
        ("3000", "50000", "missed"),
        ("3000", "60000", "met"),
    ],
)
def test_fund_tiers(households: str, funds: str, status: str) -> None:
    """The tiers meet at exactly 2000 and 3000 households, and the higher standard applies there."""
    tiers = [
        {"below": "2000", "at_least": "40000"},
        {"below": "3000", "at_least": "50000"},
        {"at_least": "60000"},
    ]
    rule = {"kind": "measure", "measure": "funds", "by_measure": "households", "tiers": tiers}
    asked = world(
        [scheme(("1", rule))],
        report("measure", "households", "2026-01-01", households),
        report("measure", "funds", "2026-01-01", funds),
    )
    assert first(asked, "2026-03")[0] == status


@pytest.mark.parametrize(
    ("recorded", "filled", "emptied", "credit"),
    [
        ("2026-04-05", None, None, "1"),  # I 1, N 1
        ("2026-04-06", None, None, "0.4"),  # I 0, N 1
        ("2026-03-10", "2026-04-05", None, "1"),  # a stub filled within the grace
        ("2026-03-10", "2026-04-06", None, "0.5"),  # I 0.5, N 1
        ("2026-03-10", "2026-03-11", "2026-08-01", "0.5"),  # I 1, N 0.5: taken away at once
        ("2026-04-06", None, "2026-08-01", "0.2"),  # I 0, N 0.5
    ],
)
def test_late_credit(recorded: str, filled: str | None, emptied: str | None, credit: str) -> None:
    """What is added after the grace counts as late, and what is taken away counts at once."""
    rule = {**MEETING, "evidence": ["minutes"]}
    policy = {"recording_grace_days": "5", "late_credit": "0.4", "incomplete_credit": "0.5"}
    full = {"changes": {"evidence": ["minutes"]}}
    correction = {"kind": "correction", "record_id": "a"}
    entries = [held("a", "2026-03-09", recorded, evidence=[] if filled else ["minutes"])]
    if filled:
        entries.append({**correction, **full, "day": filled})
    if emptied:
        entries.append({**correction, "changes": {"evidence": []}, "day": emptied})
    asked = world([scheme(("1", rule), policy=policy)], *entries)
    assert first(asked, "2026-03")[1] == credit


def test_late_for_the_month_in_time_for_the_quarter() -> None:
    """A record late for its month can be in time for its quarter."""
    quarterly = {**MEETING, "per": "quarter"}
    asked = world([scheme(("1", MEETING), ("1", quarterly))], held("a", "2026-07-02", "2026-09-30"))
    assert first(asked, "2026-07")[1] == "0.5"
    assert ask(asked, "2026-Q3")["criteria"][1]["credit"] == "1"


@pytest.mark.parametrize(
    ("day", "recorded", "credit"),
    [
        ("2026-06-30", "2026-07-05", "1"),
        ("2026-06-30", "2026-07-06", "0.5"),
        ("2026-07-01", "2026-07-01", "0.5"),
    ],
)
def test_by(day: str, recorded: str, credit: str) -> None:
    """With `by` a record is in time if it took place by that day and was recorded in its grace."""
    rule = {**MEETING, "per": "year", "by": "06-30"}
    asked = world([scheme(("1", rule))], held("a", day, recorded))
    assert first(asked, "2026")[1] == credit
    assert first(asked, "2026", date(2027, 1, 5))[0] == "pending"
    assert first(asked, "2026", date(2027, 1, 6))[0] != "pending"


@pytest.mark.parametrize(("same_day", "credit"), [("false", "0.5"), ("true", "1")])
def test_same_day(same_day: str, credit: str) -> None:
    """Of several records on one day only the best counts, unless the rule says otherwise."""
    rule = {**MEETING, "count": "2", "same_day": same_day}
    asked = world([scheme(("1", rule))], held("a", "2026-03-09"), held("b", "2026-03-09"))
    assert first(asked, "2026-03")[1] == credit


def test_deduct_per_miss() -> None:
    """Every record that is missing takes its points off, and never more than there are."""
    rule = {**MEETING, "count": "2", "deduct_per_miss": "0.5"}
    asked = world([scheme(("3", rule))], held("a", "2026-03-09"), held("b", "2026-04-09"))
    assert first(asked, "2026-03") == ("partial", "5/6")
    assert first(asked, "2026") == ("missed", "0")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"members": "10", "households": "100"}, ("partial", "0.5")),
        ({"members": "20", "households": "100"}, ("met", "1")),
        ({"members": "20"}, ("missed", "0")),
        ({"households": "0"}, ("not_applicable", None)),
        ({}, ("missed", "0")),
    ],
)
def test_ratio(values: dict[str, str], expected: tuple[str, str | None]) -> None:
    """A ratio to zero is not applicable even with missing values; one never reported is 0."""
    rule = {
        "kind": "measure",
        "measure": "members",
        "of": "households",
        "ratio_at_least": "0.2",
        "proportional": "true",
    }
    reports = [report("measure", name, "2026-01-01", value) for name, value in values.items()]
    assert first(world([scheme(("1", rule))], *reports), "2026-03") == expected


def test_a_finding_on_a_condition_is_carried_to_the_end_of_the_year() -> None:
    """A finding overrides self-reports until the next finding or the end of the year."""
    asked = world(
        [scheme(("4", FLAG))],
        report("condition", "national_flag", "2025-01-01", "met"),
        sheet("2025-03", "2025-04-08", {"points": "1"}),
        report("condition", "national_flag", "2025-06-01", "partial"),
        sheet("2025-09", "2025-10-08", {"credit": "0"}),
    )
    assert first(asked, "2025-03")[1] == "1"
    assert first(asked, "2025-03", inspected=True)[1] == "0.25"
    assert first(asked, "2025-08")[1] == "0.25"
    assert first(asked, "2025-09")[1] == "0.25"
    assert first(asked, "2025-12")[1] == "0"
    assert first(asked, "2026-01")[1] == "0.5"


def test_a_judgement_without_a_finding_is_unjudged() -> None:
    """A criterion without a judgement is left out of both sums, and a judgement is carried."""
    asked = world(
        [scheme(("9", {"kind": "judgement"}), ("1", FLAG))],
        report("condition", "national_flag", "2025-01-01", "met"),
        sheet("2025-03", "2025-04-08", {"credit": "0.5"}),
    )
    assert first(asked, "2025-03") == ("unjudged", None)
    assert ask(asked, "2025-03")["score"] == "100.00"
    assert ask(asked, "2025-03", inspected=True)["score"] == "55.00"
    assert first(asked, "2025-04") == ("partial", "0.5")


def test_causes_of_the_months_count_in_the_quarter() -> None:
    """Causes take their points times their count, and those of all months count in a quarter."""
    priced = [
        {"code": "c1", "take": "0.5"},
        {"code": "c2", "between": ["0.1", "2"]},
        {"code": "c3", "all": "true"},
    ]
    some = {"causes": [{"cause": "c1", "count": 2}, {"cause": "c2", "points": "1.5"}]}
    replaced = {"causes": [{"cause": "c3"}]}
    asked = world(
        [scheme(("4", {"kind": "deduction", "causes": priced}))],
        sheet("2025-04", "2025-05-07", replaced),
        sheet("2025-04", "2025-05-08", some),
        sheet("2025-05", "2025-06-08", {"causes": [{"cause": "c1", "count": 1}]}),
        sheet("2025-07", "2025-08-08", replaced),
    )
    assert first(asked, "2025-04") == ("met", "1")
    assert first(asked, "2025-04", inspected=True) == ("partial", "0.375")
    assert first(asked, "2025-Q2") == ("partial", "0.25")
    assert first(asked, "2025-07", inspected=True) == ("missed", "0")


def test_a_disallowed_record_counts_nowhere_that_is_not_yet_posted() -> None:
    """A disallowance affects other periods unless they are posted, its own when inspected."""
    asked = world(
        [scheme(("1", MEETING))],
        held("a", "2025-03-09"),
        {"kind": "posted", "period": "2025-03", "day": "2025-04-11"},
        sheet("2025-04", "2025-05-08", disallow="a"),
    )
    assert first(asked, "2025-03")[1] == "1"
    assert first(asked, "2025-Q1")[1] == "0"
    own = world(
        [scheme(("1", MEETING))],
        held("a", "2025-03-09"),
        sheet("2025-03", "2025-04-08", disallow="a"),
    )
    assert first(own, "2025-03")[1] == "1"
    assert first(own, "2025-03", inspected=True)[1] == "0"
    assert first(own, "2025-Q1")[1] == "0"


@pytest.mark.parametrize(
    ("born", "status"), [("2025-04-16", "missed"), ("2025-04-17", "not_applicable")]
)
def test_a_window_is_asked_for_from_half_of_its_days_on(born: str, status: str) -> None:
    """A window is required if the life covers at least half of its days."""
    assert first(world([scheme(("1", MEETING))], born=born), "2025-04")[0] == status


def test_a_window_before_the_scheme_is_not_asked_for() -> None:
    """A quarter that began before the first month of the scheme is not asked for."""
    rule = {**MEETING, "per": "quarter"}
    asked = world([scheme(("1", rule), effective_from="2025-05")])
    assert first(asked, "2025-05")[0] == "not_applicable"
    assert first(asked, "2025-Q2")[0] == "not_applicable"
    assert first(asked, "2025-Q3")[0] == "missed"
    assert ask(asked, "2025-04")["scheme"] is None


def test_pending_by_what_holds_on_the_last_day_of_the_period() -> None:
    """July stays pending for a quarter that the closing in August made too short to ask for."""
    rule = {**MEETING, "per": "quarter"}
    closed = {"kind": "organization_change", "on": "2025-08-02", "closed": True}
    asked = world([scheme(("1", rule))], {**closed, "day": "2025-08-02"})
    assert first(asked, "2025-07")[0] == "pending"
    assert first(asked, "2025-08")[0] == "not_applicable"
    assert first(asked, "2025-Q3")[0] == "not_applicable"
    assert ask(asked, "2025-09")["criteria"] == []


def test_applies_asks_window_by_window() -> None:
    """A window is asked for by the measure on its last day; a missing measure does not excuse."""
    document = scheme(("1", MEETING))
    criterion = document["sections"][0]["items"][0]["criteria"][0]
    criterion["applies"] = {"measure": "members", "at_least": "7"}
    asked = world(
        [document],
        report("measure", "members", "2025-02-28", "6"),
        report("measure", "members", "2025-03-31", "7"),
        held("a", "2025-03-09"),
    )
    assert [first(asked, f"2025-0{month}")[0] for month in (1, 2, 3)] == [
        "missed",
        "not_applicable",
        "met",
    ]
    assert first(asked, "2025-Q1")[1] == "0.5"


def test_a_window_is_judged_by_the_version_of_its_last_month() -> None:
    """Windows go by their own version, points by that of the last month of the period."""
    second = scheme(
        ("3", {**MEETING, "count": "2"}), ("1", FLAG), version="2", effective_from="2025-02"
    )
    asked = world(
        [scheme(("1", MEETING)), second], held("a", "2025-01-09"), held("b", "2025-02-09")
    )
    assert first(asked, "2025-01")[1] == "1"
    assert first(asked, "2025-02")[1] == "0.5"
    line = ask(asked, "2025-Q1")["criteria"][0]
    assert (line["points"], line["credit"]) == ("3", "0.4")
    assert [window["required"] for window in line["windows"]] == [1, 2, 2]


def test_a_scheme_without_points() -> None:
    """Every item weighs 1, shared by its criteria; an optional one has no weight, a status yet."""
    document = scheme((None, FLAG), (None, FLAG))
    del document["points"]
    document["sections"][0]["items"][0]["criteria"] += [
        {"code": "1.1.2", "rule": {"kind": "judgement"}},
        {"code": "1.1.3", "rule": MEETING, "optional": "true"},
    ]
    document["sections"][0]["items"][1]["criteria"][0]["rule"] = MEETING
    asked = world([document], report("condition", "national_flag", "2025-01-01", "met"))
    answer = ask(asked, "2025-03")
    assert [line["points"] for line in answer["criteria"]] == ["0.5", "0.5", "0", "1"]
    assert answer["criteria"][2]["status"] == "missed"
    assert answer["score"] == "33.33"


def test_split_points_are_exact() -> None:
    """What an item has left is split equally, and a third stays a third."""
    document = scheme(("2", FLAG))
    document["sections"][0]["items"][0]["criteria"] = [
        {"code": "1.1.1", "rule": FLAG, "points": "1"},
        *({"code": f"1.1.{place}", "rule": FLAG} for place in (2, 3, 4)),
    ]
    points = [line["points"] for line in ask(world([document]), "2025-03")["criteria"]]
    assert points == ["1", "1/3", "1/3", "1/3"]


def test_history_is_in_time_but_not_known_before_it_came() -> None:
    """A historical line counts from the date it states, and `known_at` by its real recording."""
    past = held("a", "2025-03-09", "2025-09-01", recorded_on="2025-03-10")
    asked = world([scheme(("1", MEETING))], past)
    assert first(asked, "2025-03")[1] == "1"
    assert first(asked, "2025-03", recorded_until=date(2025, 5, 1))[1] == "1"
    assert first(asked, "2025-03", known_at=datetime(2025, 8, 31, tzinfo=UTC))[1] == "0"
    assert first(asked, "2025-03", known_at=datetime(2025, 9, 1, 4, tzinfo=UTC))[1] == "1"
    assert first(asked, "2025-03", known_at=datetime(2025, 4, 5, 15, 59, tzinfo=UTC))[1] is None
    assert first(asked, "2025-03", known_at=datetime(2025, 4, 5, 16, tzinfo=UTC))[1] == "0"


def test_an_organization_that_is_not_yet_known_has_no_answer() -> None:
    """Before its registration was recorded there is no answer; before its life an empty one."""
    asked = world([scheme(("1", MEETING))], born="2025-03-05")
    assert compliance(asked, "2025-03", today=LATER, recorded_until=date(2025, 3, 4)) is None
    answer = ask(asked, "2025-02")
    assert (answer["scheme"], answer["score"], answer["criteria"]) == (None, None, [])


def test_numbers() -> None:
    """Scores are rounded half up once, and other figures are exact."""
    assert two_places(Fraction(1, 200)) == "0.01"
    assert two_places(Fraction(2, 3) * 100) == "66.67"
    assert [exact(number(text)) for text in ("2.10", "-0.05", "2/3", "40000", "0")] == [
        "2.1",
        "-0.05",
        "2/3",
        "40000",
        "0",
    ]
    assert span_of("2026-H2").last == span_of("2026-Q4").last == span_of("2026").last


@pytest.mark.parametrize("disputed", [False, True])
def test_random_worlds_are_answered(disputed: bool) -> None:
    """Three hundred random worlds are answered, with consistent figures."""
    seen: set[str] = set()
    for seed in range(300):
        rng = random.Random(seed)
        drawn = random_world(rng, disputed=disputed)
        for _ in range(3):
            answer = compliance(drawn, **random_question(rng, drawn))
            for line in answer["criteria"] if answer else []:
                seen.add(line["status"])
                judged = line["status"] in {"met", "partial", "missed"}
                assert judged == (line["credit"] is not None)
                assert not judged or 0 <= number(line["credit"]) <= 1
    assert seen == {"met", "partial", "missed", "pending", "unjudged", "not_applicable"}


def test_the_same_seed_gives_the_same_world() -> None:
    """Worlds and questions come from the given random generator alone."""
    one, two = random.Random(7), random.Random(7)
    first_world, second_world = random_world(one), random_world(two)
    assert first_world == second_world
    assert random_question(one, first_world) == random_question(two, second_world)


def test_random_worlds_obey_the_rules_of_recording() -> None:
    """Instants increase, and nothing is recorded before the day it states."""
    for seed in range(100):
        drawn = random_world(random.Random(seed))
        entries = read_entries(drawn.entries, ZoneInfo(drawn.zone))
        instants = [entry.recorded_at for entry in entries]
        assert instants == sorted(set(instants))
        for entry in entries:
            day = entry.data.get("on") or entry.data.get("occurred_on")
            assert day is None or date.fromisoformat(day) <= entry.recording_date
