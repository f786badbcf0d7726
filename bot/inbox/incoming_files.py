"""Fetches the files of messages onto the shelf. One that can't be fetched is named, and the others are kept."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from bot.chat_platform import RemoteFile
from bot.inbox.download import MOST_FILE
from bot.outbox.monotonic_clock import Ticks
from orchestrator.domain.attachment_names import safe_name
from orchestrator.domain.people import FileRef, MessageBackground
from orchestrator.domain.plural import counted
from orchestrator.errors import PlatformFailed, PlatformRefused, RateLimited, Refused
from orchestrator.ports import Shelf

MOST_FILES = 30
"""Files of one message."""
MOST_NAMED = 10
MOST_TEXT = 18_000
AT_ONCE = 3
FETCH_TRIES = 3
MOST_PAUSE = 60.0
Fetch = Callable[[RemoteFile], Awaitable[bytes]]


class ArrivedFiles(NamedTuple):
    """The files that could be fetched, and a sentence about each that couldn't. `each`: by position, None for those."""

    each: tuple[FileRef | None, ...]
    problems: tuple[str, ...]

    @property
    def files(self) -> tuple[FileRef, ...]:
        return tuple(file for file in self.each if file is not None)


class MessageParts(NamedTuple):
    """A message's own files that could be fetched, and what it builds on."""

    files: tuple[FileRef, ...]
    background: MessageBackground


class FileFetcher:
    """Fetches from one platform."""

    def __init__(self, shelf: Shelf, fetch: Fetch, ticks: Ticks) -> None:
        self._shelf, self._fetch, self._ticks = shelf, fetch, ticks

    async def all(self, files: Sequence[RemoteFile]) -> tuple[FileRef, ...]:
        """Returns all of them. Raises Refused with a sentence if one can't be fetched."""
        found = await self.possible(files)
        if found.problems:
            raise Refused(" ".join(found.problems))
        return found.files

    async def possible(self, files: Sequence[RemoteFile], *, most: int = MOST_FILES) -> ArrivedFiles:
        """Returns those that can be fetched, the first `most` at most. Raises OutOfSpace."""
        turns = asyncio.Semaphore(AT_ONCE)  # limits how many files are in memory at once
        each = await asyncio.gather(*(self._one(file, turns) for file in files[:most]))
        problems = [one for one in each if isinstance(one, str)]
        problems += too_many([file.name for file in files[most:]], most)
        return ArrivedFiles(tuple(None if isinstance(one, str) else one for one in each), tuple(problems))

    async def words(self, file: RemoteFile) -> str:
        """Returns what is written or said in it, `MOST_TEXT` bytes at most; nothing if it can't be fetched."""
        wanted = file.model_copy(update={"holds": "transcript"}) if file.holds == "speech" else file
        try:
            content = await self._fetched(wanted)
        except Refused:
            return ""
        return content[:MOST_TEXT].decode("utf-8-sig", "replace").strip()

    async def _one(self, file: RemoteFile, turns: asyncio.Semaphore) -> FileRef | str:
        """Returns the file, or a sentence that says why not."""
        name = safe_name(file.name)
        if file.problem:
            return f"The file {name!r} {file.problem}."
        async with turns:
            try:
                _check_size(name, file.size)
                content = await self._fetched(file.model_copy(update={"name": name}))
                _check_size(name, len(content))
            except Refused as error:
                return str(error)
            return await self._shelf.put(content, name=name, media=file.media)

    async def _fetched(self, file: RemoteFile) -> bytes:
        for again in range(1, FETCH_TRIES + 1):
            try:
                return await self._fetch(file)
            except PlatformFailed as error:
                if isinstance(error, PlatformRefused) or again == FETCH_TRIES:
                    raise Refused(_sentence(file, error)) from error
                pause = error.seconds if isinstance(error, RateLimited) else again
                await self._ticks.sleep(min(MOST_PAUSE, pause))
        raise AssertionError("the last try returns or raises")


def too_many(names: Sequence[str], most: int = MOST_FILES) -> list[str]:
    """Returns a sentence about the files beyond the first `most`, if there are any."""
    shown = ", ".join(repr(safe_name(name)) for name in names[:MOST_NAMED])
    more = f" and {counted(len(names) - MOST_NAMED, 'more file')}" if len(names) > MOST_NAMED else ""
    return [f"{shown}{more} left out: at most {most} files fit in one message."] if names else []


def too_large(name: str, size: int) -> str:
    """Returns a sentence about a file that is too large, or nothing."""
    if size <= MOST_FILE:
        return ""
    return (
        f"The file {name!r} is {size / 1024**2:.0f} MB, and the limit is {MOST_FILE // 1024**2} MB; "
        "share a smaller part of it."
    )


def _sentence(file: RemoteFile, error: PlatformFailed) -> str:
    words = str(error)
    return words if repr(file.name) in words else f"The file {file.name!r} couldn't be downloaded: {words}"


def _check_size(name: str, size: int) -> None:
    if words := too_large(name, size):
        raise Refused(words)
