"""Tests of charts: SVG that is readable without colour and script, with escaped texts."""

import xml.etree.ElementTree as ET

from markupsafe import Markup

from tracker.web.page.charts import BOTTOM, HEIGHT, TOP, WIDTH, ChartBar, draw_bars, draw_columns


def drawn(chart: Markup) -> ET.Element:
    """Return a chart as a tree; it is well-formed, named, and without scripts or styles."""
    root = ET.fromstring(str(chart))
    assert root.get("role") == "img"
    assert root.get("aria-label")
    for element in root.iter():
        assert element.tag != "script"
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]
    return root


def kinds(root: ET.Element, kind: str) -> list[ET.Element]:
    """Return the elements of a class."""
    return [one for one in root.iter() if one.get("class") == kind]


def texts(root: ET.Element) -> list[str]:
    """Return the texts of a chart."""
    return [one.text or "" for one in root.iter("text")]


def test_bars_are_as_high_as_their_values() -> None:
    """A full bar reaches the top, an empty one has no height, and each names its value."""
    root = drawn(draw_bars("得分", [ChartBar("一月", 100, 50), ChartBar("二月", 0, None, 25)]))
    full, none = kinds(root, "c1")
    (half,) = kinds(root, "c2")
    room = HEIGHT - TOP - BOTTOM
    assert [float(one.get("height", "")) for one in (full, half, none)] == [room, room / 2, 0]
    assert float(full.get("y", "")) == TOP
    assert [one.findtext("title") for one in (full, half, none)] == [
        "一月: 100", "一月: 50", "二月: 0"
    ]  # fmt: skip
    assert [one for one in texts(root) if "月" in one] == ["一月", "二月"]
    assert [one for one in texts(root) if "月" not in one] == ["0", "25", "50", "75", "100"]


def test_a_line_needs_two_points() -> None:
    """One point is a dot with its value; two points are joined by a line across a gap."""
    single = drawn(draw_bars("t", [ChartBar("a", point=80), ChartBar("b")]))
    assert (len(kinds(single, "mark")), len(kinds(single, "c3"))) == (1, 0)
    joined = drawn(
        draw_bars("t", [ChartBar("a", point=80), ChartBar("b"), ChartBar("c", point=90)])
    )
    (line,) = kinds(joined, "c3")
    assert len(line.get("points", "").split()) == 2
    assert [mark.findtext("title") for mark in kinds(joined, "mark")] == ["a: 80", "c: 90"]


def test_nothing_leaves_the_picture() -> None:
    """All bars lie within the chart, however many there are."""
    root = drawn(draw_bars("t", [ChartBar(str(n), 90, 80, 70) for n in range(36)]))
    for rect in root.iter("rect"):
        assert 0 <= float(rect.get("x", "")) <= WIDTH - float(rect.get("width", ""))
        assert float(rect.get("y", "")) + float(rect.get("height", "")) <= HEIGHT


def test_columns_count() -> None:
    """The largest column reaches the top, each has its number, and empty charts are drawn too."""
    root = drawn(draw_columns("分布", [("90–100", 4), ("80–90", 2), ("0–80", 0)]))
    heights = [float(one.get("height", "")) for one in kinds(root, "c1")]
    assert heights == [HEIGHT - TOP - BOTTOM, (HEIGHT - TOP - BOTTOM) / 2, 0]
    assert texts(root) == ["4", "90–100", "2", "80–90", "0", "0–80"]
    assert texts(drawn(draw_columns("t", [("a", 0)]))) == ["0", "a"]
    assert texts(drawn(draw_columns("t", []))) == []
    assert drawn(draw_bars("t", [])) is not None


def test_a_name_is_text() -> None:
    """Titles and labels are escaped."""
    for chart in (
        draw_bars('<b>"&', [ChartBar("<i>", 1, 2, 3)]),
        draw_columns('<b>"&', [("<i>", 1)]),
    ):
        root = drawn(chart)
        assert root.get("aria-label") == '<b>"&'
        assert "<i>" in texts(root)
