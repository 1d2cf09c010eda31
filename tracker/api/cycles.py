"""The monthly process: cycles, opening, draw and its verification, closing, bulletin."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from events.periods import parse_month
from events.refusals.errors import Refused
from events.values import FrozenModel, Reason, Title
from projections.cycles.bulletin import bulletin
from projections.cycles.overview import cycle_document, cycles_by_month
from projections.cycles.reading import scope_code
from projections.organizations.directory import streams_of
from scheduler.closing import early_closing
from scheduler.draw_check import filter_problems, verify_draw
from scheduler.drawing import check_drawn_value
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.lists import FILES, ListDefinition, PageParameters, list_answer
from tracker.api.protocol.parameters import Root, find_root, find_visible_root
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.cycles import (
    BulletinAnswer,
    CycleOpeningAnswer,
    CycleRow,
    CycleStepAnswer,
    DrawCheckAnswer,
    SpotCheckAnswer,
)
from tracker.api.shapes.figures import Page
from tracker.http.background_jobs import BackgroundJobs, CycleStep, cycle_job
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from events.log.reader import Reader
    from projections.cycles.bulletin import UninspectedOrganization
    from projections.cycles.bulletin_lists import AdjustedScore, UncountedFindings
    from projections.cycles.overview import (
        CycleAssignment,
        CycleDocument,
        CycleExclusion,
        CycleMonth,
        ExcludedOrganization,
    )
    from tracker.http.context import RequestContext

    Organization = TypeVar(
        "Organization",
        CycleAssignment,
        CycleExclusion,
        ExcludedOrganization,
        UninspectedOrganization,
        UncountedFindings,
        AdjustedScore,
    )

router = APIRouter(prefix="/api/v1", tags=["cycles"], route_class=JsonRoute)
LISTING = ListDefinition(
    "抽查",
    "Spot checks",
    (
        ("period", "月份", "month"),
        ("scope", "考核区", "root"),
        ("state", "状态", "state"),
        ("open", "待检查", "open"),
        ("scored", "已检查", "inspected"),
        ("missed", "未完成", "missed"),
        ("not_held", "未进行", "not held"),
    ),
    lambda row: [row["period"], row["scope"]],
)


class DrawInput(FrozenModel):
    """The public random value published after the opening; null lets the system draw one."""

    randomness: Title | None = None


class CloseInput(FrozenModel):
    """Why a cycle is closed before its inspections are complete; null closes it as planned."""

    uninspected: Reason | None = Field(default=None)
    confirm: bool = Field(
        default=False,
        description="Confirms a closing before ``closes_on`` while sheets are open; without it and "
        "without ``uninspected`` such a closing is refused (409 ``closing_early``).",
    )


@router.get("/cycles", response_model=Page[CycleRow], responses=FILES | READING)
def list_cycles(context: Context, paging: PageParameters) -> Response:
    """List cycles, newest month first, with counts of the inspections the account may see."""
    after = paging.key(str, str)
    with context.read() as reader:
        scope = context.scope(reader, "see_cycle")
        rows = [
            row for row in cycles_by_month(reader, scope) if after is None or _is_after(row, after)
        ]
        shown = [asdict(row) for row in rows[: paging.wanted]]
        return list_answer(context, reader, paging, LISTING, shown)


def _is_after(row: CycleMonth, cursor: list[Any]) -> bool:
    """Whether a cycle is listed after the cursor: an earlier month, or a later root of the same."""
    period, scope = cursor
    return bool(row.period < period or (row.period == period and row.scope > scope))


@router.get("/cycles/{period}", response_model=SpotCheckAnswer, responses=READING)
def show_cycle(context: Context, period: str, scope: Root = None) -> Response:
    """Return the state of a month's cycle; its lists name the organizations the account may see.

    A month without a cycle has the state null.
    """
    month = str(parse_month(period))
    with context.read() as reader:
        root = find_visible_root(context, reader, scope)
        return json_answer(_visible_document(context, reader, cycle_document(reader, root, month)))


def _visible_document(
    context: RequestContext, reader: Reader, document: CycleDocument
) -> CycleDocument:
    """Return a cycle's document without the organizations that the user may not see."""
    codes = [*document.sample, *(row.organization for row in document.exclusions)]
    visible = _visible_codes(context, reader, codes)
    return replace(
        document,
        sample=[code for code in document.sample if code in visible],
        exclusions=_visible_rows(document.exclusions, visible),
        assignments=_visible_rows(document.assignments, visible),
    )


def _visible_codes(context: RequestContext, reader: Reader, codes: Collection[str]) -> set[str]:
    """Return those of some codes whose organization the user may see in a cycle."""
    streams = streams_of(reader, sorted(set(codes)))
    scope = context.scope(reader, "see_cycle")
    visible = scope.streams_among(reader, sorted(set(streams.values())))
    return {code for code, stream in streams.items() if stream in visible}


def _visible_rows(rows: Sequence[Organization], visible: set[str]) -> list[Organization]:
    return [row for row in rows if row.organization in visible]


