"""Pictures for evidence, drawn by a program: a meeting, and a sheet with signatures.

Each picture is a small PNG of at most sixteen colours. What it shows follows from the dice of its
record, so no two records have the same picture.
"""

from __future__ import annotations

import struct
import zlib
from datetime import date
from itertools import pairwise

from tracker.demonstration.dice import Dice

Colour = tuple[int, int, int]

GLYPHS = {
    "0": "69996", "1": "26227", "2": "6924f", "3": "e161e", "4": "99f11", "5": "f8e1e",
    "6": "68e96", "7": "f1244", "8": "69696", "9": "69716", "-": "00f00", ".": "00002",
}  # fmt: skip
"""The signs of a date: five rows of four pixels, a hexadecimal digit for each row."""
PAPER: tuple[Colour, ...] = (
    (250, 248, 240), (120, 120, 120), (30, 42, 110), (25, 25, 25), (178, 34, 34),
)  # fmt: skip
"""The colours of a sheet: paper, lines, two inks, the stamp."""
ROOMS: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((233, 226, 208), (150, 111, 78), (196, 160, 120)),
    ((214, 226, 230), (120, 126, 132), (176, 146, 112)),
    ((228, 218, 228), (134, 104, 92), (160, 128, 100)),
    ((222, 230, 214), (128, 118, 96), (186, 152, 108)),
)
"""Wall, floor and table of a room."""
CLOTHES: tuple[Colour, ...] = (
    (40, 60, 104), (92, 44, 52), (64, 92, 72), (88, 88, 96), (150, 120, 70), (52, 52, 56),
)  # fmt: skip
SKIN: Colour = (226, 188, 160)
HAIR: Colour = (44, 36, 34)
BANNER: Colour = (190, 30, 36)
LETTERS: Colour = (250, 214, 80)
LIGHT: Colour = (250, 252, 255)
MOST_SEATS = 12


