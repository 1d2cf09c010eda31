from events.streams.organizations import stream_of
from projections.documents.in_force import district
from projections.organizations.known_tree import entries_under_as_known
from tests.support.districts import District, organization

LINE = {"kind": "organization_change", "on": "2026-09-30", "parent": "s", "reason": "区划"}


def test_a_move_counts_from_the_date_on_which_it_was_recorded(sqlite_url: str) -> None:
    """Who moved with their superior is under the old root by what was known before the move."""
    place = District(sqlite_url, size=1)
    place.take(organization("s", None, "county"), organization("t", "r", "township"))
    place.take(organization("t1", "t"))
    place.at("2026-10-11 09:00")
    place.take(LINE | {"code": "t"})

    def under(root: str, day: str, known_on: str) -> set[str]:
        with place.read() as reader:
            zone = district(reader).zone
            entries = entries_under_as_known(reader, stream_of(root), day, known_on, zone)
            return {entry.code for entry in entries}

    assert under("r", "2026-09-30", "2026-10-10") == {"r", "d", "c01", "t", "t1"}
    assert under("s", "2026-09-30", "2026-10-10") == {"s"}
    assert under("s", "2026-09-30", "2026-10-11") == {"s", "t", "t1"}
    assert under("r", "2026-09-29", "2026-10-11") == {"r", "d", "c01", "t", "t1"}
    place.dispose()
