"""Sends frames and files, and receives files, over one connection between hub and host; the same on both ends."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from agents.host import wire
from agents.host.file_store import IncomingFile
from orchestrator.domain.ids import Sha

_PIECE = 512 << 10


class Channel:
    """Sends frames; each is one write, so callers need no lock."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer
        self._sending_file = asyncio.Lock()  # pieces of two files with the same content must not be mixed

    async def receive(self, *, most_header: int = wire.MOST_HEADER) -> wire.Frame | None:
        """Returns the next frame; None if the other side has closed. Raises BrokeRule for bytes that aren't a frame."""
        try:
            lengths = await self.reader.readexactly(wire.LENGTHS)
            header_size, payload_size = wire.sizes(lengths, most_header=most_header)
            header = await self.reader.readexactly(header_size)
            payload = await self.reader.readexactly(payload_size)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return wire.unpacked(header, payload)

    def post(self, message: wire.Message) -> None:
        """Sends without waiting for the other side to read. Does nothing on a closed connection."""
        if not self._writer.is_closing():
            self._writer.write(wire.packed(message))

    async def send(self, message: wire.Message, payload: bytes = b"") -> None:
        """Sends, and waits while the other side is slow. Raises ConnectionError when it has gone."""
        self._writer.write(wire.packed(message, payload))
        await self._writer.drain()

    async def send_file(self, path: Path, sha: Sha, name: str) -> None:
        """Sends a whole file in pieces; other frames may come between them."""
        size = await asyncio.to_thread(lambda: path.stat().st_size)
        async with self._sending_file:
            with await asyncio.to_thread(path.open, "rb") as stream:
                for start in range(0, max(size, 1), _PIECE):
                    piece = await asyncio.to_thread(stream.read, _PIECE)
                    put = wire.Put(sha=sha, name=name, first=start == 0, last=start + _PIECE >= size)
                    await self.send(put, piece)

    async def end(self) -> None:
        """Closes our side after sending everything posted before."""
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


class IncomingFiles:
    """The incoming files of one connection. `place()` names a path for a partial file."""

    def __init__(self, place: Callable[[], Path]) -> None:
        self._place = place
        self._open: dict[Sha, IncomingFile] = {}

    async def add(self, put: wire.Put, piece: bytes) -> Path | None:
        """Takes one piece; returns the whole file when it was the last.

        Raises HostFailed for a damaged or too large file, OutOfSpace; the file is dropped then.
        """
        if put.first and (old := self._open.pop(put.sha, None)):
            await asyncio.to_thread(old.drop)
        arrival = self._open.get(put.sha)
        if arrival is None and not put.first:
            return None  # the rest of a file that failed before
        if arrival is None:
            arrival = self._open[put.sha] = await asyncio.to_thread(
                IncomingFile, self._place(), put.sha, most=wire.MOST_FILE
            )
        try:
            await asyncio.to_thread(arrival.add, piece)
            return await asyncio.to_thread(self._open.pop(put.sha).finish) if put.last else None
        except BaseException:
            self._open.pop(put.sha, None)
            await asyncio.to_thread(arrival.drop)
            raise

    async def drop(self) -> None:
        """Discards all partial files."""
        while self._open:
            await asyncio.to_thread(self._open.popitem()[1].drop)