@router.get(
    "/cycles/{period}/bulletin", response_model=BulletinAnswer, responses=READING | refusals(409)
)
def show_bulletin(context: Context, period: str, scope: Root = None) -> Response:
    """Return the bulletin of a closed month; it names only organizations the account may see."""
    month = parse_month(period)
    with context.read() as reader:
        root = find_visible_root(context, reader, scope)
        document = bulletin(reader, root, month)
        excluded = [row.organization for row in document.exclusions]
        uninspected = [row.organization for row in (*document.missed, *document.not_held)]
        named = [row.organization for row in document.not_counted]
        named += [row.organization for row in document.adjusted]
        visible = _visible_codes(context, reader, excluded + uninspected + named)
    return json_answer(
        replace(
            document,
            exclusions=_visible_rows(document.exclusions, visible),
            missed=_visible_rows(document.missed, visible),
            not_held=_visible_rows(document.not_held, visible),
            not_counted=_visible_rows(document.not_counted, visible),
            adjusted=_visible_rows(document.adjusted, visible),
        )
    )


@router.get("/cycles/{period}/draw-check", response_model=DrawCheckAnswer, responses=READING)
def check_draw(context: Context, period: str, scope: Root = None) -> Response:
    """Repeat a draw from the events alone; list what does not follow from them."""
    month = str(parse_month(period))
    with context.read() as reader:
        root = find_visible_root(context, reader, scope)
    check = context.figures.get(
        f"verify:{root}:{month}", lambda reader: verify_draw(reader, root, month)
    )
    with context.read() as reader:
        document = _visible_document(context, reader, cycle_document(reader, root, month))
        problems = filter_problems(reader, context.scope(reader, "see_cycle"), check.value)
    return json_answer(
        {
            "ok": not check.value,
            "period": month,
            "scope": root,
            "seed": document.seed,
            "sample": document.sample,
            "problems": [
                {"place": problem.place, "problem": say(problem.message, context.language)}
                for problem in problems
            ],
            "checked_at": check.made_at.isoformat(),
        }
    )


@router.post("/cycles/{period}/opening", response_model=CycleOpeningAnswer, responses=WRITING)
def open_cycle(context: Context, period: str, scope: Root = None) -> Response:
    """Open a month's cycle: pins versions, records frame and plan. Idempotent.

    ``passed_over`` names the earlier months that the scheduler does not open any more.
    """
    month = parse_month(period)
    with context.read() as reader:
        root = find_root(context, reader, scope)
    runner = context.app.runner()
    passed = runner.months_passed_over(root, month)
    changed = runner.open(root, month, context.metadata())
    more = {"passed_over": list(passed) if changed else []}
    return _step_answer(context, scope_code(root), str(month), changed=changed, more=more)


@router.post("/cycles/{period}/drawing", response_model=CycleStepAnswer, responses=WRITING)
def draw(context: Context, period: str, body: DrawInput, scope: Root = None) -> Response:
    """Draw the sample and its inspectors. Idempotent; another value is refused (409)."""
    month = str(parse_month(period))
    with context.read() as reader:
        root = scope_code(find_root(context, reader, scope))
    runner, metadata = context.app.runner(), context.metadata()
    return _run_step(
        context,
        root,
        month,
        CycleStep.DRAW,
        lambda: runner.draw(root, month, metadata, body.randomness, by_hand=True),
        lambda reader: check_drawn_value(reader, root, month, body.randomness),
    )


@router.post("/cycles/{period}/closing", response_model=CycleStepAnswer, responses=WRITING)
def close(context: Context, period: str, body: CloseInput, scope: Root = None) -> Response:
    """Close a cycle: posts the scores and seals the log. Idempotent."""
    month = str(parse_month(period))
    with context.read() as reader:
        root = scope_code(find_root(context, reader, scope))
        early = early_closing(reader, root, month, context.today(reader))
    if early is not None and body.uninspected is None and not body.confirm:
        raise Refused(
            "closing_early",
            field="confirm",
            period=month,
            closes_on=early.closes_on,
            open_sheets=early.open_sheets,
            assigned=early.assigned,
            posted=early.posted,
        )
    runner, metadata = context.app.runner(), context.metadata()
    return _run_step(
        context,
        root,
        month,
        CycleStep.CLOSE,
        lambda: runner.close(root, month, metadata, by_hand=True, reason=body.uninspected),
    )


def _run_step(
    context: RequestContext,
    root: str,
    month: str,
    step: CycleStep,
    work: Callable[[], bool],
    check: Callable[[Reader], None] | None = None,
) -> Response:
    """Run a step over many organizations as a job: waited for briefly, then continued (202).

    ``check`` raises ``Refused`` if the job, begun by somebody else, did not do what was asked for.
    """
    jobs: BackgroundJobs = context.request.app.state.jobs
    figures = context.figures

    def run() -> bool:
        try:
            return work()
        finally:
            # Also after a failure: parts of the step may be recorded already.
            figures.clear()

    outcome = jobs.begin(cycle_job(root, month, step), run)
    if outcome.refused is not None:
        raise outcome.refused
    if check is not None:
        with context.read() as reader:
            check(reader)
    return _step_answer(context, root, month, changed=outcome.changed)


def _step_answer(
    context: RequestContext,
    root: str,
    month: str,
    *,
    changed: bool | None,
    more: dict[str, list[str]] | None = None,
) -> Response:
    """Return whether a step changed anything, with the cycle after it; None while it runs (202)."""
    if changed:
        context.figures.clear()
    with context.read() as reader:
        document = _visible_document(context, reader, cycle_document(reader, root, month))
    return json_answer(
        {"changed": changed} | (more or {}) | asdict(document), 202 if changed is None else 200
    )
