"""Charts as inline SVG: no script, no style attribute, and a text alternative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from projections.electronic_file.file import FileScore

WIDTH = 720
HEIGHT = 220
LEFT, RIGHT, TOP, BOTTOM = 34, 10, 14, 26
"""Margins in SVG user units, like width and height; they hold the labels of the axes."""


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One position on the axis: its label, two bars and a point of the line; None omits a value."""

    label: str
    first: float | None = None
    second: float | None = None
    point: float | None = None


def _y(value: float, most: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most), 1)


def draw_bars(title: str, values: Sequence[ChartBar], most: float = 100) -> Markup:
    """Return a chart of two bars per label and a line; ``most`` is the top of the scale."""
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values))
    wide = round(step * 0.3, 1)
    parts = [_frame(most)]
    line: list[str] = []
    for place, bar in enumerate(values):
        middle = LEFT + step * (place + 0.5)
        for value, kind, at in ((bar.first, "c1", middle - wide), (bar.second, "c2", middle)):
            if value is not None:
                top = _y(value, most)
                parts.append(
                    f'<rect class="{kind}" x="{at:.1f}" y="{top}" width="{wide}"'
                    f' height="{HEIGHT - BOTTOM - top:.1f}">'
                    f"<title>{escape(bar.label)}: {value:g}</title></rect>"
                )
        if bar.point is not None:
            line.append(f"{middle:.1f},{_y(bar.point, most)}")
            parts.append(
                f'<circle class="mark" cx="{middle:.1f}" cy="{_y(bar.point, most)}" r="3">'
                f"<title>{escape(bar.label)}: {bar.point:g}</title></circle>"
            )
        parts.append(
            f'<text x="{middle:.1f}" y="{HEIGHT - 8}" text-anchor="middle">'
            f"{escape(bar.label)}</text>"
        )
    if len(line) > 1:
        parts.append(f'<polyline class="c3" points="{" ".join(line)}"/>')
    return _svg(title, parts)


def draw_columns(title: str, values: Sequence[tuple[str, int]]) -> Markup:
    """Return a chart of counts: one column per label with its number above it."""
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
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )


def make_score_bar(score: FileScore) -> ChartBar:
    """Return a month of a chart: derived and inspected as bars, the score that counts as a point.

    The label is the period without its century: ``26-09``.
    """
    numbers = [
        None if figure is None else float(figure)
        for figure in (score.derived, score.inspected, score.current)
    ]
    return ChartBar(score.period[2:], *numbers)
