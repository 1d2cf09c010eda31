"""The list of cycles, and one cycle: sampling frame, draw with its verification, progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import Period, parse_month
from events.refusals.errors import Refused
from events.streams.organizations import PREFIX
from projections.cycles.bulletin import REASONS
from projections.cycles.cycles import all_cycles
from projections.cycles.draw import detection_chance, draw_snapshot
from projections.cycles.overview import (
    STATES,
    assignments,
    cycles_by_month,
    days_left,
    exclusions,
    head_document,
    team_progress,
)
from projections.cycles.scopes import roots_in, scopes_in
from projections.documents.in_force import district, policy
from projections.organizations.directory import entries_of, find, roots
from projections.organizations.selection import streams_in
from scheduler.closing import early_closing
from scheduler.draw_check import filter_problems, verify_draw
from scheduler.explaining import explain_draw
from scheduler.spot_check import calendar_dates
from tracker.export.tables import Table, table_response
from tracker.http import exports
from tracker.http.context import Context
from tracker.web.page.forms import FilledForm
from tracker.web.page.listing import (
    PAGE,
    FilterField,
    pick_filter,
    read_file_format,
    read_page_number,
)
from tracker.web.page.names import read_people_names
from tracker.web.page.rendering import PageWords, page
from tracker.wording.problems import problem_answers

if TYPE_CHECKING:
    from datetime import date

    from events.log.reader import Reader
    from events.refusals.errors import Problem
    from projections.cycles.overview import AssignedInspection, CycleSummary
    from projections.organizations.directory import OrganizationEntry
    from projections.organizations.scope import Scope
    from tracker.http.context import RequestContext
    from tracker.http.figure_cache import CachedValue

router = APIRouter(include_in_schema=False)
SHOWN_AS = {"open": "to_inspect", "scored": "scored", "missed": "unvisited", "not_held": "not_held"}
"""The status that pages show for each state of an inspection."""
OWN_EXPLAINED = 5
"""The most own organizations whose result of the draw is explained without a query."""
EXCLUSIONS_SHOWN = 50


@router.get("/cycles")
def show_cycles(context: Context) -> Response:
    """Show every month with a cycle, newest first, and the next month that can be opened."""
    with context.read() as reader:
        scope = context.scope(reader, "see_cycle")
        names = dict(scopes_in(reader, scope))
        present = [root for root, _ in roots_in(reader, scope)]
        coming = {}
        if context.may(reader, "run_cycle") and context.district(reader).live:
            coming = _months_to_open(reader, present, context.today(reader))
    made = context.figures.get(
        f"months:{scope.key()}", lambda reader: cycles_by_month(reader, scope)
    )
    rows = [row for row in made.value if row.scope in names]
    return page(
        context,
        "cycles/cycles.html",
        rows=rows,
        names=names,
        made_at=made.made_at,
        coming=coming,
    )


def _months_to_open(reader: Reader, scopes: list[str], today: date) -> dict[str, str]:
    """Return the next month of each root, by its code, where its day has come.

    Read from the database, never from a cached figure: a month that was opened elsewhere, or passed
    over since, is not offered.
    """
    rules, first = policy(reader).policy, district(reader).first_month
    opened = all_cycles(reader)
    coming = {}
    for scope in scopes:
        months = [parse_month(row.period).next() for row in opened if row.scope == scope]
        month = str(max(months, default=first))
        if calendar_dates(month, rules).opens_on <= today:
            coming[scope] = month
    return coming


def root_asked(context: RequestContext, reader: Reader, scope: Scope) -> OrganizationEntry:
    """Return the root of cycles given by ``scope``, else the first root that the user may see."""
    given = context.request.query_params.get("scope")
    if given:
        entry = find(reader, given)
        if entry is None or entry.stream.removeprefix(PREFIX) not in dict(scopes_in(reader, scope)):
            raise Refused("unknown_organization", code=given)
        return entry
    seen = [code for code, _ in roots_in(reader, scope)]
    for root in roots(reader):
        if root.stream.removeprefix(PREFIX) in seen:
            return root
    raise Refused("no_organizations")


@router.get("/cycles/{period}")
def show_cycle(context: Context, request: Request, period: str) -> Response:
    """Show one cycle, or export its assignments or exclusions."""
    return cycle_page(context, request, period, None)


@dataclass(frozen=True, slots=True)
class CycleQuestion:
    """What a request asks of a cycle: the root's cycle, the filter of its assignments."""

    scope: Scope
    root: OrganizationEntry
    head: CycleSummary
    asked: dict[str, str]

    @property
    def code(self) -> str:
        """The code of the root."""
        return self.root.stream.removeprefix(PREFIX)

    def assignments(self, reader: Reader, limit: int, offset: int = 0) -> list[AssignedInspection]:
        """Return the filtered assignments, at most ``limit`` from ``offset`` on."""
        state, team = self.asked["state"] or None, self.asked["team"] or None
        return assignments(
            reader, self.scope, self.code, self.head.period, limit, offset,
            state=state, team=team,
        )  # fmt: skip


