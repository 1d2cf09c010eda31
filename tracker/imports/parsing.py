"""A file's bytes parsed to validated lines, or faults that name line, field and reason.

Pure: nothing is read but the bytes. JSONL is split and parsed fast; a line that the fast parser may
have accepted too easily (a key twice, a number as a float) is parsed again exactly.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePath
from typing import Any, NoReturn

import orjson

from events.refusals.errors import Refused
from tracker.imports.csv_rows import CsvRows
from tracker.imports.encoding import (
    BYTE_ORDER_MARK,
    MARK,
    decode_file,
    readable,
    split_lines,
)
from tracker.imports.lines import BadLine, ImportLine, LineFault, LineReader, printable

LONGEST_LINE = 1_000_000
"""Bytes in one line."""
LONGEST_NUMBER = 30
"""Characters in one number."""


@dataclass(slots=True)
class ParsedFile:
    """A parsed file: valid lines, faults, and the number of lines that are not blank."""

    lines: list[ImportLine] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)
    count: int = 0


def parse_file(payload: bytes, name: str, *, historical: bool) -> ParsedFile:
    """Parse every line of a ``.jsonl`` or ``.csv`` file and validate its form.

    The suffix of ``name`` gives the format; another suffix is ``Refused``. ``historical`` allows
    ``recorded_on`` (docs/contracts.md, "Import lines").
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in {".jsonl", ".csv"}:
        raise Refused("unknown_format", name=printable(PurePath(name).name), field="file")
    reader = LineReader(historical=historical)
    decoded = decode_file(payload, name)
    if decoded.fault is not None:
        fault = LineFault(decoded.line, "", decoded.fault)
        return ParsedFile(faults=[fault], count=1)
    read = _csv if suffix == ".csv" else _jsonl
    return read(decoded.payload, reader)


def read_lines(payload: bytes, name: str, numbers: Collection[int]) -> dict[int, str]:
    """Return lines of a file by their numbers; a CSV row has all its physical lines."""
    payload, wanted = decode_file(payload, name).payload, set(numbers)
    lines = dict(enumerate(split_lines(payload), 1))
    contents = {number: lines.get(number, "") for number in wanted}
    if PurePath(name).suffix.lower() == ".csv":
        rows = CsvRows(payload, LONGEST_LINE)
        contents |= {number: rows.raw for number, _ in rows if number in wanted}
    return {number: readable(text).strip() for number, text in contents.items()}


def _jsonl(payload: bytes, reader: LineReader) -> ParsedFile:
    parsed = ParsedFile()
    lines, faults = parsed.lines, parsed.faults
    for number, line in enumerate(payload.split(b"\n"), 1):
        raw = line
        while raw.startswith(BYTE_ORDER_MARK):
            raw = raw.removeprefix(BYTE_ORDER_MARK)
        if not raw or raw.isspace():
            continue
        try:
            lines.append(_json_line(number, raw, reader))
        except BadLine as bad:
            faults.append(bad.at_line(number))
    parsed.count = len(lines) + len(faults)
    return parsed


def _json_line(number: int, raw: bytes, reader: LineReader) -> ImportLine:
    if len(raw) > LONGEST_LINE:
        raise BadLine("", "line_bytes", most=LONGEST_LINE)
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        document = None
    if type(document) is dict and raw.count(b":") == _pairs(document):
        try:
            return reader.line(number, document)
        except BadLine:
            pass
    return reader.line(number, parse_exact_json(raw))


def _pairs(document: dict[str, Any]) -> int:
    """Return the number of keys in parsed objects; equal to the colons where none came twice."""
    count = len(document)
    for value in document.values():
        if type(value) is dict:
            count += _pairs(value)
    return count


def parse_exact_json(raw: bytes) -> dict[str, Any]:
    """Return the document of a line with exact decimals; ``BadLine`` for a key given twice too."""
    try:
        text = raw.decode().lstrip(MARK)
    except UnicodeDecodeError as error:
        raise BadLine("", "line_not_utf8", byte=error.start + 1) from None
    try:
        document = json.loads(
            text,
            object_pairs_hook=_distinct_keys,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise BadLine("", "line_not_json", what=error.msg, column=error.colno) from None
    except RecursionError:
        raise BadLine("", "line_too_deep") from None
    if type(document) is not dict:
        raise BadLine("", "line_no_object")
    return document


def _distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = Counter(name for name, _ in pairs)
        twice = next(name for name, times in names.items() if times > 1)
        raise BadLine(twice, "line_twice")
    return document


def _decimal(text: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise BadLine("", "line_long_number")
    return Decimal(text)


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise BadLine("", "line_long_number")
    return int(text)


def _constant(text: str) -> NoReturn:
    raise BadLine("", "line_not_json.number", text=text)


def _csv(payload: bytes, reader: LineReader) -> ParsedFile:
    parsed = ParsedFile()
    rows = CsvRows(payload, LONGEST_LINE)
    parsed.faults += rows.faults
    parsed.count = len(rows.faults)
    for number, document in rows:
        parsed.count += 1
        try:
            if isinstance(document, BadLine):
                raise document
            parsed.lines.append(reader.line(number, document))
        except BadLine as bad:
            parsed.faults.append(bad.at_line(number))
    return parsed
