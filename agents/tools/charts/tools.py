"""Defines the tool that draws a chart."""

import asyncio
from pathlib import PurePosixPath
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from agents.tool import CallContext, tool
from agents.tools.charts import chart_data, draw_chart
from agents.tools.office import provenance_file, zip_package
from agents.tools.office.cell_input import Cell
from agents.tools.office.file_kind import BOOKS
from agents.tools.office.sheets.open_any_book import as_xlsx
from orchestrator.domain.findings import Finding
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ToolFailed


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def chart_picture(
    room: CallContext,
    path: Annotated[str, "a .png file in the workspace; an .svg is saved next to it"],
    kind: Annotated[draw_chart.Kind, "bar and stacked compare, line shows time, scatter relates two columns"],
    title: Annotated[str, "what the chart says, as a sentence: 'Borealis is the cheapest from 20 seats up'"],
    unit: Annotated[str, "measure and unit: 'Price per user per month, USD'"] = "",
    rows: Annotated[
        list[list[Cell]] | None,
        'header first, labels in the first column, numbers in the others; a cell may be {"value": 49, "finding": "f1"}',
    ] = None,
    file: Annotated[str, "instead of rows: a .csv or a workbook in the workspace"] = "",
    sheet: Annotated[str, "sheet in the workbook; default: the first"] = "",
    range: Annotated[str, "range with its header, e.g. 'A1:C12'; default: all"] = "",
    highlight: Annotated[str, "label of the bar to highlight"] = "",
    source: Annotated[str, "source for figures without a finding; shown under the chart"] = "",
) -> str:
    """Draw a chart as a picture in the house style, for documents and slides. Pie charts aren't available; use bar."""
    if bool(rows) == bool(file):
        raise ToolFailed("Pass either 'rows' or 'file' with the figures to draw.")
    if not title.strip():
        raise ToolFailed("The chart has no title. Say in one sentence what it shows.")
    path = zip_package.tidy(path)
    if PurePosixPath(path).suffix.lower() != ".png":
        raise ToolFailed(f"{path!r} doesn't end in '.png'. Use a name that does.")
    given = Given(rows or [], file, sheet, range)
    words = draw_chart.Words(title.strip(), unit.strip(), source, highlight)
    content, computed = await _content(room, file) if file else (b"", 0)
    drawn = await asyncio.to_thread(_draw, room, path, kind, given, words, content)
    told = f" {counted(computed, 'value')} not stored in {file!r}, computed by LibreOffice for this reading."
    return drawn + (told if computed else "")


async def _content(room: CallContext, file: str) -> tuple[bytes, int]:
    """Returns the file, a workbook as an .xlsx with the values of all its formulas, and how many weren't stored."""
    content = await asyncio.to_thread(room.workspace.read, file)
    if PurePosixPath(file).suffix.lower() not in BOOKS:
        return content, 0
    book = await as_xlsx(content, file)
    return book.content, sum(map(len, book.computed.values()))


class Given(NamedTuple):
    """Reads the figures from the call or from a file."""

    rows: list[list[Cell]]
    file: str
    sheet: str
    area: str


def _draw(
    room: CallContext, path: str, kind: draw_chart.Kind, given: Given, words: draw_chart.Words, content: bytes
) -> str:
    figures = (
        chart_data.of_cells(given.rows)
        if given.rows
        else chart_data.of_file(content, given.file, given.sheet, given.area)
    )
    places = chart_data.traced(given.rows)
    found = provenance_file.resolve(room, [i for p in places for i in p.findings])
    words = words._replace(source=_source(found, words.source, given.file))
    made = draw_chart.picture(kind, figures, words)
    drawn = chart_data.drawn(figures, path)
    beside = str(PurePosixPath(path).with_suffix(".svg"))
    with zip_package.one_at_a_time(f"{room.workspace.root}/{path}"):
        room.workspace.write(path, made.png)
        room.workspace.write(beside, made.svg)
        for name in (path, beside):
            beside_it = provenance_file.Sidecar(file=name, places=tuple(places), findings=found, drawn=(drawn,))
            provenance_file.save(room.workspace, beside_it)
    size = f"{counted(len(figures.labels), 'label')}, {len(figures.series)} series"
    return f"Drew {path} and {beside}: {kind}, {size}. {words.source}"


def _source(found: tuple[Finding, ...], said: str, file: str) -> str:
    """'Source: acme.example [f1, f4]; borealis.example [f2].'"""
    by: dict[str, list[str]] = {}
    for one in found:
        where = one.source.where if one.source else "agent's own statement"
        by.setdefault(urlsplit(where).hostname or where, []).append(one.id)
    parts = [f"{where} [{', '.join(ids)}]" for where, ids in by.items()]
    parts += [said.strip().rstrip(".")] if said.strip() else []
    parts += [PurePosixPath(file).name] if file and not parts else []
    return f"Source: {'; '.join(parts)}." if parts else "Source: not specified."
