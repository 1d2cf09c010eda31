"""scheme and policy: check, publish, close, list and show documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from events.documents.policies import stored_policy, validate_policy
from events.documents.scheme_checks import validate_scheme
from events.documents.schemes import Text, has_points
from events.documents.serialization import load_document, to_document
from events.documents.vocabulary import BUILT_IN
from events.periods import local_date, month_of
from events.refusals.errors import Problem
from projections.documents.in_force import district, vocabulary
from projections.documents.in_force import policy as policy_in_force
from tracker.cli.options import PolicyFile, SchemeSource, Yes
from tracker.cli.session import EXIT_FAULTS, NO_POINTS, Session, current_session, require_yes
from tracker.commands.documents import (
    Publication,
    close_scheme,
    dropped_category_problems,
    grace_problems,
    publish_policy,
    publish_scheme,
)
from tracker.documents.handover import HandoverNotConfirmed, confirmation_of
from tracker.documents.scheme_answers import find_scheme, read_schemes, scheme_check_answer
from tracker.documents.sources import load_scheme_document, read_file
from tracker.storage.database import sqlite_file
from tracker.wording.problems import problem_answers

Answer = TypeVar("Answer")

schemes = typer.Typer(no_args_is_help=True, help="Check, publish, close, list and show schemes.")
policies = typer.Typer(no_args_is_help=True, help="Check, publish and show the district policy.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(schemes, name="scheme")
    app.add_typer(policies, name="policy")


def _database_exists(session: Session) -> bool:
    file = sqlite_file(session.settings().database_url)
    return file is None or file.is_file()


@schemes.command("check")
def check_scheme(context: typer.Context, source: SchemeSource) -> None:
    """Validate a scheme, and report every problem.

    Also counts the criteria by kind of rule. Needs no database.
    """
    session = current_session(context)
    _, document = load_scheme_document(source)
    words = BUILT_IN
    if _database_exists(session):
        with session.app().store.read() as reader:
            words = vocabulary(reader)
    result = validate_scheme(document, words)
    answer = scheme_check_answer(result)

    def show(console: Console) -> None:
        _show_problems(console, source, result.problems)
        kinds = ", ".join(f"{name} {count}" for name, count in result.kinds.items())
        points = f"{answer['points']} points" if result.points is not None else NO_POINTS
        console.print(
            f"{source}: {result.items} items, {result.criteria} criteria ({kinds}); {points}"
        )
        console.print("ok" if result.ok else "not ok")

    session.answer(answer, show)
    if not result.ok:
        raise typer.Exit(EXIT_FAULTS)


def _show_problems(console: Console, file: str, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        console.print(escape(f"{file}: {problem.place}: {problem.severity}: {problem.problem}"))


@schemes.command("publish")
def publish(
    context: typer.Context,
    source: SchemeSource,
    from_month: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MONTH",
            help="First month in force, e.g. 2026-01 (default: the document's effective_from).",
        ),
    ] = None,
    yes: Yes = False,
) -> None:
    """Publish a scheme, in force from a month on.

    Asks first if it takes categories from another scheme.
    """
    session = current_session(context)
    tools = session.app()

    def work(confirmed: bool | str) -> Publication:
        return publish_scheme(
            tools.store, source, from_month, tools.metadata(), confirmed=confirmed
        )

    _answer_publication(session, _confirm_handover(work, yes=yes))


def _confirm_handover(work: Callable[[bool | str], Answer], *, yes: bool) -> Answer:
    """Do a step under which categories may change hands; ask if they do."""
    try:
        return work(yes)
    except HandoverNotConfirmed as error:
        confirmation = confirmation_of(error.handovers)
    require_yes(f"categories change hands: {confirmation}", yes=False)
    return work(confirmation)


def _answer_publication(session: Session, publication: Publication) -> None:
    answer = {
        "changed": publication.changed,
        "id": publication.identifier,
        "version": publication.version,
        "effective_from": publication.effective_from,
    }

    def show(console: Console) -> None:
        since = publication.effective_from
        state = f" in force from {since} on" if since else " published"
        unchanged = "" if publication.changed else " (unchanged)"
        console.print(f"{publication.identifier} version {publication.version}{state}{unchanged}")

    session.answer(answer, show)


@schemes.command("close")
def close(
    context: typer.Context,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="ID of the scheme.")],
    from_month: Annotated[
        str,
        typer.Option(
            "--from", metavar="MONTH", help="First month no longer in force, e.g. 2027-01."
        ),
    ],
    yes: Yes = False,
) -> None:
    """End a scheme from a month on.

    Asks first if categories lose it.
    """
    session = current_session(context)
    tools = session.app()

    def work(confirmed: bool | str) -> bool:
        return close_scheme(
            tools.store, identifier, from_month, tools.metadata(), confirmed=confirmed
        )

    changed = _confirm_handover(work, yes=yes)
    answer = {"changed": changed, "id": identifier, "closed_from": from_month}
    session.answer(
        answer, lambda console: console.print(f"{identifier} is closed from {from_month} on")
    )


@schemes.command("list")
def list_schemes(context: typer.Context) -> None:
    """List the published schemes and the built-in drafts."""
    session = current_session(context)
    tools = session.app()
    with tools.store.read() as reader:
        today = local_date(tools.store.clock(), district(reader).zone)
        rows = read_schemes(reader, str(month_of(today)))

    def show(console: Console) -> None:
        table = Table("scheme", "version", "status", "from", "purpose", "categories", "title")
        for row in rows:
            table.add_row(
                row["scheme"], str(row["version"]), row["status"], row["effective_from"] or "",
                row["purpose"], ", ".join(row["categories"]), row["title"]["zh"],
            )  # fmt: skip
        console.print(table)

    session.answer(rows, show)


@schemes.command("show")
def show_scheme(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="ID[@VERSION]", help="Scheme (default: the newest version).")
    ],
) -> None:
    """Show a scheme with the points of every criterion."""
    session = current_session(context)
    identifier, _, version = name.partition("@")
    with session.app().store.read() as reader:
        scheme = find_scheme(reader, identifier, version)
    document = to_document(scheme)

    def show(console: Console) -> None:
        titles = "  ".join(dict.fromkeys(scheme.title.in_both().values()))
        console.print(f"{scheme.scheme}@{scheme.version}  {titles}")
        if not has_points(scheme):
            console.print(NO_POINTS)
        table = Table("code", "points", "rule", "标准", "criterion")
        for criterion in _criteria_of(document):
            table.add_row(
                criterion["code"], str(criterion.get("points", "")), criterion["rule"]["kind"],
                criterion["text"]["zh"], Text(**criterion["text"]).in_language("en"),
            )  # fmt: skip
        console.print(table)

    session.answer(document, show)


def _criteria_of(node: Any) -> list[dict[str, Any]]:
    """Return the criteria of a scheme or section, those of its subsections first."""
    criteria: list[dict[str, Any]] = []
    for section in node.get("sections", []):
        criteria += _criteria_of(section)
    for item in node.get("items", []):
        criteria += item["criteria"]
    return criteria


@policies.command("check")
def check_policy_file(context: typer.Context, file: PolicyFile) -> None:
    """Validate a district policy, and report every problem."""
    session = current_session(context)
    policy, problems = validate_policy(load_document(read_file(file), str(file)))
    if policy is not None and _database_exists(session):
        tools = session.app()
        with tools.store.read() as reader:
            problems += grace_problems(reader, policy)
            problems += dropped_category_problems(reader, policy)
        problems += tools.runner().check_calendar(policy)
    ok = policy is not None and all(problem.severity != "error" for problem in problems)
    answer = {"ok": ok, "problems": problem_answers(problems, "en")}

    def show(console: Console) -> None:
        _show_problems(console, str(file), problems)
        console.print("ok" if ok else "not ok")

    session.answer(answer, show)
    if not ok:
        raise typer.Exit(EXIT_FAULTS)


@policies.command("publish")
def publish_policy_file(context: typer.Context, file: PolicyFile) -> None:
    """Publish a district policy as its next version."""
    session = current_session(context)
    tools = session.app()
    _answer_publication(session, publish_policy(tools.store, str(file), tools.metadata()))


@policies.command("show")
def show_policy(context: typer.Context) -> None:
    """Show the district policy in force, with every default."""
    session = current_session(context)
    with session.app().store.read() as reader:
        in_force = policy_in_force(reader)
    document = {"version": in_force.version, **stored_policy(in_force.policy)}

    def show(console: Console) -> None:
        version = f"version {in_force.version}" if in_force.version else "defaults; none published"
        console.print(f"district policy, {version}")
        for name, value in document.items():
            console.print(escape(f"{name}: {value}"))

    session.answer(document, show)
