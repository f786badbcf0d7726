"""Draws native Excel charts in the house style."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

from openpyxl.chart import BarChart, LineChart, PieChart, Reference, ScatterChart
from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.marker import DataPoint, Marker
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.series_factory import SeriesFactory  # pyright: ignore[reportUnknownVariableType]
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties
from openpyxl.utils import get_column_letter, range_boundaries

from agents.tools.office.house_style import FONT, INK, LINE, MUTED, SERIES, WHITE
from agents.tools.office.sheets import infer_number_format
from orchestrator.errors import ToolFailed

WIDTH_CM, HEIGHT_CM = 13.2, 7.6
Kind = Literal["bar", "column", "line", "pie", "scatter", "stacked bar", "stacked column"]
_MADE: dict[str, Any] = {"pie": PieChart, "line": LineChart, "scatter": ScatterChart}
_RANGE = re.compile(r"\$?[A-Za-z]{1,3}\$?\d+(:\$?[A-Za-z]{1,3}\$?\d+)?")


class Axes(NamedTuple):
    """The axis titles, the number format, and the format of dates as categories; None leaves it to the data."""

    x: str | None = None
    y: str | None = None
    shape: str | None = None
    dates: str | None = None


class CellBox(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int

    def __str__(self) -> str:
        ends = f"{get_column_letter(self.left)}{self.top}", f"{get_column_letter(self.right)}{self.bottom}"
        return ends[0] if ends[0] == ends[1] else ":".join(ends)

    @property
    def length(self) -> int:
        return max(self.right - self.left, self.bottom - self.top) + 1


def box(text: str, what: str) -> CellBox:
    """Returns a range such as 'A2:A6', with or without its sheet. Raises ToolFailed unless it is one column or row."""
    cells = text.rpartition("!")[2].strip()
    if not _RANGE.fullmatch(cells):
        raise ToolFailed(f"{text!r} isn't a range for the {what}. Use one such as 'B2:B6'.")
    found = CellBox(*(int(edge or 0) for edge in range_boundaries(cells.replace("$", "").upper())))
    if found.left != found.right and found.top != found.bottom:
        raise ToolFailed(f"{text!r} spans more than one column. Use a separate range for each series.")
    return found


def fitting(sheet: Any, kind: Kind, categories: CellBox, values: Sequence[CellBox]) -> tuple[CellBox, list[CellBox]]:
    """Returns the ranges without the names in their first cells.

    Raises ToolFailed for values of another length, and for text or empty cells where a chart draws numbers.
    """
    drawn = [_shorter(given) if _named(sheet, given, categories) else given for given in values]
    cut = all(new != old and old.length == categories.length for new, old in zip(drawn, values, strict=True))
    labels = _shorter(categories) if cut else categories
    for given, inner in zip(values, drawn, strict=True):
        _numbers(sheet, inner, f"values {given}")
        if inner.length != labels.length:
            raise ToolFailed(
                f"The values {inner} on sheet {sheet.title!r} are {inner.length} cells, but the categories {labels} "
                f"are {labels.length}. Use ranges that cover the same rows."
            )
    if kind == "scatter":
        _numbers(sheet, labels, f"categories {categories}")
    return labels, drawn


def _numbers(sheet: Any, given: CellBox, what: str) -> None:
    """Raises ToolFailed unless the range contains a number, a date or a formula."""
    ends = min(given.bottom, sheet.max_row), min(given.right, sheet.max_column)
    rows = sheet.iter_rows(given.top, ends[0], given.left, ends[1], values_only=True)
    found = [value for row in rows for value in row if value is not None]
    words = [value for value in found if isinstance(value, str) and not value.startswith("=")]
    if len(words) == len(found):
        holds = f"only text such as {words[0][:40]!r}" if words else "nothing"
        raise ToolFailed(
            f"The {what} on sheet {sheet.title!r} contain {holds}, but a chart needs numbers. Use a range of numbers."
        )


def _named(sheet: Any, given: CellBox, categories: CellBox) -> bool:
    """Returns whether the range starts with its series' name. A word below a name is a missing value."""
    before = _before(given)
    above = sheet.cell(*before).value if min(before) >= 1 else None
    missing = isinstance(above, str) and given.length == categories.length
    first = sheet.cell(given.top, given.left).value
    return given.length > 1 and isinstance(first, str) and not first.startswith("=") and not missing


