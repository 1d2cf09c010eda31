import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tracker
from events.documents.scheme_checks import validate_scheme
from events.documents.schemes import Scheme
from events.documents.serialization import load_document, stored_document, to_document
from events.documents.vocabulary import BUILT_IN
from tests.support.scheme_parts import (
    FUNDS,
    LESSON,
    WORD,
    checked,
    criterion,
    deduction,
    item,
    only,
    scheme,
    tiers,
)

COMMUNITY = Path(tracker.__file__).parent / "schemes" / "community-2011.yaml"
EXAMPLE = """
scheme: community-2011          # identifier, kebab case
version: 1
purpose: monthly
title: {zh: 社区党组织考核评价项目, en: Community Party organizations}
categories: [community]
effective_from: 2026-01
points: 2
activities:
  branch_committee_meeting: {zh: 支部委员会会议, en: Branch committee meeting}
conditions:
  national_flag: {zh: 室外悬挂国旗, en: National flag flown outdoors}
measures:
  households: {zh: 居民户数, en: Households}
sections:
  - code: "2"
    title: {zh: 党组织自身建设, en: The organization itself}
    items:
      - code: "2.4.1"
        title: {zh: 定期召开支部委员会会议, en: Regular branch committee meetings}
        points: 2
        criteria:
          - code: "2.4.1.1"
            text: {zh: 每月召开1次, en: Held monthly}
            points: 2           # optional; what the item has left is otherwise split equally
            check: documents    # documents | site | interview | data
            applies: {measure: members, at_least: 7}      # optional
            rule: {kind: activity, activity: branch_committee_meeting, per: month, count: 1, evidence: [minutes]}
bonus: [{code: b1, text: {zh: 获上级表彰, en: Commended}, add: 2}]
vetoes: [{code: v1, text: {zh: 发生重大责任事故, en: Grave accident}}]
policy: {recording_grace_days: 5, late_credit: 0.5, incomplete_credit: 0.5, apply_at_least: 90, bonus_cap: 5}
"""  # noqa: E501  # the worked example as docs/semantics.md writes it


def test_the_community_catalogue_is_without_fault() -> None:
    """The built-in catalogue has 59 items and 142 criteria of four kinds, and no fault at all."""
    result = validate_scheme(load_document(COMMUNITY.read_bytes(), "f.yaml"), BUILT_IN)
    assert result.problems == ()
    assert result.ok
    assert (result.items, result.criteria, result.points) == (59, 142, None)
    assert result.kinds == {"activity": 41, "condition": 50, "measure": 14, "judgement": 37}


@pytest.mark.parametrize(
    "path", sorted(COMMUNITY.parent.glob("*.yaml")), ids=lambda path: path.stem
)
def test_every_shipped_catalogue_can_be_published(path: Path) -> None:
    """Every shipped catalogue passes its own check without a problem."""
    assert validate_scheme(load_document(path.read_bytes(), path.name), BUILT_IN).problems == ()


def test_the_example_of_the_semantics_is_without_fault() -> None:
    """The example of docs/semantics.md, section 2, with its sums completed, has no fault."""
    result = validate_scheme(load_document(EXAMPLE.encode(), "example.yaml"), BUILT_IN)
    assert result.problems == ()
    assert (result.items, result.criteria, result.kinds) == (1, 1, {"activity": 1})
    assert result.points == Decimal(2)
    assert result.scheme is not None
    document = to_document(result.scheme)
    shown = document["sections"][0]["items"][0]["criteria"][0]
    assert shown["points"] == "2"
    assert shown["applies"] == {"measure": "members", "at_least": "7"}
    assert document["effective_from"] == "2026-01"
    assert validate_scheme(stored_document(result.scheme), BUILT_IN) == result


