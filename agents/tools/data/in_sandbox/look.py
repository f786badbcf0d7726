"""Answers data_look: file type, columns, problems, first rows."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from agents.tools.data.in_sandbox import profile
from agents.tools.data.in_sandbox.read_tables import read
from agents.tools.data.in_sandbox.table import DataTable
from orchestrator.domain.plural import counted

_MOST_ROWS = 50_000
_MOST_COLUMNS = 80
_MOST_SUSPICIONS = 40
_FIRST = 3


def run(request: dict[str, Any]) -> str:
    """`request`: file, encoding. Raises CannotDo."""
    how: dict[str, Any] = {"encoding": request.get("encoding", ""), "copies": request.get("copies")}
    return told(request["file"], read(request["file"], most=_MOST_ROWS, **how))


def told(name: str, table: DataTable) -> str:
    """Describes the table."""
    part = f"; this covers {table.sample or f'the first {len(table.rows):,}'}" if table.total else ""
    places = f" ({table.unit}s {table.places[0]}-{table.places[-1]})" if table.places else ""
    head = (
        f"{name}: {table.kind}, {table.about}{counted(table.total or len(table.rows), 'row')}{places}{part}, "
        f"{counted(len(table.columns), 'column')}."
    )
    lines = [head, *(f"Note: {note}." for note in table.notes)]
    described = [tuple(c) for c in profile.profile(table)]
    lines += ["", grid(profile.ColumnProfile._fields, described[:_MOST_COLUMNS])]
    if len(described) > _MOST_COLUMNS:
        lines.append(
            f"… and {counted(len(described) - _MOST_COLUMNS, 'more column')}: "
            f"{', '.join(table.columns[_MOST_COLUMNS:])[:2000]}"
        )
    found = list(islice(profile.suspicions(table), _MOST_SUSPICIONS))
    lines += ["", "Problems:", *(f"- {words}" for words in found)] if found else ["", "No problems found."]
    first = [
        (p, *(profile.shown(c)[:40] for c in row)) for p, row in zip(table.places[:_FIRST], table.rows, strict=False)
    ]
    lines += ["", f"First {table.unit}s:", grid((table.unit, *table.columns), first)]
    if table.places:
        lines.append(
            f"\nFor share_finding: source_file={name!r}, locator='{table.unit}s {table.places[0]}-{table.places[-1]}'."
        )
    return "\n".join(lines)


def grid(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Returns a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines)


def _cell(value: Any) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
