"""The cycles of the months, and one cycle: opening, frame, draw with its check, progress, close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import Period, month_of, parse_month
from events.refusals.errors import Refused
from events.streams.organizations import PREFIX
from projections.cycles.bulletin import REASONS
from projections.cycles.draw import detection_chance, draw_snapshot
from projections.cycles.overview import (
    STATES,
    assignments,
    days_left,
    exclusions,
    head_document,
    months,
    roots_in,
    team_progress,
)
from projections.organizations.directory import entries_of, find, roots
from projections.organizations.selection import streams_in
from scheduler.draw_check import seen_problems, verify_draw
from scheduler.explaining import explained
from tracker.export.tables import Table, exported
from tracker.http.context import Context
from tracker.web.page.listing import MOST_EXPORTED, PAGE, cut_short, form_of, local_now, place_of
from tracker.web.page.names import people_named
from tracker.web.page.rendering import PageWords, page
from tracker.wording.problems import problems_told

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.refusals.errors import Problem
    from projections.organizations.directory import OrganizationEntry
    from projections.organizations.scope import Scope
    from tracker.http.context import RequestContext
    from tracker.http.figure_cache import CachedValue
    from tracker.web.page.forms import FilledForm

router = APIRouter(include_in_schema=False)
SHOWN_AS = {"open": "to_inspect", "scored": "scored", "missed": "unvisited", "not_held": "not_held"}
"""How pages name the state of an inspection."""
OWN_EXPLAINED = 5
"""Organizations whose place in the draw is told without asking."""
EXCLUSIONS_SHOWN = 50


@router.get("/cycles")
def show_all(context: Context) -> Response:
    """Every month that has a cycle, newest first, and the next one that can be opened."""
    with context.read() as reader:
        scope = context.scope(reader, "see_cycle")
        names = dict(roots_in(reader, scope))
        may_run = context.may(reader, "run_cycle")
        first = context.district(reader).first_month
        last = month_of(context.today(reader)).previous()
    made = context.fresh.get(f"months:{scope.key()}", lambda reader: months(reader, scope))
    rows = [one for one in made.value if one["scope"] in names]
    newest = {one["scope"]: parse_month(one["period"]) for one in reversed(rows)}
    coming = {
        root: str(newest[root].next() if root in newest else first)
        for root in names
        if (newest[root].next() if root in newest else first) <= last
    }
    return page(
        context,
        "cycles/cycles.html",
        rows=rows,
        names=names,
        made_at=made.made_at,
        coming=coming if may_run else {},
    )


def root_asked(context: RequestContext, reader: Reader, scope: Scope) -> OrganizationEntry:
    """The root that ``scope`` names by its code, else the only or first one of what is seen."""
    given = context.request.query_params.get("scope")
    if given:
        entry = find(reader, given)
        if entry is None or entry.stream.removeprefix(PREFIX) not in dict(roots_in(reader, scope)):
            raise Refused("unknown_organization", code=given)
        return entry
    seen = [code for code, _ in roots_in(reader, scope)]
    for one in roots(reader):
        if one.stream.removeprefix(PREFIX) in seen:
            return one
    raise Refused("no_organizations")


@router.get("/cycles/{period}")
def show(context: Context, request: Request, period: str) -> Response:
    """One cycle; its assignments and exclusions as files too."""
    return cycle_page(context, request, period, None)


def cycle_page(
    context: RequestContext,
    request: Request,
    period: str,
    filled: FilledForm | None,
    status: int = 200,
) -> Response:
    """The page of a cycle; ``filled`` is a form of its steps that was refused."""
    month = parse_month(period)
    given = request.query_params
    asked = {name: given.get(name, "") for name in ("scope", "state", "team", "organization")}
    asked["state"] = asked["state"] if asked["state"] in STATES else ""
    form, place = form_of(request), place_of(request)
    with context.read() as reader:
        scope, today = context.scope(reader, "see_cycle"), context.today(reader)
        root = root_asked(context, reader, scope)
        code = root.stream.removeprefix(PREFIX)
        head = head_document(reader, code, period)
        if form:
            return exported(_table(context, reader, scope, head, asked), form)
        rows = assignments(
            reader, scope, code, period, PAGE + 1, (place - 1) * PAGE,
            state=asked["state"] or None, team=asked["team"] or None,
        )  # fmt: skip
        drawn = _drawn(context, reader, scope, head, asked, month, rows)
        people = sorted({one for row in rows for one in row["inspectors"]})
        files = context.scope(reader, "see_file") if context.may(reader, "see_file") else None
        values: dict[str, Any] = {
            "root": root,
            "roots": roots_in(reader, scope),
            "names": people_named(reader, people),
            "runs": context.may(reader, "run_cycle")
            and context.scope(reader, "run_cycle").covers(reader, root),
            "left": days_left(head["closes_on"], today),
            "linked": set() if files is None
            else files.streams_among(reader, [one["stream"] for one in rows]),
        }  # fmt: skip
    key = f"{code}:{period}:{scope.key()}"
    teams = context.fresh.get(f"teams:{key}", lambda one: team_progress(one, scope, code, period))
    left_out = context.fresh.get(f"left:{key}", lambda one: exclusions(one, scope, code, period))
    return page(
        context,
        "cycles/cycle.html",
        status,
        **values | drawn,
        head=head,
        period_asked=period,
        asked=asked,
        strata=[_stratum(one) for one in head["strata"]],
        rows=rows[:PAGE],
        more=len(rows) > PAGE,
        place=place,
        teams=teams.value,
        made_at=teams.made_at,
        totals={state: sum(one[state] for one in teams.value) for state in STATES},
        exclusions=left_out.value[:EXCLUSIONS_SHOWN],
        excluded=len(left_out.value),
        reasons=reasons(context),
        states=SHOWN_AS,
        underway=request.app.state.underway.of(f"{code}:{period}"),
        filled=filled,
    )


def _stratum(one: dict[str, Any]) -> dict[str, Any]:
    size, population = one["n"], one["N"]
    rate = f"{Rate(size, population)}" if population else None
    return one | {"rate": rate, "chance": detection_chance(population, size)}


class Rate:
    """A share in percent with one place, rounded half up, exactly."""

    def __init__(self, part: int, whole: int) -> None:
        """Of a whole that is not 0."""
        self._tenths = (2000 * part + whole) // (2 * whole)

    def __str__(self) -> str:
        """Such as ``20.0``."""
        return f"{self._tenths // 10}.{self._tenths % 10}"


def _drawn(
    context: RequestContext,
    reader: Reader,
    scope: Scope,
    head: dict[str, Any],
    asked: dict[str, str],
    month: Period,
    rows: list[dict[str, Any]],
) -> dict[str, Any]:
    """The draw as the page tells of it: its check, the rule of each row, who asks why."""
    if head["seed"] is None:
        return {"check": None, "faults": [], "why": {}, "explained": [], "not_seen": False}
    code, period = head["scope"], head["period"]
    found = context.fresh.get(
        f"picture:{code}:{period}", lambda one: draw_snapshot(one, code, period)
    ).value
    entries, not_seen = _asked_why(reader, scope, asked["organization"])
    check: CachedValue[list[Problem]] | None = context.fresh.soon(
        f"verify:{code}:{period}", lambda one: verify_draw(one, code, period)
    )
    return {
        "check": check,
        "faults": []
        if check is None
        else problems_told(seen_problems(reader, scope, check.value), context.language),
        "why": {row["stream"]: found.of(row["stream"]) for row in rows},
        "explained": explained(reader, found, head["seed"], code, month, entries),
        "not_seen": not_seen,
    }


def _asked_why(reader: Reader, scope: Scope, code: str) -> tuple[list[OrganizationEntry], bool]:
    """The organizations whose place is explained: the one asked for, else one's own if few."""
    if code:
        entry = find(reader, code)
        seen = entry is not None and scope.covers(reader, entry)
        return ([entry], False) if seen and entry is not None else ([], True)
    streams = streams_in(reader, scope, OWN_EXPLAINED + 1)
    if len(streams) > OWN_EXPLAINED:
        return [], False
    own = entries_of(reader, streams)
    return [own[stream] for stream in streams], False


