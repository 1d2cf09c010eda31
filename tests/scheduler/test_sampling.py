import hashlib
import hmac
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.periods import parse_month
from events.refusals.errors import CorruptError, Kind, Refused
from scheduler.sampling import (
    Draw,
    DrawPlan,
    DrawReason,
    draw,
    draw_within,
    frame_digest,
    frame_in_order,
    sample_key,
    sample_size,
    seed_of,
)

SEED = seed_of("0" * 64, "a public number")
PERIOD = "2026-09"
CODES = st.sets(st.text("0123456789AZaz.-", min_size=1, max_size=8), max_size=40)
PLANS = st.builds(
    DrawPlan,
    fraction=st.none() | st.decimals(0, 1, places=3),
    at_least=st.integers(0, 5),
    count=st.none() | st.integers(0, 50),
    everyone_within_months=st.none() | st.integers(1, 24),
    rest_months=st.integers(0, 6),
)
MONTHS = ["2025-12", "2026-03", "2026-06", "2026-07", "2026-08"]
LASTS = st.none() | st.sampled_from(MONTHS)
EARLIER = st.none() | st.lists(st.sampled_from(MONTHS), unique=True).map(
    lambda months: sorted(months, reverse=True)
)
SUMMER = ("2026-08", "2026-07", "2026-06")
"""Three cycles without a gap before September's."""


def codes_of(number: int) -> list[str]:
    """Return so many codes of a frame."""
    return [f"421102-{index:03}" for index in range(number)]


def key_by_hand(seed: str, period: str, code: str) -> str:
    """Return the key of docs/semantics.md, section 8.2, from the standard library alone."""
    return hmac.new(seed.encode(), f"{period}|{code}".encode(), hashlib.sha256).hexdigest()


def in_key_order(codes: Iterable[str], period: str = PERIOD, seed: str = SEED) -> list[str]:
    """Return the codes in the order of their keys."""
    return sorted(codes, key=lambda code: key_by_hand(seed, period, code))


def simple(codes: Iterable[str], plan: DrawPlan, **last: str) -> Draw:
    """A draw of September with the history ``last``, after a cycle in each month of summer."""
    return draw(codes, plan, seed=SEED, period=PERIOD, last_inspected=last, earlier_cycles=SUMMER)


# The commitment and the keys.


def test_golden_frame_digest() -> None:
    """The frame's digest is the SHA-256 of its codes in byte order, each followed by LF."""
    codes = ["421102-010", "421102-002", "421102-003-007"]
    expected = hashlib.sha256(b"421102-002\n421102-003-007\n421102-010\n").hexdigest()
    assert frame_digest(codes) == expected
    assert frame_digest([]) == hashlib.sha256(b"").hexdigest()


def test_golden_seed_and_key() -> None:
    """Seed and key equal those computed by other programs."""
    assert seed_of("0" * 64, "3") == (
        "9c73ba38ba7b2428fcd24792c26b9d307ffcda5f306e4917d78c6cdc261e5657"
    )
    assert sample_key(seed_of("0" * 64, "3"), "2026-09", "421102-003-007") == (
        "3bde642adda3a380579eeb17fe8499d0523db7b71b3d0ed361a342cef80b559a"
    )


@given(st.text(), st.text())
def test_seed_by_hand(root: str, value: str) -> None:
    """The seed is the SHA-256 of root, a bar and the value in UTF-8."""
    assert seed_of(root, value) == hashlib.sha256((root + "|" + value).encode()).hexdigest()


@given(st.text(max_size=10), st.text(max_size=20))
def test_key_by_hand(period: str, code: str) -> None:
    """The key is the HMAC-SHA256 of period, a bar and the code under the seed's characters."""
    assert sample_key(SEED, period, code) == key_by_hand(SEED, period, code)


@given(st.sets(st.text(max_size=6)))
def test_frame_order_is_that_of_bytes(codes: set[str]) -> None:
    """The order of the frame is the order of the codes' UTF-8 bytes."""
    assert list(frame_in_order(codes)) == sorted(codes, key=str.encode)


def test_a_code_twice() -> None:
    """A frame in which a code appears twice is a bug and is not drawn from."""
    with pytest.raises(CorruptError, match="b appears twice"):
        frame_digest(["b", "a", "b"])


# The size.


@pytest.mark.parametrize(
    ("population", "fraction", "at_least", "count", "months", "size"),
    [
        (0, "0.2", 1, None, 12, 0),
        (0, None, 0, 3, None, 0),
        (3, "0.2", 1, None, None, 1),
        (4, "0.2", 1, None, None, 1),
        (5, "0.2", 1, None, None, 1),
        (6, "0.2", 1, None, None, 2),
        (10, "0.1", 1, None, None, 1),
        (1000, "0.007", 1, None, None, 7),
        (100, "0.2", 30, None, None, 30),
        (20, "0.2", 30, None, None, 20),
        (100, None, 4, None, None, 4),
        (100, "0.2", 1, 3, None, 3),
        (2, "0.2", 1, 3, None, 2),
        (100, "0.1", 1, None, 12, 17),
        (100, "0.2", 1, None, 12, 20),
        (100, None, 0, 3, 12, 17),
        (7, "0", 0, None, 1, 7),
        (7, "0", 0, None, 2, 7),
    ],
)
def test_size(
    population: int,
    fraction: str | None,
    at_least: int,
    count: int | None,
    months: int | None,
    size: int,
) -> None:
    """The n of a stratum is exact: a share rounded up, minimums, a count, at most N."""
    share = None if fraction is None else Decimal(fraction)
    assert sample_size(population, share, at_least, count, months) == size


