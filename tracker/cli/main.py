"""The entry ``tracker``: options for every command, errors in one line, the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError, OperationalError
from typer.exceptions import TyperException

from events.refusals.errors import Kind, Refused
from tracker.cli import (
    accounts,
    audit,
    copying,
    documents,
    records,
    scheduling,
    serving,
    setup,
    spot_check,
)
from tracker.cli.session import EXIT_BUSY, EXIT_REFUSED, EXIT_USAGE, Session, session
from tracker.settings import load_settings
from tracker.storage.database import busy

EPILOG = (
    "Everywhere: --json answers with one JSON document; --actor ID says who acts (default"
    " TRACKER_ACTOR, else the system's user). The database is TRACKER_DATABASE_URL"
    " (default sqlite:///tracker.db)."
)

app = typer.Typer(
    name="tracker",
    help="Keeps, scores and inspects what organizations did, as events that are never changed.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for room in (setup, documents, records, spot_check, audit, scheduling, accounts, serving, copying):
    room.add_to(app)


@app.callback()
def options(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")] = False,
    actor: Annotated[str | None, typer.Option("--actor", help="Who acts.")] = None,
) -> None:
    """Keep what every command shares."""
    here = session(context)
    here.json, here.actor = json, actor


def hoisted(arguments: Sequence[str]) -> list[str]:
    """The arguments with ``--json`` and ``--actor ID`` in front, wherever they stood.

    Behind ``audit log`` the actor is what is asked for, and stays.
    """
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for one in waiting:
        asked = rest[:2] == ["audit", "log"]
        if one == "--":
            rest += [one, *waiting]
        elif one == "--json" or (one.startswith("--actor=") and not asked):
            front.append(one)
        elif one == "--actor" and not asked:
            value = next(waiting, None)
            if value is None:
                return [one]  # its value is missing, and that alone is to be said
            front += [one, value]
        else:
            rest.append(one)
    return front + rest


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit status as docs/contracts.md fixes it."""
    here = Session(run)
    try:
        _refuse_broken_text(arguments)
        status = app(args=hoisted(arguments), prog_name="tracker", standalone_mode=False, obj=here)
    except Refused as error:
        _complain(str(error))
        return EXIT_BUSY if error.kind is Kind.BUSY else EXIT_REFUSED
    except DBAPIError as error:
        return _database(error)
    except TyperException as error:
        return _usage(error)
    except (KeyboardInterrupt, typer.Abort):
        _complain("stopped")
        return EXIT_REFUSED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_REFUSED
    finally:
        if here.tools is not None:
            here.tools.engine.dispose()
    return int(status or 0)


def _refuse_broken_text(arguments: Sequence[str]) -> None:
    """Refuse bytes that are no text: the system hands them over as half characters."""
    for one in arguments:
        if not one.isascii() and any("\ud800" <= sign <= "\udfff" for sign in one):
            shown = one.encode("utf-8", "backslashreplace").decode()
            raise Refused("not_text", text=shown)


def _usage(error: TyperException) -> int:
    """Say what is wrong with the line: a bad value, or its usage; without a command the help."""
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        print(error.format_message(), file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    _complain(error.format_message())
    bad_value = isinstance(error, typer.BadParameter) and kind != "MissingParameter"
    return EXIT_REFUSED if bad_value else EXIT_USAGE


def _database(error: DBAPIError) -> int:
    """One line for what the database said: try again later, or it cannot be used."""
    said = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no reason given"
    url = load_settings().database_url
    name = url.rsplit("@", 1)[-1]
    if busy(error):
        _complain(f"the database {name} is busy or unreachable, try again later: {said}")
        return EXIT_BUSY
    unusable = ("readonly", "not a database", "malformed")
    if isinstance(error, OperationalError) or any(words in said for words in unusable):
        _complain(f"the database {name} cannot be used: {said}")
        return EXIT_REFUSED
    raise error


def _complain(text: str) -> None:
    print("\n".join(f"tracker: {line}" for line in text.splitlines()), file=sys.stderr)  # noqa: T201


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))
