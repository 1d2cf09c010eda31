"""Pictures for evidence are small PNG files, each another."""

import struct
import zlib
from datetime import date

from tracker.demonstration.dice import Dice
from tracker.demonstration.pictures import Canvas, draw_meeting, draw_signatures
from tracker.storage.evidence import media_type

DAY = date(2026, 10, 12)
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def rows(png: bytes) -> list[bytes]:
    """The rows of a picture as numbers of colours; every checksum is verified."""
    at, pixels, width = 8, b"", 0
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        check = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert check == (zlib.crc32(kind + data),)
        width = struct.unpack(">I", data[:4])[0] if kind == b"IHDR" else width
        pixels += data if kind == b"IDAT" else b""
        at += 12 + length
    plain = zlib.decompress(pixels)
    return [plain[place + 1 : place + 1 + width] for place in range(0, len(plain), width + 1)]


def test_a_canvas_holds_what_was_drawn() -> None:
    """Rectangles, circles, lines and signs are at their places; what is outside is left out."""
    canvas = Canvas(9, 5, (WHITE, BLACK))
    canvas.fill(-3, 3, 2, 9, 1)
    canvas.fill(5, 0, 5, 5, 1)
    canvas.stroke([(8, 0), (8, 2)], 1, width=1)
    canvas.disc(5, 1, 1, 1)
    assert rows(canvas.png()) == [
        bytes([0, 0, 0, 0, 0, 1, 0, 0, 1]),
        bytes([0, 0, 0, 0, 1, 1, 1, 0, 1]),
        bytes([0, 0, 0, 0, 0, 1, 0, 0, 1]),
        bytes([1, 1, 0, 0, 0, 0, 0, 0, 0]),
        bytes([1, 1, 0, 0, 0, 0, 0, 0, 0]),
    ]
    dated = Canvas(4, 5, (WHITE, BLACK))
    dated.write("7", 0, 0, 1, 1)
    assert rows(dated.png())[0] == bytes([1, 1, 1, 1])


def test_pictures_are_small_and_of_a_type_that_is_taken() -> None:
    """Each is a PNG of a few kilobytes, also for a crowd and for nobody."""
    for people in (0, 1, 7, 90):
        for draw in (draw_meeting, draw_signatures):
            picture = draw(DAY, people, Dice(1, people))
            assert media_type(picture[:64]) == "image/png"
            assert len(picture) < 8000
            assert len(set(b"".join(rows(picture)))) > 3


def test_each_record_has_another_picture_that_stays_the_same() -> None:
    """The dice of a record decide: the same picture for one, other bytes for each other one."""
    for draw in (draw_meeting, draw_signatures):
        made = [draw(DAY, 7, Dice(1, number)) for number in range(20)]
        assert len(set(made)) == 20
        assert draw(DAY, 7, Dice(1, 3)) == made[3]
