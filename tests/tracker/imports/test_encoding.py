"""Files are read in UTF-8 or GB18030, and an encoding is never guessed against the evidence."""

import pytest

from tracker.imports.encoding import decode_file, split_lines
from tracker.imports.parsing import parse_file
from tracker.inspections.sheets import parse_sheet

HEAD = "kind,organization,record_id,activity,occurred_on,title\r\n"


def row(number: int, title: str) -> str:
    """Write one activity as a row."""
    return f"activity,c,m-{number},visit,2026-11-{number:02},{title}\r\n"


def test_a_file_that_is_mostly_utf8_has_its_odd_line_named() -> None:
    """One GBK line in a UTF-8 file is refused by its number; the others are read as they are."""
    payload = (HEAD + "".join(row(number, "走访慰问") for number in range(1, 5))).encode()
    parsed = parse_file(payload + row(9, "走访").encode("gbk"), "a.csv", historical=False)
    assert [fault.line for fault in parsed.faults] == [6]
    assert "the line is not UTF-8 (byte 33 of the line)" in parsed.faults[0].reason
    assert [line.command.title for line in parsed.lines] == ["走访慰问"] * 4  # type: ignore[union-attr]
    assert parsed.count == 5


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("a.csv", "utf-8"),
        ("A.CSV", "utf-8-sig"),
        ("a.csv", "gbk"),
        ("a.csv", "gb18030"),
        ("a.jsonl", "utf-8"),
        ("a.jsonl", "utf-8-sig"),
    ],
)
def test_every_door_takes_the_same_encodings(name: str, encoding: str) -> None:
    """UTF-8 with and without a byte-order mark, and GB18030 in CSV, give the same lines."""
    csv = HEAD + row(1, "走访慰问")
    json = (
        '{"kind": "activity", "organization": "c", "record_id": "m-1", "activity": "visit",'
        ' "occurred_on": "2026-11-01", "title": "走访慰问"}\n'
    )
    text = json if name == "a.jsonl" else csv
    (line,) = parse_file(text.encode(encoding), name, historical=False).lines
    assert line.command.title == "走访慰问"  # type: ignore[union-attr]


@pytest.mark.parametrize("payload", [b"kind\r\n\xaa\xa1\r\n", b"kind\r\n\xff\xff\r\n"])
def test_an_encoding_that_gives_private_use_characters_is_not_taken(payload: bytes) -> None:
    """Bytes that are GB18030 only by private-use characters, or not at all, are refused."""
    decoded = decode_file(payload, "a.csv")
    assert decoded.fault is not None
    assert (decoded.fault.key, decoded.line, decoded.converted) == ("file_not_utf8", 2, False)


def test_byte_order_marks_are_no_text() -> None:
    """Two marks at the beginning, and one at the beginning of any line, are left out."""
    mark = b"\xef\xbb\xbf"
    assert decode_file(mark + mark + b"kind\n", "a.csv").payload == b"kind\n"
    assert list(split_lines(b"a\n" + mark + b"b\n")) == ["a\n", "b\n"]
    for name, text in (("a.csv", HEAD + row(1, "走访")), ("a.jsonl", "{}\n")):
        once = parse_file(mark + text.encode(), name, historical=False)
        assert parse_file(mark * 2 + text.encode(), name, historical=False) == once
    line = (
        mark + b'{"kind": "activity", "organization": "c", "record_id": "m-1",'
        b' "activity": "visit", "occurred_on": "2026-11-01"}\r\n'
    )
    assert len(parse_file(line + mark + line, "a.jsonl", historical=False).lines) == 2


def test_a_score_file_may_begin_with_a_byte_order_mark() -> None:
    """Notepad writes a mark; the sheet behind it is read."""
    body = (
        b'\xef\xbb\xbf{"period": "2026-09", "organization": "c", "inspectors": ["p-1", "p-2"],'
        b' "sheet_id": "s-1", "findings": [], "disallow": [], "rectify": []}\r\n'
    )
    assert parse_sheet(body, "sheet.json").sheet_id == "s-1"
