"""A district that is being set up goes live through the API: previewed, confirmed, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.api_client import program
from tests.support.web_client import MONTH, Web, make_world


@pytest.fixture
def moving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The district of ``Web``, being set up, in November."""
    url = f"sqlite:///{tmp_path / 'tracker.db'}"
    make_world(url, tmp_path, "--setup")
    web = Web(url, tmp_path, monkeypatch)
    web.at("2026-11-03 09:00")
    yield web
    web.dispose()


def test_a_district_goes_live_once(moving: Web) -> None:
    """Nothing opens before; the preview says what will; the step wants a confirmation."""
    one = program(moving, "department")
    assert one.get("/me")["live"] is False
    told = one.post(f"/cycles/{MONTH}/opening", None, status=409)
    assert told["type"].endswith(":being_set_up")
    shown = one.get(f"/going-live?from={MONTH}")
    assert shown["at_once"] == ["2026-09", "2026-10"]
    (community,) = [row for row in shown["categories"] if row["category"] == "community"]
    assert community == {
        "category": "community", "organizations": 3, "in_frame": 3, "without_scheme": 0,
        "without_account": 2, "without_facts": 3,
    }  # fmt: skip
    told = one.post("/going-live", {"first_month": MONTH}, status=409)
    assert told["type"].endswith(":live_unconfirmed")
    assert told["errors"][0]["field"] == "confirm"
    given = {"first_month": MONTH, "confirm": True}
    assert one.post("/going-live", given, status=200) == {"changed": True, "first_month": MONTH}
    assert one.post("/going-live", given, status=200)["changed"] is False
    assert one.get("/me")["live"] is True
    other = {"first_month": "2026-10", "confirm": True}
    assert one.post("/going-live", other, status=409)["type"].endswith(":already_live")
    assert one.call("GET", "/going-live?from=2026-10").status == 409
    assert len(moving.events("WentLive")) == 1
    assert one.post(f"/cycles/{MONTH}/opening", None, status=200)["state"] == "open"


def test_months_that_cannot_be_the_first(moving: Web) -> None:
    """A text that is no month and a month too far ahead are refused; the administrator may ask."""
    one = program(moving, "administrator")
    assert one.call("GET", "/going-live?from=2026").status == 422
    told = one.post("/going-live", {"first_month": "2028-01", "confirm": True}, status=422)
    assert told["type"].endswith(":live_too_late")
    assert one.get("/going-live?from=2026-11")["at_once"] == []