def _before(given: CellBox) -> tuple[int, int]:
    """Returns row and column of the cell above a column, or left of a row; 0 outside the sheet."""
    return (given.top - 1, given.left) if given.left == given.right else (given.top, given.left - 1)


def _shorter(given: CellBox) -> CellBox:
    """Removes its first cell."""
    return given._replace(top=given.top + 1) if given.left == given.right else given._replace(left=given.left + 1)


def put_chart(
    sheet: Any, kind: Kind, title: str, data: tuple[CellBox, Sequence[CellBox]], at: str, axes: Axes, on: Any
) -> None:
    """Draws the chart of (categories, values) on the sheet `on`, replacing one with the same title."""
    categories, values = data
    on._charts = [c for c in on._charts if title_of(c) != title]  # openpyxl has no public way to remove a chart
    chart: Any = _MADE.get(kind, BarChart)()
    for n, given in enumerate(values):
        chart.series.append(_series(sheet, given, kind, SERIES[n % len(SERIES)]))
    if kind == "scatter":
        chart.style, chart.scatterStyle = None, "lineMarker"
        for series in chart.series:
            series.yVal, series.val, series.cat = NumDataSource(numRef=series.val.numRef), None, None
            series.xVal = AxDataSource(numRef=NumRef(f=str(Reference(sheet, *_edges(categories)))))
    else:
        chart.set_categories(Reference(sheet, *_edges(categories)))
        axes = _with_dates(axes, sheet, categories)
    _look(chart, title, legend=len(values) > 1 or kind == "pie")
    if kind == "pie":
        _slices(chart, categories)
    else:
        _axes(chart, kind, axes.shape or _axis_format(sheet, values[0]))
        _axis_titles(chart, axes)
        if axes.dates:
            chart.x_axis.number_format, chart.x_axis.numFmt.sourceLinked = axes.dates, False
        if kind == "scatter":
            chart.x_axis.number_format, chart.x_axis.majorGridlines = _axis_format(sheet, categories), None
        points = categories.length
        if kind in ("bar", "column") and len(values) == 1 and points <= 12 and not axes.y:
            # Every bar shows its number, so a scale would only repeat it.
            _label(chart.series[0], "outEnd")
            chart.y_axis.delete, chart.y_axis.majorGridlines = True, None
            if kind == "bar":  # LibreOffice draws the longest bar up to the frame, and its number over it
                chart.layout = _placed(0.02, 0.17, 0.88, 0.78)
    chart.width, chart.height = WIDTH_CM, HEIGHT_CM
    on.add_chart(chart, at)


def _series(sheet: Any, given: CellBox, kind: Kind, colour: str) -> Any:
    """Returns one series. Its name is right above the range, or left of a row."""
    title = _before(given)
    series = _open(
        SeriesFactory(  # pyright: ignore[reportUnknownArgumentType]
            Reference(sheet, *_edges(given)), title=None
        )
    )
    if min(title) >= 1 and sheet.cell(*title).value is not None:
        series.tx = SeriesLabel(strRef=StrRef(f=str(Reference(sheet, title[1], title[0]))))
    series.graphicalProperties = GraphicalProperties(solidFill=colour)
    if kind in ("line", "scatter"):
        line = LineProperties(noFill=True) if kind == "scatter" else LineProperties(solidFill=colour, w=28575)
        series.graphicalProperties = GraphicalProperties(ln=line)
        series.smooth = False
        series.marker = series.marker or Marker()
        series.marker.symbol, series.marker.size = "circle", 7 if kind == "scatter" else 6
        series.marker.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(solidFill=colour))
    else:
        series.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))
        series.invertIfNegative = None if kind == "pie" else False
    return series


def _look(chart: Any, title: str, *, legend: bool) -> None:
    chart.title = title
    words = _open(chart.title)
    words.tx.rich.p[0].pPr = ParagraphProperties(defRPr=_letters(1300, INK, bold=True))
    for run in words.tx.rich.p[0].r:
        run.rPr = _letters(1300, INK, bold=True)
    words.overlay = False
    chart.graphical_properties = GraphicalProperties(solidFill=WHITE, ln=LineProperties(solidFill=LINE))
    chart.roundedCorners = False
    chart.legend = chart.legend if legend else None
    if chart.legend:
        chart.legend.position, chart.legend.txPr, chart.legend.overlay = "b", _text(1000), False


