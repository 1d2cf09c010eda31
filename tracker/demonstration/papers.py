"""Written evidence: minutes and the like as a PDF of one page.

The text names a Chinese font that readers bring along, so that a file has about a kilobyte.
"""

from __future__ import annotations

from collections.abc import Sequence

FONT = (
    b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts"
    b"[<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo"
    b"<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor<</Type/FontDescriptor"
    b"/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880"
    b"/Descent -120/CapHeight 880/StemV 93>>>>]>>"
)
PAGE_SIZE = b"/MediaBox[0 0 595 842]"
"""A4, in points."""
TITLE_SIZE, TEXT_SIZE, LINE_HEIGHT = 18, 12, 26
LEFT, TOP = 72, 760
LINE_SIGNS = 37
"""Chinese signs in a line."""


def write_paper(title: str, paragraphs: Sequence[str]) -> bytes:
    """Return a PDF of one page with a title and paragraphs; what does not fit is left out."""
    lines = [text for paragraph in paragraphs for text in _wrap(paragraph)]
    drawn = [_draw(title, TITLE_SIZE, TOP)]
    drawn += [
        _draw(text, TEXT_SIZE, TOP - LINE_HEIGHT * (place + 2)) for place, text in enumerate(lines)
    ][: TOP // LINE_HEIGHT - 3]
    content = b"\n".join(drawn)
    return _file(
        (
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R" + PAGE_SIZE + b"/Contents 4 0 R"
            b"/Resources<</Font<</F 5 0 R>>>>>>",
            b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content),
            FONT,
        )
    )


def _wrap(paragraph: str) -> list[str]:
    return [paragraph[at : at + LINE_SIGNS] for at in range(0, len(paragraph), LINE_SIGNS)]


def _draw(text: str, size: int, height: int) -> bytes:
    signs = text.encode("utf-16-be").hex().encode()
    return b"BT /F %d Tf %d %d Td <%s> Tj ET" % (size, LEFT, height, signs)


def _file(objects: Sequence[bytes]) -> bytes:
    """Return the objects as a file, with the table of where each begins."""
    body, places = b"%PDF-1.4\n", []
    for number, written in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (count, table, count, len(body))
    )
