"""What a row of the claims suite is: a file whose claim is wrong, and the same file with the claim right."""

from dataclasses import dataclass, field
from typing import Any

from tests.claims.board import COMPANIES, name_of


@dataclass(frozen=True)
class Said:
    """What the file says: words with the findings they cite, or a table, or a chart beside a table."""

    text: str = ""
    cites: tuple[str, ...] = ()
    title: str = ""
    rows: tuple[tuple[Any, ...], ...] = ()
    chart: tuple[tuple[Any, ...], ...] = ()
    areas: tuple[str, str] = ("", "")
    """Of a workbook's chart: labels and values."""


@dataclass(frozen=True)
class Case:
    kind: str
    suffix: str
    wrong: Said
    right: Said
    name: str = field(default="", compare=False)


def all_of(measure: str) -> tuple[str, ...]:
    return tuple(name_of(measure, c) for c in COMPANIES)


def says(kind: str, suffix: str, wrong: str, right: str, *cites: str) -> Case:
    return Case(kind, suffix, Said(wrong, cites), Said(right, cites))


def cell(measure: str, company: str, value: Any = None) -> dict[str, Any]:
    """A cell with its finding."""
    column = ("price", "customers", "revenue", "growth", "staff", "founded", "rating").index(measure)
    return {"value": COMPANIES[company][column] if value is None else value, "finding": name_of(measure, company)}


def table(*measures: str, heads: tuple[str, ...], last: tuple[Any, ...] = ()) -> tuple[tuple[Any, ...], ...]:
    """A row for each company, and perhaps one below them."""
    lines = [(c, *(cell(m, c) for m in measures)) for c in COMPANIES]
    return (("Company", *heads), *lines, *([last] if last else ()))


def tables(kind: str, suffix: str, wrong: Any, right: Any) -> Case:
    return Case(kind, suffix, Said(rows=wrong), Said(rows=right))
