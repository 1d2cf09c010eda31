"""import, compliance, todo, file, rank: records in, figures out."""

from __future__ import annotations

from functools import partial as partial_function
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from events.documents.vocabulary import CATEGORIES
from events.log.reader import Reader
from events.periods import local_date, parse_instant, parse_period
from events.refusals.errors import Refused
from projections.compliance.evaluation import ComplianceQuestion, derive
from projections.compliance.summary import summary
from projections.compliance.tasks import todo as tasks_due
from projections.documents.in_force import district
from projections.electronic_file.file import read_file as read_electronic_file
from projections.organizations.directory import OrganizationEntry, all_entries, entries_under
from projections.scores.ranking import rank_organizations
from projections.scoring.assessment import Assessment
from tracker.cli.session import EXIT_FAULTS, EXIT_REFUSED, Session, organization, progress, session
from tracker.documents.sources import read_file
from tracker.imports.importing import Report, import_file

PURPOSES = ("monthly", "half_year", "annual")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("import")(import_files)
    app.command()(compliance)
    app.command()(todo)
    app.command("file")(electronic_file)
    app.command()(rank)


def import_files(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=".jsonl or .csv")],
    historical: Annotated[
        bool, typer.Option("--historical", help="Lines may carry recorded_on.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Why history is brought in.")] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Take the good lines, put the bad ones beside.")
    ] = False,
) -> None:
    """Record lines from files: checked as a whole first, then appended."""
    here = session(context)
    if reason is not None and not historical:
        raise Refused("reason_alone", field="--reason")
    payloads = [(file, read_file(file)) for file in files]
    tools = here.app()
    found: list[tuple[Path, Report]] = []
    with progress() as tell:
        for file, payload in payloads:
            report = import_file(
                tools.store,
                payload,
                str(file),
                actor=tools.settings.actor,
                today=tools.today(),
                historical=historical,
                reason=reason,
                partial=partial,
                progress=partial_function(tell, file.name),
            )
            found.append((file, report))
            if report.refused and not partial:
                break
            if report.refused:
                _put_beside(file, payload, report)
    _answer(here, found, partial=partial)


def _answer(here: Session, found: list[tuple[Path, Report]], *, partial: bool) -> None:
    """Answer with what all the files came to; each refused line is told on standard error."""
    refused = [
        {"file": str(file), "line": one.line, "field": one.field, "reason": one.reason}
        for file, report in found
        for one in report.refused
    ]
    answer = {
        "lines": sum(report.lines for _, report in found),
        "recorded": sum(report.recorded for _, report in found),
        "unchanged": sum(report.unchanged for _, report in found),
        "refused": refused,
    }
    for one in refused:
        field = f" field {one['field']}:" if one["field"] else ""
        typer.echo(f"tracker: {one['file']}: line {one['line']}:{field} {one['reason']}", err=True)

    def show(console: Console) -> None:
        for file, report in found:
            console.print(
                f"{file}: {report.lines} lines, {report.recorded} recorded,"
                f" {report.unchanged} unchanged, {len(report.refused)} refused"
            )

    here.answer(answer, show)
    if refused:
        raise typer.Exit(EXIT_FAULTS if partial else EXIT_REFUSED)


def _put_beside(file: Path, payload: bytes, report: Report) -> None:
    """The refused lines with their reasons, in a file beside the one that was imported."""
    lines = payload.splitlines()
    beside = file.with_name(file.name + ".refused.jsonl")
    with beside.open("wb") as out:
        for one in report.refused:
            raw = lines[one.line - 1] if 0 < one.line <= len(lines) else b""
            document = {
                "line": one.line,
                "field": one.field,
                "reason": one.reason,
                "content": raw[:100_000].decode("utf-8", "replace"),
            }
            out.write(orjson.dumps(document) + b"\n")
    typer.echo(f"tracker: the refused lines stand in {beside}", err=True)


def compliance(
    context: typer.Context,
    period: Annotated[str, typer.Option(help="2026-09, 2026-Q3, 2026-H2 or 2026.")],
    code: Annotated[str | None, typer.Option("--organization", help="This organization.")] = None,
    under_code: Annotated[str | None, typer.Option("--under", help="It and all under it.")] = None,
    purpose: Annotated[str, typer.Option(help="monthly, half_year or annual.")] = "monthly",
    known_at: Annotated[str | None, typer.Option(help="As known at this instant.")] = None,
    summarize: Annotated[
        bool, typer.Option("--summary", help="Counts and means by category.")
    ] = False,
) -> None:
    """Derived compliance: from the events alone, at any time, for any period."""
    here = session(context)
    asked = parse_period(period)
    instant = None if known_at is None else parse_instant(known_at)
    if purpose not in PURPOSES:
        raise Refused("bad_purpose", purpose=purpose, known=", ".join(PURPOSES))
    if code is not None and under_code is not None:
        raise Refused("two_selections")
    tools = here.app()
    with tools.store.read() as reader:
        facts = district(reader)
        today = local_date(tools.store.clock(), facts.zone)
        entries = _selected(reader, code, under_code, asked.last_day.isoformat())
        found = derive(reader, entries, facts, ComplianceQuestion(asked, purpose, today, instant))
    if summarize:
        document = summary(found, entries, asked)
        here.answer(document, lambda console: _show_summary(console, document))
    else:
        here.answer([one.to_json() for one in found], lambda console: _show_figures(console, found))


