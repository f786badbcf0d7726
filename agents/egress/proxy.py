"""Runs an HTTP proxy that connects only to granted hosts: one per sandboxed command or page, so it knows its client.

It resolves names itself, judges every address, and connects to the address it judged, which defeats DNS rebinding.
Plain HTTP is one request per connection, with a body of known length; the rest is CONNECT.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from agents.egress.allowed_targets import Grant, Target, address
from agents.egress.parse_proxy_request import ProxyRefused, ProxyRequest, answer, parsed

log = logging.getLogger(__name__)

_MOST_HEAD, _PIECE = 64 << 10, 64 << 10
_HEAD_SECONDS, _CONNECT_SECONDS = 20, 15

Resolve = Callable[[Target], Awaitable[Sequence[str]]]
"""Returns the addresses of a host. Raises OSError."""


async def lookup(wanted: Target) -> Sequence[str]:
    """Resolves with the system's resolver."""
    if address(wanted.host):
        return [wanted.host]
    rows = await asyncio.get_running_loop().getaddrinfo(wanted.host, wanted.port, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in rows]


@dataclass(eq=False)
class Proxy:
    """`grant` may be replaced while it serves. `upload`: bytes that may still be sent over all connections."""

    grant: Grant
    whose: str = ""
    upload: int = 20 << 20
    resolve: Resolve = lookup
    refusals: list[str] = field(default_factory=list[str])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handles one client connection."""
        with suppress(OSError, asyncio.IncompleteReadError):
            try:
                request = await _request(reader)
                addresses = await self._judged(request.to)
                there, back = await _connected(request.to, addresses)
            except ProxyRefused as refused:
                self._note("refused", str(refused))
                writer.write(answer(refused))
                await writer.drain()
            else:
                self._note("open", f"{request.to} at {back.get_extra_info('peername')[0]}")
                async with _closing(back):
                    await self._relay(request, (reader, writer), (there, back))
        with suppress(OSError):
            writer.close()
            await writer.wait_closed()

    async def _judged(self, wanted: Target) -> Sequence[str]:
        if not self.grant.names(wanted):
            raise ProxyRefused("403 Forbidden", f"{wanted} {self.grant.why}.")
        try:
            addresses = await self.resolve(wanted)
        except (OSError, UnicodeError) as error:
            raise ProxyRefused("502 Bad Gateway", f"The host name {wanted} can't be resolved.") from error
        if words := self.grant.refused(wanted, addresses):
            raise ProxyRefused("403 Forbidden", words)
        return addresses

    async def _relay(self, request: ProxyRequest, client: "_Ends", server: "_Ends") -> None:
        """Relays both ways until the server has finished or the client has sent too much."""
        if request.head:
            self._count(len(request.head))
            server[1].write(request.head)
        else:
            client[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        sending = asyncio.create_task(self._send(client[0], server[1], request.body if request.head else None))
        answering = asyncio.create_task(_pass_on(server[0], client[1]))
        try:
            done, _ = await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_COMPLETED)
            if sending in done and sending.exception() is None:
                await asyncio.wait({answering})
        finally:
            for task in (sending, answering):
                task.cancel()
            await asyncio.gather(sending, answering, return_exceptions=True)

    async def _send(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, length: int | None) -> None:
        while length != 0 and (piece := await source.read(min(_PIECE, length or _PIECE))):
            self._count(len(piece))
            length = None if length is None else length - len(piece)
            sink.write(piece)
            await sink.drain()
        if length is None and sink.can_write_eof():
            sink.write_eof()

    def _count(self, size: int) -> None:
        self.upload -= size
        if self.upload < 0:
            self._note("refused", "The upload limit was exceeded.")
            raise ConnectionAbortedError

    def _note(self, verdict: str, words: str) -> None:
        log.info("egress from %s: %s: %s", self.whose, verdict, words)
        if verdict == "refused" and words not in self.refusals and len(self.refusals) < 10:
            self.refusals.append(words)


_Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def serving(proxy: Proxy, listener: socket.socket) -> AsyncGenerator[None]:
    """Serves on a bound Unix or TCP socket; closes all connections at the end."""
    open_: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_.add(task)
        try:
            with suppress(asyncio.CancelledError):  # only by the end below; the server would log it as a failure
                await proxy.serve(reader, writer)
        finally:
            writer.close()
            open_.discard(task)

    start = asyncio.start_unix_server if listener.family == socket.AF_UNIX else asyncio.start_server
    server = await start(one, sock=listener, limit=_MOST_HEAD)
    try:
        yield
    finally:
        server.close()
        for task in (waiting := tuple(open_)):
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> ProxyRequest:
    try:
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.LimitOverrunError, TimeoutError) as error:
        raise ProxyRefused(
            "431 Request Header Fields Too Large", "The request headers are too large or arrived too slowly."
        ) from error
    return parsed(head)


async def _connected(to: Target, addresses: Sequence[str]) -> _Ends:
    for where in dict.fromkeys(addresses):
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_CONNECT_SECONDS):
                return await asyncio.open_connection(where, to.port)
    raise ProxyRefused("502 Bad Gateway", f"{to} isn't responding.")


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while piece := await source.read(_PIECE):
        sink.write(piece)
        await sink.drain()


@asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