@pytest.mark.parametrize(
    ("items", "total", "place", "said"),
    [
        ([item("i", criterion("a", points="1"), points="2")], "2", "i", "add up to 1 points, the"),
        ([item("i", criterion("a", points="3"), points="2")], "2", "i", "3 points, more than"),
        ([item("i", criterion("a", points="3"), criterion("b"), points="2")], "2", "i", "more"),
        (
            [item("i", criterion("a", points="2"), criterion("b"), points="2")],
            "2",
            "i",
            "nothing is left for b",
        ),
        ([item("i", criterion("a"), points="2")], "3", "points", "2 points, the scheme states 3"),
        ([item("i", criterion("a"), points="2")], None, "points", "write points: 2"),
        ([item("i", criterion("a"))], "3", "points", "but no item does"),
        (
            [item("i", criterion("a"), points="3"), item("j", criterion("b"))],
            "3",
            "j",
            "and b state no points",
        ),
        (
            [item("i", criterion("a", optional=True), points="1")],
            "1",
            "i",
            "all criteria are optional",
        ),
        (
            [item("i", criterion("a", optional=True, points="1"), criterion("b"))],
            None,
            "a",
            "a scheme that states none",
        ),
    ],
)
def test_sums_that_do_not_add_up(
    items: list[dict[str, Any]], total: str | None, place: str, said: str
) -> None:
    """A sum that does not add up is an error at its item or at the scheme's points, with both."""
    result = checked(*items, points=total)
    assert (place, True) in [(one.place, said in one.problem) for one in result.problems]
    assert not result.ok


@pytest.mark.parametrize(
    ("items", "total"),
    [
        ([item("i", criterion("a"), criterion("b"), criterion("c"), points="2")], "2"),
        ([item("i", criterion("a", points="135"))], "135"),
        ([item("i", criterion("a", points="0.1"), criterion("b", points="0.2"))], "0.3"),
        ([item("i", criterion("a"), criterion("b", optional=True, points="9"), points="2")], "2"),
        ([item("i", criterion("a"), points="1"), item("j", criterion("b", optional=True))], "1"),
        ([item("i", criterion("a"))], None),
    ],
)
def test_sums_that_add_up(items: list[dict[str, Any]], total: str | None) -> None:
    """Splits, any stated total, tenths and optional criteria outside the sums are no faults."""
    result = checked(*items, points=total)
    assert result.problems == ()
    assert result.points == (None if total is None else Decimal(total))


@given(
    shares=st.lists(st.decimals("0.01", "9", places=2), min_size=1, max_size=6),
    off=st.sampled_from([Decimal(0), Decimal("0.01")]),
)
@settings(max_examples=60)
def test_sums_are_exact_to_the_last_digit(shares: list[Decimal], off: Decimal) -> None:
    """Points are accepted if they add up exactly, and refused when a hundredth too many."""
    criteria = [criterion(f"c{place}", points=str(one)) for place, one in enumerate(shares)]
    total = sum(shares) + off
    result = checked(item("i", *criteria, points=str(total)), points=str(total))
    assert result.ok == (off == 0)


def test_codes_that_occur_twice() -> None:
    """A code that occurs twice in its family is reported once, at that code."""
    sections = [
        {"code": "1", "title": WORD, "items": [item("i", criterion(one)) for one in "ab"]},
        {"code": "1", "title": WORD, "items": [item("j", criterion("a"))]},
    ]  # fmt: skip
    bonus = {"code": "b1", "text": WORD, "add": "1"}
    veto = {"code": "v1", "text": WORD}
    result = checked(sections=sections, bonus=[bonus, bonus], vetoes=[veto, veto, veto])
    assert [one.place for one in result.problems] == ["1", "i", "a", "b1", "v1"]
    assert not result.ok


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        (LESSON | {"activity": "party_lessons"}, "did you mean party_lesson?"),
        ({"kind": "condition", "condition": "moon"}, "condition moon"),
        ({"kind": "measure", "measure": "moons", "at_least": "1"}, "measure moons"),
        (FUNDS | {"ratio_at_least": "1", "of": "moons"}, "measure moons"),
        (FUNDS | {"tiers": [{"at_least": "1"}], "by_measure": "moons"}, "measure moons"),
    ],
)
def test_unknown_words_are_errors(rule: dict[str, Any], word: str) -> None:
    """A rule that names an unknown activity, condition or measure is an error at its criterion."""
    only(checked(item("i", criterion("c", rule))), "c", word)


