"""What is recorded on a day: in the files that branches send, and on the pages.

Branches send their records in files, which the department imports each evening. In the last months
some of them fill in the pages themselves, with files as evidence; the organization that the
examples show does so all the time.
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
from tracker.demonstration.evidence import EvidenceBox
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


TYPING = 400
"""How many of a thousand organizations fill in pages by the last months."""


def is_typed(line: Line, seed: int, *, on_pages: bool) -> bool:
    """Return whether a branch records a line on a page; ``on_pages``: whether some do by now."""
    if line["kind"] not in COMMANDS:
        return False
    code = line["organization"]
    return code == LOOK_AT or (on_pages and Dice(seed, "typing", code).chance(TYPING, "pages"))


def fill_in_pages(
    app: App, clock: BuildClock, staff: Staff, day: date, lines: Sequence[Line]
) -> None:
    """Record lines as branches do on pages, spread over the day, with files."""
    files = EvidenceBox(app)
    clock.move(day, EARLIEST)
    filled = [_add_files(files, staff, line) for line in lines]
    files.register()
    for place, (line, fields) in enumerate(zip(lines, filled, strict=True)):
        clock.move(day, EARLIEST + (LATEST - EARLIEST) * place // len(lines))
        command = COMMANDS[line["kind"]].model_validate(fields)
        identity = f"{line['kind']}-{line['record_id']}"
        record_line(
            app.store,
            command,
            staff.by(staff.secretary(line["organization"]), work=identity),
            identity=None if line["kind"] == "activity" else identity,
        )


def _add_files(files: EvidenceBox, staff: Staff, line: Line) -> Line:
    """Return the fields of a line, its evidence with files, as a page sends them."""
    code = line["organization"]
    fields = {name: value for name, value in line.items() if name != "kind"}
    if fields.get("evidence"):
        account, dice = staff.secretary(code), Dice(staff.seed, "files")
        all_kinds = code == LOOK_AT
        fields["evidence"] = files.draw_all(line, account, dice, all_kinds=all_kinds)
    changes = fields.get("changes")
    if changes and changes.get("evidence"):
        named = [{"kind": kind} for kind in changes["evidence"]]
        fields["changes"] = changes | {"evidence": named}
    return fields


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
