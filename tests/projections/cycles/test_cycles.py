from datetime import date

from projections.cycles.cycles import CycleRow, all_cycles, newest_complete_month, opened_months
from tests.support.small_district import SmallDistrict, cycle


def test_every_cycle_has_its_newest_state(database_url: str) -> None:
    """A cycle is open, drawn, closing or closed, as its last step left it."""
    district = SmallDistrict(database_url)
    for month, steps in {"2026-01": 5, "2026-02": 4, "2026-03": 2, "2026-04": 1}.items():
        for stream, event in cycle(month)[:steps]:
            district.tell(stream, event)
    with district.read() as reader:
        assert all_cycles(reader) == [
            CycleRow("cycle-r-2026-01", "r", "2026-01", "closed"),
            CycleRow("cycle-r-2026-02", "r", "2026-02", "closing"),
            CycleRow("cycle-r-2026-03", "r", "2026-03", "drawn"),
            CycleRow("cycle-r-2026-04", "r", "2026-04", "open"),
        ]
        assert opened_months(reader) == {
            "r": frozenset({"2026-01", "2026-02", "2026-03", "2026-04"})
        }
    district.dispose()


def test_one_batch_leaves_the_last_state(database_url: str) -> None:
    """All steps of a cycle in one transaction leave it closed."""
    district = SmallDistrict(database_url)
    district.tell_many(cycle("2026-01"))
    with district.read() as reader:
        assert [row.state for row in all_cycles(reader)] == ["closed"]
    district.dispose()


def test_the_month_is_the_newest_closed(small: SmallDistrict) -> None:
    """Before the first close it is the month before today's."""
    with small.read() as reader:
        assert str(newest_complete_month(reader, date(2026, 4, 20))) == "2026-03"
    small.tell_many(cycle("2026-02"))
    with small.read() as reader:
        assert str(newest_complete_month(reader, date(2026, 4, 20))) == "2026-02"
