"""Recording by page and API on a full or broken disk: a sentence, and nothing is lost."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.proofs.verify import verify_log
from tests.support.full_disks import failing_server, full_database, short_files
from tests.support.web_client import Web
from tests.support.web_district import Visitor, WebDistrict
from tests.tracker.http.test_guards import raising
from tracker.access.rights import ROUTES, RouteRule

MANY = 500
PAGE = "/organizations/c/record?activity=branch_committee_meeting"


def send_by_api(visitor: Visitor, number: int) -> tuple[int, str]:
    """Send a record as a program does; status and answer."""
    answer = visitor.client.post(
        "/api/v1/organizations/c/records",
        json={"activity": "branch_committee_meeting", "occurred_on": "2026-04-01",
              "note": "备注" * 200},
        headers={"x-csrf-token": visitor.csrf, "idempotency-key": f"k-{number}"},
    )  # fmt: skip
    return answer.status_code, answer.text


def send_until_refused(
    home: WebDistrict, secretary: Visitor, disk: AbstractContextManager[None]
) -> tuple[int, str, str]:
    """Record by the API until the disk takes nothing, then by the page; status and both answers.

    What was answered as recorded is there and no more; afterwards the same requests succeed.
    """
    form = secretary.form(PAGE).fill(present="5", expected="7", note="备注" * 900)
    number, status, told = 0, 201, ""
    with disk:
        for number in range(MANY):
            status, told = send_by_api(secretary, number)
            if status != 201:
                break
        page = secretary.client.post(form.action, data=form.fields)
    assert page.status_code == status
    assert len(home.events("ActivityRecorded")) == number
    assert verify_log(home.small.engine).ok
    assert send_by_api(secretary, number)[0] == 201
    secretary.send(form)
    assert len(home.events("ActivityRecorded")) == number + 2
    return status, told, page.text


def test_a_full_database_is_said_at_both_doors(home: WebDistrict, secretary: Visitor) -> None:
    """507, what to do, and the form with what was typed."""
    status, told, page = send_until_refused(home, secretary, full_database())
    assert (status, ":database_full" in told) == (507, True)
    assert "数据库所在磁盘已满，内容没有保存" in page
    assert "备注备注" in page


def test_a_disk_error_is_said_at_both_doors(home: WebDistrict, secretary: Visitor) -> None:
    """503 and whom to ask."""
    status, told, page = send_until_refused(home, secretary, short_files(48 << 10))
    assert (status, ":database_broken" in told) == (503, True)
    assert "数据库所在磁盘出错或数据库已损坏" in page


@pytest.fixture
def on_server(postgres_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """The pages of a small district on PostgreSQL."""
    home = WebDistrict(postgres_url, tmp_path / "evidence")
    home.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield home
    home.dispose()


def test_a_full_server_is_said_at_both_doors(on_server: WebDistrict, postgres_url: str) -> None:
    """PostgreSQL's state 53100 is a full disk, whatever the language of its messages."""
    secretary = on_server.enter("branch", "c")
    disk = failing_server(postgres_url, "53100", "无法扩展文件")
    status, told, page = send_until_refused(on_server, secretary, disk)
    assert (status, ":database_full" in told) == (507, True)
    assert "数据库所在磁盘已满" in page


@pytest.mark.parametrize(
    ("number", "status", "sentence"),
    [
        (errno.ENOSPC, 507, "服务器磁盘已满"),
        (errno.EROFS, 503, "服务器无法写入所需的文件"),
        (errno.EIO, 503, "服务器无法写入所需的文件"),
        (errno.ENOENT, 500, "系统出错"),
    ],
)
def test_any_other_file_is_said_too(
    web: Web, monkeypatch: pytest.MonkeyPatch, number: int, status: int, sentence: str
) -> None:
    """A disk that takes no temporary file is no fault of the program; a missing file is."""
    monkeypatch.setitem(ROUTES, "GET /disk", RouteRule(None))
    web.inside.add_api_route("/disk", raising(OSError(number, "said by the system")))
    page = web.anybody(raises=False).get("/disk")
    assert (page.status, sentence in page.text) == (status, True)
