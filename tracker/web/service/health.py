"""The administration page: state of the service, due steps, backups of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response

from events.periods import instant_text
from events.refusals.errors import Refused
from projections.audit.overview import newest_seal
from scheduler.clock_check import check_clock_behind
from tracker.commands import clock
from tracker.health import format_bytes, read_health
from tracker.http.background_jobs import BackgroundJobs
from tracker.http.context import Context
from tracker.storage import backup
from tracker.storage.backup import FAULTS
from tracker.storage.postgres_programs import missing_program
from tracker.web.page.rendering import page, redirect
from tracker.wording.clock import LocalClock
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from scheduler.spot_check import DueStep
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
OLD_DAYS = 7
"""The age in days from which the page warns about the newest backup."""
BACKUP_JOB = "backup"
"""The key of a running backup among the background jobs."""


@dataclass(frozen=True, slots=True)
class DueSteps:
    """The due steps as (scope, step) in their order, and the refusal of each blocked scope."""

    steps: list[tuple[str, DueStep]]
    refused: dict[str, str]


@router.get("/admin")
def show_health(context: Context) -> Response:
    """Show the state of the service."""
    return _health_page(context, "")


def _health_page(context: RequestContext, fault: str, status: int = 200) -> Response:
    settings = context.app.settings
    with context.read() as reader:
        state = read_health(
            reader,
            settings.database_url,
            settings.evidence_folder,
            settings.backup_folder,
            instant_text(context.now()),
        )
        imports = context.scope(reader, "import").whole
    seal = context.figures.get("seal", newest_seal)
    clock_fault = _clock_fault(context)
    due = context.figures.get(f"due:{context.language}", lambda _reader: _due_steps(context))
    newest = state.backups[0].backup if state.backups else None
    age = None if newest is None else context.now() - datetime.fromisoformat(newest.made_at)
    missing = missing_program() if state.database == "postgresql" else None
    return page(
        context,
        "service/health.html",
        status,
        state=state,
        seal=seal.value,
        seal_at=seal.made_at,
        due=due.value,
        calendar=[
            say(one.message, context.language) for one in context.app.runner().check_calendar()
        ],
        copying=_background_jobs(context).outcome(BACKUP_JOB) is not None,
        old=None if age is None else age.days if age.days >= OLD_DAYS else 0,
        fault=fault,
        clock_fault=clock_fault,
        shown_now=instant_text(context.now()),
        imports=imports,
        uncopied="" if missing is None else say(missing, context.language),
        evidence=None
        if state.evidence_problem is None
        else say(state.evidence_problem, context.language),
        size=format_bytes,
        faults={code: say(message, context.language) for code, message in FAULTS.items()},
    )


def _due_steps(context: RequestContext) -> DueSteps:
    """Return the due steps of the monthly process and the refusals of blocked scopes."""
    refused: dict[str, Refused] = {}
    steps = context.app.runner().due(refused)
    return DueSteps(
        [(scope, step) for step, scope in steps],
        {scope: say(one, context.language) for scope, one in refused.items()},
    )


def _clock_fault(context: RequestContext) -> str:
    """Return why the clock stops the scheduler or a closing, empty if it does not."""
    try:
        context.app.runner().check_clock()
        with context.read() as reader:
            check_clock_behind(reader, context.now())
    except Refused as refused:
        return say(_by_local_clock(context, refused), context.language)
    return ""


def _by_local_clock(context: RequestContext, refused: Refused) -> Refused:
    """Return the refusal with its instants by the clock that pages show."""
    with context.read() as reader:
        local = LocalClock(context.district(reader).zone)
    times = {
        name: local.show_seconds(refused.params[name])
        for name in ("now", "newest")
        if name in refused.params
    }
    return refused.replace(**times)


@router.post("/admin/clock")
def confirm_clock(context: Context) -> Response:
    """Confirm that the server's clock is right, for a reason."""
    try:
        clock.confirm_clock(
            context.app.store, context.value("reason"), context.metadata(), context.app.database_now
        )
    except Refused as refused:
        return _health_page(context, say(refused, context.language), 422)
    context.figures.clear()
    return redirect("/admin?done=clock")


def _background_jobs(context: RequestContext) -> BackgroundJobs:
    jobs = context.request.app.state.jobs
    assert isinstance(jobs, BackgroundJobs)
    return jobs


@router.post("/admin/backup")
def make_backup(context: Context) -> Response:
    """Back up the database with a manifest and verify the copy, as a background job."""
    assert context.account is not None
    settings, who, now = context.app.settings, context.account.account, context.now()

    def work() -> bool:
        made = backup.make_backup(
            settings.database_url, settings.evidence_folder, settings.backup_folder, who, now
        )
        return made.check is not None and made.check.ok

    outcome = _background_jobs(context).begin(BACKUP_JOB, work)
    if outcome.refused is not None:
        return _health_page(context, say(outcome.refused, context.language), 409)
    return _show_result(outcome.changed, "copied")


@router.post("/admin/backup/check")
def check_backup(context: Context) -> Response:
    """Verify a backup against its manifest, as a background job."""
    folder, name, now = context.app.settings.backup_folder, context.value("name"), context.now()
    backup.find_backup(folder, name)
    outcome = _background_jobs(context).begin(
        f"check:{name}", lambda: backup.check_backup(folder, name, now).ok
    )
    if outcome.refused is not None:
        raise outcome.refused
    return _show_result(outcome.changed, "good")


def _show_result(good: bool | None, word: str) -> Response:  # noqa: FBT001 - a result, not a switch
    """Redirect to the backups with the result: good, faulty or still running."""
    done = "going" if good is None else word if good else "faulty"
    return redirect(f"/admin?done={done}#backups")
