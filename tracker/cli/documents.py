"""scheme and policy: documents checked, published, closed, shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from events.documents.policies import stored_policy, validate_policy
from events.documents.scheme_checks import validate_scheme
from events.documents.schemes import has_points
from events.documents.serialization import load_document, to_document
from events.documents.vocabulary import BUILT_IN
from events.periods import local_date, month_of
from events.refusals.errors import Problem
from projections.documents.in_force import district, vocabulary
from projections.documents.in_force import policy as policy_in_force
from tracker.cli.session import EXIT_FAULTS, Session, session
from tracker.commands.documents import (
    Publication,
    close_scheme,
    grace_problems,
    publish_policy,
    publish_scheme,
)
from tracker.documents.shown import all_schemes, check_answer, find_scheme
from tracker.documents.sources import read_file, scheme_document
from tracker.storage.database import sqlite_file
from tracker.wording.problems import problems_told

schemes = typer.Typer(no_args_is_help=True, help="Schemes: check, publish, close, list, show.")
policies = typer.Typer(no_args_is_help=True, help="District policy: check, publish, show.")
Same = "items weigh the same: the scheme states no points"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.add_typer(schemes, name="scheme")
    app.add_typer(policies, name="policy")


def _database_is_there(here: Session) -> bool:
    file = sqlite_file(here.settings().database_url)
    return file is None or file.is_file()


@schemes.command("check")
def check_scheme(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A YAML file or a built-in ID.")],
) -> None:
    """Name every fault of a scheme at its place, and count its criteria by kind of rule."""
    here = session(context)
    _, document = scheme_document(file)
    words = BUILT_IN
    if _database_is_there(here):
        with here.app().store.read() as reader:
            words = vocabulary(reader)
    found = validate_scheme(document, words)
    answer = check_answer(found)

    def show(console: Console) -> None:
        _show_problems(console, file, found.problems)
        kinds = ", ".join(f"{name} {count}" for name, count in found.kinds.items())
        points = f"{answer['points']} points" if found.points is not None else Same
        console.print(f"{file}: {found.items} items, {found.criteria} criteria ({kinds}); {points}")
        console.print("ok" if found.ok else "not ok")

    here.answer(answer, show)
    if not found.ok:
        raise typer.Exit(EXIT_FAULTS)


def _show_problems(console: Console, file: str, problems: tuple[Problem, ...]) -> None:
    for one in problems:
        console.print(escape(f"{file}: {one.place}: {one.severity}: {one.problem}"))


@schemes.command("publish")
def publish(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FILE|ID", help="A YAML file or a built-in ID.")],
    from_month: Annotated[str | None, typer.Option("--from", help="First month: 2026-01.")] = None,
) -> None:
    """Put a scheme in force from a month on."""
    here = session(context)
    tools = here.app()
    _answer(here, publish_scheme(tools.store, source, from_month, tools.metadata()))


def _answer(here: Session, done: Publication) -> None:
    answer = {
        "changed": done.changed,
        "id": done.identifier,
        "version": done.version,
        "effective_from": done.effective_from,
    }

    def show(console: Console) -> None:
        since = f" in force from {done.effective_from} on" if done.effective_from else " published"
        again = "" if done.changed else " (it was already)"
        console.print(f"{done.identifier} version {done.version}{since}{again}")

    here.answer(answer, show)


@schemes.command("close")
def close(
    context: typer.Context,
    identifier: Annotated[str, typer.Argument(metavar="ID")],
    from_month: Annotated[str, typer.Option("--from", help="First month without it: 2027-01.")],
) -> None:
    """End a scheme from a month on."""
    here = session(context)
    tools = here.app()
    changed = close_scheme(tools.store, identifier, from_month, tools.metadata())
    answer = {"changed": changed, "id": identifier, "closed_from": from_month}
    here.answer(answer, lambda c: c.print(f"{identifier} is closed from {from_month} on"))


@schemes.command("list")
def list_schemes(context: typer.Context) -> None:
    """Every scheme: built-in drafts and published versions."""
    here = session(context)
    with here.app().store.read() as reader:
        rows = all_schemes(reader, str(month_of(local_date(here.tools.store.clock(),  # type: ignore[union-attr]
                                                            district(reader).zone))))  # fmt: skip

    def show(console: Console) -> None:
        table = Table("scheme", "version", "status", "from", "purpose", "categories", "title")
        for one in rows:
            table.add_row(
                one["scheme"], str(one["version"]), one["status"], one["effective_from"] or "",
                one["purpose"], ", ".join(one["categories"]), one["title"]["zh"],
            )  # fmt: skip
        console.print(table)

    here.answer(rows, show)


@schemes.command("show")
def show_scheme(
    context: typer.Context, name: Annotated[str, typer.Argument(metavar="ID[@VERSION]")]
) -> None:
    """The whole document, with the points of every criterion filled in."""
    here = session(context)
    identifier, _, version = name.partition("@")
    with here.app().store.read() as reader:
        scheme = find_scheme(reader, identifier, version)
    document = to_document(scheme)

    def show(console: Console) -> None:
        console.print(f"{scheme.scheme}@{scheme.version}  {scheme.title.zh}  {scheme.title.en}")
        if not has_points(scheme):
            console.print(Same)
        table = Table("code", "points", "rule", "标准", "criterion")
        for criterion in _criteria(document):
            table.add_row(
                criterion["code"], str(criterion.get("points", "")), criterion["rule"]["kind"],
                criterion["text"]["zh"], criterion["text"]["en"],
            )  # fmt: skip
        console.print(table)

    here.answer(document, show)


def _criteria(node: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for section in node.get("sections", []):
        found += _criteria(section)
    for item in node.get("items", []):
        found += item["criteria"]
    return found


@policies.command("check")
def check_policy_file(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="A YAML file.")]
) -> None:
    """Name every fault of a district policy at its place."""
    here = session(context)
    found, problems = validate_policy(load_document(read_file(file), str(file)))
    if found is not None and _database_is_there(here):
        with here.app().store.read() as reader:
            problems += grace_problems(reader, found)
    ok = found is not None and all(one.severity != "error" for one in problems)
    answer = {"ok": ok, "problems": problems_told(problems, "en")}

    def show(console: Console) -> None:
        _show_problems(console, str(file), problems)
        console.print("ok" if ok else "not ok")

    here.answer(answer, show)
    if not ok:
        raise typer.Exit(EXIT_FAULTS)


@policies.command("publish")
def publish_policy_file(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="A YAML file.")]
) -> None:
    """Publish a district policy as its next version."""
    here = session(context)
    tools = here.app()
    _answer(here, publish_policy(tools.store, str(file), tools.metadata()))


@policies.command("show")
def show_policy(context: typer.Context) -> None:
    """The district policy in force, every default written out."""
    here = session(context)
    with here.app().store.read() as reader:
        found = policy_in_force(reader)
    document = {"version": found.version, **stored_policy(found.policy)}

    def show(console: Console) -> None:
        said = f"version {found.version}" if found.version else "the defaults; nobody published one"
        console.print(f"district policy, {said}")
        for name, value in document.items():
            console.print(escape(f"{name}: {value}"))

    here.answer(document, show)