def cycle_page(
    context: RequestContext,
    request: Request,
    period: str,
    filled: FilledForm | None,
    status: int = 200,
) -> Response:
    """Return the page of a cycle; ``filled`` is a rejected form of one of its steps."""
    month = parse_month(period)
    export, place = read_file_format(request), read_page_number(request)
    with context.read() as reader:
        scope = context.scope(reader, "see_cycle")
        root = root_asked(context, reader, scope)
        head = head_document(reader, root.stream.removeprefix(PREFIX), period)
        question = CycleQuestion(scope, root, head, _filter_given(request))
        if export:
            return table_response(_export_table(context, reader, question), export)
        rows = question.assignments(reader, PAGE + 1, (place - 1) * PAGE)
        values = _draw_values(context, reader, question, month, rows)
        values |= _assignment_values(context, reader, question, rows)
    return page(
        context,
        "cycles/cycle.html",
        status,
        **values | _progress_values(context, question),
        root=root,
        head=head,
        period_asked=period,
        asked=question.asked,
        strata=[_with_rate(one) for one in head.strata],
        place=place,
        reasons=reasons(context),
        states=SHOWN_AS,
        passed=context.app.runner().months_passed_over(root, month)
        if values["runs"] and head.state is None
        else (),
        underway=request.app.state.jobs.cycle_outcome(question.code, period),
        filled=filled,
    )


def _filter_given(request: Request) -> dict[str, str]:
    """Return the filter of the request; an unknown state is ignored."""
    parameters = request.query_params
    asked = {name: parameters.get(name, "") for name in ("scope", "state", "team", "organization")}
    return asked | {"state": asked["state"] if asked["state"] in STATES else ""}


def _assignment_values(
    context: RequestContext, reader: Reader, question: CycleQuestion, rows: list[AssignedInspection]
) -> dict[str, Any]:
    """Return what the page shows of the assignments, and what the user may do."""
    people = sorted({person for row in rows for person in row.inspectors})
    files = context.scope(reader, "see_file") if context.may(reader, "see_file") else None
    streams = [row.stream for row in rows]
    return {
        "rows": rows[:PAGE],
        "more": len(rows) > PAGE,
        "roots": scopes_in(reader, question.scope),
        "names": read_people_names(reader, people, context.language),
        "runs": context.may(reader, "run_cycle")
        and context.scope(reader, "run_cycle").covers(reader, question.root),
        "early": early_closing(reader, question.code, question.head.period, context.today(reader)),
        "left": days_left(question.head.closes_on, context.today(reader)),
        "linked": set() if files is None else files.streams_among(reader, streams),
    }


def _progress_values(context: RequestContext, question: CycleQuestion) -> dict[str, Any]:
    """Return the cached progress of the teams and the exclusions of the scope."""
    scope, code, period = question.scope, question.code, question.head.period
    key = f"{code}:{period}:{scope.key()}"
    teams = context.figures.get(
        f"teams:{key}", lambda reader: team_progress(reader, scope, code, period)
    )
    left_out = context.figures.get(
        f"left:{key}", lambda reader: exclusions(reader, scope, code, period)
    )
    return {
        "teams": teams.value,
        "made_at": teams.made_at,
        "totals": {state: sum(getattr(row, state) for row in teams.value) for state in STATES},
        "exclusions": left_out.value[:EXCLUSIONS_SHOWN],
        "excluded": len(left_out.value),
    }


def _with_rate(stratum: dict[str, Any]) -> dict[str, Any]:
    """Return the stratum with its sampling rate and detection probability."""
    size, population = stratum["n"], stratum["N"]
    rate = f"{Rate(size, population)}" if population else None
    return stratum | {"rate": rate, "chance": detection_chance(population, size)}


class Rate:
    """A share in percent with one place, rounded half up, exactly."""

    def __init__(self, part: int, whole: int) -> None:
        """Take the part and the whole, which is not 0."""
        self._tenths = (2000 * part + whole) // (2 * whole)

    def __str__(self) -> str:
        """Such as ``20.0``."""
        return f"{self._tenths // 10}.{self._tenths % 10}"


