"""Parses page numbers as people write them: '3', '2-5', '1,4-6'."""

import re
from collections.abc import Sequence
from itertools import groupby

from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_PART = re.compile(r"\s*(\d+)\s*(?:-\s*(\d*))?\s*")


def chosen(words: str, count: int, path: str) -> list[int]:
    """Returns the pages, from 1, in the order given; all if `words` is empty. Raises ToolFailed for a missing page."""
    if not words.strip():
        return list(range(1, count + 1))
    found: list[int] = []
    for part in words.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ToolFailed(f"{words!r} isn't a page range. Use a format like '3', '2-5', or '1,4-6'.")
        first = int(match[1])
        last = first if match[2] is None else int(match[2] or count)
        if not 1 <= first <= last <= count:
            raise ToolFailed(f"{path!r} has {counted(count, 'page')}; {part.strip()!r} isn't among them.")
        found += range(first, last + 1)
    return found


def ranged(numbers: Sequence[int]) -> str:
    """Returns rising page numbers as `chosen` reads them, e.g. '3,5-9'."""
    parts: list[str] = []
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        parts.append(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]))
    return ",".join(parts)
