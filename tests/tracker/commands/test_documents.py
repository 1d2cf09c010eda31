import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from events.documents.publication import FaultyDocument
from events.log.store import Store
from events.periods import parse_month
from events.refusals.errors import Kind, Refused
from projections.catalog import Projector
from projections.documents.in_force import book, district, policy
from tests.support.districts import CLERK, SEPTEMBER, District, SetClock, scheme, written
from tracker.commands.district import initialize_district
from tracker.commands.documents import close_scheme, publish_policy, publish_scheme
from tracker.documents.scheme_answers import read_schemes
from tracker.documents.sources import built_in_schemes, load_scheme_document, read_file
from tracker.storage.database import migrate, open_engine

VILLAGES: dict[str, Any] = {"categories": ["village"]}


@pytest.fixture
def both(database_url: str) -> Iterator[District]:
    """A district without anybody on each kind of database."""
    found = District(database_url, size=1, people=0)
    yield found
    found.dispose()


@pytest.fixture
def one(sqlite_url: str) -> Iterator[District]:
    """The same on SQLite, for what does not depend on the database."""
    found = District(sqlite_url, size=1, people=0)
    yield found
    found.dispose()


def count(place: District) -> int:
    """How many events there are."""
    with place.read() as reader:
        return int(reader.rows("SELECT count(*) FROM events")[0][0])


def refused(
    place: District, document: dict[str, Any], folder: Path, from_month: str | None = None
) -> Refused:
    """Why a document is not published, after asserting that nothing was written."""
    before = count(place)
    path = written(folder, document)
    publish = partial(publish_policy, place.store, path)
    if "scheme" in document:
        publish = partial(publish_scheme, place.store, path, from_month)
    with pytest.raises(Refused) as caught:
        publish(CLERK)
    assert count(place) == before
    assert path in str(caught.value)
    return caught.value


def closing(place: District, identifier: str, month: str) -> Refused:
    """Why a scheme is not closed."""
    before = count(place)
    with pytest.raises(Refused) as caught:
        close_scheme(place.store, identifier, month, CLERK, confirmed=True)
    assert count(place) == before
    return caught.value


def test_a_district_is_initialized_once(database_url: str) -> None:
    """Zone and first month are fixed once: the same again is nothing, another one is refused."""
    engine = open_engine(database_url)
    migrate(engine)
    store = Store(engine, SetClock("2026-09-01 09:00"), Projector())
    assert initialize_district(store, "Asia/Shanghai", "2026-09", CLERK)
    assert not initialize_district(store, "Asia/Shanghai", "2026-09", CLERK)
    with pytest.raises(Refused):
        initialize_district(store, "Europe/Paris", "2026-09", CLERK)
    with store.read() as reader:
        assert (str(district(reader).zone), str(district(reader).first_month)) == (
            "Asia/Shanghai",
            "2026-09",
        )
    engine.dispose()


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "", "Asia"])
def test_a_zone_that_is_none_is_refused(one: District, zone: str) -> None:
    """What is not the name of a time zone is refused with an example."""
    with pytest.raises(Refused, match="is not a time zone such as Asia/Shanghai") as caught:
        initialize_district(one.store, zone, "2026-09", CLERK)
    assert caught.value.code == "bad_zone"


def test_a_first_month_must_be_a_month(one: District) -> None:
    """A quarter is no first month."""
    with pytest.raises(Refused):
        initialize_district(one.store, "Asia/Shanghai", "2026-Q3", CLERK)


def test_files_are_read_or_refused_by_name(tmp_path: Path) -> None:
    """A file is its bytes; a missing one, a folder and what cannot be read are refused."""
    (tmp_path / "a").write_bytes(b"x")
    assert read_file(tmp_path / "a") == b"x"
    with pytest.raises(Refused, match="b: there is no such file") as caught:
        read_file(tmp_path / "b")
    assert caught.value.kind is Kind.NOT_FOUND
    with pytest.raises(Refused, match="is a folder, not a file"):
        read_file(tmp_path)
    with pytest.raises(Refused, match="Not a directory") as caught:
        read_file(tmp_path / "a" / "b")
    assert caught.value.code == "unreadable_file"