@given(st.integers(0, 10**6), st.decimals(0, 1, places=6), st.integers(0, 9), st.integers(1, 36))
def test_size_is_exact(population: int, fraction: Decimal, at_least: int, months: int) -> None:
    """The n of a stratum equals the formula in fractions."""
    share = ceil(Fraction(fraction) * population)
    floor = ceil(Fraction(2 * population, months))
    assert sample_size(population, fraction, at_least, None, months) == min(
        population, max(at_least, share, floor)
    )


# The draw.


def test_drawn_by_key() -> None:
    """Without further rules the n organizations with the lowest keys are drawn, in key order."""
    codes = codes_of(30)
    result = simple(codes, DrawPlan(fraction=Decimal("0.2"), at_least=1))
    assert (result.population, result.size) == (30, 6)
    assert list(result.codes) == in_key_order(codes)[:6]
    assert [one.rank for one in result.drawn] == [1, 2, 3, 4, 5, 6]
    assert {one.why for one in result.drawn} == {DrawReason.BY_KEY}
    assert all(one.key == key_by_hand(SEED, PERIOD, one.code) for one in result.drawn)


def test_longest_first() -> None:
    """A twelfth is drawn for its wait, never inspected first, and the rest by key."""
    codes = codes_of(24)
    last = dict.fromkeys(codes, "2026-08") | {codes[3]: "2026-01"}
    del last[codes[7]]
    result = simple(codes, DrawPlan(everyone_within_months=12), **last)
    assert result.size == 4
    others = [code for code in in_key_order(codes) if code not in {codes[3], codes[7]}]
    assert result.codes == tuple(in_key_order([codes[3], codes[7], *others[:2]]))
    why = {one.code: one.why for one in result.drawn}
    assert why[codes[3]] is why[codes[7]] is DrawReason.LONGEST
    assert why[others[0]] is why[others[1]] is DrawReason.BY_KEY


def test_equal_waits_go_by_key() -> None:
    """Among those that wait equally long the lower key is taken first."""
    codes = codes_of(24)
    result = simple(codes, DrawPlan(everyone_within_months=12))
    assert list(result.codes) == in_key_order(codes)[:4]
    assert [one.why for one in result.drawn] == [
        DrawReason.LONGEST,
        DrawReason.LONGEST,
        DrawReason.BY_KEY,
        DrawReason.BY_KEY,
    ]


def test_empty_stratum() -> None:
    """In a stratum without organizations nobody is drawn."""
    result = simple([], DrawPlan(Decimal("0.2"), 1, None, 12, 1))
    assert (result.population, result.size, result.drawn) == (0, 0, ())


def test_explain() -> None:
    """The draw explains each organization's key, rank and why it was drawn or not."""
    codes = codes_of(10)
    resting = in_key_order(codes)[0]
    result = simple(codes, DrawPlan(count=2, rest_months=1), **{resting: "2026-08"})
    ordered = in_key_order(codes)
    explained = [result.explain(code) for code in ordered]
    assert [one.rank for one in explained] == list(range(1, 11))
    assert [one.key for one in explained] == [key_by_hand(SEED, PERIOD, code) for code in ordered]
    assert [one.why for one in explained] == [
        None,
        DrawReason.BY_KEY,
        DrawReason.BY_KEY,
        *[None] * 7,
    ]
    assert [one.set_aside for one in explained] == [True, *[False] * 9]
    assert {(one.population, one.size) for one in explained} == {(10, 2)}


def test_explain_a_stranger() -> None:
    """The draw refuses to explain an organization outside the frame."""
    with pytest.raises(Refused, match="x is not in the frame") as refused:
        simple(["a"], DrawPlan(count=1)).explain("x")
    assert refused.value.kind is Kind.NOT_FOUND


@given(CODES, PLANS, EARLIER, st.data())
def test_function_of_seed_frame_and_plan(
    codes: set[str], plan: DrawPlan, earlier: list[str] | None, data: st.DataObject
) -> None:
    """The same seed, frame, plan and history give the same draw in whatever order."""
    last = {code: data.draw(LASTS) for code in sorted(codes)}
    shuffled = data.draw(st.permutations(sorted(codes)))
    strangers = {"not in the frame": "2026-01"}
    given_alike: dict[str, Any] = {"seed": SEED, "period": PERIOD, "earlier_cycles": earlier}
    first = draw(sorted(codes), plan, last_inspected=last, **given_alike)
    second = draw(
        shuffled,
        plan,
        last_inspected=strangers | {code: last[code] for code in shuffled},
        **given_alike,
    )
    assert first == second


