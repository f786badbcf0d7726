"""Outlines the beginning of a file, so that people can point at a figure and see its source."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openpyxl.utils import get_column_letter
from pptx import Presentation

from agents.tools.office import formulas
from agents.tools.office.claims import chart_series
from agents.tools.office.content_checks import spoken
from agents.tools.office.displayed_value import shown
from agents.tools.office.formulas import At, formula_text
from agents.tools.office.provenance.read_traced_places import paired
from agents.tools.office.provenance_file import NOTES, Sidecar
from agents.tools.office.word.blocks import Named, letters
from orchestrator.domain.deliverables import Computed, Part, Stretch

MOST_PARTS, MOST_ROWS, MOST_COLUMNS, MOST_WORDS = 24, 120, 26, 1200
_MOST_FORMULAS, _MOST_READS = 2000, 60
_IN_TABLE = re.compile(r"(?P<table>.*\btable \d+) (?P<cell>[A-Z]+(?P<row>\d+))")
_OF_SLIDE = re.compile(r"(?P<table>Slide \d+ > (?:table|chart)) [A-Z]+(?P<row>\d+)")
_RAISED = "30000"


def of_book(book: Any, values: Mapping[At, Any], sidecar: Sidecar) -> tuple[Part, ...]:
    """Returns the first rows of every sheet but Sources, as Excel shows them."""
    sheets = [s for s in book.worksheets if s.title != sidecar.sources_sheet]
    parts = [_sheet(s, values) for s in sheets[:MOST_PARTS]]
    charts: dict[str, list[tuple[Stretch, ...]]] = {}
    for one in chart_series.series(book):
        charts.setdefault(one.place.rpartition(" > ")[0], []).append((Stretch(place=one.place, shows=one.name),))
    return (*parts, *(Part(name=name, rows=tuple(rows)) for name, rows in list(charts.items())[:MOST_PARTS]))


def computed(book: Any) -> tuple[Computed, ...]:
    """Returns the formulas and what they read, at most 2,000."""
    found: list[Computed] = []
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if len(found) < _MOST_FORMULAS and (formula := formula_text(cell.value)):
                    reads = [spoken(at) for at in formulas.reads(formula, sheet.title)[:_MOST_READS]]
                    place = spoken((sheet.title, cell.row, cell.column))
                    found.append(Computed(place=place, formula=formula[:500], reads=tuple(dict.fromkeys(reads))))
    return tuple(found)


def of_text(stretches: Sequence[Named]) -> tuple[Part, ...]:
    """Returns sections and tables of a document, in order."""
    parts: list[Part] = [Part()]
    for one in stretches:
        piece = Stretch(place=one.place, shows=one.text[:MOST_WORDS])
        match = _IN_TABLE.fullmatch(one.place)
        if match:
            if parts[-1].name != match["table"]:
                parts.append(Part(name=match["table"], table=True))
            row = int(match["row"])
            lines = [*parts[-1].rows, *[()] * (row - len(parts[-1].rows))]
            lines[row - 1] = (*lines[row - 1], piece)
            parts[-1] = _cut(parts[-1].model_copy(update={"rows": tuple(lines)}))
        elif one.place.endswith("(heading)"):
            parts.append(Part(name=one.text[:MOST_WORDS], rows=((piece,),)))
        else:
            if parts[-1].table:
                parts.append(Part())
            parts[-1] = _cut(parts[-1].model_copy(update={"rows": (*parts[-1].rows, (piece,))}))
    return tuple(p for p in parts if p.rows)[: MOST_PARTS * 2]


def of_rows(rows: Sequence[Sequence[Named]]) -> tuple[Part, ...]:
    """A table without a name."""
    lines = [tuple(Stretch(place=c.place, shows=c.text[:MOST_WORDS]) for c in r[:MOST_COLUMNS]) for r in rows]
    more = any(len(row) > MOST_COLUMNS for row in rows)
    return (_cut(Part(table=True, rows=tuple(lines), more=more)),) if lines else ()


def deck_stretches(content: bytes, sidecar: Sidecar) -> list[Named]:
    """Returns a deck's paragraphs and cells; traced ones keep the name they were traced under."""
    found: list[Named] = []
    for number, slide in enumerate(Presentation(io.BytesIO(content)).slides, 1):
        head = f"Slide {number} > "
        mine = [p for p in sidecar.places if p.place.startswith(head)]
        cells = [Named(f"{head}{name}", text) for name, text in _cells(slide.shapes)]
        named = {c.place for c in cells}
        texts = _texts(slide.shapes)
        known = paired(texts, [p for p in mine if p.place not in named and p.place != f"{head}{NOTES}"])
        found += [Named(known.get(n, f"{head}text {n + 1}"), text) for n, text in enumerate(texts)]
        found += cells
        if words := _said(slide):
            found.append(Named(f"{head}{NOTES}", words))
    return found


