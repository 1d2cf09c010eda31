"""Tests of QR codes."""

import xml.etree.ElementTree as ET

from tracker.web.page.qr import draw_qr_code


def test_a_code_is_plain_inline_svg() -> None:
    """The code is well-formed, has no style and no fixed size, and differs by its text."""
    code = draw_qr_code("https://tracker.example/organizations/c?<b>")
    root = ET.fromstring(str(code))
    assert root.tag.endswith("svg")
    assert root.get("viewBox")
    assert not {"width", "height", "style"} & root.attrib.keys()
    assert "<b>" not in code
    assert code != draw_qr_code("https://tracker.example/organizations/d")
