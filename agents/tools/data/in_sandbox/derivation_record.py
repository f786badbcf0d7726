"""Records how a saved file was made: from which files, and by what."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from agents.tools.data.in_sandbox.read_tables import place
from agents.tools.data.in_sandbox.table import DataTable
from orchestrator.domain.plural import counted

_MOST_STEPS, _MOST_FILES, _LONGEST, _LONGEST_QUERY = 30, 20, 300, 4000


def files(tables: Mapping[str, DataTable]) -> list[dict[str, Any]]:
    """Name, content hash and rows of each file that was read. `tables`: what was read, by file or 'file#part'."""
    return [
        {"name": spec, "sha256": _digest(spec), "rows": len(table.rows)}
        for spec, table in list(tables.items())[:_MOST_FILES]
    ]


def cleaned(of: Sequence[dict[str, Any]], steps: Sequence[str], rows: int) -> dict[str, Any]:
    """The record of a clean-up."""
    by = [step[:_LONGEST] for step in steps[:_MOST_STEPS]]
    by += [f"and {counted(len(steps) - _MOST_STEPS, 'more step')}"] if len(steps) > _MOST_STEPS else []
    return {"of": of, "by": by, "rows": rows}


def asked(of: Sequence[dict[str, Any]], sql: str, rows: int) -> dict[str, Any]:
    """The record of a query."""
    return {"of": of, "by": [" ".join(sql.split())[:_LONGEST_QUERY]], "rows": rows, "query": True}


def _digest(spec: str) -> str:
    with place(spec).path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
