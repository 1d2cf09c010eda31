"""Validation of a scheme document: every problem at its place (docs/semantics.md, section 2).

The parts that the model cannot read are reported first; the rest is still checked. YAML is read in
``serialization``, sums are checked in ``point_checks``, single rules in ``rule_checks``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from itertools import chain
from typing import Any

from pydantic import ValidationError

from events.documents.addition_checks import addition_problems
from events.documents.faults import model_problems, text_problems
from events.documents.point_checks import point_problems, states_points
from events.documents.rule_checks import repeated_words, rule_problems
from events.documents.salvage import NO_CODE, SalvagedScheme, salvage_scheme
from events.documents.schemes import (
    ActivityRule,
    ConditionRule,
    Criterion,
    MeasureRule,
    Scheme,
    Text,
    is_unset,
    weights,
)
from events.documents.vocabulary import FAMILIES, Vocabulary
from events.periods import parse_month
from events.refusals.errors import Message, Problem, Refused

KINDS = ("activity", "condition", "measure", "deduction", "judgement")
HIGHEST_VERSION = 1_000_000
ONE_OF = {
    "activities": "activity",
    "conditions": "condition",
    "measures": "measure",
    "evidence": "evidence",
}


@dataclass(frozen=True)
class SchemeCheck:
    """The result of validating a scheme; ``scheme`` is None if a part could not be read.

    ``points`` is the stated total, if any; ``kinds`` counts criteria by kind of rule (those whose
    rule could be read).
    """

    scheme: Scheme | None
    problems: tuple[Problem, ...] = ()
    points: Decimal | None = None
    items: int = 0
    criteria: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the scheme may be published: no problem is an error."""
        return all(problem.severity != "error" for problem in self.problems)


def validate_scheme(document: dict[str, Any], vocabulary: Vocabulary) -> SchemeCheck:
    """Return every problem of a scheme document; ``vocabulary`` has the existing words."""
    problems = text_problems(document)
    try:
        rest = SalvagedScheme(scheme=Scheme.model_validate(document))
        scheme = rest.scheme
    except ValidationError as error:
        problems += model_problems(error, document)
        rest, scheme = salvage_scheme(document, error), None
    if rest.scheme is None:
        return SchemeCheck(None, tuple(problems))
    problems += _problems(rest.scheme, rest, vocabulary)
    kinds: Counter[str] = Counter(
        criterion.rule.kind
        for criterion in rest.scheme.criteria()
        if criterion.code not in rest.ruleless
    )
    return SchemeCheck(
        scheme=scheme,
        problems=tuple(dict.fromkeys(problems)),
        points=rest.scheme.points,
        items=sum(1 for _ in rest.scheme.items()),
        criteria=sum(1 for _ in rest.scheme.criteria()),
        kinds={kind: kinds[kind] for kind in KINDS if kinds[kind]},
    )


def _problems(scheme: Scheme, rest: SalvagedScheme, vocabulary: Vocabulary) -> list[Problem]:
    problems = chain(
        _head(scheme, vocabulary),
        _annual(scheme),
        _codes(scheme),
        _structure(scheme),
        _definitions(scheme, vocabulary),
        _words(scheme, vocabulary.extended([scheme])),
        point_problems(scheme, rest.uncertain),
        addition_problems(scheme, rest.uncertain),
        _rules(scheme, rest),
    )
    return list(problems)


def _head(scheme: Scheme, vocabulary: Vocabulary) -> Iterator[Problem]:
    if scheme.version > HIGHEST_VERSION:
        yield Problem.error(
            "version", "version_too_high", version=scheme.version, most=HIGHEST_VERSION
        )
    for category in scheme.categories:
        if category not in vocabulary.categories:
            yield _unknown_category(category, vocabulary)
    for category in repeated_words(scheme.categories):
        yield Problem.warning("categories", "named_twice", name=category)
    if scheme.effective_from is not None:
        try:
            parse_month(scheme.effective_from)
        except Refused:
            yield Problem.error("effective_from", "bad_month", text=scheme.effective_from)
    if scheme.bonus and scheme.policy.bonus_cap == 0:
        yield Problem.warning("policy.bonus_cap", "bonus_cap_zero")