def of_deck(stretches: Sequence[Named]) -> tuple[Part, ...]:
    """One part per slide."""
    parts: dict[str, Part] = {}
    for one in stretches:
        piece = Stretch(place=one.place, shows=one.text[:MOST_WORDS])
        match = _OF_SLIDE.fullmatch(one.place)
        if match is None:
            name = one.place.partition(" > ")[0]
            before = parts.get(name, Part(name=name))
            parts[name] = before.model_copy(update={"rows": (*before.rows, (piece,))})
            continue
        before = parts.get(match["table"], Part(name=match["table"], table=True))
        rows = [*before.rows, *[()] * (int(match["row"]) - len(before.rows))]
        rows[int(match["row"]) - 1] += (piece,)
        parts[match["table"]] = before.model_copy(update={"rows": tuple(rows)})
    return tuple(map(_cut, list(parts.values())[: MOST_PARTS * 2]))


def _sheet(sheet: Any, values: Mapping[At, Any]) -> Part:
    rows: list[tuple[Stretch, ...]] = []
    for row in sheet.iter_rows(max_row=min(sheet.max_row, MOST_ROWS), max_col=min(sheet.max_column, MOST_COLUMNS)):
        line: list[Stretch] = []
        for cell in row:
            at = (sheet.title, cell.row, cell.column)
            value = values.get(at, cell.value) if formula_text(cell.value) else cell.value
            place = f"{sheet.title}!{get_column_letter(cell.column)}{cell.row}"
            line.append(Stretch(place=place, shows=shown(value, str(cell.number_format))[:MOST_WORDS]))
        rows.append(tuple(line))
    while rows and not any(one.shows for one in rows[-1]):
        rows.pop()  # formats below the data aren't rows
    more = sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS
    return Part(name=sheet.title, table=True, rows=tuple(rows), more=more)


def _texts(shapes: Any) -> list[str]:
    found: list[str] = []
    for shape in shapes:
        if shape.shape_type is not None and hasattr(shape, "shapes"):
            found += _texts(shape.shapes)
        elif shape.has_text_frame:
            found += [_plain(p) for p in shape.text_frame.paragraphs]
    return [text for text in found if text.strip()]


def _cells(shapes: Any) -> Iterator[tuple[str, str]]:
    """Returns the cells of tables and charts, named as slides_write names them."""
    for shape in shapes:
        if getattr(shape, "has_table", False) and shape.has_table:
            for r, row in enumerate(shape.table.rows, 1):
                for c, cell in enumerate(row.cells):
                    yield f"table {letters(c)}{r}", "\n".join(map(_plain, cell.text_frame.paragraphs))
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            yield from _charted(shape.chart)


def _charted(chart: Any) -> Iterator[tuple[str, str]]:
    try:
        series = [s for plot in chart.plots for s in plot.series]
        labels = [str(label) for label in chart.plots[0].categories]
        columns = [("", labels), *((s.name, ["" if v is None else f"{v:.12g}" for v in s.values]) for s in series)]
    except (NotImplementedError, ValueError, AttributeError, IndexError):
        return  # a kind of chart that python-pptx can't read
    for r in range(len(labels) + 1):
        for c, (name, values) in enumerate(columns):
            yield f"chart {letters(c)}{r + 1}", name if r == 0 else values[r - 1] if r <= len(values) else ""


def _said(slide: Any) -> str:
    """Returns the notes' content."""
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    return "" if frame is None else frame.text.strip()


def _plain(paragraph: Any) -> str:
    """Removes the raised numbers that point to sources."""
    runs = paragraph.runs
    return "".join(r.text for r in runs if r._r.rPr is None or r._r.rPr.get("baseline") != _RAISED)


def _cut(part: Part) -> Part:
    return (
        part if len(part.rows) <= MOST_ROWS else part.model_copy(update={"rows": part.rows[:MOST_ROWS], "more": True})
    )
