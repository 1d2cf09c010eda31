"""The worked examples of docs/semantics.md that no other test computes."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from events.documents.policies import DistrictPolicy, validate_policy
from events.documents.scheme_checks import validate_scheme
from events.documents.serialization import load_document
from events.documents.vocabulary import BUILT_IN
from projections.scores.ranking import band_of
from scheduler.assignment import tie_key
from scheduler.sampling import DrawPlan, draw, frame_digest, sample_key, sample_size, seed_of
from tests.semantics.asking import HELD, Stream, ask, criterion, first, scheme, standing

ROOT = next(
    folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").exists()
)
PAGE = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
CODES = ("421102-002", "421102-003-007", "421102-010")
SEED = seed_of("0" * 64, "3")


def documents() -> list[bytes]:
    """The YAML documents of the page, in order."""
    return [one.encode() for one in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def test_the_scheme_of_the_page_has_no_fault() -> None:
    """The scheme of section 2.2 passes every check, and its second criterion weighs 1 point."""
    result = validate_scheme(load_document(documents()[0], "page"), BUILT_IN)
    assert result.problems == ()
    assert (result.points, result.items, result.criteria) == (Decimal(8), 2, 3)


def test_the_policy_of_the_page_is_the_default() -> None:
    """The policy of section 7 is the one that applies where none is published."""
    assert validate_policy(load_document(documents()[1], "page")) == (DistrictPolicy(), ())


def test_the_draw_of_the_page() -> None:
    """Digest, seed, keys and sample of section 8 come out as printed."""
    assert frame_digest(CODES) in PAGE
    assert SEED in PAGE
    keys = {code: sample_key(SEED, "2026-09", code)[:8] for code in CODES}
    assert all(f"`{code}` with `{key}`" in PAGE for code, key in keys.items())
    drawn = draw(
        CODES, DrawPlan(count=2), seed=SEED, period="2026-09", last_inspected={}, earlier_cycles=()
    )
    assert drawn.codes == ("421102-003-007", "421102-010")


def test_the_inspectors_of_the_page() -> None:
    """The tie keys of section 8.5 begin as printed."""
    people = ("p-017", "p-020", "p-021")
    ties = [tie_key(SEED, "2026-09", "421102-003-007", person)[:8] for person in people]
    assert ties == sorted(ties)
    assert all(f"`{tie}`" in PAGE for tie in ties)


@pytest.mark.parametrize(
    ("population", "fraction", "at_least", "count", "months", "size"),
    [
        (6, "0.2", 1, None, None, 2),
        (100, "0.2", 30, None, None, 30),
        (100, "0.1", 1, None, 12, 17),
        (100, "0.2", 1, None, 12, 20),
        (2, None, 0, 3, None, 2),
    ],
)
def test_the_sizes_of_the_page(
    population: int,
    fraction: str | None,
    at_least: int,
    count: int | None,
    months: int | None,
    size: int,
) -> None:
    """The table of section 8.3 is computed."""
    share = None if fraction is None else Decimal(fraction)
    assert sample_size(population, share, at_least, count, months) == size


@pytest.mark.parametrize(
    ("score", "band"),
    [("96.00", "first"), ("95.99", "second"), ("80.00", "third"), ("79.99", "none")],
)
def test_the_bands_of_the_page(score: str, band: str) -> None:
    """A band begins at its lower bound, as section 6.4 says."""
    assert band_of(DistrictPolicy(), Decimal(score)) == band


def test_the_windows_of_the_page() -> None:
    """The examples of sections 4.2 and 4.3 come out to the last digit."""
    rule = HELD | {"count": 2}
    stream = Stream().registered().held("a", "2026-09-11")
    stream.held("b", "2026-09-10", "2026-10-20").held("c", "2026-09-12", "2026-10-20")
    assert first(stream, rule) == ("partial", "0.75")
    stream = Stream().registered().held("a", "2026-09-11")
    missed = rule | {"deduct_per_miss": "0.5"}
    assert first(stream, missed) == ("partial", "0.875")
    assert first(stream, missed, "2026-Q3") == ("partial", "0.375")
    statuses = [first(Stream().registered(day), HELD, "2026-04")[0] for day in
                ("2026-04-16", "2026-04-17")]  # fmt: skip
    assert statuses == ["missed", "not_applicable"]


def test_the_versions_of_the_page() -> None:
    """The example of section 4.5: one meeting a month until July, two from August on."""
    rule = HELD | {"count": 2}
    second = scheme(criterion(rule, "3"), version=2, effective_from="2026-08")
    stream = Stream().registered().held("a", "2026-07-10").held("b", "2026-08-10")
    assessment = ask(stream, scheme(criterion(HELD)), second, period="2026-Q3")
    assert standing(assessment) == [("partial", "0.4")]
