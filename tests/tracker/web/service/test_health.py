import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import FastAPI

from events.proofs.seals import seal_log
from events.refusals.errors import Refused
from scheduler.leases import hold_lease
from tests.support.postgres_programs import put_on_path
from tests.support.web_district import ADMINISTRATOR, Visitor, WebDistrict, notices
from tracker.commands.documents import publish_policy_document
from tracker.health import format_bytes
from tracker.http.context import LANGUAGE_COOKIE


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Serve a district in spring whose backups go into a temporary folder."""
    district = WebDistrict(sqlite_url, tmp_path / "evidence")
    district.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    assert isinstance(district.app.app, FastAPI)
    state: Any = district.app.app.state
    settings = state.app.settings.model_copy(update={"backup_folder": tmp_path / "backup"})
    state.app = replace(state.app, settings=settings)
    yield district
    district.dispose()


def plain(page: str) -> str:
    """Return a page's text in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_says_that_nothing_runs(admin: Visitor) -> None:
    """Before anything was started the page says so for each job, with counts and sizes."""
    page = plain(admin.get("/admin"))
    for part in ("没有运行", "还没有备份", "SQLite", "0 个文件", "组织体系 3", "账号与角色 1"):
        assert part in page, part
    assert "导入名册" not in page


def test_says_who_runs_until_when(home: WebDistrict, admin: Visitor) -> None:
    """The page names the holder of the lease, and says when it has expired."""
    hold_lease(home.small.store, "scheduler", "host-1", home.small.now)
    page = plain(admin.get("/admin"))
    assert "运行中" in page
    assert "host-1 租约到 2026-04-03 12:03" in page
    home.small.now = datetime(2026, 4, 3, 5, 0, tzinfo=UTC)
    assert "已停" in plain(admin.get("/admin"))


def test_tells_what_waits(home: WebDistrict, admin: Visitor) -> None:
    """The page shows unfinished imports, stale streams, the newest seal and evidence."""
    about = orjson.dumps({"name": "名册.jsonl", "historical": True, "reason": "x"})
    stored = ("a" * 64, "image/png", 3_000_000, "照片.png", "u-1", "2026-04-03T00:00:00Z")
    with home.small.store.append() as log:
        log.write(
            "INSERT INTO import_spool (import_id, chunk, payload) VALUES (?, ?, ?)",
            [("i-1", 0, about), ("i-1", 1, b"{}")],
        )
        log.write(
            "INSERT INTO evidence_files (file, media_type, size, name, account, stored_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [stored],
        )
        seal_log(log, ADMINISTRATOR, "test")
    home.small.tamper("UPDATE checkpoints SET stale = 'bad fold' WHERE stream = 'organization-c'")
    page = plain(admin.get("/admin"))
    for part in ("名册.jsonl（历史）", "organization-c bad fold", "tracker rebuild", "2.9 MB"):
        assert part in page, part
    assert "最近封存 2026-04-03 12:00" in page


def test_tells_what_is_due(home: WebDistrict, admin: Visitor) -> None:
    """The page lists the due steps of the monthly process until they are done."""
    due = re.search(r"到期的步骤 (.*?) 未完成的导入", plain(admin.get("/admin")))
    assert due is not None
    assert "! 2026年1月 启动 r · 自 2026-02-01 00:30" in due[1]
    assert isinstance(home.app.app, FastAPI)
    home.app.app.state.app.runner().tick(ADMINISTRATOR)
    home.app.app.state.figures.clear()
    assert "到期的步骤 无" in plain(admin.get("/admin"))


