"""Parses formulas: checks that Excel accepts them, and finds the cells they read."""

import re
from typing import Any

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.utils import range_boundaries

from orchestrator.errors import ToolFailed

At = tuple[str, int, int]
"""Sheet, row, column."""
_NEWER = ["CONCAT", "IFS", "MAXIFS", "MINIFS", "SWITCH", "TEXTJOIN", "IFNA", "XOR", "DAYS", "ISOWEEKNUM", "NUMBERVALUE"]
_NEWEST = [
    "ARRAYTOTEXT",
    "BYCOL",
    "BYROW",
    "CHOOSECOLS",
    "CHOOSEROWS",
    "DROP",
    "EXPAND",
    "HSTACK",
    "LAMBDA",
    "LET",
    "MAKEARRAY",
    "MAP",
    "RANDARRAY",
    "REDUCE",
    "SCAN",
    "SEQUENCE",
    "SORTBY",
    "TAKE",
    "TEXTAFTER",
    "TEXTBEFORE",
    "TEXTSPLIT",
    "TOCOL",
    "TOROW",
    "UNIQUE",
    "VALUETOTEXT",
    "VSTACK",
    "WRAPCOLS",
    "WRAPROWS",
    "XLOOKUP",
    "XMATCH",
]
_PREFIX = {name: f"_xlfn.{name}" for name in (*_NEWER, *_NEWEST)} | {
    "FILTER": "_xlfn._xlws.FILTER",
    "SORT": "_xlfn._xlws.SORT",
}
"""Functions newer than the file format: without the prefix Excel shows #NAME?."""
_REACHING_OUT = {"WEBSERVICE", "RTD", "CALL", "REGISTER.ID", "DDE", "IMAGE"}
NOT_IN_LIBREOFFICE = frozenset((*_NEWEST, "FILTER", "SORT"))
"""Functions that LibreOffice 7.4 lacks: #NAME? there means "not computed here", not an error."""
_CELLS = re.compile(r"\$?[A-Za-z]{1,3}\$?\d+(:\$?[A-Za-z]{1,3}\$?\d+)?")
_ADD_INS = ("_XLL.", "_XLUDF.", "[")
_OTHER_FILE = re.compile(r"\[\d+\]")
_MOST_CELLS = 2000
_BEGINNING = re.compile(r"=\s*[^\s=<>*/^&,;:)\]}%|?!~]")


def checked_formula(formula: str) -> str:
    """Returns the formula as Excel stores it. Raises ToolFailed if Excel would reject it, or if it fetches external
    data."""
    items = _tokens(formula)
    depth = 0
    for item in items:
        kind, subtype, value = str(item.type), str(item.subtype), str(item.value)
        depth += {"OPEN": 1, "CLOSE": -1}.get(subtype, 0)
        if depth < 0:
            break
        if kind == "SEP" and subtype == "ROW" and "{" not in formula:
            raise ToolFailed(f"The formula {formula!r} uses semicolons. Use commas.")
        if kind == "FUNC" and subtype == "OPEN":
            name = value[:-1].upper()
            if name.removeprefix("_XLFN.") in _REACHING_OUT:
                raise ToolFailed(
                    f"The formula {formula!r} would fetch data from outside the file. Write the value instead."
                )
            item.value = _PREFIX.get(name, value[:-1]) + "("
    if depth != 0:
        raise ToolFailed(f"The formula {formula!r} has unbalanced brackets. Correct it.")
    return "=" + "".join(str(item.value) for item in items)


def is_formula(value: Any) -> bool:
    """Returns whether a text is meant as a formula: what follows "=" can begin one, unlike in "=== Totals ===" or
    "=> see below"."""
    return isinstance(value, str) and bool(_BEGINNING.match(value))


def functions(formula: str) -> set[str]:
    """Returns the names of the functions it calls, without prefixes."""
    return {
        str(item.value)[:-1].upper().rsplit(".", 1)[-1]
        if str(item.value).upper().startswith("_XLFN")
        else str(item.value)[:-1].upper()
        for item in _quietly(formula)
        if str(item.type) == "FUNC" and str(item.subtype) == "OPEN"
    }


def beyond_libreoffice(formula: str, error: str) -> bool:
    """Returns whether the error comes from LibreOffice: newer functions, add-ins, other files, parts of tables."""
    named = functions(formula)
    newer = error == "#NAME?" and bool(named & NOT_IN_LIBREOFFICE)
    elsewhere = any(f.startswith(_ADD_INS) for f in named) or _OTHER_FILE.search(formula) is not None
    return newer or elsewhere or "[#" in formula or "[@" in formula


def reads(formula: str, sheet: str) -> list[At]:
    """Returns the cells it reads directly; names, whole columns and huge ranges are left out."""
    found: list[At] = []
    for item in _quietly(formula):
        if str(item.type) != "OPERAND" or str(item.subtype) != "RANGE":
            continue
        place, _, cells = str(item.value).rpartition("!")
        if not _CELLS.fullmatch(cells):
            continue
        left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(cells.replace("$", "")))
        if (right - left + 1) * (bottom - top + 1) <= _MOST_CELLS:
            name = place.strip("'").replace("''", "'") or sheet
            found += [(name, row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
    return found


def formula_text(value: Any) -> str | None:
    """Returns the formula in a cell's value, including an array formula; None if it isn't one."""
    text = value if isinstance(value, str) else getattr(value, "text", None)
    return text if is_formula(text) else None


def is_error(value: Any) -> bool:
    return isinstance(value, str) and value in ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


def _tokens(formula: str) -> list[Any]:
    try:
        return list(Tokenizer(formula).items)
    except (TokenizerError, IndexError) as error:
        raise ToolFailed(f"The formula {formula!r} can't be parsed: {error}. Correct it.") from error


def _quietly(formula: str) -> list[Any]:
    """Returns tokens of a formula from a file; none if it can't be parsed."""
    try:
        return _tokens(formula)
    except ToolFailed:
        return []
