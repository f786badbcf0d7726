"""Converts older and foreign office files for reading, and keeps the last copies for the next parts."""

import asyncio
import hashlib
from collections import OrderedDict

from agents.tools.office.libreoffice import convert
from agents.tools.office.odf_equations import with_formula_text
from orchestrator.errors import ToolFailed

_KEPT, _MOST_KEPT = 4, 40_000_000
_SLOWEST = 30.0
_copies: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()
"""Used by one event loop only; a second conversion of the same file only costs time."""


async def readable_copy(content: bytes, path: str, suffix: str, target: str) -> bytes:
    """Returns the file as `target` (docx, xlsx, pptx). Raises ToolFailed if LibreOffice is missing or can't open it."""
    key = (hashlib.sha256(content).hexdigest(), suffix, target)
    if key in _copies:
        _copies.move_to_end(key)
        return _copies[key]
    program = await convert.needed(suffix, path, "ask for it as docx, xlsx, pptx, or pdf")
    content = await asyncio.to_thread(with_formula_text, content, path)
    copy = await convert.convert(content, suffix, target, program=program, limit=_SLOWEST)
    if copy is None:
        raise ToolFailed(
            f"LibreOffice couldn't open {path!r}: it's damaged, password-protected, or a different type of "
            "file. Ask for the file again."
        )
    if len(copy) <= _MOST_KEPT:
        _copies[key] = copy
        while len(_copies) > _KEPT:
            _copies.popitem(last=False)
    return copy
