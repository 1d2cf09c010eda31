"""The command ``tracker``: global options, one-line errors, the exit status."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError, OperationalError
from typer.exceptions import TyperException

from events.refusals.errors import DamagedEvent, Kind, Refused
from tracker.cli import (
    accounts,
    audit,
    checking,
    copying,
    databases,
    documents,
    going_live,
    importing,
    records,
    scheduling,
    serving,
    setup,
    spot_check,
)
from tracker.cli.session import (
    EXIT_BUSY,
    EXIT_REFUSED,
    EXIT_USAGE,
    Session,
    current_session,
    escape_controls,
)
from tracker.settings import load_settings
from tracker.storage.database import is_busy, reason_of, storage_refusal
from tracker.storage.versions import program_version

UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""What a full or broken device answers to a write."""
UNUSABLE = UNWRITABLE | {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.EISDIR,
                         errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP}  # fmt: skip
"""What the system answers for a file or folder that a command cannot use."""
EPILOG = (
    "--json and --actor can be given anywhere on the line; after 'audit log', --actor filters"
    " events. The database is TRACKER_DATABASE_URL (default: sqlite:///tracker.db)."
)

app = typer.Typer(
    name="tracker",
    help="Event-sourced assessment tracker: records activities, computes scores, runs inspections.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
GROUPS = (setup, going_live, documents, importing, records, spot_check, audit, scheduling, accounts,
          serving, copying, databases, checking)  # fmt: skip
for group in GROUPS:
    group.add_to(app)


def show_version(asked: bool) -> None:
    """Print the version of the program, and end, where it is asked for."""
    if asked:
        typer.echo(f"tracker {program_version()}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    actor: Annotated[
        str | None,
        typer.Option(
            "--actor",
            metavar="ID",
            help="Who acts (default: TRACKER_ACTOR, else the operating system's user).",
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Store the global options in the session."""
    session = current_session(context)
    session.json, session.actor = json, actor


def hoist_options(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with ``--json`` and ``--actor ID`` moved to the front.

    After ``audit log``, ``--actor`` is a filter of that command and stays.
    """
    front: list[str] = []
    rest: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        is_filter = rest[:2] == ["audit", "log"]
        if argument == "--":
            rest += [argument, *remaining]
        elif argument == "--json" or (argument.startswith("--actor=") and not is_filter):
            front.append(argument)
        elif argument == "--actor" and not is_filter:
            value = next(remaining, None)
            if value is None:
                return [argument]  # only the missing value is reported, not the rest of the line
            front += [argument, value]
        else:
            rest.append(argument)
    return front + rest


def run(arguments: Sequence[str]) -> int:
    """Run one command; return its exit status as docs/contracts.md defines it."""
    session = Session(run)
    try:
        _refuse_broken_text(arguments)
        status = app(
            args=hoist_options(arguments), prog_name="tracker", standalone_mode=False, obj=session
        )
        sys.stdout.flush()  # a full device is to be reported here, not by Python at exit
    except Refused as error:
        _print_error(_refusal_text(error))
        return EXIT_BUSY if error.kind is Kind.BUSY else EXIT_REFUSED
    except DamagedEvent as error:
        _print_error(str(error))
        return EXIT_REFUSED
    except DBAPIError as error:
        return _report_database_error(error)
    except TyperException as error:
        return _report_usage_error(error)
    except (KeyboardInterrupt, typer.Abort):
        _print_error("stopped")
        return EXIT_REFUSED
    except BrokenPipeError:
        _discard_output()  # the reader of the pipe is gone, and wants to hear no more
        return EXIT_REFUSED
    except OSError as error:
        return _report_system_error(error)
    finally:
        if session.tools is not None:
            session.tools.engine.dispose()
    return int(status or 0)


def _refusal_text(error: Refused) -> str:
    """Return the sentence of a refusal; an option is named as it is typed, not as a field."""
    is_option = (error.field or "").startswith("--")
    return str(error).removeprefix("field ") if is_option else str(error)


def _refuse_broken_text(arguments: Sequence[str]) -> None:
    """Raise ``Refused`` for an argument that is not UTF-8: Python reads it as surrogates."""
    for argument in arguments:
        if not argument.isascii() and any("\ud800" <= sign <= "\udfff" for sign in argument):
            shown = argument.encode("utf-8", "backslashreplace").decode()
            raise Refused("not_text", text=shown)


def _report_usage_error(error: TyperException) -> int:
    """Print a bad value or a usage error in one line; without a command, print the help."""
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        print(error.format_message(), file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    _print_error(error.format_message())
    bad_value = isinstance(error, typer.BadParameter) and kind != "MissingParameter"
    return EXIT_REFUSED if bad_value else EXIT_USAGE


def _report_database_error(error: DBAPIError) -> int:
    """Print a database error in one line: busy, or unusable; raise any other error."""
    name = load_settings().database_url.rsplit("@", 1)[-1]
    if is_busy(error):
        reason = reason_of(error)
        _print_error(f"the database {name} is busy or unreachable, try again later: {reason}")
        return EXIT_BUSY
    refused = storage_refusal(error, name)
    if refused is not None:
        _print_error(str(refused))
        return EXIT_REFUSED
    if isinstance(error, OperationalError):
        _print_error(f"the database {name} cannot be used: {reason_of(error)}")
        return EXIT_REFUSED
    raise error


def _report_system_error(error: OSError) -> int:
    """Print in one line which file or output the system does not give; raise any other error."""
    if error.filename is not None and error.errno in UNUSABLE:
        advice = "check its space and permissions, then repeat the command"
        _print_error(f"{error.filename} cannot be used: {error.strerror}; {advice}")
        return EXIT_REFUSED
    if error.errno in UNWRITABLE:
        _discard_output()
        _print_error(f"the output cannot be written: {error.strerror}")
        return EXIT_REFUSED
    raise error


def _print_error(text: str) -> None:
    """Print each line with the program's name, control characters escaped.

    A file's name or a value may hold sequences that a terminal would carry out.
    """
    lines = (escape_controls(line) for line in text.split("\n") if line.strip())
    with suppress(OSError):  # where standard error is full too, only the status is left
        print("\n".join(f"tracker: {line}" for line in lines), file=sys.stderr)  # noqa: T201


def _discard_output() -> None:
    """Send what is still to be printed nowhere: else Python reports the fault again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def prepare_streams() -> bool:
    r"""Make the standard streams take every text; return whether there is a standard output.

    A sign that the encoding does not have (ASCII, GBK) is written as its number, such as
    ``\u2713``. A closed standard error is replaced by one that goes nowhere.
    """
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the exit
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return sys.stdout is not None


def main() -> None:
    """The console script."""
    if not prepare_streams():
        _print_error("standard output is closed; nothing was done")
        sys.exit(EXIT_REFUSED)
    sys.exit(run(sys.argv[1:]))