def test_tells_which_root_refuses(
    home: WebDistrict, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy that needs an unpublished calendar of working days blocks its root, visibly."""

    def unpublished(_day: date) -> bool:
        raise Refused("calendar_unknown", year=2027)

    monkeypatch.setattr("tracker.app.is_working_day", unpublished)
    rolled = {"policy": "district", "spot_check": {"roll": "next_working_day"}}
    publish_policy_document(home.small.store, "policy", rolled, ADMINISTRATOR)
    page = plain(admin.get("/admin"))
    assert "✗ r 系统还没有 2027 年的工作日历；请按国务院放假通知写入考核办法" in page
    assert "工作日历 ! 要补充 还没有 2027 年的工作日历" in page
    notice = {str(year): {"holidays": ["01-01"]} for year in (2026, 2027)}
    publish_policy_document(
        home.small.store, "policy", rolled | {"working_days": notice}, ADMINISTRATOR
    )
    assert "要补充" not in plain(admin.get("/admin"))


def test_a_large_copy_is_made_behind_the_page(home: WebDistrict, admin: Visitor) -> None:
    """A long backup is reported as running and appears in the list later."""
    assert isinstance(home.app.app, FastAPI)
    underway = home.app.app.state.jobs
    underway._awaited = 0.0
    done = admin.send(admin.form("/admin", "/admin/backup"))
    assert done.headers["location"] == "/admin?done=going#backups"
    assert "正在后台进行" in admin.get("/admin?done=going")
    underway._awaited = 20.0
    while "正在备份" in admin.get("/admin"):
        pass
    check = admin.form("/admin", "/admin/backup/check")
    assert "done=good" in admin.send(check).headers["location"]


def test_copies_and_checks(home: WebDistrict, admin: Visitor, tmp_path: Path) -> None:
    """A backup is listed as verified; a changed one is reported as faulty."""
    done = admin.send(admin.form("/admin", "/admin/backup"))
    assert done.headers["location"] == "/admin?done=copied#backups"
    page = plain(admin.get("/admin?done=copied"))
    assert "已核对无误" in page
    assert "一致" in page
    (copy,) = (tmp_path / "backup").glob("*.db")
    manifest = orjson.loads(next((tmp_path / "backup").glob("*.manifest.json")).read_bytes())
    assert manifest["sha256"] == hashlib.sha256(copy.read_bytes()).hexdigest()
    assert manifest["made_by"] == admin.account
    check = admin.form("/admin", "/admin/backup/check")
    assert check["name"] == copy.name
    assert "done=good" in admin.send(check).headers["location"]
    os.truncate(copy, 8192)
    assert "done=faulty" in admin.send(check).headers["location"]
    assert "内容与清单中的 SHA-256 不符" in admin.get("/admin?done=faulty")
    admin.send(check.fill(name="../tracker.db"), 404)
    home.small.now = datetime(2026, 4, 20, 5, 0, tzinfo=UTC)
    fresh = home.enter("administrator", "r")
    assert "17 天前" in plain(fresh.get("/admin"))


def test_tells_why_no_copy_was_made(home: WebDistrict, admin: Visitor, tmp_path: Path) -> None:
    """A folder that cannot be written is reported on the page."""
    (tmp_path / "backup").write_text("a file in the way")
    answer = admin.send(admin.form("/admin", "/admin/backup"), 409)
    assert any("备份没有写成" in one for one in notices(answer.text))


def test_links_what_somebody_may_do_besides(home: WebDistrict, admin: Visitor) -> None:
    """Importers find the link to imports; only administrators see the page."""
    home.enter("department", None).get("/admin", 403)
    home.enter("branch", "c").get("/admin", 403)
    assert 'href="/admin/accounts"' in admin.get("/admin")


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (3_500_000, "3.3 MB"),
     (5 * 1024**3, "5.0 GB"), (2 * 1024**4, "2.0 TB")],
)  # fmt: skip
def test_sizes_as_people_read_them(size: int, said: str) -> None:
    """Each size has the unit that gives a small number."""
    assert format_bytes(size) == said


def test_reads_in_english(home: WebDistrict, admin: Visitor) -> None:
    """Pages of administration and documents have English headings after the switch."""
    officer = home.enter("department", None)
    pages = {
        admin: (
            "/admin", "/admin/accounts", "/admin/open-account", f"/admin/accounts/{admin.account}",
            "/admin/organizations", "/admin/organizations/c?do=close",
            "/admin/register-organization", "/admin/teams", "/admin/register-inspector",
        ),
        officer: (
            "/schemes", "/schemes/community-2011?q=meeting", "/schemes/check?draft=branch-basics",
            "/schemes/community-test/compare?from=1&to=1", "/policy", "/policy/publish",
            "/account/delegations",
        ),
    }  # fmt: skip
    for visitor, paths in pages.items():
        visitor.client.cookies.set(LANGUAGE_COOKIE, "en")
        for path in paths:
            page = visitor.get(path)
            assert '<html lang="en">' in page
            for heading in re.findall(r"<h[12][^>]*>(.*?)</h[12]>", page, re.DOTALL):
                said = re.sub(r"组织\w|名\S+", "", heading)
                assert not re.search(r"[\u4e00-\u9fff]", said), (path, heading)


def test_says_what_is_wrong_with_the_evidence_folder(home: WebDistrict, admin: Visitor) -> None:
    """A missing folder with registered files, and a file in its place, are reported."""
    assert "附件文件夹" not in plain(admin.get("/admin"))
    home.enter("branch", "c").upload("c")
    assert "附件文件夹" not in plain(admin.get("/admin"))
    home.folder.rename(home.folder.with_name("elsewhere"))
    assert "系统登记了 1 个文件" in plain(admin.get("/admin"))
    home.folder.write_text("in the way")
    assert "是一个文件" in plain(admin.get("/admin"))


def test_the_clock_is_confirmed_on_the_page(home: WebDistrict, admin: Visitor) -> None:
    """The page says why the clock stops the service, and takes the confirmation with its reason."""
    assert "待确认" not in admin.get("/admin")
    home.small.now = datetime(2027, 4, 3, 4, 0, tzinfo=UTC)
    home.small.register("zz", "r")
    home.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    assert "早于最新事件" in admin.get("/admin")
    form = admin.form("/admin", "/admin/clock")
    assert "请写明为什么服务器时间无误" in admin.send(form, 422).text
    assert admin.send(form.fill(reason="已校准")).headers["location"] == "/admin?done=clock"
    assert "待确认" not in admin.get("/admin?done=clock")


def test_postgresql_is_backed_up_from_the_page(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its programs there is the button; without them the page says what to install."""
    home = WebDistrict(postgres_url, tmp_path / "evidence", backup_folder=tmp_path / "backup")
    admin = home.enter("administrator", None)
    with monkeypatch.context() as patch:
        put_on_path(patch)
        done = admin.send(admin.form("/admin", "/admin/backup"))
        assert done.headers["location"] == "/admin?done=copied#backups"
    monkeypatch.setenv("PATH", str(tmp_path))
    page = admin.get("/admin")
    assert "postgresql-client" in page
    assert 'action="/admin/backup"' not in page
    home.dispose()
