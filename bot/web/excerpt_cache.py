"""Reads excerpts of files that wait for a decision from the shelf, once each."""

import asyncio
from collections import OrderedDict
from pathlib import Path

from bot.web.file_excerpt import Excerpt, excerpt, readable
from orchestrator.domain.ids import Sha
from orchestrator.domain.people import FileRef
from orchestrator.errors import NotFound
from orchestrator.ports import Shelf

MOST_BYTES = 64 * 1024
MOST_KEPT = 64


class Excerpts:
    """Reads each file once; the least recently shown one is dropped first."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._kept: OrderedDict[tuple[Sha, str], Excerpt | None] = OrderedDict()

    async def of(self, file: FileRef) -> Excerpt | None:
        """Returns None if it isn't readable text or isn't on the shelf."""
        key = (file.sha, file.name)
        if not readable(file.name):
            return None
        if key not in self._kept:
            try:
                head = await asyncio.to_thread(_head, await self._shelf.path(file.sha))
            except (NotFound, OSError):
                return None
            self._kept[key] = excerpt(file.name, head, more=file.size > len(head))
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES)
