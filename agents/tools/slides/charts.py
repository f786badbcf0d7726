"""Draws native PowerPoint charts in the theme's colors, without their own title: the slide's title gives the
message."""

import io
import re
import zipfile
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.util import Pt

from agents.tools.office import zip_package
from agents.tools.office.cell_input import SYMBOLS, Cell, Traced
from agents.tools.office.word.blocks import cell_text
from agents.tools.slides.layout_match import Area
from agents.tools.slides.spec import Drawing, Slide

_TYPES = {
    "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "bar": XL_CHART_TYPE.BAR_CLUSTERED,
    "line": XL_CHART_TYPE.LINE_MARKERS,
    "pie": XL_CHART_TYPE.DOUGHNUT,
}
_MOST_LABELS = 14
_MOMENT, _NEVER = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), b"2000-01-01T00:00:00Z"
_TEXT, _LABEL = Pt(14), Pt(14)


def put_chart(slide: Any, area: Area, given: Slide) -> Any:
    """Draws the chart of `given` in `area` and returns its frame."""
    kind: Drawing = given.chart or "column"
    header, *rows = given.rows
    data: Any = CategoryChartData(number_format=_format(rows))
    data.categories = [cell_text(row[0]) for row in rows]
    for c, name in enumerate(header[1:], 1):
        data.add_series(cell_text(name) or given.title, [_number(row[c]) for row in rows])
    frame = slide.shapes.add_chart(_TYPES[kind], area.left, area.top, area.width, area.height, data)
    _steady(frame.chart)
    _look(frame.chart, kind, len(rows), len(header) - 1)
    return frame


def _look(chart: Any, kind: Drawing, points: int, series: int) -> None:
    chart.has_title = False
    chart.font.size = _TEXT
    chart.font.color.theme_color = MSO_THEME_COLOR.TEXT_1
    chart.has_legend = series > 1 or kind == "pie"
    if chart.has_legend:
        chart.legend.position = XL_LEGEND_POSITION.RIGHT if kind == "pie" else XL_LEGEND_POSITION.TOP
        chart.legend.include_in_layout = False
        chart.legend.font.size = _TEXT
    plot = chart.plots[0]
    plot.vary_by_categories = kind == "pie"
    labelled = kind == "pie" or (kind != "line" and points * series <= _MOST_LABELS)
    if labelled:
        _labels(plot, kind)
    if kind == "pie":
        _slices(plot, points)
        return
    for n, one in enumerate(plot.series):
        _series(one, kind, n)
    if kind != "line":
        plot.gap_width, plot.overlap = 55, -5 if series > 1 else 0
    _axes(chart, kind, labelled=labelled)


def _series(one: Any, kind: Drawing, n: int) -> None:
    colour = MSO_THEME_COLOR(MSO_THEME_COLOR.ACCENT_1 + n)
    if kind == "line":
        one.smooth = False
        one.format.line.width = Pt(2.5)
        one.format.line.color.theme_color = colour
        one.marker.size = 7
        one.marker.format.fill.solid()
        one.marker.format.fill.fore_color.theme_color = colour
        one.marker.format.line.color.theme_color = colour
    else:
        one.invert_if_negative = False
        one.format.fill.solid()
        one.format.fill.fore_color.theme_color = colour


def _slices(plot: Any, points: int) -> None:
    for n in range(points):
        fill = plot.series[0].points[n].format
        fill.fill.solid()
        fill.fill.fore_color.theme_color = MSO_THEME_COLOR(MSO_THEME_COLOR.ACCENT_1 + n)
        fill.line.color.theme_color = MSO_THEME_COLOR.BACKGROUND_1
        fill.line.width = Pt(1.5)


def _labels(plot: Any, kind: Drawing) -> None:
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.font.size = _LABEL
    labels.show_value = True
    if kind == "pie":
        labels.font.bold = True
        labels.font.color.theme_color = MSO_THEME_COLOR.BACKGROUND_1
    else:
        labels.position = XL_LABEL_POSITION.OUTSIDE_END


def _axes(chart: Any, kind: Drawing, *, labelled: bool) -> None:
    names, values = chart.category_axis, chart.value_axis
    names.has_major_gridlines = False
    names.major_tick_mark = values.major_tick_mark = values.minor_tick_mark = XL_TICK_MARK.NONE
    names.format.line.color.theme_color = MSO_THEME_COLOR.TEXT_1
    names.format.line.color.brightness = 0.7
    names.tick_labels.font.size = _TEXT
    if kind == "bar":
        names.reverse_order = True
    values.format.line.fill.background()
    # Every bar shows its number, so a scale would only repeat it.
    values.visible = not labelled
    values.has_major_gridlines = not labelled
    if not labelled:
        values.major_gridlines.format.line.color.theme_color = MSO_THEME_COLOR.TEXT_1
        values.major_gridlines.format.line.color.brightness = 0.85
        values.tick_labels.font.size = Pt(12)


def _format(rows: list[list[Cell]]) -> str:
    """Returns the Excel format of the first figure that has one, else thousands with the decimals the figures have."""
    figures = [c for row in rows for c in row[1:]]
    named = next((c.format for c in figures if isinstance(c, Traced) and c.format), "")
    word, _, detail = named.partition(":")
    whole = all(float(v).is_integer() for c in figures if (v := _number(c)) is not None)
    if word == "percent":
        return "0%" if all(round(v * 100, 6).is_integer() for c in figures if (v := _number(c)) is not None) else "0.0%"
    if word == "currency":
        symbol = SYMBOLS.get(detail.upper() or "USD", detail.upper() + " ")
        return f'"{symbol}"#,##0' + ("" if whole else ".00")
    return "#,##0" if whole else "#,##0.0"


def _number(cell: Cell) -> float | None:
    value = cell.value if isinstance(cell, Traced) else cell
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _steady(chart: Any) -> None:
    """Returns the embedded workbook without its creation times, so that equal charts give equal bytes."""
    part = chart.part.chart_workbook.xlsx_part
    with zipfile.ZipFile(io.BytesIO(part.blob)) as archive:
        held = {i.filename: archive.read(i) for i in archive.infolist()}
    part._blob = zip_package.pack({name: _MOMENT.sub(_NEVER, content) for name, content in held.items()})
