"""The monthly process: cycles, opening, draw and its check, closing, bulletin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from events.periods import parse_month
from events.values import FrozenModel, Reason, Title
from projections.cycles.bulletin import bulletin
from projections.cycles.overview import cycle_document, months
from projections.cycles.reading import scope_code
from projections.organizations.directory import streams_of
from scheduler.draw_check import seen_problems, verify_draw
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.lists import FILES, ListDefinition, Paged, listed
from tracker.api.protocol.parameters import Root, root_of, root_seen
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.cycles import Bulletin, CycleAnswer, CycleStep, DrawCheck, SpotCheckAnswer
from tracker.api.shapes.figures import Page
from tracker.http.background_jobs import BackgroundJobs
from tracker.http.context import Context
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from events.log.reader import Reader
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["cycles"])
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


class DrawGiven(FrozenModel):
    """The public value that came after the opening; null lets the system draw one."""

    randomness: Title | None = None


class CloseGiven(FrozenModel):
    """Why a cycle is closed at once, before its inspections are over; null closes it as planned."""

    uninspected: Reason | None = Field(default=None)


@router.get("/cycles", response_model=Page[CycleAnswer], responses=FILES | READING)
def list_cycles(context: Context, paging: Paged) -> Response:
    """Every cycle, newest month first, with the inspections within sight by state."""
    after = paging.key(str, str)
    with context.read() as reader:
        scope = context.scope(reader, "see_cycle")
        rows = [row for row in months(reader, scope) if after is None or _behind(row, after)]
        return listed(context, reader, paging, LISTING, rows[: paging.wanted])


def _behind(row: dict[str, Any], after: list[Any]) -> bool:
    """Whether a cycle stands behind another: earlier month, or the same and a later root."""
    period, scope = after
    return bool(row["period"] < period or (row["period"] == period and row["scope"] > scope))


@router.get("/cycles/{period}", response_model=SpotCheckAnswer, responses=READING)
def show_cycle(context: Context, period: str, scope: Root = None) -> Response:
    """Where a month's cycle stands; its lists hold the organizations within sight.

    A month without a cycle answers state null.
    """
    month = str(parse_month(period))
    with context.read() as reader:
        root = root_seen(context, reader, scope)
        return json_answer(_within(context, reader, cycle_document(reader, root, month)))


def _within(context: RequestContext, reader: Reader, document: dict[str, Any]) -> dict[str, Any]:
    """A cycle's document with the organizations that who asks may see."""
    named = [*document["sample"], *(one["organization"] for one in document["exclusions"])]
    seen = _seen(context, reader, named)
    return document | {
        "sample": [code for code in document["sample"] if code in seen],
        "exclusions": _of(document["exclusions"], seen),
        "assignments": _of(document["assignments"], seen),
    }


def _seen(context: RequestContext, reader: Reader, codes: Collection[str]) -> set[str]:
    """Those of some codes whose organization is within what who asks may see of a cycle."""
    streams = streams_of(reader, sorted(set(codes)))
    scope = context.scope(reader, "see_cycle")
    visible = scope.streams_among(reader, sorted(set(streams.values())))
    return {code for code, stream in streams.items() if stream in visible}


def _of(rows: list[dict[str, Any]], seen: set[str]) -> list[dict[str, Any]]:
    return [one for one in rows if one["organization"] in seen]


@router.get("/cycles/{period}/bulletin", response_model=Bulletin, responses=READING | refusals(409))
def show_bulletin(context: Context, period: str, scope: Root = None) -> Response:
    """The bulletin of a closed month; it names the organizations within sight alone."""
    month = parse_month(period)
    with context.read() as reader:
        root = root_seen(context, reader, scope)
        found = bulletin(reader, root, month)
        parts = ("exclusions", "missed", "not_held")
        seen = _seen(
            context, reader, [one["organization"] for part in parts for one in found[part]]
        )
    return json_answer(found | {part: _of(found[part], seen) for part in parts})


@router.get("/cycles/{period}/draw-check", response_model=DrawCheck, responses=READING)
def check_draw(context: Context, period: str, scope: Root = None) -> Response:
    """Repeat a draw from the events alone; what does not follow from them is named."""
    month = str(parse_month(period))
    with context.read() as reader:
        root = root_seen(context, reader, scope)
    made = context.fresh.get(f"verify:{root}:{month}", lambda one: verify_draw(one, root, month))
    with context.read() as reader:
        document = _within(context, reader, cycle_document(reader, root, month))
        seen = seen_problems(reader, context.scope(reader, "see_cycle"), made.value)
    return json_answer(
        {
            "ok": not made.value,
            "period": month,
            "scope": root,
            "seed": document["seed"],
            "sample": document["sample"],
            "problems": [
                {"place": one.place, "problem": say(one.message, context.language)} for one in seen
            ],
            "checked_at": made.made_at.isoformat(),
        }
    )


@router.post("/cycles/{period}/opening", response_model=CycleStep, responses=WRITING)
def open_cycle(context: Context, period: str, scope: Root = None) -> Response:
    """Open a month's cycle: versions pinned, frame and plan committed; once, however often sent."""
    month = parse_month(period)
    with context.read() as reader:
        root = root_of(context, reader, scope)
    changed = context.tools.runner().open(root, month, context.metadata())
    return _step(context, scope_code(root), str(month), changed=changed)


@router.post("/cycles/{period}/drawing", response_model=CycleStep, responses=WRITING)
def draw(context: Context, period: str, given: DrawGiven, scope: Root = None) -> Response:
    """Draw the sample and its inspectors; once, however often sent."""
    month = str(parse_month(period))
    with context.read() as reader:
        root = scope_code(root_of(context, reader, scope))
    runner, metadata = context.tools.runner(), context.metadata()
    return _long(
        context,
        root,
        month,
        lambda: runner.draw(root, month, metadata, given.randomness, by_hand=True),
    )


@router.post("/cycles/{period}/closing", response_model=CycleStep, responses=WRITING)
def close(context: Context, period: str, given: CloseGiven, scope: Root = None) -> Response:
    """Close a cycle: figures posted, the log sealed; once, however often sent."""
    month = str(parse_month(period))
    with context.read() as reader:
        root = scope_code(root_of(context, reader, scope))
    runner, metadata = context.tools.runner(), context.metadata()
    return _long(
        context,
        root,
        month,
        lambda: runner.close(root, month, metadata, by_hand=True, reason=given.uninspected),
    )


def _long(context: RequestContext, root: str, month: str, work: Callable[[], bool]) -> Response:
    """A step over many organizations: awaited for a moment, then left to go on (202)."""
    underway: BackgroundJobs = context.request.app.state.underway
    fresh = context.fresh

    def whole() -> bool:
        try:
            return work()
        finally:
            fresh.clear()

    outcome = underway.begin(f"{root}:{month}", whole)
    if outcome.refused is not None:
        raise outcome.refused
    return _step(context, root, month, changed=outcome.changed)


def _step(context: RequestContext, root: str, month: str, *, changed: bool | None) -> Response:
    """What a step came to, with the cycle as it stands then."""
    if changed:
        context.fresh.clear()
    with context.read() as reader:
        document = _within(context, reader, cycle_document(reader, root, month))
    return json_answer({"changed": changed} | document, 202 if changed is None else 200)