def test_an_unknown_measure_of_applies_is_an_error() -> None:
    """A criterion that applies by an unknown measure is an error."""
    unknown = {"measure": "moons", "at_least": "1"}
    only(checked(item("i", criterion("c", applies=unknown))), "c", "measure moons")


def test_unknown_evidence_is_a_warning() -> None:
    """Evidence of a kind that nobody defined is a warning, and the scheme can be published."""
    rule = LESSON | {"evidence": ["minutes", "song"]}
    only(checked(item("i", criterion("c", rule))), "c", "evidence song", "warning")


def test_words_that_the_scheme_defines_are_known() -> None:
    """A word that the scheme defines itself is known to its rules."""
    rule = {"kind": "condition", "condition": "moon"}
    assert checked(item("i", criterion("c", rule)), conditions={"moon": WORD}).problems == ()


def test_a_second_meaning_is_a_warning() -> None:
    """A word that already means something else keeps that meaning, which the check says."""
    result = checked(item("i", criterion("c")), measures={"members": WORD})
    only(result, "measures.members", "already means 党员人数", "warning")


@pytest.mark.parametrize(
    ("field", "value", "place", "said", "severity"),
    [
        ("categories", ["communities"], "categories", "choose one of prefecture", "error"),
        ("categories", ["school", "school"], "categories", "named twice", "warning"),
        ("effective_from", "2026-13", "effective_from", "not a month", "error"),
        ("effective_from", "2026-Q1", "effective_from", "not a month", "error"),
        ("version", "1000001", "version", "above", "error"),
        ("purpose", "weekly", "purpose", "not weekly", "error"),
        ("colour", "red", "colour", "not a field", "error"),
        ("policy", {"late_credit": "1.5"}, "policy.late_credit", "less than or equal", "error"),
        ("title", {"zh": "字", "en": "a\x1bb"}, "title.en", "control character", "error"),
        ("title", {"zh": "字", "en": "a\ud800"}, "title.en", "control character", "error"),
        ("title", "word", "title", "a mapping", "error"),
        ("scheme", "No Kebab", "scheme", "No Kebab", "error"),
        ("points", "x" * 60, "points", "x…", "error"),
        ("activities", {"No": WORD}, "activities.No", "has the wrong form", "error"),
    ],
)
def test_faults_of_the_head(
    field: str, value: object, place: str, said: str, severity: str
) -> None:
    """A fault outside the criteria is named at its dotted field."""
    only(checked(item("i", criterion("c")), **{field: value}), place, said, severity)


def test_a_bonus_that_can_never_count() -> None:
    """Bonus points under a cap of 0 are a warning."""
    result = checked(
        item("i", criterion("c")),
        bonus=[{"code": "b", "text": WORD, "add": "1"}],
        policy={"bonus_cap": "0"},
    )
    only(result, "policy.bonus_cap", "no bonus can ever count", "warning")


def test_schemes_without_anything_to_score() -> None:
    """A scheme without criteria, or with optional ones alone, is an error."""
    empty = checked(sections=[{"code": "1", "title": WORD}])
    assert [(one.place, one.severity) for one in empty.problems] == [
        ("1", "warning"),
        ("sections", "error"),
    ]
    only(checked(item("i", criterion("c", optional=True))), "sections", "every criterion")


def test_all_faults_are_named_at_once() -> None:
    """Faults that the model finds do not hide those of sums, words and codes."""
    result = checked(
        item(
            "i",
            criterion("a", {"kind": "wish"}, points="1"),
            criterion("b", {"kind": "condition", "condition": "moon"}, points="1"),
            points="3",
        ),
        item("j", criterion("c", LESSON | {"colour": "red", "activity": "song"}), points="1"),
        item("k", {"code": "d", "text": {"en": "word"}}, points="x"),
        item("l", "not a criterion", criterion("e", {"kind": "condition", "condition": "sun"})),  # type: ignore[arg-type]
        item("m", {"text": WORD, "rule": LESSON | {"activity": "dance"}}, points="1"),
        points="5",
        categories=["moons"],
    )
    assert result.scheme is None
    assert not result.ok
    places = {(one.place, one.problem.split(" ")[0]) for one in result.problems}
    assert places == {
        ("a", "rule.kind"),
        ("b", "condition"),
        ("i", "the"),
        ("c", "rule.colour"),
        ("c", "activity"),
        ("d", "text.zh"),
        ("d", "rule"),
        ("k", "points"),
        ("l", "criteria.0"),
        ("e", "condition"),
        ("m", "criteria.0.code"),
        ("m.no-code", "activity"),
        ("categories", "moons"),
    }
    assert result.kinds == {"activity": 2, "condition": 2}


