"""Finds the rows of a table that aren't data: totals, repeated headers, notes below."""

import re
from collections.abc import Sequence
from typing import Any

from agents.tools.data.in_sandbox.parse_values import decimal_of, is_empty, kind, read_number
from agents.tools.data.in_sandbox.table import PLACE, DataTable, located

_TOTALS = frozenset((
    "total", "totals", "grand total", "sum", "sums", "subtotal", "sub total", "sub-total", "overall", "summe", "gesamt",
    "gesamtsumme", "zwischensumme", "insgesamt", "total général", "total general", "totaux", "somme", "ensemble",
    "sous-total", "suma", "totales", "soma", "totais", "totale", "totali", "somma", "totaal", "subtotaal", "summa",
    "i alt", "sum i alt", "yhteensä", "razem", "ogółem", "celkem", "spolu", "összesen", "toplam", "ukupno",
    "skupaj", "итого", "всего", "разом", "усього", "σύνολο", "合計", "総計", "小計", "合计", "总计", "小计", "總計",
    "total result", "gesamtergebnis", "résultat total", "total resultado", "resultado total", "totale complessivo",
    "total geral", "eindtotaal", "suma końcowa", "общий итог", "総合計", "opening balance", "closing balance",
    "balance brought forward", "balance carried forward", "ending balance", "beginning balance",
    "saldo", "anfangssaldo",
    "endsaldo", "schlusssaldo", "alter kontostand", "neuer kontostand", "solde initial", "solde final",
    "saldo inicial", "saldo final", "saldo iniziale", "saldo finale", "beginsaldo", "eindsaldo",
    "합계", "genel toplam", "총계", "소계", "المجموع", "סה\"כ",
))  # fmt: skip
_TOTAL_MARKS = " =*-–—:._#+|"
_MARK = re.compile(r"\*{1,5}|[Σ∑]")
"""What stands for the word in exported lists; more stars are of a wider total."""
_LAST_ROWS, _FEWEST_SUMMED = 5, 3


def repeated_headers(table: DataTable) -> list[int]:
    """Returns indexes of rows that repeat the header, with the heading of a printed page above it."""
    header = [c.casefold() for c in table.header]
    found: list[int] = []
    for i, row in enumerate(table.rows):
        if header and [str(c or "").strip().casefold() for c in row[: len(header)]] == header:
            above = [c for c in table.rows[i - 1] if c is not None] if i and i - 1 not in found else []
            heading = len(above) == 1 and len(header) > 2 and kind(above[0]) == "text"
            found += [i - 1, i] if heading else [i]
    return found


def totals_rows(table: DataTable) -> list[int]:
    """Returns indexes of rows whose first filled cell is a word or mark for a total, and that hold less than a usual
    row or are among the last; and of last rows without a word whose figures are the sums of those above."""
    usual = sum(sum(not is_empty(c) for c in row) for row in table.rows) / max(1, len(table.rows))
    found: list[int] = []
    for i, row in enumerate(table.rows):
        filled = [c for c in row if not is_empty(c)]
        fewer = len(filled) < usual or i >= len(table.rows) - _LAST_ROWS
        if not filled or not fewer or len(row) < 2:
            continue
        marked = len(filled) < usual and _MARK.fullmatch(str(filled[0]).strip()) and _has_number(filled)
        if marked or _is_total(filled[0]) or (len(filled) < usual and _sums_up(table, i, found)):
            found.append(i)
    return found


def _has_number(cells: Sequence[Any]) -> bool:
    return any(kind(c) == "number" for c in cells)


def _sums_up(table: DataTable, i: int, before: Sequence[int]) -> bool:
    """Returns whether one of the last rows holds nothing but the sums of the columns above it, beside texts."""
    if i < max(_FEWEST_SUMMED, len(table.rows) - _LAST_ROWS):
        return False
    columns = [n for n, cell in enumerate(table.rows[i]) if kind(cell) == "number"]
    return bool(columns) and all(_is_sum(table, i, n, before) for n in columns)


def _is_sum(table: DataTable, i: int, n: int, before: Sequence[int]) -> bool:
    cells = [row[n] for k, row in enumerate(table.rows[: i + 1]) if k not in before and not is_empty(row[n])]
    mark = decimal_of(c for c in cells if isinstance(c, str))
    read = [read_number(c, mark) if isinstance(c, str) else c for c in cells]
    numbers = [float(v) for v in read if isinstance(v, int | float) and not isinstance(v, bool)]
    *above, last = numbers
    return len([v for v in above if v]) >= _FEWEST_SUMMED and abs(sum(above) - last) < 0.005 + 1e-9 * abs(last)


def _is_total(cell: Any) -> bool:
    """Returns whether it says "total", also with marks or a year: "=== Totals ===", "Total 2024:"."""
    words = str(cell).strip(_TOTAL_MARKS).casefold()
    return words in _TOTALS or re.sub(r"[\s(]*\d{4}\)?$", "", words) in _TOTALS


def note_rows(table: DataTable) -> list[int]:
    """Returns indexes of the last rows that hold one text in a table of at least three columns, such as a source."""
    if sum(sum(not is_empty(c) for c in row) for row in table.rows) < 2.5 * len(table.rows):
        return []
    found: list[int] = []
    for i in range(len(table.rows) - 1, max(0, len(table.rows) - 2 * _LAST_ROWS), -1):
        filled = [c for c in table.rows[i] if not is_empty(c)]
        if len(filled) != 1 or is_empty(table.rows[i][0]) or kind(filled[0]) != "text" or _is_total(filled[0]):
            break
        found.append(i)
    return found[::-1]


def not_data(table: DataTable) -> str:
    """Returns a sentence about rows that a sum or count shouldn't include; empty if there are none."""
    parts = (
        ("totals", totals_rows(table)),
        ("repeated headers", repeated_headers(table)),
        ("notes", note_rows(table)),
    )
    said = [f"{words} in {located(table.unit, [table.places[i] for i in rows])}" for words, rows in parts if rows]
    if not said:
        return ""
    places = sorted(table.places[i] for _, rows in parts for i in rows)
    without = f"; leave them out with {PLACE} NOT IN ({', '.join(map(str, places))})" if len(places) <= 12 else ""
    return f"some rows aren't data: {', '.join(said)}{without}"
