"""Turns a table block into a Word table: widths, alignment, a repeating header row."""

from typing import Any, Final, NamedTuple

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Emu, Pt, RGBColor

from agents.tools.office import house_style
from agents.tools.office.inline_markup import plain
from agents.tools.office.word.blocks import Block, cell_findings, cell_text, decimals, numeric
from agents.tools.office.word.footnotes import Footnotes
from agents.tools.office.word.markup_runs import words

SMALL: Final = 9
"""A table with up to so many rows is kept on one page."""

_EMU_PER_POINT = 12_700
_SIDES = 15.0
"""Points that a cell's padding and rules take from a column."""
_APART = 16.0
"""Points between figures, which end at the right, and words, which start at the left of the next column."""


class TableLook(NamedTuple):
    """How this document's tables look: the style's name, and whether the header is ours (white on the accent
    color)."""

    style: str
    ours: bool


def table(document: Any, block: Block, notes: Footnotes, look: TableLook, room: int) -> None:
    """Adds the table, `room` EMU wide. Its caption comes before it and isn't made here."""
    columns = max(len(row) for row in block.rows)
    made = document.add_table(len(block.rows), columns)
    made.style, made.alignment, made.autofit = look.style, WD_TABLE_ALIGNMENT.CENTER, False
    size = 10.0 if columns <= 6 else 9.0 if columns <= 9 else 8.0
    right = [_right(block, c) for c in range(columns)]
    apart = [_APART if here and not after else 0.0 for here, after in zip(right, [*right[1:], True], strict=True)]
    widths = _widths(block, apart, room, size)
    places = [decimals(block.rows, c) for c in range(columns)]
    total = len(block.rows) > 2 and plain(cell_text(block.rows[-1][0])).lower().startswith("total")
    for r, (row, line) in enumerate(zip(block.rows, made.rows, strict=True)):
        line._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        for c, cell in enumerate(line.cells):
            cell.width = widths[c]
            given = row[c] if c < len(row) else None
            paragraph = words(cell.paragraphs[0], cell_text(given, places[c]))
            _set(paragraph, size, right=right[c], apart=apart[c])
            if r == 0:
                _head(paragraph, white=look.ours)
            elif total and r == len(block.rows) - 1:
                for run in paragraph.runs:
                    run.bold = True
            paragraph.paragraph_format.keep_with_next = _together(r, len(block.rows))
            notes.mark(paragraph, cell_findings(given))
    made.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    for c, width in enumerate(widths):
        made.columns[c].width = width


def _together(row: int, rows: int) -> bool:
    """Returns whether this row stays with the next: always in small tables; elsewhere so that no row is alone on a
    page."""
    return row < rows - 1 and (rows <= SMALL or row in (0, rows - 2))


def _set(paragraph: Any, size: float, *, right: bool, apart: float) -> None:
    form = paragraph.paragraph_format
    # An exact height: otherwise a footnote mark would push its line below those of the other cells.
    form.space_before, form.space_after, form.line_spacing = Pt(2.5), Pt(2.5), Pt(size * 1.25)
    for run in paragraph.runs:
        run.font.size = Pt(size)
    if right:
        paragraph.alignment, form.right_indent = WD_ALIGN_PARAGRAPH.RIGHT, Pt(apart)


def _head(paragraph: Any, *, white: bool) -> None:
    """Sets white and bold on the runs too, because some readers ignore a table style's letters."""
    for run in paragraph.runs:
        run.bold = True
        if white:
            run.font.color.rgb = RGBColor.from_string(house_style.WHITE)


def _right(block: Block, column: int) -> bool:
    below = [row[column] for row in block.rows[1:] if column < len(row) and cell_text(row[column])]
    figures = [c for c in below if numeric(c) or _figure(cell_text(c))]
    return bool(figures) and len(figures) * 2 >= len(below)


def _figure(text: str) -> bool:
    return len(text) <= 16 and text.strip("$€£¥+-~ ")[:1].isdigit() and sum(c.isalpha() for c in text) <= 3


def _widths(block: Block, apart: list[float], room: int, size: float) -> list[Emu]:
    """Gives each column room for its longest word; the rest is shared by longest text, damped for columns of prose."""
    texts = [[plain(cell_text(row[c])) for row in block.rows if c < len(row)] for c in range(len(apart))]
    letter = size * 0.56 * _EMU_PER_POINT
    least = [
        max((len(w) for t in column for w in t.split()), default=1) * letter + (_SIDES + gap) * _EMU_PER_POINT
        for column, gap in zip(texts, apart, strict=True)
    ]
    weights = [max(4.0, *(min(60, len(t)) for t in column)) ** 0.75 for column in texts]
    spare = room - sum(least)
    if spare <= 0:
        return [Emu(int(room * w / sum(least))) for w in least]
    return [Emu(int(one + spare * w / sum(weights))) for one, w in zip(least, weights, strict=True)]
