"""audit: query, verify and seal the event log."""

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
from tracker.cli.options import Organization, Under
from tracker.cli.session import EXIT_FAULTS, current_session, local_clock
from tracker.storage.evidence_checks import check_all_files
from tracker.storage.schema_check import schema_faults

FAULTS_SHOWN = 20
NOT_FOLDED = "its read models do not match its events; run: tracker rebuild"
group = typer.Typer(no_args_is_help=True, help="Query, verify and seal the event log.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="audit")


@group.command("log")
def query_log(
    context: typer.Context,
    organization: Organization = None,
    under: Under = None,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Only events of this type.")
    ] = None,
    actor: Annotated[
        str | None, typer.Option("--actor", metavar="ID", help="Only events by this actor.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Recorded on or after this date.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Recorded on or before this date.")
    ] = None,
    occurred_from: Annotated[
        str | None, typer.Option(metavar="DATE", help="Occurred on or after this date.")
    ] = None,
    occurred_to: Annotated[
        str | None, typer.Option(metavar="DATE", help="Occurred on or before this date.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="Maximum number of events.")
    ] = 100,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Continue after this cursor.")
    ] = None,
) -> None:
    """Query the event log: who recorded what, and when."""
    session = current_session(context)
    query = AuditQuery(
        organization=organization,
        under=under,
        type=type_,
        actor=actor,
        recorded_from=_parse_day(from_),
        recorded_to=_parse_day(to),
        occurred_from=_parse_day(occurred_from),
        occurred_to=_parse_day(occurred_to),
        limit=limit,
        after=after,
    )
    with session.app().store.read() as reader:
        events = search(reader, query)
        clock = local_clock(reader)

    def show(console: Console) -> None:
        recorded = f"recorded at ({clock.name('en')})"
        table = Table(recorded, "stream", "version", "type", "actor", "occurred on")
        for event in events:
            table.add_row(
                clock.show_seconds(event.recorded_at), event.stream, str(event.version), event.type,
                event.actor, event.occurred_on or "",
            )  # fmt: skip
        console.print(table)
        if len(events) == limit:
            console.print(escape(f"for more, add: --after {events[-1].cursor}"))

    session.answer(events, show)


def _parse_day(text: str | None) -> date | None:
    return None if text is None else parse_date(text)


@group.command("verify")
def verify(context: typer.Context) -> None:
    """Verify log, seals, read models and evidence files."""
    session = current_session(context)
    tools = session.app()
    reopen = tools.reopen()
    verdict = verify_log(tools.engine, reopen, tools.settings.workers)
    faults: list[dict[str, Any]] = [
        {"stream": fault.stream, "version": fault.version, "fault": fault.fault}
        for fault in verdict.faults
    ]
    if verdict.ok:
        faults += [
            {"stream": stream, "version": 0, "fault": NOT_FOLDED}
            for stream in compare(tools.engine, reopen, tools.settings.workers)
        ]
    evidence = check_all_files(tools.store, tools.settings.evidence_folder)
    faults += evidence.log_faults() + schema_faults(tools.engine)
    answer = {
        "ok": not faults,
        "events": verdict.events,
        "streams": verdict.streams,
        "seals": verdict.seals,
        "erased_texts": verdict.erased,
        "evidence": evidence.counts(),
        "faults": faults,
    }

    def show(console: Console) -> None:
        for fault in faults[:FAULTS_SHOWN]:
            console.print(escape(f"{fault['stream']} version {fault['version']}: {fault['fault']}"))
        if len(faults) > FAULTS_SHOWN:
            console.print(f"… and {len(faults) - FAULTS_SHOWN} more; --json lists all of them")
        result = f"{len(faults)} faults" if faults else "no faults"
        console.print(
            f"{verdict.events} events in {verdict.streams} streams, {verdict.seals} seals,"
            f" {evidence.files} evidence files: {result}"
        )

    session.answer(answer, show)
    if faults:
        raise typer.Exit(EXIT_FAULTS)


@group.command("seal")
def seal(context: typer.Context) -> None:
    """Seal the event log.

    A seal is a root over the heads of all streams, linked to the previous seal.
    """
    session = current_session(context)
    tools = session.app()
    with tools.store.append() as log_append:
        sealed = seal_log(log_append, tools.metadata(), f"by-hand/{tools.correlation}")
    answer = sealed.data()
    session.answer(
        answer,
        lambda console: console.print(
            f"seal {sealed.seal}: {sealed.root} over {sealed.streams} streams,"
            f" {sealed.events} events"
        ),
    )
