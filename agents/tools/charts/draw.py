"""One house style for every kind of chart picture."""

import io
import textwrap
import threading
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, NamedTuple

import matplotlib as mpl
from cycler import cycler
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from agents.tools.charts.table import Table, tick
from agents.tools.office import house
from orchestrator.errors import ToolFailed

Kind = Literal["bar", "stacked", "line", "scatter", "histogram", "heatmap"]
_WIDTH, _HEIGHT, _DPI = 7.2, 4.2, 200
_MOST_BARS, _MOST_SERIES = 40, len(house.SERIES)
_QUIET = "A9C0C8"
_TICKS = FuncFormatter(lambda value, _: tick(value))  # pyright: ignore
_mpl: Any = mpl
_drawing = threading.Lock()
"""matplotlib's settings and font cache are one for the process."""


class Words(NamedTuple):
    """What stands around the chart: the message, what is measured in which unit, and where it comes from."""

    title: str
    unit: str
    source: str
    highlight: str = ""


class Pictures(NamedTuple):
    """The same chart twice."""

    png: bytes
    svg: bytes


def picture(kind: Kind, table: Table, words: Words) -> Pictures:
    """The chart as PNG (200 dpi) and SVG, the same bytes for the same figures.

    Raises ToolFailed for a chart that nobody could read.
    """
    if kind in ("bar", "stacked", "line", "scatter") and len(table.series) > _MOST_SERIES:
        raise ToolFailed(f"{len(table.series)} series are too many for one chart; draw at most {_MOST_SERIES}.")
    with _drawing, _mpl.rc_context(_style()):
        flat = kind == "bar" and _lies(table)
        height = max(_HEIGHT, 1.7 + 0.3 * len(table.labels) * min(2, len(table.series))) if flat else _HEIGHT
        figure = Figure(figsize=(_WIDTH, height), dpi=_DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        _DRAW[kind](axes, table, words)
        _frame(figure, axes, words, height)
        return Pictures(_saved(figure, "png"), _saved(figure, "svg"))


def _saved(figure: Figure, kind: str) -> bytes:
    out = io.BytesIO()
    _open(figure).savefig(out, format=kind, metadata={"Software": None} if kind == "png" else {"Date": None})
    return out.getvalue()


def _open(vendor: object) -> Any:
    """matplotlib's own types leave out most of its arguments."""
    return vendor


@cache
def _font() -> str:
    have = {f.name for f in font_manager.fontManager.ttflist}
    return next((name for name in (house.FONT, "Carlito", "Liberation Sans") if name in have), "DejaVu Sans")


def _style() -> dict[str, Any]:
    return {
        "font.family": _font(),
        "font.size": 10,
        "text.color": _hex(house.INK),
        "text.parse_math": False,
        "axes.labelcolor": _hex(house.MUTED),
        "axes.edgecolor": _hex(house.LINE),
        "axes.prop_cycle": cycler("color", [_hex(c) for c in house.SERIES]),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "xtick.color": _hex(house.MUTED),
        "ytick.color": _hex(house.MUTED),
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "grid.color": _hex(house.LINE),
        "grid.linewidth": 0.7,
        "svg.hashsalt": "threadwork",
        "svg.fonttype": "path",
    }


def _frame(figure: Any, axes: Any, words: Words, height: float) -> None:
    """Title and unit above, source below, all from the same left edge."""
    title = textwrap.wrap(words.title, 74)
    source = textwrap.wrap(words.source, 130)
    top = 0.14 + 0.24 * len(title) + (0.24 if words.unit else 0)
    bottom = 0.1 + 0.15 * len(source)
    figure.tight_layout(rect=(0.005, bottom / height, 0.995, 1 - top / height))
    at = 1 - 0.1 / height
    figure.text(0.006, at, "\n".join(title), va="top", fontsize=13, fontweight="bold", color=_hex(house.ACCENT))
    if words.unit:
        below = at - (0.06 + 0.235 * len(title)) / height
        figure.text(0.006, below, words.unit, va="top", fontsize=10, color=_hex(house.MUTED))
    figure.text(0.006, 0.07 / height, "\n".join(source), va="bottom", fontsize=7.5, color=_hex(house.MUTED))


def _lies(table: Table) -> bool:
    """Bars lie when their labels would not fit side by side."""
    return len(table.labels) > 9 or max(map(len, table.labels)) * len(table.labels) > 80


def _bars(axes: Any, table: Table, words: Words) -> None:
    _limit(table)
    count, flat = len(table.series), _lies(table)
    wide = 0.76 / count
    for n, values in enumerate(table.series):
        at = [i + (n - (count - 1) / 2) * wide for i in range(len(values))]
        heights = [v or 0.0 for v in values]
        draw: Callable[..., Any] = axes.barh if flat else axes.bar
        colours = _colours(table.labels, words.highlight, house.SERIES[n])
        made = draw(at, heights, wide * 0.94, label=table.names[n], color=colours)
        if count * len(values) <= 24:
            shown = ["" if v is None else table.shown(v) for v in values]
            axes.bar_label(made, shown, padding=2, fontsize=9 if count * len(values) <= 14 else 7.5)
    labelled = count * len(table.labels) <= 24
    _categories(axes, table, flat=flat, ruled=not labelled)
    axes.margins(**{"x" if flat else "y": 0.12})
    _legend(axes, count)


def _colours(labels: list[str], highlight: str, own: str) -> list[str]:
    """One colour per bar: all in the series' own, or only the bar that the title speaks of."""
    if highlight and highlight not in labels:
        raise ToolFailed(f"There is no bar {highlight!r} to highlight; there are {', '.join(labels[:12])}.")
    return [_hex(own if highlight in ("", label) else _QUIET) for label in labels]


def _stacked(axes: Any, table: Table, words: Words) -> None:
    _limit(table)
    if any(v is not None and v < 0 for one in table.series for v in one):
        raise ToolFailed("Stacked bars cannot show negative figures; use kind 'bar'.")
    floor = [0.0] * len(table.labels)
    totals = [sum(one[i] or 0 for one in table.series) for i in range(len(table.labels))]
    for n, values in enumerate(table.series):
        heights = [v or 0.0 for v in values]
        made = axes.bar(range(len(heights)), heights, 0.62, bottom=floor, label=table.names[n])
        if len(table.labels) <= 12:
            shown = [table.shown(v) if v > 0.06 * max(totals) else "" for v in heights]
            axes.bar_label(made, shown, label_type="center", fontsize=8, color=_ink_on(house.SERIES[n]))
        floor = [a + b for a, b in zip(floor, heights, strict=True)]
    for i, total in enumerate(totals):
        axes.annotate(
            table.shown(total), (i, total), (0, 3), textcoords="offset points", ha="center", fontweight="bold"
        )
    _categories(axes, table, flat=False, ruled=False)
    axes.margins(y=0.12)
    _legend(axes, len(table.series))


def _lines(axes: Any, table: Table, words: Words) -> None:
    places = range(len(table.labels))
    ends: list[tuple[float, int]] = []
    for n, values in enumerate(table.series):
        known = [float("nan") if v is None else v for v in values]
        axes.plot(places, known, linewidth=2.2, marker="o" if len(known) <= 16 else None, markersize=4)
        last = next((v for v in reversed(values) if v is not None), None)
        if last is not None:
            ends.append((last, n))
    _rule(axes)
    step = -(-len(table.labels) // 12)
    axes.set_xticks(list(places)[::step], table.labels[::step])
    every = [v for one in table.series for v in one if v is not None]
    if min(every) >= 0 and min(every) < 0.5 * max(every):
        axes.set_ylim(bottom=0)
    if len(table.series) > 1 or table.names[0]:
        _name_ends(axes, sorted(ends), table.names, len(table.labels) - 1)


def _name_ends(axes: Any, ends: list[tuple[float, int]], names: list[str], last: int) -> None:
    """Each line's name at its end, moved apart so that no two touch."""
    low, high = axes.get_ylim()
    least, at = (high - low) * 0.065, float("-inf")
    for value, n in ends:
        at = max(value, at + least)
        words = textwrap.shorten(names[n], 24, placeholder="…")
        axes.annotate(
            words,
            (last, at),
            (7, 0),
            textcoords="offset points",
            va="center",
            color=_hex(house.SERIES[n]),
            fontweight="bold",
        )


def _scatter(axes: Any, table: Table, words: Words) -> None:
    """The first series across, the second up; labels on the points when they are few."""
    if len(table.series) < 2:
        raise ToolFailed("A scatter chart needs two columns of numbers: the first across, the second up.")
    points = [
        (x, y, t) for x, y, t in zip(*table.series[:2], table.labels, strict=True) if x is not None and y is not None
    ]
    axes.scatter([p[0] for p in points], [p[1] for p in points], s=42, alpha=0.85, edgecolors="white", linewidths=0.6)
    if len(points) <= 20:
        for x, y, text in points:
            axes.annotate(text, (x, y), (5, 4), textcoords="offset points", fontsize=8.5)
    axes.set_xlabel(table.names[0])
    axes.set_ylabel(table.names[1])
    axes.grid(visible=True)
    axes.margins(0.1)
    axes.xaxis.set_major_formatter(_TICKS)
    axes.yaxis.set_major_formatter(_TICKS)


def _histogram(axes: Any, table: Table, words: Words) -> None:
    values = [v for v in table.series[0] if v is not None]
    counts, _, _ = axes.hist(values, bins="auto" if len(values) < 1000 else 30, edgecolor="white", linewidth=0.8)
    axes.set_xlabel(table.names[0])
    axes.set_ylabel("how many")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    middle = sorted(values)[len(values) // 2]
    axes.axvline(middle, color=_hex(house.SERIES[1]), linewidth=1.6)
    axes.annotate(
        f"median {table.shown(middle)}", (middle, max(counts)), (5, 2), textcoords="offset points", fontsize=9
    )
    axes.margins(y=0.1)
    axes.grid(visible=True, axis="y")


def _heatmap(axes: Any, table: Table, words: Words) -> None:
    rows = [[one[i] for one in table.series] for i in range(len(table.labels))]
    if len(rows) > _MOST_BARS or len(table.names) > 20:
        raise ToolFailed(f"A heat map of {len(rows)} x {len(table.names)} cannot be read; draw at most 40 x 20.")
    colours = LinearSegmentedColormap.from_list("house", [_hex(house.TINT), _hex(house.ACCENT)])
    known = [v for row in rows for v in row if v is not None]
    low, high = min(known), max(known)
    axes.imshow([[float("nan") if v is None else v for v in row] for row in rows], cmap=colours, aspect="auto")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value is not None:
                dark = (value - low) > 0.55 * (high - low)
                axes.text(
                    c,
                    r,
                    table.shown(value),
                    ha="center",
                    va="center",
                    fontsize=8.5,
                    color="white" if dark else _hex(house.INK),
                )
    axes.set_xticks(range(len(table.names)), [textwrap.fill(n, 14) for n in table.names])
    axes.set_yticks(range(len(rows)), [textwrap.shorten(t, 32, placeholder="…") for t in table.labels])
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)


def _categories(axes: Any, table: Table, *, flat: bool, ruled: bool) -> None:
    names = [textwrap.fill(t, 34 if flat else max(9, 80 // len(table.labels))) for t in table.labels]
    if flat:
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
    else:
        axes.set_xticks(range(len(names)), names)
    value = axes.xaxis if flat else axes.yaxis
    if ruled:
        _rule(axes, "x" if flat else "y")
    else:
        # The bars say their figures themselves.
        value.set_visible(False)
        axes.spines["bottom" if flat else "left"].set_visible(False)
    if any(v is not None and v < 0 for one in table.series for v in one):
        (axes.axvline if flat else axes.axhline)(0, color=_hex(house.MUTED), linewidth=0.8)


def _rule(axes: Any, side: str = "y") -> None:
    axes.grid(visible=True, axis=side)
    axes.spines["left" if side == "y" else "bottom"].set_visible(False)
    value = axes.yaxis if side == "y" else axes.xaxis
    value.set_major_formatter(_TICKS)
    value.set_major_locator(MaxNLocator(6))


def _legend(axes: Any, series: int) -> None:
    if series > 1:
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=min(series, 4),
            frameon=False,
            fontsize=9,
            borderaxespad=0.1,
        )


def _limit(table: Table) -> None:
    if len(table.labels) > _MOST_BARS:
        raise ToolFailed(f"{len(table.labels)} bars cannot be read; draw at most {_MOST_BARS}, or a line or histogram.")


def _ink_on(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (0, 2, 4))
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 150 else _hex(house.INK)


def _hex(colour: str) -> str:
    return f"#{colour}"


_DRAW: dict[Kind, Callable[[Any, Table, Words], None]] = {
    "bar": _bars,
    "stacked": _stacked,
    "line": _lines,
    "scatter": _scatter,
    "histogram": _histogram,
    "heatmap": _heatmap,
}
