"""Draws distributions: histogram and heat map."""

import textwrap
from typing import Any

from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from agents.tools.charts.chart_data import ChartTable
from agents.tools.charts.style import MOST_BARS, Words, colour
from agents.tools.office import house_style
from orchestrator.errors import ToolFailed


def histogram(axes: Any, table: ChartTable, words: Words) -> None:
    values = [v for v in table.series[0] if v is not None]
    counts, _, _ = axes.hist(values, bins="auto" if len(values) < 1000 else 30, edgecolor="white", linewidth=0.8)
    axes.set_xlabel(table.names[0])
    axes.set_ylabel("Count")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    middle = sorted(values)[len(values) // 2]
    axes.axvline(middle, color=colour(house_style.SERIES[1]), linewidth=1.6)
    axes.annotate(
        f"median {table.shown(middle)}", (middle, max(counts)), (5, 2), textcoords="offset points", fontsize=9
    )
    axes.margins(y=0.1)
    axes.grid(visible=True, axis="y")


def heatmap(axes: Any, table: ChartTable, words: Words) -> None:
    rows = [[one[i] for one in table.series] for i in range(len(table.labels))]
    if len(rows) > MOST_BARS or len(table.names) > 20:
        raise ToolFailed(f"A heat map of {len(rows)} x {len(table.names)} is too large to read. Draw at most 40 x 20.")
    colours = LinearSegmentedColormap.from_list("house", [colour(house_style.TINT), colour(house_style.ACCENT)])
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
                    color="white" if dark else colour(house_style.INK),
                )
    axes.set_xticks(range(len(table.names)), [textwrap.fill(n, 14) for n in table.names])
    axes.set_yticks(range(len(rows)), [textwrap.shorten(t, 32, placeholder="…") for t in table.labels])
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)