def _axes(chart: Any, kind: Kind, shape: str) -> None:
    for axis in (chart.x_axis, chart.y_axis):
        # Without this, charts from openpyxl 3.1 have no axes at all.
        axis.delete = False
        axis.txPr = _text(1000)
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=LINE))
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="E6EBED"))
    chart.y_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.y_axis.number_format, chart.y_axis.numFmt.sourceLinked = shape, False
    chart.x_axis.number_format = "General"
    # If bars go below zero, the labels stay under them.
    chart.x_axis.tickLblPos = "low"
    if kind.endswith(("bar", "column")):
        chart.type = "bar" if kind.endswith("bar") else "col"
        chart.gapWidth, chart.overlap = 70, -5 if len(chart.series) > 1 else 0
    if kind.startswith("stacked"):
        chart.grouping, chart.overlap = "stacked", 100
    if kind.endswith("bar"):
        # The table's first row is the topmost bar.
        chart.x_axis.scaling.orientation = "maxMin"
        chart.y_axis.crosses = "max"


def _axis_titles(chart: Any, axes: Axes) -> None:
    for axis, words in ((chart.x_axis, axes.x), (chart.y_axis, axes.y)):
        if words:
            axis.title = words
            made = _open(axis.title)
            made.overlay = False
            for paragraph in made.tx.rich.p:
                paragraph.pPr = ParagraphProperties(defRPr=_letters(1000, MUTED))
                for run in paragraph.r:
                    run.rPr = _letters(1000, MUTED)


def _with_dates(axes: Axes, sheet: Any, categories: CellBox) -> Axes:
    """Formats categories that are dates as dates; months of one year are abbreviated, with the year below them."""
    left, top, right, bottom = categories
    cells = [c for row in sheet.iter_rows(top, bottom, left, right) for c in row]
    days = [c.value for c in cells if isinstance(c.value, date)]
    if len(days) < len(cells):
        return axes
    if len({(d.year, d.month) for d in days}) < len(days) or any(d.day != 1 for d in days):
        return axes._replace(dates=str(cells[0].number_format))
    if len(years := {d.year for d in days}) > 1:
        return axes._replace(dates="mmm yy")
    return axes._replace(dates="mmm", x=axes.x or str(*years))


def _axis_format(sheet: Any, given: CellBox) -> str:
    """Formats the scale like the cells, without decimals of plain numbers."""
    return infer_number_format.with_decimals(str(sheet.cell(given.bottom, given.right).number_format), 0)


def _slices(chart: Any, categories: CellBox) -> None:
    for n in range(categories.length):
        point = _open(DataPoint(idx=n))
        point.graphicalProperties = GraphicalProperties(
            solidFill=SERIES[n % len(SERIES)], ln=LineProperties(solidFill=WHITE)
        )
        chart.series[0].dPt.append(point)
    _label(chart.series[0], "outEnd", percent=True)
    chart.legend.position = "r"
    chart.layout = _placed(0.05, 0.2, 0.55, 0.7)


def _placed(x: float, y: float, w: float, h: float) -> Any:
    """Returns the plot area with its axes, as fractions of the chart."""
    return Layout(manualLayout=ManualLayout(x=x, y=y, w=w, h=h, xMode="edge", yMode="edge"))


def _label(series: Any, position: str, *, percent: bool = False) -> None:
    labels = DataLabelList(dLblPos=position, showVal=not percent, showPercent=percent)
    labels.showSerName = labels.showCatName = labels.showLegendKey = False
    labels.txPr = _text(1000)
    series.dLbls = labels


def _letters(size: int, colour: str, *, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=size, b=bold, solidFill=colour, latin=Font(typeface=FONT))


def _text(size: int) -> RichText:
    return RichText(
        p=[Paragraph(pPr=ParagraphProperties(defRPr=_letters(size, MUTED)), endParaRPr=_letters(size, MUTED))]
    )


def _edges(given: CellBox) -> tuple[int, int, int, int]:
    return given.left, given.top, given.right, given.bottom


def _open(vendor: object) -> Any:
    """openpyxl's types are incomplete; they end here."""
    return vendor


def title_of(chart: Any) -> str:
    """Returns a chart's title; empty if it has none."""
    if chart.title is None or chart.title.tx is None or chart.title.tx.rich is None:
        return ""
    return "".join(str(run.t or "") for p in chart.title.tx.rich.p for run in _open(p.r or []))