def _draw_values(
    context: RequestContext,
    reader: Reader,
    question: CycleQuestion,
    month: Period,
    rows: list[AssignedInspection],
) -> dict[str, Any]:
    """Return the draw: its verification, the rule of each row, the explained organizations."""
    head = question.head
    if head.seed is None:
        return {"check": None, "faults": [], "why": {}, "explained": [], "lookup": FilledForm()}
    code, period = head.scope, head.period
    snapshot = context.figures.get(
        f"picture:{code}:{period}", lambda reader: draw_snapshot(reader, code, period)
    ).value
    entries, lookup = _explained_entries(context, reader, question)
    # A verification repeats the whole draw, so the page does not wait for it.
    check: CachedValue[list[Problem]] | None = context.figures.get_if_made(
        f"verify:{code}:{period}", lambda reader: verify_draw(reader, code, period)
    )
    faults = (
        []
        if check is None
        else problem_answers(filter_problems(reader, question.scope, check.value), context.language)
    )
    return {
        "check": check,
        "faults": faults,
        "why": {row.stream: snapshot.of(row.stream) for row in rows},
        "explained": explain_draw(reader, snapshot, head.seed, code, month, entries),
        "lookup": lookup,
    }


def _explained_entries(
    context: RequestContext, reader: Reader, question: CycleQuestion
) -> tuple[list[OrganizationEntry], FilledForm]:
    """Return the organizations to explain, and the form in which one is asked for.

    Without one these are the user's own organizations, if they are few.
    """
    lookup = FilledForm(dict(context.request.query_params))
    field = FilterField("organization", "see_cycle")
    picked = pick_filter(context, lookup, question.asked, field, reader)
    streams = [picked.stream] if picked is not None else []
    if picked is None and lookup.ok:
        streams = streams_in(reader, question.scope, OWN_EXPLAINED + 1)
    if len(streams) > OWN_EXPLAINED:
        return [], lookup
    entries = entries_of(reader, streams)
    return [entries[stream] for stream in streams], lookup


def reasons(context: RequestContext) -> dict[str, str]:
    """Return the reasons for leaving an organization out, in words by their code."""
    english = {
        "closed": "closed in the meantime",
        "visit_cap_reached": "already inspected as often this year as the policy allows",
        "no_team": "no team inspects organizations of this category",
        "team_too_small": "the team has too few inspectors",
        "too_few_left": "too few inspectors remain after recusals",
    }
    return {name: context.t(zh, english.get(name, name)) for name, zh in REASONS.items()}


def _export_table(context: RequestContext, reader: Reader, question: CycleQuestion) -> Table:
    """Return the assignments, or (``list=exclusions``) the exclusions, as an export table."""
    asked = question.asked
    left_out = context.request.query_params.get("list") == "exclusions"
    make = _exclusion_lines if left_out else _assignment_lines
    name, heads, lines = make(context, reader, question)
    words = PageWords(context.language, reader)
    filters = [
        question.head.period,
        words.status(SHOWN_AS.get(asked["state"], "")),
        asked["team"],
    ]
    note = " ".join(one for one in filters if one)
    return exports.make_table(context, reader, name, note, heads, lines)


def _exclusion_lines(
    context: RequestContext, reader: Reader, question: CycleQuestion
) -> tuple[str, list[str], list[list[str]]]:
    """Return the name, the heads and the lines of the exclusions."""
    t, words = context.t, reasons(context)
    stages = {"draw": t("抽查", "draw")}
    lines = [
        [row.name, row.organization, stages.get(row.stage, t("分派", "assignment")),
         words.get(row.reason, row.reason)]
        for row in exclusions(reader, question.scope, question.code, question.head.period)
    ]  # fmt: skip
    heads = [t("组织", "Organization"), t("代码", "Code"), t("环节", "Stage"), t("原因", "Reason")]
    return t("未列入抽查的组织", "Left out"), heads, lines


def _assignment_lines(
    context: RequestContext, reader: Reader, question: CycleQuestion
) -> tuple[str, list[str], list[list[str]]]:
    """Return the name, the heads and the lines of the filtered assignments."""
    t, words = context.t, PageWords(context.language, reader)
    rows = question.assignments(reader, exports.MOST_ROWS + 1)
    names = read_people_names(
        reader, sorted({person for row in rows for person in row.inspectors}), context.language
    )
    lines = [
        [row.name, row.organization, words.category(row.category),
         t("、", ", ").join(names.get(person, person) for person in row.inspectors),
         words.status(SHOWN_AS[row.state])]
        for row in rows
    ]  # fmt: skip
    heads = [t("组织", "Organization"), t("代码", "Code"), t("类别", "Category"),
             t("检查人员", "Inspectors"), t("状态", "State")]  # fmt: skip
    return t("抽样名单", "Sample"), heads, lines
