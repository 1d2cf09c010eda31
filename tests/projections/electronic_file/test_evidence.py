from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from events.periods import instant_text
from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected, ActivityRetracted
from projections.electronic_file.evidence import evidence_of_year
from tests.support.small_district import SmallDistrict

A = stream_of("a")
FILE, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """One community with records of two years, recorded in March and changed in April."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("a", on="2025-01-01")
    small.now = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    photo = {"kind": "photo", "file": FILE}
    small.record("a", "m-0", "2025-12-31", evidence=(photo,))
    small.record("a", "m-1", "2026-01-10", evidence=({"kind": "minutes"}, photo))
    small.record("a", "m-2", "2026-02-10")
    small.record("a", "m-3", "2026-02-11", evidence=None)
    small.record("a", "m-4", "2026-03-01", evidence=({"kind": "minutes", "file": OTHER},))
    small.now = datetime(2026, 4, 3, 2, 0, tzinfo=UTC)
    small.tell(
        A,
        ActivityRetracted(record_id="m-4", reason="x"),
        ActivityCorrected(
            record_id="m-2",
            changes={"evidence": [{"kind": "minutes", "file": FILE}]},
            reason="补传",
        ),
    )
    small.record("a", "m-5", "2026-03-20")
    yield small
    small.dispose()


def test_evidence_of_a_year(district: SmallDistrict) -> None:
    """Files and evidence without a file are counted by kind over the records in force."""
    with district.read() as reader:
        evidence = evidence_of_year(reader, A, 2026)
        short = evidence_of_year(reader, A, 2026, limit=1)
    assert asdict(evidence) == {
        "records": 4, "without": 1, "files": 2, "named": 2,
        "kinds": [
            {"kind": "minutes", "files": 1, "named": 2},
            {"kind": "photo", "files": 1, "named": 0},
        ],
        "newest": [
            {"record_id": "m-2", "activity": "branch_committee_meeting",
             "occurred_on": "2026-02-10", "files": [{"kind": "minutes", "file": FILE}]},
            {"record_id": "m-1", "activity": "branch_committee_meeting",
             "occurred_on": "2026-01-10", "files": [{"kind": "photo", "file": FILE}]},
        ],
    }  # fmt: skip
    assert [record.record_id for record in short.newest] == ["m-2"]
    assert short.files == 2


def test_evidence_as_it_was_known(district: SmallDistrict) -> None:
    """What was corrected, retracted or recorded later is not known at a past instant."""
    with district.read() as reader:
        until = instant_text(datetime(2026, 3, 31, tzinfo=UTC))
        evidence = evidence_of_year(reader, A, 2026, until)
        before = evidence_of_year(reader, A, 2026, instant_text(datetime(2026, 1, 1, tzinfo=UTC)))
    assert (evidence.records, evidence.without, evidence.files, evidence.named) == (4, 1, 2, 2)
    assert [record.record_id for record in evidence.newest] == ["m-4", "m-1"]
    assert asdict(before) == {
        "records": 0, "without": 0, "files": 0, "named": 0, "kinds": [], "newest": [],
    }  # fmt: skip
