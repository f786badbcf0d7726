"""Checks one file without other programs. Each function returns a Check and never raises."""

import ast
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml
from openpyxl.utils import get_column_letter
from PIL import Image, UnidentifiedImageError

from agents.tools.office import zip_package
from agents.tools.office.displayed_value import shown
from agents.tools.office.formulas import At, formula_text, is_error
from agents.tools.office.sheets.text_grid import column_width, wide
from orchestrator.domain.deliverables import Check
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_LEFT_OVER = re.compile(
    r"lorem ipsum|\bTODO\b|\bFIXME\b|\bTBD\b|\{\{[^}]*\}\}|\b[xX]{3,}\b|\[(?:insert|your|placeholder)\b[^\]]*\]",
    re.ASCII,
)
_MAIN_PART = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
_MOST_NAMED = 12


def office_package(content: bytes, path: str, suffix: str) -> Check:
    """Checks zip, content type and main part, because LibreOffice also opens HTML named .docx."""
    try:
        parts = zip_package.parts(content, path)
    except ToolFailed as error:
        return Check(name="opens", ok=False, words=str(error))
    kind = _MAIN_PART[suffix]
    ok = kind.encode() in parts.get("[Content_Types].xml", b"")
    return Check(
        name="type", ok=ok, words=f"it's a valid {suffix} file" if ok else f"{path!r} isn't a {suffix} file inside"
    )


def left_over(texts: Iterable[tuple[str, str]]) -> Check:
    """Checks for placeholder text; `texts` are (place, words)."""
    found = [f"{place}: {m[0]!r}" for place, words in texts if (m := _LEFT_OVER.search(words))]
    return Check(name="placeholders", ok=not found, words=listed(found) or "no placeholder text left")


def sheets_filled(book: Any) -> Check:
    filled = {s.title for s in book.worksheets if any(c.value is not None for row in s.iter_rows() for c in row)}
    empty = [s.title for s in book.worksheets if s.title not in filled and not s._charts and not s._images]
    words = f"empty sheets: {listed(empty)}" if empty else f"{counted(len(book.worksheets), 'sheet')}, none empty"
    return Check(name="content", ok=not empty, words=words)


def formula_errors(values: dict[At, Any], unknown: set[At], total: int) -> Check:
    bad = [f"{spoken(at)} is {v}" for at, v in values.items() if is_error(v)]
    note = (
        f"; {len(unknown)} not computed here (LibreOffice lacks a function that they need): "
        f"{listed(map(spoken, sorted(unknown)))}"
        if unknown
        else ""
    )
    words = f"formula errors: {listed(bad)}" if bad else f"{counted(total, 'formula')}, no errors"
    return Check(name="formulas", ok=not bad, words=words + note)


def typed_errors(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if is_error(cell.value):
                    yield f"{sheet.title}!{cell.coordinate}"


def columns_wide_enough(book: Any, values: dict[At, Any]) -> Check:
    """Checks for numbers too long for their column, which show as ####."""
    tight: list[str] = []
    for sheet in book.worksheets:
        for row in sheet.iter_rows(max_row=min(sheet.max_row, 5000)):
            for cell in row:
                value = cell.value
                if formula_text(value):
                    value = values.get((sheet.title, cell.row, cell.column))
                if isinstance(value, bool) or not isinstance(value, int | float) or cell.number_format == "General":
                    continue
                width = column_width(sheet, cell.column)
                if width and wide(shown(value, cell.number_format)) > width:
                    tight.append(f"{sheet.title}!{cell.coordinate}")
    words = f"columns too narrow, showing ####: {listed(tight)}" if tight else "every number fits its column"
    return Check(name="widths", ok=not tight, words=words)


def picture(content: bytes) -> Check:
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            empty = len(image.convert("RGB").resize((64, 64)).getcolors(4096) or [1, 2]) == 1
            words = f"{image.format} {image.width} x {image.height}"
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return Check(name="opens", ok=False, words="the picture can't be read and may be damaged")
    return Check(name="opens", ok=not empty, words=f"{words}, all of one color" if empty else words)


def source_text(text: str, suffix: str) -> Check:
    """Checks that code and data parse."""
    try:
        match suffix:
            case ".py":
                ast.parse(text)
            case ".json":
                json.loads(text)
            case ".yaml" | ".yml":
                yaml.safe_load(text)
            case _:
                pass
    except (SyntaxError, ValueError, yaml.YAMLError, RecursionError) as error:
        return Check(name="opens", ok=False, words=f"it can't be parsed: {' '.join(str(error).split())[:300]}")
    return Check(name="opens", ok=bool(text.strip()), words="readable text" if text.strip() else "the file is empty")


def listed(things: Iterable[str]) -> str:
    all_of = list(things)
    more = f" and {len(all_of) - _MOST_NAMED} more" if len(all_of) > _MOST_NAMED else ""
    return ", ".join(all_of[:_MOST_NAMED]) + more


def listed_pages(numbers: Sequence[str]) -> str:
    return f"page{'' if len(numbers) == 1 else 's'} {listed(numbers)}"


def spoken(at: At) -> str:
    return f"{at[0]}!{get_column_letter(at[2])}{at[1]}"


def even_rows(text: str) -> Check:
    """Checks that every row of a CSV file has as many fields as its header."""
    try:
        rows = list(csv.reader(io.StringIO(text)))
    except csv.Error as error:
        return Check(name="rows", ok=False, words=f"it isn't valid CSV: {error}")
    odd = [str(n) for n, row in enumerate(rows, 1) if row and len(row) != len(rows[0])]
    words = (
        f"rows with a different number of fields: {listed(odd)}"
        if odd
        else f"{counted(len(rows), 'row')} of {counted(len(rows[0]), 'field')}"
    )
    return Check(name="rows", ok=not odd, words=words)
