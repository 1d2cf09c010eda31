from datetime import date

from projections.cycles.root_moves import RootMove, foresee_root_move
from tests.support.small_district import SmallDistrict, cycle


def test_a_root_moves_with_all_below_it(sqlite_url: str) -> None:
    """The months of its cycles that are open go on as they began."""
    district = SmallDistrict(sqlite_url)
    for code, parent in (("r", None), ("a", "r"), ("p", None)):
        district.register(code, parent)
    district.tell_many([*cycle("2026-02"), *cycle("2026-03", drawn=False, closed=False)])
    with district.read() as reader:
        move = foresee_root_move(reader, district.entry("r"), district.entry("p"), date(2026, 4, 1))
    district.dispose()
    assert move == RootMove(2, ["2026-03"], "组织p")
