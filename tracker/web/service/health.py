"""The administration: how the service stands, where to go, and copies of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response

from events.periods import instant_text
from events.refusals.errors import Refused
from projections.audit.overview import newest_seal
from tracker.health import bytes_text, condition
from tracker.http.background_jobs import BackgroundJobs
from tracker.http.context import Context
from tracker.storage import backup
from tracker.storage.backup import FAULTS, by_pg_dump
from tracker.web.page.rendering import page, redirect
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from scheduler.spot_check import DueStep
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
OLD_DAYS = 7
"""Days after which the newest copy is called old."""
COPY = "backup"
"""What the making of a copy is called among the long steps."""


@dataclass(frozen=True, slots=True)
class DueSteps:
    """What is due: (scope, step) in the order of doing, and why scopes refuse, by scope."""

    steps: list[tuple[str, DueStep]]
    refused: dict[str, str]


@router.get("/admin")
def overview(context: Context) -> Response:
    """How everything stands."""
    return _page(context, "")


def _page(context: RequestContext, fault: str, status: int = 200) -> Response:
    settings = context.tools.settings
    with context.read() as reader:
        found = condition(
            reader, settings.database_url, settings.backup_folder, instant_text(context.now())
        )
        imports = context.scope(reader, "import").whole
    seal = context.fresh.get("seal", newest_seal)
    due = context.fresh.get(f"due:{context.language}", lambda _reader: _due(context))
    newest = found.backups[0].backup if found.backups else None
    age = None if newest is None else context.now() - datetime.fromisoformat(newest.made_at)
    elsewhere = by_pg_dump(settings.database_url) if found.database == "postgresql" else ""
    return page(
        context,
        "service/health.html",
        status,
        found=found,
        seal=seal.value,
        seal_at=seal.made_at,
        due=due.value,
        copying=_underway(context).of(COPY) is not None,
        old=None if age is None else age.days if age.days >= OLD_DAYS else 0,
        fault=fault,
        imports=imports,
        elsewhere=elsewhere,
        size=bytes_text,
        faults={name: context.t(zh, en) for name, (zh, en) in FAULTS.items()},
    )


def _due(context: RequestContext) -> DueSteps:
    """What the monthly process waits for, and which scopes refuse to go on."""
    refused: dict[str, Refused] = {}
    steps = context.tools.runner().due(refused)
    return DueSteps(
        [(scope, step) for step, scope in steps],
        {scope: say(one, context.language) for scope, one in refused.items()},
    )


def _underway(context: RequestContext) -> BackgroundJobs:
    found = context.request.app.state.underway
    assert isinstance(found, BackgroundJobs)
    return found


@router.post("/admin/backup")
def make(context: Context) -> Response:
    """Copy the database with a manifest, and check the copy; a large one behind the page."""
    assert context.account is not None
    settings, who, now = context.tools.settings, context.account.account, context.now()

    def work() -> bool:
        made = backup.make(settings.database_url, settings.backup_folder, who, now)
        return made.check is not None and made.check.ok

    outcome = _underway(context).begin(COPY, work)
    if outcome.refused is not None:
        return _page(context, say(outcome.refused, context.language), 409)
    return _after(outcome.changed, "copied")


@router.post("/admin/backup/check")
def check(context: Context) -> Response:
    """Hold a copy against its manifest; a large one behind the page."""
    folder, name, now = context.tools.settings.backup_folder, context.value("name"), context.now()
    backup.find(folder, name)
    outcome = _underway(context).begin(f"check:{name}", lambda: backup.check(folder, name, now).ok)
    if outcome.refused is not None:
        raise outcome.refused
    return _after(outcome.changed, "good")


def _after(good: bool | None, word: str) -> Response:  # noqa: FBT001 - a finding, not a switch
    """Back to the list: good, faulty, or not done yet."""
    done = "going" if good is None else word if good else "faulty"
    return redirect(f"/admin?done={done}#backups")
