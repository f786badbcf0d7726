"""Checks a workbook for common problems: numbers as text, totals, links to files, hidden sheets."""

import re
from collections.abc import Mapping
from typing import Any

from openpyxl.utils import get_column_letter

from agents.tools.office.content_checks import listed
from agents.tools.office.formulas import At, formula_text
from agents.tools.office.inspect import sheet_links
from orchestrator.domain.deliverables import Check

_NUMERIC = re.compile(r"\s*[-+]?[$€£]?\s?\d[\d,. ]*%?\s*")
_TOTAL = re.compile(r"(grand )?(total|sum)\b", re.IGNORECASE)
_MOST_ROWS, _NEAR = 5000, 0.005


def stumbling(book: Any, values: Mapping[At, Any]) -> list[Check]:
    """Checks numbers as text, wrong totals, links to other files, hidden sheets."""
    return [_numbers_as_text(book), _totals(book, values), _links(book), _hidden(book)]


def _numbers_as_text(book: Any) -> Check:
    bad: list[str] = []
    for sheet in book.worksheets:
        for column in sheet.iter_cols(min_row=2, max_row=min(sheet.max_row, _MOST_ROWS)):
            numbers = sum(isinstance(c.value, int | float) and not isinstance(c.value, bool) for c in column)
            texts = [c for c in column if isinstance(c.value, str) and _NUMERIC.fullmatch(c.value)]
            if numbers >= 2 and numbers > len(texts):
                bad += [f"{sheet.title}!{c.coordinate}" for c in texts if c.number_format != "@"]
    words = f"numbers stored as text: {listed(bad)}" if bad else "no number is stored as text"
    return Check(name="numbers", ok=not bad, words=words)


def _totals(book: Any, values: Mapping[At, Any]) -> Check:
    """Finds hard-coded totals that aren't the sum of the numbers above; ignores formulas."""
    bad: list[str] = []
    for sheet in book.worksheets:
        for row in range(3, min(sheet.max_row, _MOST_ROWS) + 1):
            label = sheet.cell(row, 1).value
            if isinstance(label, str) and _TOTAL.match(label.strip()):
                bad += [
                    f"{sheet.title}!{get_column_letter(c)}{row}"
                    for c in range(2, sheet.max_column + 1)
                    if _wrong(sheet, row, c, values)
                ]
    wrong = f"hard-coded totals that don't match the numbers above: {listed(bad)}"
    return Check(name="totals", ok=not bad, words=wrong if bad else "hard-coded totals add up")


def _wrong(sheet: Any, row: int, column: int, values: Mapping[At, Any]) -> bool:
    total = sheet.cell(row, column).value
    if isinstance(total, bool) or not isinstance(total, int | float):
        return False
    above: list[float] = []
    for r in range(row - 1, 1, -1):
        value = sheet.cell(r, column).value
        value = values.get((sheet.title, r, column)) if formula_text(value) else value
        if isinstance(value, bool) or not isinstance(value, int | float):
            break
        above.append(value)
    return len(above) > 1 and abs(sum(above) - total) > max(_NEAR, abs(total) * 1e-6)


def _links(book: Any) -> Check:
    files = [str(link.file_link.Target) for link in book._external_links if link.file_link is not None]
    bad = [f"it refers to other files, which recipients don't have: {listed(files)}"] if files else []
    bad += [f"broken links: {listed(nowhere)}"] if (nowhere := list(sheet_links.wrong(book))) else []
    return Check(
        name="links", ok=not bad, words="; ".join(bad) or "it doesn't refer to other files, and no links are broken"
    )


def _hidden(book: Any) -> Check:
    hidden = [s.title for s in book.worksheets if s.sheet_state != "visible"]
    return Check(name="hidden", ok=True, words=f"hidden sheets: {listed(hidden)}" if hidden else "no hidden sheets")