class Canvas:
    """A picture of palette colours, addressed by column and row from the upper left corner."""

    def __init__(self, width: int, height: int, colours: tuple[Colour, ...]) -> None:
        """Fill the picture with the first colour."""
        self.width, self.height = width, height
        self._colours = colours
        self._rows = [bytearray(width) for _ in range(height)]

    def fill(self, left: int, top: int, right: int, bottom: int, colour: int) -> None:
        """Fill a rectangle; what lies outside of the picture is left out."""
        left, right = max(0, left), min(self.width, right)
        if right > left:
            for row in self._rows[max(0, top) : max(0, bottom)]:
                row[left:right] = bytes([colour]) * (right - left)

    def disc(self, column: int, row: int, radius: int, colour: int) -> None:
        """Fill a circle."""
        for offset in range(-radius, radius + 1):
            half = int((radius * radius - offset * offset) ** 0.5)
            self.fill(column - half, row + offset, column + half + 1, row + offset + 1, colour)

    def stroke(self, points: list[tuple[int, int]], colour: int, width: int = 2) -> None:
        """Draw a line through points."""
        for (left, top), (right, bottom) in pairwise(points):
            steps = max(abs(right - left), abs(bottom - top), 1)
            for step in range(steps + 1):
                column = left + (right - left) * step // steps
                row = top + (bottom - top) * step // steps
                self.fill(column, row, column + width, row + width, colour)

    def write(self, text: str, left: int, top: int, size: int, colour: int) -> None:
        """Write the signs of a date; ``size`` is the pixels of one dot."""
        for place, sign in enumerate(text):
            for line, bits in enumerate(GLYPHS[sign]):
                for dot in range(4):
                    if int(bits, 16) >> (3 - dot) & 1:
                        column, row = left + (place * 5 + dot) * size, top + line * size
                        self.fill(column, row, column + size, row + size, colour)

    def png(self) -> bytes:
        """Return the picture as the bytes of a PNG file."""
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        palette = b"".join(bytes(colour) for colour in self._colours)
        pixels = zlib.compress(b"".join(b"\0" + row for row in self._rows), 6)
        parts = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", pixels), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def draw_signatures(day: date, people: int, dice: Dice) -> bytes:
    """Return a sheet with a date, a line for each of ``people``, and a stamp."""
    canvas = Canvas(420, 320, PAPER)
    canvas.fill(60, 30, 360, 34, 3)
    canvas.write(day.isoformat(), 110, 46, 4, 3)
    rows = min(max(people, 1), 2 * MOST_SEATS)
    height = min(32, 216 // ((rows + 1) // 2))
    for line in range((rows + 1) // 2 + 1):
        canvas.fill(30, 84 + line * height, 390, 85 + line * height, 1)
    for column in (30, 70, 210, 250, 390):
        canvas.fill(column, 84, column + 1, 85 + (rows + 1) // 2 * height, 1)
    for number in range(rows):
        left, top = 30 + number % 2 * 180, 84 + number // 2 * height
        canvas.write(str(number + 1), left + 8, top + height // 3, 2, 3)
        canvas.stroke(_signature(dice.at(number), left + 52, top, height), 2 + number % 2)
    _draw_stamp(canvas, 340 + dice.between(-9, 9, "x"), 266 + dice.between(-9, 9, "y"))
    return canvas.png()


def _signature(dice: Dice, left: int, top: int, height: int) -> list[tuple[int, int]]:
    """Return the points of a signature in a line of a sheet."""
    points = dice.between(9, 15, "points")
    return [
        (
            left + place * 108 // points + dice.between(-3, 6, f"x{place}"),
            top + dice.between(height // 5, height * 4 // 5, f"y{place}"),
        )
        for place in range(points)
    ]


def _draw_stamp(canvas: Canvas, column: int, row: int) -> None:
    canvas.disc(column, row, 42, 4)
    canvas.disc(column, row, 38, 0)
    canvas.disc(column, row, 10, 4)


def draw_meeting(day: date, people: int, dice: Dice) -> bytes:
    """Return a room with a banner that has the date, a table, and ``people`` around it."""
    wall, floor, table = dice.pick(ROOMS, "room")
    colours = (wall, floor, table, SKIN, HAIR, BANNER, LETTERS, LIGHT, *CLOTHES)
    canvas = Canvas(480, 320, colours)
    canvas.fill(0, 220, 480, 320, 1)
    for place in range(dice.between(1, 3, "windows")):
        left = 24 + place * 84 + dice.between(0, 16, f"window{place}")
        canvas.fill(left, 70, left + 62, 150, 7)
        canvas.fill(left + 30, 70, left + 32, 150, 1)
    canvas.fill(90, 18, 390, 52, 5)
    canvas.write(day.isoformat(), 165, 25, 3, 6)
    seats = min(max(people, 1), MOST_SEATS)
    back = (seats + 1) // 2
    for place in range(back):
        _draw_person(canvas, 240 + (2 * place - back + 1) * 34, 176, 13, dice.at("back", place))
    for row in range(196, 262):
        wide = 130 + (row - 196) * 2
        canvas.fill(240 - wide, row, 240 + wide, row + 1, 2)
    for place in range(dice.between(2, 5, "papers")):
        left = 150 + place * 40 + dice.between(-8, 8, f"paper{place}")
        canvas.fill(left, 216, left + 22, 228, 7)
    front = seats - back
    for place in range(front):
        column = 240 + (2 * place - front + 1) * 38
        _draw_person(canvas, column, 262, 16, dice.at("front", place), turned=True)
    return canvas.png()


def _draw_person(
    canvas: Canvas, column: int, row: int, size: int, dice: Dice, *, turned: bool = False
) -> None:
    """Draw a head and shoulders, from behind where ``turned``; ``row`` is the head's middle."""
    cloth = 8 + dice.number("cloth") % len(CLOTHES)
    column += dice.between(-4, 4, "lean")
    canvas.disc(column, row + size * 2, size + 6, cloth)
    canvas.fill(column - size - 6, row + size * 2, column + size + 7, row + size * 4, cloth)
    canvas.disc(column, row - 3, size, 4)
    if not turned:
        canvas.disc(column, row + 2, size - 2, 3)
