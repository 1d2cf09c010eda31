import random  # noqa: TID251  # seeded here, handed in from here
from decimal import Decimal

from scheduler.drawing import newest_cycles
from scheduler.sampling import DrawPlan, draw, seed_of
from tests.oracle.draw import Plan, key_of, sample

MONTHS = [f"2026-{number:02}" for number in range(1, 13)]


def random_plan(rng: random.Random) -> Plan:
    """Return any plan that a policy can state."""
    count = rng.choice([None, rng.randint(1, 30)])
    return Plan(
        fraction=None if count is not None else f"0.{rng.randint(0, 99):02}",
        at_least=0 if count is not None else rng.randint(0, 4),
        count=count,
        everyone_within_months=rng.choice([None, rng.randint(1, 12)]),
        rest_months=rng.choice([0, 1, 1, 2, 3, 12]),
    )


def test_the_draw_agrees_with_the_oracle() -> None:
    """In random strata, with skipped months, the two programs draw the same organizations."""
    for number in range(400):
        rng = random.Random(number)
        codes = [f"c{index:02}" for index in range(rng.randint(0, 25))]
        plan = random_plan(rng)
        opened = sorted(rng.sample(MONTHS, rng.randint(0, 12)))
        period = rng.choice(MONTHS)
        inspected = {code: rng.choice(MONTHS) for code in codes if rng.random() < 0.7}
        seed = seed_of("0" * 64, str(number))
        result = draw(
            codes,
            DrawPlan(
                fraction=None if plan.fraction is None else Decimal(plan.fraction),
                at_least=plan.at_least,
                count=plan.count,
                everyone_within_months=plan.everyone_within_months,
                rest_months=plan.rest_months,
            ),
            seed=seed,
            period=period,
            last_inspected=inspected,
            earlier_cycles=newest_cycles(
                [month for month in opened if month < period], plan.rest_months
            ),
        )
        expected = sample(codes, plan, seed, period, inspected, opened)
        assert set(result.codes) == expected, number


def test_the_oracle_knows_the_example() -> None:
    """With July's as the last cycle, who was inspected in July is not drawn in September."""
    seed = seed_of("0" * 64, "3")
    plan = Plan(count=1, rest_months=1)
    codes = ["421102-002", "421102-003-007", "421102-010"]
    july = dict.fromkeys(codes[1:], "2026-07")
    assert sample(codes, plan, seed, "2026-09", july, ["2026-06", "2026-07"]) == {codes[0]}
    assert sample(codes, plan, seed, "2026-09", july, []) == {codes[1]}
    assert key_of(seed, "2026-09", codes[1]).startswith("3bde642a")
