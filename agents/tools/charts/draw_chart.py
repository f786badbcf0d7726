"""Draws a chart as a picture: figure, texts, and output files."""

import io
import textwrap
import threading
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from agents.tools.charts.bars import bars, lies, stacked
from agents.tools.charts.chart_data import ChartTable
from agents.tools.charts.histogram_and_heat_map import heatmap, histogram
from agents.tools.charts.lines_and_scatter import lines, scatter
from agents.tools.charts.style import Words, colour, settings
from agents.tools.office import house_style
from orchestrator.errors import ToolFailed

Kind = Literal["bar", "stacked", "line", "scatter", "histogram", "heatmap"]
_WIDTH, _HEIGHT, _DPI = 7.2, 4.2, 200
_MOST_SERIES = len(house_style.SERIES)
_mpl: Any = mpl
_drawing = threading.Lock()
"""matplotlib's settings and font cache are global to the process."""


class ChartPictures(NamedTuple):
    """The same chart twice."""

    png: bytes
    svg: bytes


def picture(kind: Kind, table: ChartTable, words: Words) -> ChartPictures:
    """Draws the chart as PNG (200 dpi) and SVG; the same figures give the same bytes.

    Raises ToolFailed for an unreadable chart.
    """
    if kind in ("bar", "stacked", "line", "scatter") and len(table.series) > _MOST_SERIES:
        raise ToolFailed(f"{len(table.series)} series are too many for one chart. Draw at most {_MOST_SERIES}.")
    with _drawing, _mpl.rc_context(settings()):
        flat = kind == "bar" and lies(table)
        height = max(_HEIGHT, 1.7 + 0.3 * len(table.labels) * min(2, len(table.series))) if flat else _HEIGHT
        figure = Figure(figsize=(_WIDTH, height), dpi=_DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        _DRAW[kind](axes, table, words)
        _frame(figure, axes, words, height)
        return ChartPictures(_saved(figure, "png"), _saved(figure, "svg"))


def _saved(figure: Figure, kind: str) -> bytes:
    out = io.BytesIO()
    _open(figure).savefig(out, format=kind, metadata={"Software": None} if kind == "png" else {"Date": None})
    return out.getvalue()


def _open(vendor: object) -> Any:
    """matplotlib's own types leave out most of its arguments."""
    return vendor


def _frame(figure: Any, axes: Any, words: Words, height: float) -> None:
    """Writes title and unit above, source below, all aligned left."""
    title = textwrap.wrap(words.title, 74)
    source = textwrap.wrap(words.source, 130)
    top = 0.14 + 0.24 * len(title) + (0.24 if words.unit else 0)
    bottom = 0.1 + 0.15 * len(source)
    figure.tight_layout(rect=(0.005, bottom / height, 0.995, 1 - top / height))
    at = 1 - 0.1 / height
    figure.text(0.006, at, "\n".join(title), va="top", fontsize=13, fontweight="bold", color=colour(house_style.ACCENT))
    if words.unit:
        below = at - (0.06 + 0.235 * len(title)) / height
        figure.text(0.006, below, words.unit, va="top", fontsize=10, color=colour(house_style.MUTED))
    figure.text(0.006, 0.07 / height, "\n".join(source), va="bottom", fontsize=7.5, color=colour(house_style.MUTED))


_DRAW: dict[Kind, Callable[[Any, ChartTable, Words], None]] = {
    "bar": bars,
    "stacked": stacked,
    "line": lines,
    "scatter": scatter,
    "histogram": histogram,
    "heatmap": heatmap,
}