def test_a_scheme_is_a_file_or_a_built_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shipped scheme is found by its identifier, unless a file of that name lies there."""
    monkeypatch.chdir(tmp_path)
    name = min(built_in_schemes())
    assert load_scheme_document(name)[1]["scheme"] == name
    Path(name).write_text("scheme: mine", "utf-8")
    assert load_scheme_document(name)[1] == {"scheme": "mine"}
    with pytest.raises(Refused, match="there is no such file"):
        load_scheme_document("nothing-of-the-kind")


def test_a_scheme_is_published_once(both: District, tmp_path: Path) -> None:
    """Published from a month on, it is in force from it; the same again changes nothing."""
    path = written(tmp_path, scheme("village-test", **VILLAGES))
    done = publish_scheme(both.store, path, "2026-10", CLERK)
    assert (done.identifier, done.version, done.effective_from) == ("village-test", 1, "2026-10")
    assert done.changed
    assert not publish_scheme(both.store, path, "2026-10", CLERK).changed
    with both.read() as reader:
        assert book(reader).version("village-test", 1).status == "in_force"


def test_other_content_needs_a_higher_version(one: District, tmp_path: Path) -> None:
    """A published version is never edited, nor moved to another month, nor undercut."""
    changed = scheme(title={"zh": "另一个", "en": "Other"})
    found = refused(one, changed, tmp_path)
    assert (found.code, found.kind) == ("scheme_exists", Kind.CONFLICT)
    assert refused(one, scheme(), tmp_path, from_month="2026-02").code == "scheme_exists"
    one.publish(scheme(version=3, effective_from="2026-10"))
    assert refused(one, scheme(version=2), tmp_path).code == "old_version"
    one.publish(scheme(version=4, effective_from="2026-11"))


def test_a_scheme_needs_its_month(one: District, tmp_path: Path) -> None:
    """Without a month in the document or on the command line it is not published."""
    document = scheme("village-test", **VILLAGES)
    del document["effective_from"]
    found = refused(one, document, tmp_path)
    assert found.code == "no_month"
    assert "--from 2026-01" in str(found)


def test_every_fault_is_told(one: District, tmp_path: Path) -> None:
    """A faulty scheme is refused with each fault on its own line, braces and all."""
    document = scheme("village-test", points="{9}", categories=["hamlet"])
    found = refused(one, document, tmp_path)
    assert isinstance(found, FaultyDocument)
    lines = str(found).splitlines()
    assert len(lines) == len([one for one in found.problems if one.severity == "error"]) > 1
    document = scheme("village-test", points="9", **VILLAGES)
    assert "points" in str(refused(one, document, tmp_path))


def test_two_schemes_for_one_category_from_one_month(one: District, tmp_path: Path) -> None:
    """A second scheme for a category from the same month is refused, from a later one not."""
    found = refused(one, scheme("other-test"), tmp_path)
    assert (found.code, found.params["other"]) == ("two_schemes", "community-test")
    assert found.params["category"] == "community"
    one.publish(scheme("other-test"), "2026-10")
    one.publish(scheme("year-test", purpose="annual"))


def test_a_month_whose_cycle_has_opened_is_closed_to_schemes(one: District, tmp_path: Path) -> None:
    """Neither a version nor an end may take effect in a month whose cycle has opened."""
    one.at("2026-10-01 00:30")
    one.open()
    found = refused(one, scheme(version=2), tmp_path, from_month=SEPTEMBER)
    assert (found.code, found.kind) == ("month_opened", Kind.CONFLICT)
    assert closing(one, "community-test", SEPTEMBER).code == "month_opened"
    one.publish(scheme(version=2), "2026-10")
    assert close_scheme(one.store, "community-test", "2026-11", CLERK, confirmed=True)
    one.publish(scheme("year-test", purpose="annual"), "2026-01")
    assert close_scheme(one.store, "year-test", SEPTEMBER, CLERK, confirmed=True)


def test_a_scheme_is_closed_once(both: District) -> None:
    """Closed from a month on it is no longer in force; the same again changes nothing."""
    assert close_scheme(both.store, "community-test", "2026-12", CLERK, confirmed=True)
    assert not close_scheme(both.store, "community-test", "2026-12", CLERK)
    assert closing(both, "community-test", "2027-01").code == "scheme_closed"
    assert closing(both, "nobody-test", "2026-12").code == "unknown_scheme"
    with both.read() as reader:
        assert book(reader).ended == {("community-test", 1): "2026-12"}
    both.at("2027-01-01 00:30")
    with pytest.raises(Refused, match="no organization under r has a scheme in force in 2026-12"):
        both.open("2026-12")


def test_a_policy_is_published_as_the_next_version(both: District, tmp_path: Path) -> None:
    """Each change is a new version; publishing the newest content again is none."""
    assert both.root().code == "r"
    for version, days in enumerate((20, 25, 20), start=1):
        path = written(tmp_path, {"policy": "district", "appeal_days": days})
        done = publish_policy(both.store, path, CLERK)
        assert (done.version, done.changed) == (version, True)
        again = publish_policy(both.store, path, CLERK)
        assert (again.version, again.changed) == (version, False)
    with both.read() as reader:
        assert (policy(reader).version, policy(reader).policy.appeal_days) == (3, 20)


def test_publishing_twice_at_once_is_once(both: District, tmp_path: Path) -> None:
    """Of two people who publish the same at the same time one changes something."""
    (tmp_path / "policy").mkdir()
    rules = written(tmp_path / "policy", {"policy": "district", "appeal_days": 20})
    villages = written(tmp_path, scheme("village-test", **VILLAGES))
    with ThreadPoolExecutor(4) as pool:
        policies = [pool.submit(publish_policy, both.store, rules, CLERK) for _ in range(2)]
        schemes = [
            pool.submit(publish_scheme, both.store, villages, "2026-10", CLERK) for _ in range(2)
        ]
        for pair in (policies, schemes):
            done = [one.result() for one in pair]
            assert sorted(one.changed for one in done) == [False, True]
            assert {one.version for one in done} == {1}


def test_a_faulty_policy_is_refused_at_its_places(one: District, tmp_path: Path) -> None:
    """Days out of order and weights that do not add up are both reported."""
    document = {
        "policy": "district",
        "spot_check": {"draws": 20},
        "annual": {"process": "0.9"},
    }
    found = refused(one, document, tmp_path)
    assert "spot_check" in str(found)
    assert "annual" in str(found)
    assert isinstance(refused(one, {"policy": "district", "x": 1}, tmp_path), FaultyDocument)


def test_the_draw_waits_for_the_grace(one: District, tmp_path: Path) -> None:
    """A policy that draws while records are in time is refused, and so is a scheme with it."""
    found = refused(one, {"policy": "district", "spot_check": {"draws": 5}}, tmp_path)
    assert "spot_check.draws" in str(found)
    document = scheme("village-test", policy={"recording_grace_days": 6}, **VILLAGES)
    assert "policy.recording_grace_days" in str(refused(one, document, tmp_path))
    one.publish(document | {"purpose": "annual"})
    one.publish({"policy": "district", "spot_check": {"draws": 7}})
    one.publish(document | {"scheme": "village-other"})


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    """What the operating system says is part of the refusal."""
    name = "x" * (os.pathconf(tmp_path, "PC_NAME_MAX") + 1)
    with pytest.raises(Refused, match="File name too long"):
        read_file(tmp_path / name)


def test_a_version_from_after_the_closing_opens_a_scheme_again(both: District) -> None:
    """The new version governs from its month on, and the scheme can be closed once more."""
    assert close_scheme(both.store, "community-test", "2026-10", CLERK, confirmed=True)
    both.publish(scheme(version=2), "2026-12")
    with both.read() as reader:
        months = {month: book(reader).in_force("community", "monthly", parse_month(month))
                  for month in (SEPTEMBER, "2026-10", "2026-11", "2026-12")}  # fmt: skip
        rows = [
            (row["version"], row["closed_from"], row["status"])
            for row in read_schemes(reader, "2026-12")
            if row["scheme"] == "community-test"
        ]
    assert [one and one.version for one in months.values()] == [1, None, None, 2]
    assert rows == [(1, "2026-10", "closed"), (2, None, "in_force")]
    assert close_scheme(both.store, "community-test", "2026-12", CLERK, confirmed=True)
    assert not close_scheme(both.store, "community-test", "2026-12", CLERK)
    both.publish(scheme(version=3), "2026-12")
    assert close_scheme(both.store, "community-test", "2026-12", CLERK, confirmed=True)
    with both.read() as reader:
        assert book(reader).in_force("community", "monthly", parse_month("2027-01")) is None
