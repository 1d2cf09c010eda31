"""What every command shares: the actor, the database, output as tables or JSON."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.segment import Segment

from events.log.reader import Reader
from events.refusals.errors import Refused
from projections.cycles.scopes import is_cycle_scope
from projections.documents.in_force import district
from projections.organizations.directory import OrganizationEntry, find, roots
from tracker.app import App, open_app
from tracker.logs import configure
from tracker.settings import Settings, load_settings
from tracker.wording.clock import LocalClock

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_FAULTS = 3
EXIT_BUSY = 4
NO_POINTS = "the scheme states no points: all items have equal weight"
PIPED_WIDTH = 200
"""Characters in a line when standard output is not a terminal."""


CODES_SHOWN = 5
"""Codes of roots that a message lists."""


def escape_controls(text: str) -> str:
    """Return a text with its control and format characters written out as escapes."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"}
        else sign.encode("unicode_escape").decode()
        for sign in text
    )  # fmt: skip


class PlainConsole(Console):
    """A console that writes control characters of values out, instead of sending them."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """Render as usual; only what the console itself adds may control the terminal."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(escape_controls(text), style)


@dataclass(slots=True)
class Session:
    """The options of every command, and the database that it opened."""

    run: Callable[[list[str]], int]
    """Runs another command; the demonstration needs it."""
    json: bool = False
    actor: str | None = None
    tools: App | None = None

    def settings(self) -> Settings:
        """Return the settings; ``--actor`` overrides the environment."""
        return load_settings(actor=self.actor)

    def app(self, *, create: bool = False) -> App:
        """Open the database; raise ``Refused`` if it does not exist, unless ``create``."""
        settings = self.settings()
        configure(settings)
        self.tools = open_app(settings, create=create)
        return self.tools

    def answer(self, document: Any, show: Callable[[Console], None]) -> None:
        """Print one JSON document with ``--json``, else what ``show`` prints."""
        if self.json:
            sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
            sys.stdout.buffer.flush()
        else:
            width = None if sys.stdout.isatty() else PIPED_WIDTH
            show(PlainConsole(width=width, highlight=False))


def current_session(context: typer.Context) -> Session:
    """Return the session of a command's context."""
    session = context.find_root().obj
    assert isinstance(session, Session)
    return session


def require_yes(what: str, *, yes: bool) -> None:
    """Ask on a terminal whether to take a step that cannot be undone; elsewhere want ``--yes``.

    ``what`` is one sentence that says what the step will do. Raise ``Refused`` without a yes.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused("not_confirmed", what=what)
    if not typer.confirm(f"{what}. Go on?", err=True):
        raise Refused("not_confirmed.declined")


@contextmanager
def show_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function of (what, done, total) that shows progress bars on standard error.

    It shows nothing if standard error is not a terminal.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _what, _done, _total: None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield report


def local_clock(reader: Reader) -> LocalClock:
    """Return the clock by which a command prints instants; with ``--json`` they are in UTC."""
    return LocalClock(district(reader).zone)


def require_organization(reader: Reader, code: str) -> OrganizationEntry:
    """Return the organization that has or had a code; raise ``Refused`` if there is none."""
    entry = find(reader, code)
    if entry is None:
        raise Refused("unknown_organization", code=code)
    return entry


def resolve_scope(reader: Reader, scope: str | None) -> OrganizationEntry:
    """Return the root that ``--scope`` names, or the only root.

    Raise ``Refused`` without organizations, with several roots and no scope, and for a code that
    is neither a root's nor that of a former root with a cycle.
    """
    if scope is None:
        entries = roots(reader)
        if len(entries) == 1:
            return entries[0]
        if not entries:
            raise Refused("no_organizations")
        codes = ", ".join(entry.code for entry in entries[:CODES_SHOWN])
        more = ", …" if len(entries) > CODES_SHOWN else ""
        raise Refused("scope_needed", count=len(entries), codes=codes + more)
    entry = require_organization(reader, scope)
    if not is_cycle_scope(reader, entry):
        raise Refused("not_a_root", field="--scope", code=scope)
    return entry
