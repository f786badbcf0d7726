"""Draws line and scatter charts."""

import textwrap
from typing import Any

from agents.tools.charts.chart_data import ChartTable
from agents.tools.charts.style import TICKS, Words, colour, rule
from agents.tools.office import house_style
from orchestrator.errors import ToolFailed


def lines(axes: Any, table: ChartTable, words: Words) -> None:
    places = range(len(table.labels))
    ends: list[tuple[float, int]] = []
    for n, values in enumerate(table.series):
        known = [float("nan") if v is None else v for v in values]
        axes.plot(places, known, linewidth=2.2, marker="o" if len(known) <= 16 else None, markersize=4)
        last = next((v for v in reversed(values) if v is not None), None)
        if last is not None:
            ends.append((last, n))
    rule(axes)
    step = -(-len(table.labels) // 12)
    axes.set_xticks(list(places)[::step], table.labels[::step])
    every = [v for one in table.series for v in one if v is not None]
    if min(every) >= 0 and min(every) < 0.5 * max(every):
        axes.set_ylim(bottom=0)
    if len(table.series) > 1 or table.names[0]:
        _name_ends(axes, sorted(ends), table.names, len(table.labels) - 1)


def scatter(axes: Any, table: ChartTable, words: Words) -> None:
    """Draws the first series across, the second up, with labels on the points if there are few."""
    if len(table.series) < 2:
        raise ToolFailed("A scatter chart needs two columns of numbers: first the x values, then the y values.")
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
    axes.xaxis.set_major_formatter(TICKS)
    axes.yaxis.set_major_formatter(TICKS)


def _name_ends(axes: Any, ends: list[tuple[float, int]], names: list[str], last: int) -> None:
    """Labels each line at its end, without overlaps."""
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
            color=colour(house_style.SERIES[n]),
            fontweight="bold",
        )
