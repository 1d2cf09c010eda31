"""What an account may upload in a day: counted once, for both doors, until the next day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from events.log.store import Store
from events.refusals.errors import Refused
from tests.support.logs import Clock, opened, rows
from tests.support.web_district import PNG, Visitor, WebDistrict
from tracker.storage.upload_quota import MEGABYTE, UploadQuota

DAY = date(2026, 9, 20)
BIG = PNG + bytes(600 << 10)


@pytest.fixture
def limited(sqlite_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """The pages of a district whose accounts may upload 1 MB a day."""
    home = WebDistrict(sqlite_url, tmp_path / "evidence", upload_megabytes=1)
    home.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield home
    home.dispose()


@pytest.fixture
def sender(limited: WebDistrict) -> Visitor:
    """The secretary of ``c``."""
    return limited.enter("branch", "c")


def stored(home: WebDistrict) -> int:
    """The number of files on disk, half-sent ones too."""
    return sum(path.is_file() for path in home.folder.rglob("*"))


def test_a_day_has_its_quota(database_url: str) -> None:
    """It counts by account and day; a refused file is not counted, the day before is forgotten."""
    engine = opened(database_url)
    store = Store(engine, Clock())
    today = UploadQuota("u-1", DAY, 2)
    with store.append() as log:
        today.charge(log, MEGABYTE)
    with pytest.raises(Refused, match=r"1\.0 MB were uploaded") as caught, store.append() as log:
        today.charge(log, MEGABYTE + 1)
    assert caught.value.params["day"] == DAY + timedelta(days=1)
    with store.read() as reader:
        today.refuse(reader, MEGABYTE)
        UploadQuota("u-2", DAY, 1).refuse(reader, MEGABYTE)
        with pytest.raises(Refused, match="limit of 2 MB"):
            today.refuse(reader, MEGABYTE + 1)
    with store.append() as log:
        today.charge(log, MEGABYTE)
        UploadQuota("u-1", DAY + timedelta(days=1), 2).charge(log, 2 * MEGABYTE)
    kept = rows(engine, "SELECT account, day, bytes FROM uploads_by_day")
    assert kept == [("u-1", "2026-09-21", 2 * MEGABYTE)]
    engine.dispose()


def test_page_and_api_count_together(limited: WebDistrict, sender: Visitor) -> None:
    """After a file by the page the API refuses the next: limit and hour are named, no file is left.

    A smaller one still fits, and so does the same one on the next day.
    """
    sender.upload("c", BIG)
    answer = sender.client.post(
        "/api/v1/organizations/c/evidence",
        content=BIG + b"2",
        headers={"x-csrf-token": sender.csrf},
    )
    assert answer.status_code == 429
    problem = answer.json()
    assert problem["type"].endswith(":upload_quota")
    assert problem["errors"][0]["field"] == "file"
    assert stored(limited) == 1
    refused = sender.upload("c", BIG + b"3", status=429)
    assert "每个账号每天 1 MB 的上限" in refused["title"]
    assert "0 时重新计算" in refused["title"]
    sender.upload("c", PNG)
    assert stored(limited) == 2
    limited.small.now += timedelta(days=1)
    limited.enter("branch", "d").upload("d", BIG)
    signed_in = limited.authenticator.sign_in("branch-c", "a long password", "", "127.0.0.1")
    again = Visitor(limited, signed_in.secret, sender.account)
    again.upload("c", BIG + b"3")


def test_a_body_without_a_length_is_counted_when_it_is_whole(
    limited: WebDistrict, sender: Visitor
) -> None:
    """What is sent in pieces is refused at its end, and leaves nothing."""
    answer = sender.client.post(
        "/organizations/c/evidence",
        content=iter([BIG, BIG]),
        headers={"x-csrf-token": sender.csrf, "accept": "application/json"},
    )
    assert answer.status_code == 429
    assert stored(limited) == 0
    sender.upload("c", BIG)


def test_what_is_refused_for_another_reason_counts_nothing(
    limited: WebDistrict, sender: Visitor
) -> None:
    """A file of a type that is not accepted leaves the day's quota as it was."""
    for _ in range(3):
        sender.upload("c", b"text" * (200 << 10), status=422)
    sender.upload("c", BIG)
