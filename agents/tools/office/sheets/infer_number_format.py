"""Infers a cell's number format if none is given."""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from agents.tools.office.cell_input import Content
from agents.tools.office.formulas import is_formula

_PERCENT = re.compile(r"%|\b(share|margin|growth|rate|ratio|change|uptime|churn)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(year|founded|since|established|fy)\b", re.IGNORECASE)
_PRICE = re.compile(r"\b(price|cost|fee|revenue|budget|spend|usd|eur|gbp)\b|[$€£]", re.IGNORECASE)
_AGGREGATE = re.compile(r"=\s*(SUM|MIN|MAX|AVERAGE|MEDIAN|SUMIFS?|ROUND|LARGE|SMALL)\(", re.IGNORECASE)
_MEAN = re.compile(r"=\s*(AVERAGE|MEDIAN)\(", re.IGNORECASE)
_LARGE, _SMALL = 10_000, 100
"""From here on decimals carry no information; below, a mean of whole numbers needs one."""
_PLAIN = re.compile(r'^(?P<head>[$]|"[^"]*")?#,##0(?P<decimals>\.0+)?$')


class CellRead(NamedTuple):
    """A cell that a formula reads: its value and its format."""

    value: Content
    shape: str


def number_format(value: Content, header: str, read: Sequence[CellRead]) -> str | None:
    """Returns a format for `value` under the words `header`; `read`: the cells that a formula reads."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _for_number(value, header)
    if isinstance(value, str) and is_formula(value):
        return _for_formula(value, header, read)
    return None


def estimate(formula: str, read: Sequence[CellRead]) -> float | None:
    """Estimates the result's size from what is read; None if that isn't possible."""
    numbers = [abs(r.value) for r in read if isinstance(r.value, int | float) and not isinstance(r.value, bool)]
    if not numbers or len(numbers) < len([r for r in read if r.value is not None]):
        return None
    if "/" in formula and not _AGGREGATE.match(formula):
        return None
    if _MEAN.match(formula):
        return sum(numbers) / len(numbers)
    factors = [float(f) for f in re.findall(r"(?<![\w.$])\d+(?:\.\d+)?(?![\w.(:])", formula)]
    return math.prod([*numbers, *factors]) if "*" in formula and "(" not in formula else sum(numbers)


def _for_number(value: float, header: str) -> str:
    if _YEAR.search(header) and float(value).is_integer() and 1000 <= value <= 2999:
        return "0"
    if isinstance(value, float) and _PERCENT.search(header) and abs(value) <= 1.5:
        return "0.0%"
    if float(value).is_integer():
        return "#,##0"
    return "#,##0.0" if round(value, 1) == value and not _PRICE.search(header) else "#,##0.00"


def _for_formula(formula: str, header: str, read: Sequence[CellRead]) -> str | None:
    if "%" in header:
        return "0.0%"
    shapes = [r.shape for r in read if r.shape not in ("General", "@")]
    # A quotient of two amounts is no longer an amount; an amount by a count is one.
    if "/" in formula and not _AGGREGATE.match(formula):
        heads = {m["head"] for f in shapes if (m := _PLAIN.match(f))}
        if len(heads) > 1:
            return with_decimals(next(f for f in shapes if (m := _PLAIN.match(f)) and m["head"]), 2)
        return "0.0%" if _PERCENT.search(header) else "#,##0.00"
    if re.match(r"=\s*(COUNT|RANK|MATCH|ROWS?\()", formula, re.IGNORECASE):
        return "#,##0"
    if not shapes or "&" in formula or not re.match(r"=[-+(]?\s*[A-Z'$]", formula, re.IGNORECASE):
        return None
    money = next((f for f in shapes if (m := _PLAIN.match(f)) and m["head"]), shapes[0])
    size = estimate(formula, read)
    if size is not None and size >= _LARGE:
        return with_decimals(money, 0)
    if size is not None and size < _SMALL and _MEAN.match(formula) and decimals(money) == 0:
        return with_decimals(money, 1)
    return money


def decimals(shape: str) -> int | None:
    """Returns the decimals of a plain or currency format; None for any other format."""
    match = _PLAIN.match(shape)
    return max(0, len(match["decimals"] or "") - 1) if match else None


def with_decimals(shape: str, places: int) -> str:
    """Returns the same plain or currency format with so many decimals; any other format as it is."""
    match = _PLAIN.match(shape)
    if not match:
        return shape
    # Money has no tenths.
    places = 2 if places == 1 and match["head"] else places
    return f"{match['head'] or ''}#,##0" + (f".{'0' * places}" if places else "")


def is_mean(value: Content) -> bool:
    return isinstance(value, str) and bool(_MEAN.match(value))
