"""The beginning of a file as parts and stretches, so that people can point at a figure and see its source."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.utils import get_column_letter
from pptx import Presentation

from agents.tools.office import formulas
from agents.tools.office.blocks import Named
from agents.tools.office.checks import spoken
from agents.tools.office.grid import shown
from agents.tools.office.recalculate import At, formula_text
from agents.tools.office.trace import Sidecar
from orchestrator.domain.deliverables import Computed, Part, Stretch

MOST_PARTS, MOST_ROWS, MOST_COLUMNS, MOST_WORDS = 24, 120, 26, 1200
_MOST_FORMULAS, _MOST_READS = 2000, 60
_IN_TABLE = re.compile(r"(?P<table>.*\btable \d+) (?P<cell>[A-Z]+(?P<row>\d+))")
_RAISED = "30000"


def of_book(book: Any, values: Mapping[At, Any], sidecar: Sidecar) -> tuple[Part, ...]:
    """The first rows of every sheet but Sources, as Excel shows them."""
    sheets = [s for s in book.worksheets if s.title != sidecar.sources_sheet]
    return tuple(_sheet(s, values) for s in sheets[:MOST_PARTS])


def computed(book: Any) -> tuple[Computed, ...]:
    """The formulas and what they read, at most 2,000."""
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
    """Sections and tables of a document, in order."""
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


def deck_stretches(content: bytes, sidecar: Sidecar) -> list[Named]:
    """The paragraphs and cells of a deck; what was traced keeps the name it was traced under."""
    found: list[Named] = []
    for number, slide in enumerate(Presentation(io.BytesIO(content)).slides, 1):
        head = f"Slide {number} > "
        traced = {_flat(str(p.shows)): p.place for p in sidecar.places if p.place.startswith(head)}
        for n, text in enumerate(_texts(slide.shapes), 1):
            found.append(Named(traced.pop(_flat(text)[:500], f"{head}text {n}"), text))
    return found


def of_deck(stretches: Sequence[Named]) -> tuple[Part, ...]:
    """One part per slide."""
    slides: dict[str, list[Stretch]] = {}
    for one in stretches:
        piece = Stretch(place=one.place, shows=one.text[:MOST_WORDS])
        slides.setdefault(one.place.partition(" > ")[0], []).append(piece)
    parts = [Part(name=name, rows=tuple((one,) for one in pieces)) for name, pieces in slides.items()]
    return tuple(map(_cut, parts[: MOST_PARTS * 2]))


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
        rows.pop()  # formats below the data are no rows
    more = sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS
    return Part(name=sheet.title, table=True, rows=tuple(rows), more=more)


def _texts(shapes: Any) -> list[str]:
    found: list[str] = []
    for shape in shapes:
        if shape.shape_type is not None and hasattr(shape, "shapes"):
            found += _texts(shape.shapes)
        elif getattr(shape, "has_table", False) and shape.has_table:
            found += [_plain(p) for row in shape.table.rows for cell in row.cells for p in cell.text_frame.paragraphs]
        elif shape.has_text_frame:
            found += [_plain(p) for p in shape.text_frame.paragraphs]
    return [text for text in found if text.strip()]


def _plain(paragraph: Any) -> str:
    """Without the raised numbers that point to sources."""
    runs = paragraph.runs
    return "".join(r.text for r in runs if r._r.rPr is None or r._r.rPr.get("baseline") != _RAISED)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _cut(part: Part) -> Part:
    return (
        part if len(part.rows) <= MOST_ROWS else part.model_copy(update={"rows": part.rows[:MOST_ROWS], "more": True})
    )
