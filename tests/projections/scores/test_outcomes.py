from collections.abc import Iterator

import pytest

from events.streams.findings import InspectionMissed
from events.streams.organizations import stream_of
from projections.scores.outcomes import (
    PostedScore,
    count_posted,
    inspected_among,
    inspection_in,
    inspections_by_state,
    last_inspections_before,
    open_inspections,
    posted_score,
    posted_versions,
    score_rows,
    scored_inspections,
    streams_to_inspect,
    sum_historical,
    visits_between,
)
from tests.support.small_district import SmallDistrict, adjusted, assigned, posted, sheet

A, B, C = stream_of("a"), stream_of("b"), stream_of("c")


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """In March a was inspected, b missed, and the inspection of c is open."""
    small = SmallDistrict(database_url)
    small.register("r", None, "county")
    for code in ("a", "b", "c"):
        small.register(code, "r")
        small.tell(stream_of(code), assigned("2026-03"))
    small.tell(A, sheet("2026-03", "s-1"), posted("2026-03", "80.00", historical=2))
    small.tell(
        B,
        InspectionMissed(scope="r", period="2026-03", inspectors=("p-1", "p-2")),
        posted("2026-03", None),
    )
    yield small
    small.dispose()


def test_inspections_by_their_states(district: SmallDistrict) -> None:
    """Each inspection has the state of its newest event."""
    with district.read() as reader:
        assert inspections_by_state(reader, "r", "2026-03") == {"scored": 1, "missed": 1, "open": 1}
        assert streams_to_inspect(reader, "r", "2026-03", 9) == [C]
        (waiting,) = open_inspections(reader, "r", "2026-03", [A, B, C])
        assert (waiting.stream, waiting.inspectors) == (C, ("p-1", "p-2"))
        assert inspection_in(reader, A, "2026-02") is None
        assert inspected_among(reader, "2026-03", [A, B]) == {A}
        assert [tuple(row) for row in scored_inspections(reader)] == [(A, "r", "2026-03")]


def test_visits_and_the_last_one(district: SmallDistrict) -> None:
    """Only scored inspections are visits; the last one is before the month asked."""
    with district.read() as reader:
        assert visits_between(reader, "2026-01", "2026-03") == {A: 1}
        assert last_inspections_before(reader, "2026-04", [A, B]) == {A: "2026-03"}
        assert last_inspections_before(reader, "2026-03", [A, B]) == {}


def test_posted_scores_keep_their_figures_and_adjustments(district: SmallDistrict) -> None:
    """A posted figure never changes; adjustments are listed with it, oldest first."""
    district.tell(A, adjusted("2026-03", "80.00", "81.00"), adjusted("2026-03", "81.00", "82.00"))
    with district.read() as reader:
        assert posted_score(reader, A, "monthly", "2026-03") == PostedScore(
            "r", "90.00", "80.00", "80.00", "community-test", 1
        )
        assert posted_score(reader, C, "monthly", "2026-03") is None
        (row,) = score_rows(reader, A)
        assert [(change.old, change.new) for change in row.adjustments] == [
            ("80.00", "81.00"), ("81.00", "82.00"),
        ]  # fmt: skip
        assert count_posted(reader, "r", "monthly", "2026-03") == 2
        assert sum_historical(reader, "r", "monthly", "2026-03") == 2
        assert posted_versions(reader, A, "2026-03", "2020-01-01") == []