def reasons(context: RequestContext) -> dict[str, str]:
    """Why somebody was left out, in words."""
    english = {
        "closed": "closed meanwhile",
        "visit_cap_reached": "inspected as often this year as the policy allows",
        "no_team": "no team inspects organizations of this category",
        "team_too_small": "the team has too few inspectors",
        "too_few_left": "too few inspectors are left after recusal",
    }
    return {name: context.t(zh, english.get(name, name)) for name, zh in REASONS.items()}


def _table(
    context: RequestContext,
    reader: Reader,
    scope: Scope,
    head: dict[str, Any],
    asked: dict[str, str],
) -> Table:
    """The assignments, or (``list=exclusions``) who was left out, as a file."""
    t, words = context.t, PageWords(context.language, reader)
    code, period = head["scope"], head["period"]
    if context.request.query_params.get("list") == "exclusions":
        told = reasons(context)
        left = exclusions(reader, scope, code, period)
        lines = [
            [one["name"], one["organization"],
             t("抽查", "draw") if one["stage"] == "draw" else t("分派", "assignment"),
             told.get(one["reason"], one["reason"])]
            for one in left
        ]  # fmt: skip
        heads = [t("组织", "Organization"), t("代码", "Code"), t("环节", "Stage"),
                 t("原因", "Reason")]  # fmt: skip
        name = t("未列入抽查的组织", "Left out")
    else:
        rows = assignments(
            reader, scope, code, period, MOST_EXPORTED + 1,
            state=asked["state"] or None, team=asked["team"] or None,
        )  # fmt: skip
        people = sorted({one for row in rows for one in row["inspectors"]})
        names = people_named(reader, people)
        lines = [
            [one["name"], one["organization"], words.category(one["category"]),
             t("、", ", ").join(names.get(who, who) for who in one["inspectors"]),
             words.status(SHOWN_AS[one["state"]])]
            for one in rows
        ]  # fmt: skip
        heads = [t("组织", "Organization"), t("代码", "Code"), t("类别", "Category"),
                 t("检查人员", "Inspectors"), t("状态", "State")]  # fmt: skip
        name = t("抽样名单", "Sample")
    told_of = [period, words.status(SHOWN_AS.get(asked["state"], "")), asked["team"]]
    said = " ".join(one for one in told_of if one) + cut_short(context, len(lines))
    return Table(name, said, local_now(context, reader), heads, lines[:MOST_EXPORTED])
