"""What is recorded on a day: in the files that branches send, and on the pages.

Until the last months branches send their records in files, which the department imports each
evening; from then on they fill in the pages themselves. The organization that the examples show
does so all the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson

from events.streams.records import CorrectActivity, RecordActivity, RetractActivity
from tracker.commands.records import record_line
from tracker.demonstration.accounts import ACTOR, LOOK_AT, Staff
from tracker.demonstration.dice import Dice
from tracker.demonstration.evidence import add_files
from tracker.imports.importing import import_file

if TYPE_CHECKING:
    from tracker.app import App
    from tracker.demonstration.clock import BuildClock

Line = dict[str, Any]

COMMANDS: dict[str, type[RecordActivity | CorrectActivity | RetractActivity]] = {
    "activity": RecordActivity,
    "correction": CorrectActivity,
    "retraction": RetractActivity,
}
"""The kinds of lines that branches record on pages; all others come in files."""
EARLIEST, LATEST = 8 * 60, 13 * 60
"""The minutes of the day between which people fill in pages."""


def is_typed(line: Line, *, on_pages: bool) -> bool:
    """Return whether a branch records a line on a page; ``on_pages``: whether all do by now."""
    return line["kind"] in COMMANDS and (on_pages or line["organization"] == LOOK_AT)


def fill_in_pages(
    app: App, clock: BuildClock, staff: Staff, day: date, lines: Sequence[Line]
) -> None:
    """Record lines as branches do on pages, spread over the day, with files."""
    for place, line in enumerate(lines):
        clock.move(day, EARLIEST + (LATEST - EARLIEST) * place // len(lines))
        _fill_in(app, staff, line)


def import_lines(app: App, staff: Staff, day: date, lines: Sequence[Line]) -> None:
    """Import lines as one file; ``RuntimeError`` where one is refused (a bug)."""
    payload = b"".join(orjson.dumps(line) + b"\n" for line in lines)
    done = import_file(
        app.store,
        payload,
        f"{day}.jsonl",
        actor=staff.visitors.get("department", ACTOR),
        today=day,
    )
    if done.recorded != len(lines):
        message = f"{day}: {done.recorded} of {len(lines)} lines recorded: {done.refused[:3]}"
        raise RuntimeError(message)


def _fill_in(app: App, staff: Staff, line: Line) -> None:
    """Record a line as its branch does on a page, with files."""
    code = line["organization"]
    account = staff.secretary(code)
    fields = {name: value for name, value in line.items() if name != "kind"}
    own = code == LOOK_AT
    dice = Dice(staff.seed, "files")
    if fields.get("evidence"):
        fields["evidence"] = add_files(app, line, account, dice, all_kinds=own)
    changes = fields.get("changes")
    if changes and changes.get("evidence"):
        fields["changes"] = changes | {"evidence": [{"kind": kind} for kind in changes["evidence"]]}
    command = COMMANDS[line["kind"]].model_validate(fields)
    identity = None if line["kind"] == "activity" else _identity(line)
    record_line(app.store, command, staff.by(account, work=_identity(line)), identity=identity)


def _identity(line: Line) -> str:
    return f"{line['kind']}-{line['record_id']}"
