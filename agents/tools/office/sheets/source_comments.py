"""Adds the source of a figure as a comment on its cell."""

from collections.abc import Mapping
from typing import Any

from openpyxl.comments import Comment

from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId

_AUTHOR = "threadwork"
_WIDTH, _HEIGHT = 340, 120


def note(cell: Any, findings: tuple[Finding, ...], rows: Mapping[FindingId, str] | None = None) -> None:
    """Writes the source as a comment on the cell, with its row in Sources; a person's own comment isn't changed."""
    if cell.comment is not None and cell.comment.author != _AUTHOR:
        return
    cell.comment = None
    if findings:
        cell.comment = Comment("\n\n".join(_spoken(f, (rows or {}).get(f.id, "")) for f in findings)[:1500], _AUTHOR)


def size_notes(book: Any) -> None:
    """Sets our comments' size, which openpyxl drops when it reads a file."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == _AUTHOR:
                    cell.comment.width, cell.comment.height = _WIDTH, _HEIGHT


def _spoken(finding: Finding, row: str) -> str:
    head = f"[{finding.id}] {finding.kind}{f' ({row})' if row else ''}"
    if finding.source is None:
        return f"{head}: the agent's own statement"
    quote = f"\n“{finding.source.quote[:300]}”" if finding.source.quote else ""
    seen = f"\nseen {finding.source.seen_at:%Y-%m-%d %H:%M}" if finding.source.seen_at else ""
    doubt = f"\nnot checked: {finding.source.unchecked[:300]}" if finding.source.unchecked else ""
    return f"{head}\n{finding.source.where[:300]}{quote}{seen}{doubt}"
