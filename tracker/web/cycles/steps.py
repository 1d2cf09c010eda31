"""The department's buttons of a cycle: open, draw, close; each can be pressed again.

What a step did stands in the log under an identity of its own, so that twice is once. A long step
(a close over many organizations) goes on behind the page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.event import Metadata
from events.periods import parse_month
from events.refusals.errors import Refused
from events.streams.organizations import PREFIX
from projections.organizations.directory import find, roots
from tracker.http.background_jobs import BackgroundJobs
from tracker.http.context import Context
from tracker.web.cycles.cycles import cycle_page
from tracker.web.page.forms import FilledForm
from tracker.web.page.rendering import redirect

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from scheduler.runner import Runner
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
LONGEST_VALUE = 500
LONGEST_REASON = 1000


def _root(context: RequestContext, reader: Reader) -> OrganizationEntry:
    """The root whose cycle is meant: the one that ``scope`` names, or the only one."""
    given = context.request.query_params.get("scope")
    found = roots(reader)
    if given is None:
        if len(found) == 1:
            return found[0]
        raise Refused(
            "scope_needed", count=len(found), codes=", ".join(one.code for one in found[:5])
        )
    entry = find(reader, given)
    if entry is None or entry.parent is not None:
        raise Refused("not_a_root", code=given)
    return entry


@router.post("/cycles/{period}/open")
def open_month(context: Context, request: Request, period: str) -> Response:
    """Open a month's cycle."""
    month = parse_month(period)

    def work(runner: Runner, root: OrganizationEntry, metadata: Metadata) -> bool:
        return runner.open(root, month, metadata)

    return _step(context, request, period, work, "open")


@router.post("/cycles/{period}/draw")
def draw(context: Context, request: Request, period: str) -> Response:
    """Draw the sample with the public value that was read out, or with the system's own."""
    parse_month(period)
    value = context.value("randomness")
    fault = _unfit(context, value, LONGEST_VALUE)
    if not value and context.value("by_system") != "1":
        fault = context.t(
            "请填写公开随机值；没有的，勾选“由系统产生”",
            "type the public value, or tick that the system draws one",
        )
    if fault:
        return _faulty(context, request, period, "randomness", fault)

    def work(runner: Runner, root: OrganizationEntry, metadata: Metadata) -> bool:
        scope = root.stream.removeprefix(PREFIX)
        return runner.draw(scope, period, metadata, value or None, by_hand=True)

    return _step(context, request, period, work, "draw")


@router.post("/cycles/{period}/close")
def close(context: Context, request: Request, period: str) -> Response:
    """Close a cycle; with a reason at once, without waiting for its inspections."""
    parse_month(period)
    reason = context.value("reason")
    fault = _unfit(context, reason, LONGEST_REASON)
    if context.value("uninspected") == "1" and not reason:
        fault = context.t("请写明理由", "a reason is needed")
    if fault:
        return _faulty(context, request, period, "reason", fault)

    def work(runner: Runner, root: OrganizationEntry, metadata: Metadata) -> bool:
        scope = root.stream.removeprefix(PREFIX)
        return runner.close(scope, period, metadata, by_hand=True, reason=reason or None)

    return _step(context, request, period, work, "close")


def _unfit(context: RequestContext, text: str, longest: int) -> str:
    """What is wrong with a text that enters the log, empty where nothing is."""
    if len(text) > longest:
        return context.t(f"太长，最多 {longest} 个字", f"is longer than {longest}")
    if any(ord(one) < 32 and one not in "\r\n\t" for one in text):
        return context.t("含有不可见的控制字符", "holds a control character")
    return ""


def _faulty(
    context: RequestContext, request: Request, period: str, field: str, said: str
) -> Response:
    filled = FilledForm(context.typed(), {field: said})
    return cycle_page(context, request, period, filled, 422)


def _step(
    context: RequestContext,
    request: Request,
    period: str,
    work: Callable[[Runner, OrganizationEntry, Metadata], bool],
    step: str,
) -> Response:
    """Do a step; a refusal stands as a sentence on the page, with everything that was typed."""
    underway: BackgroundJobs = request.app.state.underway
    filled = FilledForm(context.typed())
    with context.read() as reader:
        root = _root(context, reader)
    scope = root.stream.removeprefix(PREFIX)
    metadata, runner, fresh = context.metadata(), context.tools.runner(), context.fresh

    def whole() -> bool:
        try:
            return work(runner, root, metadata)
        finally:
            fresh.clear()

    outcome = underway.begin(f"{scope}:{period}", whole)
    if outcome.refused is not None:
        filled.refuse(outcome.refused, context.language)
        filled.errors = {"": next(iter(filled.errors.values()))}
        return cycle_page(context, request, period, filled, 409)
    done = step if outcome.changed else "underway" if outcome.changed is None else "already"
    return redirect(f"/cycles/{period}?scope={quote(scope)}&done={done}")
