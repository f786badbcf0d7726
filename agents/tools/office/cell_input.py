"""Interprets what a caller puts into a cell: value, findings, format."""

import re
from datetime import date, datetime
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from agents.tools.office.formulas import checked_formula, is_formula
from orchestrator.domain.ids import FindingId

Scalar = str | int | float | bool | None
Content = str | int | float | bool | date | datetime | None


class Traced(BaseModel):
    """A value with the findings behind it, and its format."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Scalar
    finding: Annotated[str | list[str] | None, Field(description="ID or IDs of the findings behind this value")] = None
    format: Annotated[
        str | None,
        Field(
            description="currency, currency:EUR, percent, integer, decimal, date, month, multiple, text, or an "
            "Excel format"
        ),
    ] = None


Cell = str | int | float | bool | Traced | None


class CellInput(NamedTuple):
    """A cell ready to be written. `format` is an Excel number format, or None to infer one."""

    value: Content
    findings: tuple[FindingId, ...] = ()
    format: str | None = None


SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CHF": "CHF ", "CNY": "CN¥", "INR": "₹"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?")
_MONEY = re.compile(r"(-?)([$€£])(\d{1,3}(?:,\d{3})+|\d+)(\.\d{1,2})?")
_PERCENT = re.compile(r"(-?\d+(?:\.\d+)?)\s?%")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST = 32_000


def entry(cell: Cell) -> CellInput:
    """Interprets `cell`. Raises ToolFailed for a formula that Excel would reject."""
    if not isinstance(cell, Traced):
        value, shape = _content(cell)
        return CellInput(value, (), shape)
    ids = [cell.finding] if isinstance(cell.finding, str) else cell.finding or []
    shape = excel_format(cell.format, cell.value)
    value, inferred = (cell.value, "@") if shape == "@" else _content(cell.value)
    return CellInput(value, tuple(FindingId(i) for i in dict.fromkeys(ids)), shape or inferred)


def excel_format(name: str | None, value: Scalar) -> str | None:
    """Returns the Excel number format for a short name; unknown names are taken as Excel formats."""
    if not name:
        return None
    word, _, detail = name.strip().partition(":")
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    match word.lower():
        case "currency":
            symbol = SYMBOLS.get(detail.upper() or "USD", detail.upper() + " ")
            return money_format(symbol, cents=not whole and not isinstance(value, str))
        case "percent":
            return "0.0%"
        case "integer":
            return "#,##0"
        case "decimal" | "number":
            return "#,##0.00"
        case "date":
            return "yyyy-mm-dd"
        case "month":
            return "mmm yyyy"
        case "multiple":
            return '0.0"x"'
        case "text":
            return "@"
        case "year" | "general":
            return "0" if word.lower() == "year" else "General"
        case _:
            return name


def money_format(symbol: str, *, cents: bool) -> str:
    quoted = symbol if symbol == "$" else f'"{symbol}"'
    return f"{quoted}#,##0.00" if cents else f"{quoted}#,##0"


def _content(value: Scalar) -> tuple[Content, str | None]:
    if not isinstance(value, str):
        return value, None
    if is_formula(value):
        return checked_formula(value), None
    return _meaning(_CONTROL.sub("", value)[:_LONGEST])


def _meaning(text: str) -> tuple[Content, str | None]:
    """Converts dates, money and percentages written as text; everything else stays text."""
    trimmed = text.strip()
    try:
        if _DATE.fullmatch(trimmed):
            return date.fromisoformat(trimmed), "yyyy-mm-dd"
        if _MOMENT.fullmatch(trimmed):
            # Excel knows no time zones; the clock time stays as it was written.
            return datetime.fromisoformat(trimmed).replace(tzinfo=None), "yyyy-mm-dd hh:mm"
    except ValueError:
        return text, None
    if money := _MONEY.fullmatch(trimmed):
        sign, symbol, whole, cents = money.groups()
        number = float(sign + whole.replace(",", "") + (cents or ""))
        return (number if cents else int(number)), money_format(symbol, cents=bool(cents))
    if share := _PERCENT.fullmatch(trimmed):
        places = len(share[1].partition(".")[2])
        return round(float(share[1]) / 100, places + 4), "0" + (f".{'0' * places}" if places else "") + "%"
    return text, None
