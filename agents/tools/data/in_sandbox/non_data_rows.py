"""Finds the rows of a table that aren't data: totals, repeated headers, notes below."""

import re
from typing import Any

from agents.tools.data.in_sandbox.parse_values import is_empty, kind
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
_LAST_ROWS = 5


def repeated_headers(table: DataTable) -> list[int]:
    """Returns indexes of rows that repeat the header."""
    header = [c.casefold() for c in table.header]
    return [
        i for i, row in enumerate(table.rows)
        if header and [str(c or "").strip().casefold() for c in row[: len(header)]] == header
    ]  # fmt: skip


def totals_rows(table: DataTable) -> list[int]:
    """Returns indexes of rows whose first filled cell is a word for a total, and that hold less than a usual row or are
    among the last."""
    usual = sum(sum(not is_empty(c) for c in row) for row in table.rows) / max(1, len(table.rows))
    found: list[int] = []
    for i, row in enumerate(table.rows):
        filled = [c for c in row if not is_empty(c)]
        fewer = len(filled) < usual or i >= len(table.rows) - _LAST_ROWS
        if filled and fewer and len(row) > 1 and _is_total(filled[0]):
            found.append(i)
    return found


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
