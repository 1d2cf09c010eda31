"""What every command shares: who acts, on which database, and in which form it answers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from events.log.reader import Reader
from events.refusals.errors import Refused
from projections.organizations.directory import OrganizationEntry, find, roots
from tracker.app import App, open_app
from tracker.logs import configure
from tracker.settings import Settings, load_settings

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_FAULTS = 3
EXIT_BUSY = 4
PIPED_WIDTH = 200
"""Characters in a line where nobody says how wide the screen is."""


@dataclass(slots=True)
class Session:
    """The options that stand before every command."""

    run: Callable[[list[str]], int]
    """Runs another command, as the demonstration does."""
    json: bool = False
    actor: str | None = None
    tools: App | None = None

    def settings(self) -> Settings:
        """The settings, with ``--actor`` above the environment."""
        return load_settings(actor=self.actor)

    def app(self, *, create: bool = False) -> App:
        """The open database."""
        settings = self.settings()
        configure(settings)
        self.tools = open_app(settings, create=create)
        return self.tools

    def answer(self, document: Any, show: Callable[[Console], None]) -> None:
        """Exactly one JSON document for programs, or what ``show`` prints for people."""
        if self.json:
            sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
            sys.stdout.buffer.flush()
        else:
            width = None if sys.stdout.isatty() else PIPED_WIDTH
            show(Console(width=width, highlight=False))


def session(context: typer.Context) -> Session:
    """The session of a command's context."""
    found = context.find_root().obj
    assert isinstance(found, Session)
    return found


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error, where that is a terminal: (what, done, total)."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _what, _done, _total: None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield tell


def organization(reader: Reader, code: str) -> OrganizationEntry:
    """The organization that bears or bore a code, or ``Refused``."""
    found = find(reader, code)
    if found is None:
        raise Refused("unknown_organization", code=code)
    return found


def scope_root(reader: Reader, scope: str | None) -> OrganizationEntry:
    """The root that ``--scope`` names, or the only one there is."""
    found = roots(reader)
    if scope is None:
        if len(found) == 1:
            return found[0]
        if not found:
            raise Refused("no_organizations")
        raise Refused(
            "scope_needed",
            count=len(found),
            codes=", ".join(one.code for one in found[:5]) + (", …" if len(found) > 5 else ""),
        )
    entry = organization(reader, scope)
    if entry.parent is not None:
        raise Refused("not_a_root", field="--scope", code=scope)
    return entry
