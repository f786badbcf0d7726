"""Gives a workbook the values that its formulas lack, computed once by LibreOffice, before anything is read from it."""

import asyncio
import hashlib
from collections import OrderedDict

from agents.tools.office.libreoffice import convert
from agents.tools.office.libreoffice.pool import LibreOfficeFailed, LibreOfficeSlow
from agents.tools.office.package_reader import odd_content
from agents.tools.office.sheets.copy_computed_values import without_values
from agents.tools.office.sheets.formulas_without_values import FilledBook, filled, formulas_found
from orchestrator.errors import ToolFailed

_KEPT, _MOST_KEPT = 4, 40_000_000
_SLOWEST = 30.0
_known: OrderedDict[str, FilledBook] = OrderedDict()
"""Used by one event loop only; a second computation of the same file only costs time."""


async def with_values(content: bytes, path: str) -> FilledBook:
    """Returns the workbook with values for its formulas, where LibreOffice is installed and can compute them."""
    key = hashlib.sha256(content).hexdigest()
    if key in _known:
        _known.move_to_end(key)
        return _known[key]
    found = await _computed(content, path)
    if found is None:
        return FilledBook(content, {})
    if len(found.content) <= _MOST_KEPT:
        _known[key] = found
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return found


async def _computed(content: bytes, path: str) -> FilledBook | None:
    """Returns the workbook, as it is where nothing can be computed; None if LibreOffice may do so another time."""
    as_it_is = FilledBook(content, {})
    try:
        with odd_content(path):
            missing, dummies = await asyncio.to_thread(formulas_found, content, path)
            if not missing and not dummies:
                return as_it_is
            if (program := await convert.program_for(".xlsx")) is None:
                return None
            given = await asyncio.to_thread(without_values, content) if dummies else content
            copy = await convert.convert(given, ".xlsx", "xlsx", program=program, limit=_SLOWEST)
            return await asyncio.to_thread(_filled, content, path, copy, every=dummies) if copy else as_it_is
    except ToolFailed as error:  # the reader says what is wrong with the file, or that values are missing
        again = isinstance(error, LibreOfficeFailed) and not isinstance(error, LibreOfficeSlow)
        return None if again else as_it_is


def _filled(content: bytes, path: str, copy: bytes, *, every: bool) -> FilledBook:
    return filled(content, path, copy, every=every)
