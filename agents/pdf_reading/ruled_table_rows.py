"""Writes a table with borders as rows (pure)."""

from collections.abc import Iterable, Sequence

from agents.pdf_reading.letters import Letter
from agents.pdf_reading.reading_order import Row, cell_rows

_MOST_LINES = 12
"""A cell with more lines, other than a column of figures, is part of the page's layout."""


def is_frame(cells: Iterable[list[Letter]]) -> bool:
    """Returns whether the borders frame parts of the page, such as columns of text, rather than cells."""
    return any(len(rows) > _MOST_LINES and not _figures(rows) for rows in map(cell_rows, cells)) and not any(
        len(rows) > 1 and _figures(rows) for rows in map(cell_rows, cells)
    )


def table_rows(filled: dict[tuple[int, int], list[Letter]]) -> str:
    """Returns `| cell | cell |` for each row that isn't empty. Rows without a border between
    them are told apart by their figures."""
    starts = sorted({column for _, column in filled})
    lines: list[str] = []
    for row in sorted({row for row, _ in filled}):
        cells = [cell_rows(filled.get((row, column), ())) for column in starts]
        lines += ("| " + " | ".join(band) + " |" for band in _bands(cells) if any(band))
    return "\n".join(lines)


def _bands(cells: Sequence[list[Row]]) -> list[list[str]]:
    columns = [cell for cell in cells if len(cell) > 1 and _figures(cell)]
    if not columns or sum(len(cell) > 1 for cell in cells) < 2:
        return [[" ".join(_words(row) for row in cell) for cell in cells]]
    tops = [row.box.top for row in max(columns, key=len)]
    below = [*((a + b) / 2 for a, b in zip(tops[1:], _bottoms(columns)[:-1], strict=True)), float("-inf")]
    bands = [[list[str]() for _ in cells] for _ in tops]
    for column, cell in enumerate(cells):
        for row in cell:
            middle = (row.box.top + row.box.bottom) / 2
            band = next(n for n, floor in enumerate(below) if middle > floor)
            bands[band][column].append(_words(row))
    return [[" ".join(texts) for texts in band] for band in bands]


def _words(row: Row) -> str:
    return " ".join(piece.text for piece in row.pieces)


def _bottoms(columns: Sequence[list[Row]]) -> list[float]:
    return [row.box.bottom for row in max(columns, key=len)]


def _figures(cell: Sequence[Row]) -> bool:
    """Returns whether each line of the cell is a figure."""
    return all(sum(c.isdigit() for c in row.text) * 2 >= len(row.text.replace(" ", "")) for row in cell)
