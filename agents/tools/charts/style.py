"""Defines the house style of all chart pictures."""

from functools import cache
from typing import Any, NamedTuple

from cycler import cycler
from matplotlib import font_manager
from matplotlib.ticker import FuncFormatter, MaxNLocator

from agents.tools.charts.chart_data import tick
from agents.tools.office import house_style

MOST_BARS = 40
TICKS = FuncFormatter(lambda value, _: tick(value))  # pyright: ignore


class Words(NamedTuple):
    """Texts around the chart: the message, the measure and unit, and the source."""

    title: str
    unit: str
    source: str
    highlight: str = ""


def settings() -> dict[str, Any]:
    return {
        "font.family": _font(),
        "font.size": 10,
        "text.color": colour(house_style.INK),
        "text.parse_math": False,
        "axes.labelcolor": colour(house_style.MUTED),
        "axes.edgecolor": colour(house_style.LINE),
        "axes.prop_cycle": cycler("color", [colour(c) for c in house_style.SERIES]),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "xtick.color": colour(house_style.MUTED),
        "ytick.color": colour(house_style.MUTED),
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "grid.color": colour(house_style.LINE),
        "grid.linewidth": 0.7,
        "svg.hashsalt": "threadwork",
        "svg.fonttype": "path",
    }


def rule(axes: Any, side: str = "y") -> None:
    axes.grid(visible=True, axis=side)
    axes.spines["left" if side == "y" else "bottom"].set_visible(False)
    value = axes.yaxis if side == "y" else axes.xaxis
    value.set_major_formatter(TICKS)
    value.set_major_locator(MaxNLocator(6))


def ink_on(rgb: str) -> str:
    red, green, blue = (int(rgb[i : i + 2], 16) for i in (0, 2, 4))
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 150 else colour(house_style.INK)


def colour(rgb: str) -> str:
    return f"#{rgb}"


@cache
def _font() -> str:
    have = {f.name for f in font_manager.fontManager.ttflist}
    return next((name for name in (house_style.FONT, "Carlito", "Liberation Sans") if name in have), "DejaVu Sans")
