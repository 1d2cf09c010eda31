"""audit: the log asked, verified and sealed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from events.periods import parse_date
from events.proofs.seals import seal_log
from events.proofs.verify import verify_log
from projections.audit.trail import AuditQuery, search
from projections.rebuild import compare
from tracker.cli.session import EXIT_FAULTS, session

FAULTS_SHOWN = 20
NOT_FOLDED = "its read models do not follow from its events; run: tracker rebuild"
group = typer.Typer(no_args_is_help=True, help="The audit trail: log, verify, seal.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.add_typer(group, name="audit")


@group.command("log")
def log(
    context: typer.Context,
    organization: Annotated[str | None, typer.Option(help="Of this organization.")] = None,
    under: Annotated[str | None, typer.Option(help="Of it and all under it.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Of this event type.")] = None,
    asked_actor: Annotated[str | None, typer.Option("--actor", help="By this actor.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="Recorded on or after.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Recorded on or before.")] = None,
    occurred_from: Annotated[str | None, typer.Option(help="Occurred on or after.")] = None,
    occurred_to: Annotated[str | None, typer.Option(help="Occurred on or before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help="Go on after this.")] = None,
) -> None:
    """Who did what, when, in the log's reading order."""
    here = session(context)
    query = AuditQuery(
        organization=organization,
        under=under,
        type=type_,
        actor=asked_actor,
        recorded_from=_day(from_),
        recorded_to=_day(to),
        occurred_from=_day(occurred_from),
        occurred_to=_day(occurred_to),
        limit=limit,
        after=after,
    )
    with here.app().store.read() as reader:
        found = search(reader, query)

    def show(console: Console) -> None:
        table = Table("recorded at", "stream", "version", "type", "actor", "occurred on")
        for one in found:
            table.add_row(
                one["recorded_at"][:19], one["stream"], str(one["version"]), one["type"],
                one["actor"], one["occurred_on"] or "",
            )  # fmt: skip
        console.print(table)
        if len(found) == limit:
            console.print(escape(f"more: --after {found[-1]['cursor']}"))

    here.answer(found, show)


def _day(text: str | None) -> date | None:
    return None if text is None else parse_date(text)


@group.command("verify")
def verify(context: typer.Context) -> None:
    """Check every chain, column, head, text, seal and read model."""
    here = session(context)
    tools = here.app()
    reopen = tools.reopen()
    verdict = verify_log(tools.engine, reopen, tools.settings.workers)
    faults: list[dict[str, Any]] = [
        {"stream": one.stream, "version": one.version, "fault": one.fault} for one in verdict.faults
    ]
    if verdict.ok:
        faults += [
            {"stream": stream, "version": 0, "fault": NOT_FOLDED}
            for stream in compare(tools.engine, reopen, tools.settings.workers)
        ]
    answer = {
        "ok": not faults,
        "events": verdict.events,
        "streams": verdict.streams,
        "seals": verdict.seals,
        "erased_texts": verdict.erased,
        "faults": faults,
    }

    def show(console: Console) -> None:
        for one in faults[:FAULTS_SHOWN]:
            console.print(escape(f"{one['stream']} version {one['version']}: {one['fault']}"))
        if len(faults) > FAULTS_SHOWN:
            console.print(f"… and {len(faults) - FAULTS_SHOWN} more; --json names all of them")
        said = "nothing is wrong" if not faults else f"{len(faults)} faults"
        console.print(
            f"{verdict.events} events in {verdict.streams} streams, {verdict.seals} seals: {said}"
        )

    here.answer(answer, show)
    if faults:
        raise typer.Exit(EXIT_FAULTS)


@group.command("seal")
def seal(context: typer.Context) -> None:
    """Seal the log now: a root over the heads of all streams, tied to the seal before."""
    here = session(context)
    tools = here.app()
    with tools.store.append() as writing:
        sealed = seal_log(writing, tools.metadata(), f"by-hand/{tools.correlation}")
    answer = sealed.data()
    here.answer(
        answer,
        lambda console: console.print(
            f"seal {sealed.seal}: {sealed.root} over {sealed.streams} streams,"
            f" {sealed.events} events"
        ),
    )
