"""Charts as inline SVG: no script, no style attribute, a text for who cannot see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

WIDTH = 720
HEIGHT = 220
LEFT, RIGHT, TOP, BOTTOM = 34, 10, 14, 26


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One place on the axis: its label, two bars and a line's point; None leaves one out."""

    label: str
    first: float | None = None
    second: float | None = None
    point: float | None = None


def _y(value: float, most: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most), 1)


def bars(title: str, values: Sequence[ChartBar], most: float = 100) -> Markup:
    """Two bars and a line over an axis of labels; ``most`` is the top of the scale."""
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values))
    wide = round(step * 0.3, 1)
    parts = [_frame(most)]
    line: list[str] = []
    for place, one in enumerate(values):
        middle = LEFT + step * (place + 0.5)
        for value, kind, at in ((one.first, "c1", middle - wide), (one.second, "c2", middle)):
            if value is not None:
                top = _y(value, most)
                parts.append(
                    f'<rect class="{kind}" x="{at:.1f}" y="{top}" width="{wide}"'
                    f' height="{HEIGHT - BOTTOM - top:.1f}">'
                    f"<title>{escape(one.label)}: {value:g}</title></rect>"
                )
        if one.point is not None:
            line.append(f"{middle:.1f},{_y(one.point, most)}")
            parts.append(
                f'<circle class="mark" cx="{middle:.1f}" cy="{_y(one.point, most)}" r="3">'
                f"<title>{escape(one.label)}: {one.point:g}</title></circle>"
            )
        parts.append(
            f'<text x="{middle:.1f}" y="{HEIGHT - 8}" text-anchor="middle">'
            f"{escape(one.label)}</text>"
        )
    if len(line) > 1:
        parts.append(f'<polyline class="c3" points="{" ".join(line)}"/>')
    return _svg(title, parts)


def columns(title: str, values: Sequence[tuple[str, int]]) -> Markup:
    """How many of each: one column a label, its number above it."""
    most = max((value for _, value in values), default=0) or 1
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values))
    parts: list[str] = []
    for place, (label, value) in enumerate(values):
        at, top = LEFT + step * place, _y(value, most)
        parts.append(
            f'<rect class="c1" x="{at + step * 0.15:.1f}" y="{top}" width="{step * 0.7:.1f}"'
            f' height="{HEIGHT - BOTTOM - top:.1f}"/>'
            f'<text x="{at + step / 2:.1f}" y="{top - 3}" text-anchor="middle">{value}</text>'
            f'<text x="{at + step / 2:.1f}" y="{HEIGHT - 8}" text-anchor="middle">'
            f"{escape(label)}</text>"
        )
    return _svg(title, parts)


def _frame(most: float) -> str:
    lines = []
    for part in range(5):
        value = most * part / 4
        y = _y(value, most)
        lines.append(
            f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
            f'<text x="{LEFT - 5}" y="{y + 4}" text-anchor="end">{value:g}</text>'
        )
    return "".join(lines)


def _svg(title: str, parts: Sequence[str]) -> Markup:
    return Markup(  # noqa: S704 - every text in it was escaped
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )


def bar_of(score: dict[str, Any]) -> ChartBar:
    """A month of a chart: derived and inspected as bars, what counts as a point."""
    numbers = [
        None if score[name] is None else float(score[name])
        for name in ("derived", "inspected", "current")
    ]
    return ChartBar(score["period"][2:], *numbers)
