"""Screenshots with few colours: a third of the bytes, and no difference that an eye sees."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

Colour = tuple[int, int, int]

COLOURS = 64
SIGNATURE = b"\x89PNG\r\n\x1a\n"
BYTES_PER_PIXEL = {2: 3, 6: 4}
"""By the type of a PNG: with colours, or with colours and opacity."""


def reduce_colours(png: bytes) -> bytes:
    """Return a PNG of eight bits with its most frequent colours, the others by the nearest one."""
    rows = list(_read_rows(png))
    counted: Counter[Colour] = Counter()
    for row in rows:
        counted.update(row)
    kept = [colour for colour, _ in counted.most_common(COLOURS)]
    place = {colour: _nearest(kept, colour) for colour in counted}
    pixels = b"".join(b"\0" + bytes(place[colour] for colour in row) for row in rows)
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 3, 0, 0, 0)
    palette = b"".join(bytes(colour) for colour in kept)
    parts = (b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _nearest(kept: list[Colour], colour: Colour) -> int:
    return min(
        range(len(kept)),
        key=lambda place: sum((a - b) ** 2 for a, b in zip(kept[place], colour, strict=True)),
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def _read_rows(png: bytes) -> Iterator[list[Colour]]:
    """Yield the colours of each row of a PNG that is not interlaced."""
    at, packed, head = len(SIGNATURE), b"", b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        head = data if kind == b"IHDR" else head
        packed += data if kind == b"IDAT" else b""
        at += 12 + length
    width, height, _, sort = struct.unpack(">IIBB", head[:10])
    size, plain = BYTES_PER_PIXEL[sort], zlib.decompress(packed)
    before, length = bytearray(width * size), width * size + 1
    for row in range(height):
        line = bytearray(plain[row * length + 1 : (row + 1) * length])
        _unfilter(plain[row * length], line, before, size)
        before = line
        yield [(line[i], line[i + 1], line[i + 2]) for i in range(0, len(line), size)]


def _unfilter(method: int, line: bytearray, before: bytearray, size: int) -> None:
    """Undo the filter of a row in place, as the specification of PNG defines the filters."""
    for i in range(len(line) if method else 0):
        left = line[i - size] if i >= size else 0
        above = before[i]
        corner = before[i - size] if i >= size else 0
        if method == 1:
            guess = left
        elif method == 2:
            guess = above
        elif method == 3:
            guess = (left + above) // 2
        else:
            guess = min((left, above, corner), key=lambda value: abs(left + above - corner - value))
        line[i] = (line[i] + guess) & 255
