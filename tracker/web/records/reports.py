"""Conditions and measures: the values in force since which day, and a form to change them.

Each line contains the value that it had when the form was opened. Only changed lines are recorded,
each with an id made from the form's id, so that a form sent twice is recorded once (idempotent).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.schemes import ConditionRule, MeasureRule
from events.periods import month_of
from events.refusals.errors import Refused
from events.streams.records import ReportCondition, ReportMeasure
from projections.compliance.criteria_served import scheme_of
from projections.documents.in_force import book
from projections.organizations.directory import find
from projections.records.current import reports_in_force
from tracker.commands.records import record_line
from tracker.http.context import Context
from tracker.web.page.forms import FilledForm, read_form
from tracker.web.page.rendering import PageWords, page, redirect
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.documents.schemes import Criterion
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.scoring.history import StateReport
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
STATES = ("met", "partial", "unmet")
Kind = Literal["condition", "measure"]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One condition or measure: the criteria that depend on it, and the report in force."""

    kind: Kind
    name: str
    criteria: tuple[str, ...]
    text: str
    now: StateReport | None

    @property
    def field(self) -> str:
        """The name of its field in the form."""
        return f"{self.kind}.{self.name}"

    @property
    def value(self) -> str:
        """The value in force, empty if it was never reported."""
        return self.now.value if self.now is not None else ""


def read_report_lines(
    context: RequestContext, reader: Reader, entry: OrganizationEntry
) -> list[ReportLine]:
    """Return every condition and measure that the scheme depends on or that was ever reported.

    Those never reported come first, then the order is that of the scheme.
    """
    today = context.today(reader)
    in_force = reports_in_force(reader, entry.stream, today.isoformat())
    scheme = scheme_of(book(reader), entry.category, month_of(today))
    words = PageWords(context.language, reader)
    inputs: dict[tuple[Kind, str], tuple[list[str], str]] = {}
    for criterion in scheme.criteria() if scheme is not None else ():
        for key in _find_inputs(criterion):
            codes, _ = inputs.setdefault(key, ([], words.text(criterion.text)))
            codes.append(criterion.code)
    for kind, name in sorted(in_force):
        inputs.setdefault(("condition" if kind == "condition" else "measure", name), ([], ""))
    lines = [
        ReportLine(kind, name, tuple(dict.fromkeys(codes)), text, in_force.get((kind, name)))
        for (kind, name), (codes, text) in inputs.items()
    ]
    return sorted(lines, key=lambda line: line.now is not None)


def _find_inputs(criterion: Criterion) -> Iterable[tuple[Kind, str]]:
    """Yield the conditions and measures that a criterion depends on."""
    rule = criterion.rule
    if criterion.applies is not None:
        yield "measure", criterion.applies.measure
    if isinstance(rule, ConditionRule):
        yield "condition", rule.condition
    elif isinstance(rule, MeasureRule):
        for name in (rule.measure, rule.of, rule.by_measure):
            if name is not None:
                yield "measure", name


@router.get("/organizations/{code}/report")
def show(context: Context, code: str, request: Request) -> Response:
    """Show the form, with the requested line first."""
    wanted = [
        f"{kind}.{name}"
        for kind in ("condition", "measure")
        if (name := request.query_params.get(kind))
    ]
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        lines = read_report_lines(context, reader, entry)
        today = context.today(reader).isoformat()
    values: dict[str, Any] = {"on": today, "form_id": f"w-{uuid.uuid4().hex}"}
    values |= {one.field: one.value for one in lines}
    values |= {f"was.{one.field}": one.value for one in lines}
    return _show_form(context, entry, lines, FilledForm(values), wanted)


def _show_form(
    context: RequestContext,
    entry: OrganizationEntry,
    lines: list[ReportLine],
    filled: FilledForm,
    wanted: list[str],
    status: int = 200,
) -> Response:
    lines = sorted(lines, key=lambda line: (not filled.error(line.field), line.field not in wanted))
    return page(
        context,
        "records/report.html",
        status,
        entry=entry,
        lines=lines,
        filled=filled,
        wanted=wanted,
        states=STATES,
        missing=sum(1 for one in lines if one.now is None),
    )


@router.post("/organizations/{code}/report")
def submit(context: Context, code: str) -> Response:
    """Record the changed lines, effective from the given day."""
    filled = FilledForm(context.typed())
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        lines = read_report_lines(context, reader, entry)
    commands = _read_commands(context, code, lines, filled)
    if filled.ok and not commands:
        filled.errors[""] = context.t("没有任何改动", "nothing was changed")
    if not filled.ok:
        return _show_form(context, entry, lines, filled, [], 422)
    done = 0
    for field, command in commands.items():
        try:
            outcome = record_line(
                context.app.store,
                command,
                context.metadata(),
                identity=f"{context.value('form_id')}/{field}",
            )
        except Refused as refused:
            place = "on" if refused.field == "on" else field
            filled.errors[place] = say(refused, context.language)
            return _show_form(context, entry, lines, filled, [], 422)
        done += outcome.changed
    return redirect(f"/organizations/{quote(code)}/report?done=reported&count={done}")


def _read_commands(
    context: RequestContext, code: str, lines: list[ReportLine], filled: FilledForm
) -> dict[str, ReportCondition | ReportMeasure]:
    """Return the commands of the changed lines by field, and set each fault at its line."""
    commands: dict[str, ReportCondition | ReportMeasure] = {}
    for line in lines:
        typed, was = context.value(line.field), context.value(f"was.{line.field}")
        if typed in {"", was}:
            continue
        if line.value not in {was, typed}:
            filled.errors[line.field] = context.t(
                "您打开页面之后有人改过，请核对后再提交",
                "somebody else has changed it since; check it and submit again",
            )
            continue
        faults = FilledForm()
        given = {"organization": code, line.kind: line.name, "on": context.value("on")}
        if line.kind == "condition":
            command: ReportCondition | ReportMeasure | None = read_form(
                context, ReportCondition, given | {"state": typed}, faults
            )
        else:
            command = read_form(context, ReportMeasure, given | {"value": typed}, faults)
        if command is not None:
            commands[line.field] = command
        for name, fault in faults.errors.items():
            filled.errors["on" if name == "on" else line.field] = fault
    return commands
