from events.streams.organizations import stream_of
from projections.compliance.posted_figures import posted_figures
from tests.support.small_district import SmallDistrict, adjusted, posted


def test_each_month_has_its_own_adjustments(sqlite_url: str) -> None:
    """A figure has the adjustments of that period alone; one without keeps its score."""
    district = SmallDistrict(sqlite_url)
    district.register("a")
    district.tell(stream_of("a"), posted("2026-03", "80.00"), posted("2026-04", None))
    district.tell(stream_of("a"), adjusted("2026-03", "80.00", "90.00"))
    with district.read() as reader:
        ((march,), (april,)) = (
            posted_figures(reader, stream_of("a"), month) for month in ("2026-03", "2026-04")
        )
        before = posted_figures(reader, stream_of("a"), "2026-03", "2026-01-01")
    district.dispose()
    assert (march["score"], march["current"], len(march["adjustments"])) == ("80.00", "90.00", 1)
    assert (april["current"], april["adjustments"]) == (None, [])
    assert before == []