def _annual(scheme: Scheme) -> Iterator[Problem]:
    for name in ("application", "methods"):
        if scheme.purpose != "annual" and not is_unset(getattr(scheme, name)):
            yield Problem.error(name, "annual_only", name=name)


def _codes(scheme: Scheme) -> Iterator[Problem]:
    families: tuple[tuple[str, Iterable[str]], ...] = (
        ("sections", (section.code for section in scheme.all_sections())),
        ("items", (item.code for item in scheme.items())),
        ("criteria", (criterion.code for criterion in scheme.criteria())),
        ("bonus points", (bonus.code for bonus in scheme.bonus)),
        ("vetoes", (veto.code for veto in scheme.vetoes)),
        ("methods", (method.code for method in scheme.methods)),
    )
    for family, codes in families:
        for code in repeated_words(codes):
            if not code.endswith(NO_CODE):
                yield Problem.error(code, "code_twice", family=family, code=code)


def _structure(scheme: Scheme) -> Iterator[Problem]:
    for section in scheme.all_sections():
        if not section.sections and not section.items:
            yield Problem.warning(section.code, "empty_section")
    criteria = list(scheme.criteria())
    if not criteria:
        yield Problem.error("sections", "no_criterion")
    elif all(criterion.optional for criterion in criteria):
        yield Problem.error("sections", "all_optional")


def _definitions(scheme: Scheme, vocabulary: Vocabulary) -> Iterator[Problem]:
    for family in FAMILIES:
        known: Mapping[str, Text] = getattr(vocabulary, family)
        for word, text in getattr(scheme, family).items():
            if word in known and not _agree(known[word], text):
                meant = known[word]
                place = f"{family}.{word}"
                yield Problem.warning(
                    place,
                    "word_redefined",
                    word=word,
                    zh=meant.in_language("zh"),
                    en=meant.in_language("en"),
                )


def _agree(known: Text, text: Text) -> bool:
    """Return whether a word has one meaning in two definitions; English may be left out."""
    same_english = text.en is None or text.en == known.en
    return text.zh == known.zh and same_english


def _words(scheme: Scheme, vocabulary: Vocabulary) -> Iterator[Problem]:
    for criterion in scheme.criteria():
        for family, word in _named(criterion):
            known = getattr(vocabulary, family)
            if word not in known:
                yield Problem(
                    criterion.code,
                    _unknown(ONE_OF[family], word, known),
                    "warning" if family == "evidence" else "error",
                )


def _named(criterion: Criterion) -> Iterator[tuple[str, str]]:
    """Yield the words that a criterion names, each with its family."""
    if criterion.applies is not None:
        yield "measures", criterion.applies.measure
    match criterion.rule:
        case ActivityRule() as rule:
            yield "activities", rule.activity
            for kind in rule.evidence:
                yield "evidence", kind
        case ConditionRule() as rule:
            yield "conditions", rule.condition
        case MeasureRule() as rule:
            for measure in (rule.measure, rule.by_measure, rule.of):
                if measure is not None:
                    yield "measures", measure
        case _:
            pass


def _unknown_category(category: str, vocabulary: Vocabulary) -> Problem:
    known = ", ".join(vocabulary.categories)
    return Problem.error("categories", "no_category", category=category, known=known)


def _unknown(kind: str, word: str, known: Iterable[str]) -> Message:
    near = get_close_matches(word, list(known), n=1)
    if near:
        return Message("word_unknown.near", kind=kind, word=word, near=near[0])
    return Message("word_unknown", kind=kind, word=word)


def _rules(scheme: Scheme, rest: SalvagedScheme) -> Iterator[Problem]:
    in_sums = states_points(scheme)
    split = weights(scheme)
    for item in scheme.items():
        for criterion in item.criteria:
            stated = criterion.points
            points = split[criterion.code] if stated is None else Fraction(stated)
            known = points > 0 and item.code not in rest.uncertain
            yield from rule_problems(
                criterion,
                points if known else None,
                stated=stated is not None or (in_sums and not criterion.optional),
            )
