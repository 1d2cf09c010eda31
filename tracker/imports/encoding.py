"""The encodings that files come in, the same for the command line, the pages and the API.

UTF-8 with or without byte-order marks; for CSV also GB18030, which covers GBK, as Excel and WPS
save it. An encoding is never guessed against the evidence: a file that is mostly UTF-8 stays UTF-8,
and its odd lines are refused by name; GB18030 is refused where it gives private-use characters.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from events.refusals.errors import Message

MARK = "\ufeff"
BYTE_ORDER_MARK = MARK.encode()
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
ODD_BYTE = re.compile("[\udc80-\udcff]")
"""A byte that is not UTF-8, in a text decoded with ``surrogateescape``."""


LAST_OF_TWO_BYTES = "\u07ff"
"""The last character that UTF-8 writes in two bytes."""


class DecodedFile(NamedTuple):
    """A file in UTF-8 without byte-order mark at its beginning.

    ``converted`` says that it came in GB18030. ``fault`` says why the encoding is none that is
    taken, and ``line`` the first line at fault.
    """

    payload: bytes
    converted: bool = False
    fault: Message | None = None
    line: int = 1


def decode_file(payload: bytes, name: str) -> DecodedFile:
    """Return the file in UTF-8; the odd lines of one that is mostly UTF-8 keep their bytes.

    JSON is always UTF-8, so only a file named ``.csv`` may be in GB18030.
    """
    if payload.startswith(WIDE_MARKS):
        return DecodedFile(payload, fault=Message("file_utf16"))
    while payload.startswith(BYTE_ORDER_MARK):
        payload = payload.removeprefix(BYTE_ORDER_MARK)
    if not name.lower().endswith(".csv"):
        return DecodedFile(payload)
    try:
        payload.decode()
    except UnicodeDecodeError as error:
        first = payload.count(b"\n", 0, error.start) + 1
    else:
        return DecodedFile(payload)
    if _is_mostly_utf8(payload):
        return DecodedFile(payload)
    try:
        text = payload.decode("gb18030")
    except UnicodeDecodeError:
        return DecodedFile(payload, fault=Message("file_not_utf8"), line=first)
    if PRIVATE_USE.search(text):
        return DecodedFile(payload, fault=Message("file_not_utf8"), line=first)
    return DecodedFile(text.encode(), converted=True)


def _is_mostly_utf8(payload: bytes) -> bool:
    """Return whether most of the lines that are not ASCII are UTF-8.

    Equally many count if one has a character of three bytes, as Chinese has: the two bytes of a GBK
    character such as 一 may be UTF-8 by chance.
    """
    balance, longest = 0, ""
    for line in payload.split(b"\n"):
        if line.isascii():
            continue
        try:
            longest = max(longest, *line.decode())
        except UnicodeDecodeError:
            balance -= 1
        else:
            balance += 1
    return balance > 0 or (balance == 0 and longest > LAST_OF_TWO_BYTES)


def split_lines(payload: bytes) -> Iterator[str]:
    """Yield the physical lines with their ends, each without a byte-order mark at its beginning.

    Bytes that are not UTF-8 are surrogates (``ODD_BYTE``).
    """
    for line in io.StringIO(payload.decode("utf-8", "surrogateescape"), newline=""):
        yield line.lstrip(MARK)


def readable(text: str) -> str:
    """Return a text of ``split_lines`` as it can be shown and stored."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
