"""Copies a table that a person attached onto its own sheet."""

import re
from typing import Any

from agents.models.rehearsal import replies
from agents.models.rehearsal.parse_prompt import SortedConversation
from orchestrator.domain.model_messages import Reply

_ROW = re.compile(r"^\s*\d+\|(?P<cells>.*)$", re.MULTILINE)


def copy(desk: SortedConversation, path: str) -> Reply | None:
    """Returns the next step for the first attached table that isn't in the workbook yet."""
    for file, sheet in _sheets(desk):
        if any(d.call.args.get("sheet") == sheet for d in desk.of("sheet_write")):
            continue
        read = [d for d in desk.of("sheet_read") if d.call.args.get("path") == file]
        if not read:
            return replies.act(f"Reading {file}.", replies.wish("sheet_read", path=file))
        rows = table(read[-1].text) if read[-1].ok else []
        if rows:
            wish = replies.wish("sheet_write", path=path, sheet=sheet, cell="A1", rows=rows)
            return replies.act(f"Copying {file} to the sheet {sheet!r}.", wish)
    return None


def mention(desk: SortedConversation) -> str:
    """Says which attached tables are in the workbook; empty without any."""
    copied = [f for f, sheet in _sheets(desk) if _is_written(desk, sheet)]
    if not copied:
        return ""
    own = "its own sheet" if len(copied) == 1 else "sheets of their own"
    return f"with your {replies.listing([f.rpartition('/')[2] for f in copied])} on {own}"


def _sheets(desk: SortedConversation) -> list[tuple[str, str]]:
    """Returns each attached table, and the sheet it goes onto."""
    return [(file, f"Attached {n}" if n > 1 else "Attached") for n, file in enumerate(desk.attachments, 1)]


def _is_written(desk: SortedConversation, sheet: str) -> bool:
    return any(d.ok and d.call.args.get("sheet") == sheet for d in desk.of("sheet_write"))


def table(text: str) -> list[list[Any]]:
    """Returns the rows of a table as `sheet_read` shows it; numbers become numbers."""
    return [[_value(cell.strip()) for cell in row["cells"].split(" |")] for row in _ROW.finditer(text)]


def _value(text: str) -> Any:
    if re.fullmatch(r"-?(0|[1-9]\d{0,14})(\.\d+)?", text):
        return float(text) if "." in text else int(text)
    # A leading '=' in a person's table is text, not a formula of ours.
    return {"value": text, "format": "text"} if text.startswith("=") else text or None
