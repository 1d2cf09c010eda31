from tests.support.districts import SEPTEMBER, District, organization, scheme


def test_the_last_of_a_category_gets_its_last_figure(sqlite_url: str) -> None:
    """The only village closes in mid-month, or enters after the opening: it is posted."""
    district = District(sqlite_url, size=1)
    district.publish(scheme("village-test", categories=["village"]))
    district.take(organization("v01", "r", "village"))
    line = {"kind": "organization_change", "code": "v01", "on": "2026-09-20", "closed": True}
    district.at("2026-09-21 09:00")
    district.take(line | {"reason": "撤销"})
    district.at("2026-10-01 00:30")
    district.tick()
    district.take(organization("v02", "r", "village") | {"registered_on": "2026-09-05"})
    for local in ("2026-10-06 00:30", "2026-10-11 00:30"):
        district.at(local)
        district.tick()
    for code in ("v01", "v02"):
        (posted,) = district.of(code, "ScorePosted")
        assert (posted["scheme"], posted["period"]) == ("village-test", SEPTEMBER)
    district.dispose()


def test_a_frame_posts_its_own_whoever_moved_them_afterwards(sqlite_url: str) -> None:
    """A move between the closings of two roots, after both closing dates, changes no scope."""
    district = District(sqlite_url, size=2)
    district.take(organization("s", None, "county"), organization("x01", "s"))
    district.at("2026-10-01 00:30")
    district.tick()
    district.take(organization("new", "r") | {"registered_on": "2026-09-05"})
    district.at("2026-10-06 00:30")
    district.tick()
    district.at("2026-10-11 00:10")
    assert district.runner.close("s", SEPTEMBER, district.by.metadata, by_hand=True, reason=None)
    district.at("2026-10-11 00:20")
    line = {"kind": "organization_change", "on": "2026-09-30", "parent": "s", "reason": "区划"}
    district.take(line | {"code": "c01"}, line | {"code": "new"})
    district.at("2026-10-11 00:30")
    district.tick()
    scopes = {
        code: [data["scope"] for data in district.of(code, "ScorePosted")]
        for code in ("c01", "c02", "new", "x01")
    }
    assert scopes == {"c01": ["r"], "c02": ["r"], "new": ["r"], "x01": ["s"]}
    district.dispose()


def test_who_moves_before_the_closing_date_is_posted_once(sqlite_url: str) -> None:
    """Of the frame by its cycle; in no frame by the scope known on the closing date."""
    district = District(sqlite_url, size=2)
    district.take(organization("s", None, "county"), organization("x01", "s"))
    district.at("2026-10-01 00:30")
    district.tick()
    district.take(organization("new", "r") | {"registered_on": "2026-09-05"})
    district.at("2026-10-05 09:00")
    line = {"kind": "organization_change", "on": "2026-09-30", "parent": "s", "reason": "区划"}
    district.take(line | {"code": "c01"}, line | {"code": "new"})
    for day in ("06", "11"):
        district.at(f"2026-10-{day} 00:30")
        district.tick()
    scopes = {
        code: [data["scope"] for data in district.of(code, "ScorePosted")]
        for code in ("c01", "c02", "new", "x01")
    }
    assert scopes == {"c01": ["r"], "c02": ["r"], "new": ["s"], "x01": ["s"]}
    district.dispose()