@given(CODES, PLANS, EARLIER, st.data())
def test_laws_of_a_draw(
    codes: set[str], plan: DrawPlan, earlier: list[str] | None, data: st.DataObject
) -> None:
    """A draw takes n of the frame, in key order, the longest waiting, those who rest last."""
    last = {code: data.draw(LASTS) for code in sorted(codes)}
    result = draw(
        codes, plan, seed=SEED, period=PERIOD, last_inspected=last, earlier_cycles=earlier
    )
    drawn = set(result.codes)
    assert len(result.codes) == len(drawn) == result.size <= result.population == len(codes)
    assert drawn <= codes - result.set_aside
    assert list(result.codes) == in_key_order(result.codes)
    longest = [one.code for one in result.drawn if one.why is DrawReason.LONGEST]
    if plan.everyone_within_months is None:
        assert longest == []
    else:
        assert len(longest) == ceil(Fraction(len(codes), plan.everyone_within_months))
    for code in codes - drawn:
        assert all((last[code] or "") >= (last[other] or "") for other in longest)
    if earlier is not None:
        since = min(earlier[: plan.rest_months], default=PERIOD)
        rested = {code for code in codes if plan.rest_months and (last[code] or "") >= since}
        assert result.set_aside == rested - drawn
        assert drawn >= codes - rested or drawn.isdisjoint(rested)


# Over the months.


def inspected_by_month(
    codes: Sequence[str], plan: DrawPlan, months: int, value: str = "v"
) -> list[set[str]]:
    """Draw month by month and inspect every drawn organization."""
    last: dict[str, str | None] = {}
    month = parse_month("2025-01")
    drawn = []
    opened: list[str] = []
    for _ in range(months):
        seed = seed_of("0" * 64, f"{value}|{month}")
        result = draw(
            codes,
            plan,
            seed=seed,
            period=str(month),
            last_inspected=last,
            earlier_cycles=opened[: plan.rest_months],
        )
        opened.insert(0, str(month))
        drawn.append(set(result.codes))
        last |= dict.fromkeys(result.codes, str(month))
        month = month.next()
    return drawn


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 4), st.integers(0, 3), st.text("xyz"))
def test_everybody_is_reached(
    number: int, within: int, at_least: int, rest: int, value: str
) -> None:
    """In 24 months every organization is drawn in any m consecutive months, rest or no rest."""
    plan = DrawPlan(at_least=at_least, everyone_within_months=within, rest_months=rest)
    codes = codes_of(number)
    drawn = inspected_by_month(codes, plan, 24, value)
    for start in range(24 - within + 1):
        assert set().union(*drawn[start : start + within]) == set(codes)


def test_nobody_is_ever_safe() -> None:
    """Over many seeds each organization can be drawn, also those inspected in the month before."""
    codes = codes_of(24)
    last = {code: "2026-08" if index < 20 else "2026-01" for index, code in enumerate(codes)}
    plan = DrawPlan(everyone_within_months=12)
    seen: set[str] = set()
    for number in range(300):
        seed = seed_of("0" * 64, str(number))
        result = draw(
            codes, plan, seed=seed, period=PERIOD, last_inspected=last, earlier_cycles=SUMMER
        )
        seen |= set(result.codes)
    assert seen == set(codes)


def test_the_next_month_draws_anew() -> None:
    """One seed gives different keys in different months."""
    codes = codes_of(50)
    plan = DrawPlan(count=10)
    draws = {
        draw(codes, plan, seed=SEED, period=period, last_inspected={}, earlier_cycles=()).codes
        for period in ("2026-08", "2026-09", "2026-10", "2026")
    }
    assert len(draws) == 4


# Inside another stratum.


def test_draw_within() -> None:
    """A stratum within X is drawn inside each X as if there were no other."""
    groups = {"t2": ["b1", "b2", "b3", "b4", "b5", "b6"], "t1": ["a1", "a2"], "t3": []}
    plan = DrawPlan(fraction=Decimal("0.2"), at_least=1)
    result = draw_within(
        groups, plan, seed=SEED, period="2026", last_inspected={}, earlier_cycles=()
    )
    assert list(result) == ["t1", "t2", "t3"]
    assert result == {
        name: draw(codes, plan, seed=SEED, period="2026", last_inspected={}, earlier_cycles=())
        for name, codes in groups.items()
    }
    assert [one.size for one in result.values()] == [1, 2, 0]


def test_draw_within_those_drawn() -> None:
    """Where the townships were drawn themselves, villages are drawn only inside those."""
    groups = {name: [f"{name}-{index}" for index in range(5)] for name in ("t1", "t2", "t3")}
    plan = DrawPlan(count=1)
    townships = simple(groups, DrawPlan(count=2))
    result = draw_within(
        groups,
        plan,
        seed=SEED,
        period=PERIOD,
        last_inspected={},
        earlier_cycles=(),
        restricted_to=townships.codes,
    )
    assert list(result) == sorted(townships.codes)
    assert all(one.codes[0].startswith(name) for name, one in result.items())
    nobody = draw_within(
        groups,
        plan,
        seed=SEED,
        period=PERIOD,
        last_inspected={},
        earlier_cycles=(),
        restricted_to=(),
    )
    assert nobody == {}
