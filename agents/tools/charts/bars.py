"""Draws bar charts: vertical, horizontal, and stacked."""

import textwrap
from collections.abc import Callable
from typing import Any

from agents.tools.charts.chart_data import ChartTable
from agents.tools.charts.style import MOST_BARS, Words, colour, ink_on, rule
from agents.tools.office import house_style
from orchestrator.errors import ToolFailed

_QUIET = "A9C0C8"


def lies(table: ChartTable) -> bool:
    """Draws horizontal bars if the labels don't fit side by side."""
    return len(table.labels) > 9 or max(map(len, table.labels)) * len(table.labels) > 80


def bars(axes: Any, table: ChartTable, words: Words) -> None:
    _limit(table)
    count, flat = len(table.series), lies(table)
    wide = 0.76 / count
    for n, values in enumerate(table.series):
        at = [i + (n - (count - 1) / 2) * wide for i in range(len(values))]
        heights = [v or 0.0 for v in values]
        draw: Callable[..., Any] = axes.barh if flat else axes.bar
        colours = _colours(table.labels, words.highlight, house_style.SERIES[n])
        made = draw(at, heights, wide * 0.94, label=table.names[n], color=colours)
        if count * len(values) <= 24:
            shown = ["" if v is None else table.shown(v) for v in values]
            axes.bar_label(made, shown, padding=2, fontsize=9 if count * len(values) <= 14 else 7.5)
    labelled = count * len(table.labels) <= 24
    _categories(axes, table, flat=flat, ruled=not labelled)
    axes.margins(**{"x" if flat else "y": 0.12})
    _legend(axes, count)


def stacked(axes: Any, table: ChartTable, words: Words) -> None:
    _limit(table)
    if any(v is not None and v < 0 for one in table.series for v in one):
        raise ToolFailed("Stacked bars can't show negative figures. Use kind 'bar'.")
    floor = [0.0] * len(table.labels)
    totals = [sum(one[i] or 0 for one in table.series) for i in range(len(table.labels))]
    for n, values in enumerate(table.series):
        heights = [v or 0.0 for v in values]
        made = axes.bar(range(len(heights)), heights, 0.62, bottom=floor, label=table.names[n])
        if len(table.labels) <= 12:
            shown = [table.shown(v) if v > 0.06 * max(totals) else "" for v in heights]
            axes.bar_label(made, shown, label_type="center", fontsize=8, color=ink_on(house_style.SERIES[n]))
        floor = [a + b for a, b in zip(floor, heights, strict=True)]
    for i, total in enumerate(totals):
        axes.annotate(
            table.shown(total), (i, total), (0, 3), textcoords="offset points", ha="center", fontweight="bold"
        )
    _categories(axes, table, flat=False, ruled=False)
    axes.margins(y=0.12)
    _legend(axes, len(table.series))


def _colours(labels: list[str], highlight: str, own: str) -> list[str]:
    """Returns one color per bar: the series' for all, or only for the highlighted bar."""
    if highlight and highlight not in labels:
        raise ToolFailed(f"There's no bar {highlight!r} to highlight. The bars are {', '.join(labels[:12])}.")
    return [colour(own if highlight in ("", label) else _QUIET) for label in labels]


def _categories(axes: Any, table: ChartTable, *, flat: bool, ruled: bool) -> None:
    names = [textwrap.fill(t, 34 if flat else max(9, 80 // len(table.labels))) for t in table.labels]
    if flat:
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
    else:
        axes.set_xticks(range(len(names)), names)
    value = axes.xaxis if flat else axes.yaxis
    if ruled:
        rule(axes, "x" if flat else "y")
    else:
        # The bars show their figures.
        value.set_visible(False)
        axes.spines["bottom" if flat else "left"].set_visible(False)
    if any(v is not None and v < 0 for one in table.series for v in one):
        (axes.axvline if flat else axes.axhline)(0, color=colour(house_style.MUTED), linewidth=0.8)


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


def _limit(table: ChartTable) -> None:
    if len(table.labels) > MOST_BARS:
        raise ToolFailed(
            f"{len(table.labels)} bars are too many to read. Draw at most {MOST_BARS}, or a line chart or histogram."
        )