def _selected(
    reader: Reader, code: str | None, under_code: str | None, day: str
) -> list[OrganizationEntry]:
    if code is not None:
        return [organization(reader, code)]
    if under_code is not None:
        return entries_under(reader, organization(reader, under_code).stream, day)
    return all_entries(reader)


def _show_figures(console: Console, found: list[Assessment]) -> None:
    for one in found:
        said = one.score_text or "no score"
        scheme = f"{one.scheme}@{one.version}" if one.scheme else "no scheme"
        console.print(f"{one.organization} {one.period}: {said} ({scheme})")
        if len(found) > 1:
            continue
        if not one.states_points:
            console.print("items weigh the same: the scheme states no points")
        table = Table("criterion", "points", "status", "credit", "windows, reason")
        for criterion in one.to_json()["criteria"]:
            windows = "; ".join(
                f"{w['window']} {w['counted']}/{w['required']} {' '.join(w['records'])}"
                for w in criterion.get("windows", [])
            )
            said = " ".join(filter(None, [windows, criterion["reason"]]))
            table.add_row(
                criterion["code"],
                criterion["points"],
                criterion["status"],
                criterion["credit"] or "",
                escape(said),
            )
        console.print(table)


def _show_summary(console: Console, document: dict[str, Any]) -> None:
    table = Table("category", "organizations", "scored", "mean", "lowest", "highest")
    for one in document["categories"]:
        table.add_row(
            one["category"], str(one["organizations"]), str(one["scored"]), one["mean"] or "",
            one["lowest"] or "", one["highest"] or "",
        )  # fmt: skip
    console.print(table)


def todo(context: typer.Context, code: Annotated[str, typer.Argument(metavar="CODE")]) -> None:
    """What is due, done and missing now, with dates."""
    here = session(context)
    tools = here.app()
    with tools.store.read() as reader:
        facts = district(reader)
        today = local_date(tools.store.clock(), facts.zone)
        found = tasks_due(reader, organization(reader, code), facts, today)

    def show(console: Console) -> None:
        table = Table("state", "due on", "criterion", "标准", "window", "done", "name")
        for one in sorted(found, key=lambda one: one["state"] == "done"):
            asked = f"{one['counted']}/{one['required']}" if "required" in one else ""
            table.add_row(
                one["state"],
                one.get("due_on") or "",
                one["criterion"],
                escape(one["text"]),
                one.get("window") or "",
                asked,
                one["name"],
            )
        console.print(table)

    here.answer(found, show)


def electronic_file(
    context: typer.Context, code: Annotated[str, typer.Argument(metavar="CODE")]
) -> None:
    """The electronic file of an organization."""
    here = session(context)
    with here.app().store.read() as reader:
        document = read_electronic_file(reader, organization(reader, code))

    def show(console: Console) -> None:
        head = document["organization"]
        console.print(escape(f"{head['code']} {head['name']} ({head['category']})"))
        table = Table("period", "kind", "derived", "inspected", "score", "posted at")
        for one in document["scores"]:
            table.add_row(
                one["period"], one["kind"], one["derived"] or "", one["inspected"] or "",
                one["score"] or "", one["posted_at"][:19],
            )  # fmt: skip
        console.print(table)
        console.print(
            f"{len(document['activities'])} activities, {len(document['rectifications'])}"
            f" rectifications; version {document['head']['version']}, {document['head']['hash']}"
        )

    here.answer(document, show)


def rank(
    context: typer.Context,
    period: Annotated[str, typer.Option(help="A month: 2026-09.")],
    category: Annotated[str | None, typer.Option(help="Of this category.")] = None,
    under_code: Annotated[str | None, typer.Option("--under", help="Under this one.")] = None,
) -> None:
    """Ranking by category within a scope, from posted scores."""
    here = session(context)
    asked = parse_period(period)
    if category is not None and category not in CATEGORIES:
        raise Refused("unknown_category.filter", code=category, known=", ".join(CATEGORIES))
    with here.app().store.read() as reader:
        ranking = rank_organizations(reader, asked, category, under_code)

    def show(console: Console) -> None:
        table = Table("rank", "organization", "category", "score", "band", "state")
        for row in ranking:
            table.add_row(
                str(row.rank or ""), row.organization, row.category, row.score or "",
                row.band or "", row.state,
            )  # fmt: skip
        console.print(table)

    here.answer([row._asdict() for row in ranking], show)
