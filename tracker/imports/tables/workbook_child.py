"""Reads one workbook from standard input and writes its cells to standard output as JSON.

Run as a program by ``workbook``; the server imports only its limits. A hostile workbook may take
all memory or abort the process, and then only this process dies. It limits itself before it reads.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import python_calamine

MEMORY = 100 << 20
"""Bytes of data that the process may allocate."""
PROCESSOR_SECONDS = 1
"""Seconds of processor time; the kernel ends the process after them."""
MOST_ROWS = 20_000
MOST_COLUMNS = 400
MOST_UNPACKED = 200 << 20
"""Bytes of a zip archive's members together, as its directory states them."""
LONGEST_TEXT = 32_767
"""Characters of a cell; Excel allows no more."""


SHEET_FILE = re.compile(r"xl/worksheets/[^/]+\.xml")
ERROR_CELL = re.compile(rb'(<c\s[^<>]*?)\bt="e"')
LONGEST_TAG = 200
"""Bytes of the tag of a cell, which may lie on the border of two parts."""


class UnreadableError(Exception):
    """The workbook is not read; the text is the reason."""


def limit_resources() -> None:
    """Limit memory, processor time and files of this process for good."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read_workbook(payload: bytes) -> dict[str, Any]:
    """Return the visible and hidden sheets with their cells; raise ``UnreadableError``."""
    counts_from_1904 = False
    if payload.startswith(b"PK"):
        counts_from_1904 = _check_archive(payload)
        payload = _write_errors_as_text(payload)
    try:
        workbook = python_calamine.load_workbook(BytesIO(payload))
    except python_calamine.PasswordError:
        raise UnreadableError("password") from None
    except python_calamine.CalamineError:
        raise UnreadableError("damaged") from None
    sheets = []
    for about in workbook.sheets_metadata:
        if about.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        try:
            sheet = workbook.get_sheet_by_name(about.name)
        except python_calamine.CalamineError:
            raise UnreadableError("damaged") from None
        # The last column and row, counted from 0.
        if sheet.total_width >= MOST_COLUMNS:
            raise UnreadableError("columns")
        if sheet.total_height >= MOST_ROWS:
            raise UnreadableError("rows")
        sheets.append(
            {
                "name": about.name,
                "visible": about.visible is python_calamine.SheetVisibleEnum.Visible,
                "rows": [
                    [_plain(value) for value in row]
                    for row in sheet.to_python(skip_empty_area=False)
                ],
                "merged": sheet.merged_cell_ranges or [],
            }
        )
    return {"sheets": sheets, "counts_from_1904": counts_from_1904}


def _check_archive(payload: bytes) -> bool:
    """Return whether an .xlsx file counts its days from 1904; raise for one that is too large."""
    try:
        with zipfile.ZipFile(BytesIO(payload)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED:
                raise UnreadableError("unpacked")
            if "xl/workbook.xml" not in archive.namelist():
                return False
            with archive.open("xl/workbook.xml") as member:
                head = member.read(1 << 20)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise UnreadableError("damaged") from None
    return re.search(rb'date1904\s*=\s*"(1|true)"', head) is not None


def _write_errors_as_text(payload: bytes) -> bytes:
    """Return an .xlsx file whose cells with an error of a formula hold its text, such as #DIV/0!.

    Calamine reads such a cell as an empty one, and what a cell should hold would be lost unsaid.
    """
    try:
        with zipfile.ZipFile(BytesIO(payload)) as archive:
            sheets = {name for name in archive.namelist() if SHEET_FILE.fullmatch(name)}
            if not any(_has_error(archive, name) for name in sheets):
                return payload
            out = BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written:
                for name in archive.namelist():
                    content = archive.read(name)
                    if name in sheets:
                        content = ERROR_CELL.sub(rb'\1t="str"', content)
                    written.writestr(name, content)
            return out.getvalue()
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        return payload  # Calamine says what is wrong with it.


def _has_error(archive: zipfile.ZipFile, name: str) -> bool:
    """Return whether a sheet has a cell with an error; read in parts, whatever its size."""
    end = b""
    with archive.open(name) as sheet:
        while part := sheet.read(1 << 16):
            if ERROR_CELL.search(end + part):
                return True
            end = part[-LONGEST_TAG:]
    return False


def _plain(value: Any) -> Any:
    """Return a cell as JSON: a text, or a type and a text; None where it is empty."""
    match value:
        case str():
            return value[:LONGEST_TEXT] or None
        case bool():
            return ["b", value]
        case float() | int():
            # The fifteen digits that Excel keeps: 0.1 + 0.2 is 0.3.
            return ["n", f"{value:.15g}"]
        case datetime():
            midnight = value.time() == time()
            return ["d", value.date().isoformat()] if midnight else ["t", value.isoformat()]
        case date():
            return ["d", value.isoformat()]
        case time() | timedelta():
            return str(value)
        case _:
            return None


def main() -> int:
    """Read standard input and answer on standard output; return the exit status."""
    limit_resources()
    payload = sys.stdin.buffer.read()
    try:
        answer: dict[str, Any] = read_workbook(payload)
    except UnreadableError as error:
        answer = {"refused": str(error)}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
