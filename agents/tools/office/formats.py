"""Which number format a cell gets when nobody said one."""

import re
from collections.abc import Iterable

from agents.tools.office.cells import Content

_PERCENT = re.compile(r"%|\b(share|margin|growth|rate|ratio|change|uptime|churn)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(year|founded|since|established|fy)\b", re.IGNORECASE)
_PRICE = re.compile(r"\b(price|cost|fee|revenue|budget|spend|usd|eur|gbp)\b|[$€£]", re.IGNORECASE)
_AGGREGATE = re.compile(r"=\s*(SUM|MIN|MAX|AVERAGE|MEDIAN|SUMIFS?|ROUND|LARGE|SMALL)\(", re.IGNORECASE)
_PLAIN = re.compile(r'^(?P<head>[$]|"[^"]*")?#,##0(?P<decimals>\.0+)?$')


def number_format(value: Content, header: str, read: Iterable[str]) -> str | None:
    """A format for `value` under the words `header`; `read` are the formats of the cells that a formula reads."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _for_number(value, header)
    if isinstance(value, str) and value.startswith("="):
        return _for_formula(value, header, [f for f in read if f not in ("General", "@")])
    return None


def _for_number(value: float, header: str) -> str:
    if _YEAR.search(header) and float(value).is_integer() and 1000 <= value <= 2999:
        return "0"
    if isinstance(value, float) and _PERCENT.search(header) and abs(value) <= 1.5:
        return "0.0%"
    if float(value).is_integer():
        return "#,##0"
    return "#,##0.0" if round(value, 1) == value and not _PRICE.search(header) else "#,##0.00"


def _for_formula(formula: str, header: str, read: list[str]) -> str | None:
    if "%" in header:
        return "0.0%"
    # A quotient of two amounts is no longer an amount.
    if "/" in formula and not _AGGREGATE.match(formula):
        symbols = {m["head"] for f in read if (m := _PLAIN.match(f))}
        if len(symbols) > 1:
            return with_decimals(next(f for f in read if (m := _PLAIN.match(f)) and m["head"]), 2)
        return "0.0%" if _PERCENT.search(header) else "#,##0.00"
    if read and re.match(r"=\s*(AVERAGE|MEDIAN)\(", formula, re.IGNORECASE):
        return with_decimals(read[0], max(1, decimals(read[0]) or 0))
    if re.match(r"=\s*COUNT", formula, re.IGNORECASE):
        return "#,##0"
    return read[0] if read and re.match(r"=[-+(]?\s*[A-Z'$]", formula, re.IGNORECASE) and "&" not in formula else None


def decimals(shape: str) -> int | None:
    """How many decimals a plain or currency format shows; None for any other format."""
    match = _PLAIN.match(shape)
    return max(0, len(match["decimals"] or "") - 1) if match else None


def with_decimals(shape: str, places: int) -> str:
    """The same plain or currency format with so many decimals; any other format as it is."""
    match = _PLAIN.match(shape)
    if not match:
        return shape
    # Money has no tenths.
    places = 2 if places == 1 and match["head"] else places
    return f"{match['head'] or ''}#,##0" + (f".{'0' * places}" if places else "")