def test_a_cause_is_named_below_its_criterion() -> None:
    """A fault of a cause is reported at its criterion, with the cause's code in the sentence."""
    result = checked(item("i", criterion("c", deduction({"take": "-1"})), points="2"), points="2")
    only(result, "c", "rule.causes.c0.take should be greater than 0, not -1")


def test_what_was_typed_cannot_forge_a_line() -> None:
    """A code or a value with a line break in it is shown in one line."""
    forged = criterion("a\nb: ok", {"kind": "x\ny\u202e"})
    result = checked(item("i", forged))
    assert all("\n" not in one.place + one.problem for one in result.problems)
    assert ("a b: ok", "rule.kind is x y?, not one of") in {
        (problem.place, problem.problem[:29]) for problem in result.problems
    }
    assert validate_scheme(scheme() | {"a\x1bb": "1"}, BUILT_IN).problems[0].place == "a?b"


def test_criteria_without_codes_are_not_duplicates() -> None:
    """Two criteria that lack a code are each said to lack it, and not to share one."""
    lacking = {"text": WORD, "rule": LESSON}
    result = checked(item("i", lacking, lacking))
    assert [(one.place, one.problem) for one in result.problems] == [
        ("i", "criteria.0.code is missing"),
        ("i", "criteria.1.code is missing"),
    ]


def test_a_document_with_nothing_in_it() -> None:
    """Of an empty document every missing field is named."""
    result = validate_scheme({}, BUILT_IN)
    missing = {one.place for one in result.problems if "is missing" in one.problem}
    assert missing == {"scheme", "version", "title", "categories", "sections"}
    assert result.scheme is None


def test_a_document_beyond_mending() -> None:
    """Where nothing readable remains, what the model found is named all the same."""
    tangled: dict[str, Any] = {"sections": {"a": 1}}
    result = validate_scheme(scheme() | tangled, BUILT_IN)
    assert [(one.place, one.severity) for one in result.problems] == [("sections", "error")]


SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "1", "月"])
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "kind", "rule", "points"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all values in a document."""
    places = [path] if path else []
    if isinstance(node, (dict, list)):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            places.extend(paths(value, (*path, key)))
    return places


FULL = scheme(
    item(
        "i",
        criterion("a", deduction({"take": "1"}, {"between": ["0", "1"]}), points="1"),
        criterion("b", tiers(("2", "1"), (None, "2")), points="1"),
        points="2",
    ),
    item("j", criterion("c", LESSON, applies={"measure": "members", "at_least": "1"}), points="1"),
    points="3",
    bonus=[{"code": "b1", "text": WORD, "add": "1"}],
    conditions={"moon": WORD},
)


@given(data=st.data())
@settings(max_examples=300)
def test_anything_in_a_document_is_a_problem_and_never_a_crash(data: st.DataObject) -> None:
    """Whatever replaces a part of a document, the check answers; unread documents have errors."""
    document = copy.deepcopy(FULL)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(paths(document)))
        node: Any = document
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = data.draw(ANYTHING)
    result = validate_scheme(document, BUILT_IN)
    assert all(one.place and one.problem for one in result.problems)
    assert isinstance(result.scheme, Scheme) or not result.ok


def test_the_full_document_is_without_fault() -> None:
    """The document that the faults are put into has none itself."""
    assert validate_scheme(copy.deepcopy(FULL), BUILT_IN).problems == ()
