"""compliance, todo, file, rank: show figures."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from events.log.reader import Reader
from events.periods import local_date, parse_instant, parse_period
from events.refusals.errors import Refused
from projections.compliance.evaluation import ComplianceQuestion, derive
from projections.compliance.summary import ComplianceSummary, summarize
from projections.compliance.tasks import WindowTask
from projections.compliance.tasks import list_tasks as tasks_due
from projections.documents.in_force import district, require_category
from projections.electronic_file.file import FileScore
from projections.electronic_file.file import read_file as read_electronic_file
from projections.organizations.directory import OrganizationEntry, all_entries, entries_under
from projections.scores.notes import month_notes, scheme_notes
from projections.scores.ranking import rank_organizations
from projections.scoring.assessment import Assessment
from tracker.cli.options import Code, Organization, Under
from tracker.cli.session import (
    NO_POINTS,
    current_session,
    local_clock,
    require_organization,
)

PURPOSES = ("monthly", "half_year", "annual")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(compliance)
    app.command()(todo)
    app.command("file")(electronic_file)
    app.command()(rank)


def compliance(
    context: typer.Context,
    period: Annotated[
        str,
        typer.Option(metavar="PERIOD", help="Period: 2026-09, 2026-Q3, 2026-H2 or 2026."),
    ],
    code: Organization = None,
    under_code: Under = None,
    purpose: Annotated[
        str,
        typer.Option(metavar="PURPOSE", help="Kind of scheme: monthly, half_year or annual."),
    ] = "monthly",
    known_at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="Ignore what was recorded later, e.g. 2026-09-20T10:00:00+08:00.",
        ),
    ] = None,
    with_summary: Annotated[
        bool, typer.Option("--summary", help="Show counts and means by category.")
    ] = False,
) -> None:
    """Compute compliance from the events, for any period."""
    session = current_session(context)
    parsed = parse_period(period)
    instant = None if known_at is None else parse_instant(known_at)
    if purpose not in PURPOSES:
        raise Refused("bad_purpose", purpose=purpose, known=", ".join(PURPOSES))
    if code is not None and under_code is not None:
        raise Refused("two_selections")
    tools = session.app()
    with tools.store.read() as reader:
        facts = district(reader)
        today = local_date(tools.store.clock(), facts.zone)
        entries = _select_organizations(reader, code, under_code, parsed.last_day.isoformat())
        question = ComplianceQuestion(parsed, purpose, today, instant)
        figures = derive(reader, entries, facts, question)
    if with_summary:
        document = summarize(figures, entries, parsed)
        session.answer(document, lambda console: _show_summary(console, document))
    else:
        session.answer(
            [figure.to_json() for figure in figures],
            lambda console: _show_figures(console, figures),
        )


def _select_organizations(
    reader: Reader, code: str | None, under_code: str | None, day: str
) -> list[OrganizationEntry]:
    if code is not None:
        return [require_organization(reader, code)]
    if under_code is not None:
        return entries_under(reader, require_organization(reader, under_code).stream, day)
    return all_entries(reader)


def _show_figures(console: Console, figures: list[Assessment]) -> None:
    """Print a line for each organization; for a single one also its criteria."""
    for figure in figures:
        score = figure.score_text or "no score"
        if figure.score_text and figure.pending:
            score += f", {figure.pending} criteria not due yet"
        scheme = f"{figure.scheme}@{figure.version}" if figure.scheme else "no scheme"
        console.print(f"{figure.organization} {figure.period}: {score} ({scheme})")
        if len(figures) == 1:
            _show_criteria(console, figure)


def _show_criteria(console: Console, figure: Assessment) -> None:
    if not figure.states_points:
        console.print(NO_POINTS)
    table = Table("criterion", "points", "status", "credit", "windows, reason")
    for criterion in figure.to_json()["criteria"]:
        windows = "; ".join(
            f"{w['window']} {w['counted']}/{w['required']} {' '.join(w['records'])}"
            for w in criterion.get("windows", [])
        )
        explanation = " ".join(filter(None, [windows, criterion["reason"]]))
        table.add_row(
            criterion["code"],
            criterion["points"],
            criterion["status"],
            criterion["credit"] or "",
            escape(explanation),
        )
    console.print(table)


def _show_summary(console: Console, document: ComplianceSummary) -> None:
    table = Table("category", "organizations", "scored", "mean", "lowest", "highest")
    for row in document.categories:
        table.add_row(
            row.category, str(row.organizations), str(row.scored), row.mean or "",
            row.lowest or "", row.highest or "",
        )  # fmt: skip
    console.print(table)


def todo(context: typer.Context, code: Code) -> None:
    """List what is due, done and missing now, with due dates."""
    session = current_session(context)
    tools = session.app()
    with tools.store.read() as reader:
        facts = district(reader)
        today = local_date(tools.store.clock(), facts.zone)
        tasks = tasks_due(reader, require_organization(reader, code), facts, today, "en")

    def show(console: Console) -> None:
        table = Table("state", "due on", "criterion", "text", "window", "done", "name")
        for task in sorted(tasks, key=lambda task: task.state == "done"):
            if isinstance(task, WindowTask):
                due_on, window = task.due_on, task.window
                done = f"{task.counted}/{task.required}"
            else:
                due_on = window = done = ""
            table.add_row(
                task.state,
                due_on,
                task.criterion,
                escape(task.text),
                window,
                done,
                task.name,
            )
        console.print(table)

    session.answer(tasks, show)


def electronic_file(context: typer.Context, code: Code) -> None:
    """Show the electronic file of an organization."""
    session = current_session(context)
    with session.app().store.read() as reader:
        document = read_electronic_file(reader, require_organization(reader, code))
        clock = local_clock(reader)
        notes = scheme_notes(
            reader,
            {(score.scheme, score.scheme_version) for score in document.scores},
            mixed=any(
                score.inspected is None and score.score is not None for score in document.scores
            ),
        )

    def show(console: Console) -> None:
        head = document.organization
        console.print(escape(f"{head.code} {head.name} ({head.category})"))
        for note in notes.sentences("en"):
            console.print(note)
        posted = f"posted at ({clock.name('en')})"
        table = Table("period", "kind", "derived", "inspected", "score", posted)
        for score in document.scores:
            table.add_row(
                score.period, score.kind, score.derived or "", score.inspected or "",
                _counting_score(score), clock.show_seconds(score.posted_at),
            )  # fmt: skip
        console.print(table)
        console.print(
            f"{len(document.activities)} activities, {len(document.rectifications)}"
            f" rectifications; version {document.head.version}, {document.head.hash}"
        )

    session.answer(document, show)


def _counting_score(score: FileScore) -> str:
    """Return the score that counts, and after an adjustment what was posted."""
    if not score.adjustments:
        return score.score or ""
    return f"{score.current} (posted {score.score or 'none'})"


def rank(
    context: typer.Context,
    period: Annotated[str, typer.Option(metavar="MONTH", help="Assessed month, e.g. 2026-09.")],
    category: Annotated[
        str | None, typer.Option(metavar="CATEGORY", help="Only this category.")
    ] = None,
    under_code: Under = None,
) -> None:
    """Rank organizations by posted score, within each category."""
    session = current_session(context)
    month = parse_period(period)
    with session.app().store.read() as reader:
        if category is not None:
            require_category(reader, category, "--category")
        rows = rank_organizations(reader, month, category, under_code)
        notes = month_notes(reader, month).sentences("en")

    def show(console: Console) -> None:
        for note in notes:
            console.print(note)
        table = Table("rank", "organization", "category", "score", "band", "state")
        for row in rows:
            table.add_row(
                str(row.rank or ""), row.organization, row.category, row.score or "",
                row.band or "", row.state,
            )  # fmt: skip
        console.print(table)

    session.answer([row._asdict() for row in rows], show)
