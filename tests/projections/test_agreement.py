from __future__ import annotations

import random  # noqa: TID251  # seeded here, handed in from here
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from events.documents.scheme_checks import validate_scheme
from events.documents.schemes import Text
from events.documents.vocabulary import BUILT_IN
from events.periods import instant_text, parse_month
from projections.scoring.scheme_book import SchemeBook
from tests.oracle.make_sheet import purpose_of
from tests.oracle.oracle import World, compliance
from tests.oracle.stream import instant
from tests.oracle.worlds import random_question, random_world
from tests.semantics.asking import Stream, answer, book_of

WORDS = BUILT_IN.with_categories({"hospital": Text(zh="医院")})


def stream_of(world: World) -> Stream:
    """The organization's stream of a world in real events."""
    stream = Stream(ZoneInfo(world.zone))
    for entry in world.entries:
        line = {key: entry[key] for key in entry if key not in {"recorded_at", "recorded_on"}}
        if line["kind"] == "sheet":
            line["purpose"] = purpose_of(world, line["period"])
        stream.take(line, instant(entry["recorded_at"]), entry.get("recorded_on"))
    return stream


def engine(
    world: World,
    stream: Stream,
    book: SchemeBook,
    period: str,
    *,
    today: date,
    purpose: str,
    inspected: bool,
    known_at: datetime | None = None,
    recorded_until: date | None = None,
) -> dict[str, Any]:
    """The engine's answer to a question put to the oracle."""
    asked_on = recorded_until or today
    if known_at is not None:
        asked_on = known_at.astimezone(stream.zone).date()
    more = {"first_month": parse_month(world.first_month), "purpose": purpose}
    history = stream.history(known_at)
    history.openings = {month: instant_text(instant(at)) for month, at in world.openings}
    return answer(history, book, period, asked_on, own_check=inspected, **more).to_json()


def plain(differences: dict[str, Any] | None) -> Any:
    """An answer without what only explains it: reasons, and the order of records."""
    if differences is None or differences["scheme"] is None:
        return None
    lines = []
    for line in differences["criteria"]:
        windows = [
            (one["window"], one["required"], one["counted"], sorted(one["records"]))
            for one in line.get("windows", ())
        ]
        lines.append((line["code"], line["points"], line["status"], line["credit"], windows))
    return differences["scheme"], differences["version"], differences["score"], lines


def disagreement(seed: int, *, disputed: bool, questions: int = 4) -> list[str]:
    """Where the oracle and the engine answer differently about one random world."""
    rng = random.Random(seed)
    world = random_world(rng, disputed=disputed)
    stream, book = stream_of(world), book_of(world.schemes)
    differences = []
    for _ in range(questions):
        question = random_question(rng, world)
        theirs = plain(compliance(world, **question))
        ours = plain(engine(world, stream, book, **question))
        if theirs != ours:
            differences.append(f"seed {seed}: {question}\noracle {theirs}\nengine {ours}")
    return differences


@pytest.mark.parametrize("disputed", [False, True])
@pytest.mark.parametrize("start", range(0, 300, 50))
def test_the_engine_and_the_oracle_agree(start: int, disputed: bool) -> None:
    """On random worlds of real events both give the same answer, digit for digit."""
    differences = [
        line for seed in range(start, start + 50) for line in disagreement(seed, disputed=disputed)
    ]
    assert not differences, "\n\n".join(differences)


@pytest.mark.slow
@pytest.mark.parametrize("disputed", [False, True])
@pytest.mark.parametrize("start", range(1_000, 6_000, 500))
def test_the_engine_and_the_oracle_agree_on_thousands_of_worlds(start: int, disputed: bool) -> None:
    """On five thousand random worlds of either sort both give the same answers."""
    differences = [
        line for seed in range(start, start + 500) for line in disagreement(seed, disputed=disputed)
    ]
    assert not differences, "\n\n".join(differences)


def test_the_schemes_of_random_worlds_could_be_published() -> None:
    """The schemes on which the two are compared pass the checks of schemes."""
    for seed in range(100):
        for document in random_world(random.Random(seed)).schemes:
            plainly = {key: document[key] for key in document if key != "closed_from"}
            assert validate_scheme(plainly, WORDS).ok
