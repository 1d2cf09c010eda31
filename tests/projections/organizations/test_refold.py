from collections.abc import Iterator
from datetime import date

import pytest

from events.streams.organizations import OrganizationMoved, OrganizationRenamed, stream_of
from projections.organizations import refold
from projections.organizations.refold import refold_directory
from projections.rebuild import ON_DISK, scratch
from tests.support.small_district import SmallDistrict


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A child whose stream sorts before its parent's, renamed and moved."""
    small = SmallDistrict(database_url)
    small.register("z", None, "county")
    small.register("y", "z", "township")
    small.register("a", "z")
    small.tell(
        stream_of("a"),
        OrganizationRenamed(on=date(2026, 2, 1), name="新名"),
        OrganizationMoved(on=date(2026, 3, 1), parent="y"),
    )
    yield small
    small.dispose()


@pytest.mark.parametrize("page", [1, 500])
def test_the_log_gives_the_same_tables(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """However many streams a page has, the rows are those that the appends wrote."""
    monkeypatch.setattr(refold, "PAGE", page)
    with district.read() as reader, scratch(ON_DISK) as rows:
        assert refold_directory(reader, rows) == {}
        for table in ("organizations", "codes", "closure"):
            sql = f"SELECT * FROM {table}"
            assert set(map(tuple, rows.rows(sql))) == set(map(tuple, reader.rows(sql)))
