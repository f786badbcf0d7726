"""Exchanges protocol messages with a server over the pipes of its process, within limits."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

import anyio
import mcp_types as types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage

from agents.connectors.incoming_limits import MOST_MESSAGE, Allowance, LastWords, LineLimit

_PIECE = 1 << 16
_DROPPED_COST = 16
"""Reading a byte without parsing it costs so many times less."""
TOO_LARGE = f"the answer is larger than {MOST_MESSAGE >> 20} MB"


class Pipes(NamedTuple):
    """Our ends of a process's pipes."""

    output: asyncio.StreamReader
    input: asyncio.StreamWriter


class MessageStreams(NamedTuple):
    """What the library reads from and writes to."""

    incoming: MemoryObjectReceiveStream[SessionMessage | Exception]
    outgoing: MemoryObjectSendStream[SessionMessage]


@asynccontextmanager
async def over_pipes(pipes: Pipes, last_words: LastWords, ended: asyncio.Event) -> AsyncGenerator[MessageStreams]:
    """Yields the streams; lines that aren't messages are only kept as `last_words`. `ended`: set when it is gone."""
    told, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    outgoing, wanted = anyio.create_memory_object_stream[SessionMessage](0)
    asked = set[types.RequestId]()
    async with anyio.create_task_group() as group:
        group.start_soon(_read_to_the_end, pipes.output, told, asked, last_words, ended)
        group.start_soon(_write, pipes.input, wanted, told, asked)
        try:
            yield MessageStreams(incoming, outgoing)
        finally:
            group.cancel_scope.cancel()
            for stream in (told, incoming, outgoing, wanted):
                stream.close()


async def _read_to_the_end(
    output: asyncio.StreamReader,
    told: MemoryObjectSendStream[SessionMessage | Exception],
    asked: set[types.RequestId],
    last_words: LastWords,
    ended: asyncio.Event,
) -> None:
    try:
        await _read(output, told, asked, last_words)
    finally:
        ended.set()


async def _read(
    output: asyncio.StreamReader,
    told: MemoryObjectSendStream[SessionMessage | Exception],
    asked: set[types.RequestId],
    last_words: LastWords,
) -> None:
    limit, allowance = LineLimit(), Allowance()
    async with told:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, ConnectionError):
            while piece := await output.read(_PIECE):
                lines = limit.feed(piece)
                kept = sum(len(line.line) for line in lines if line.line is not None)
                await allowance.spend(kept + len(piece) // _DROPPED_COST, len(lines))
                for line in lines:
                    for message in _understood(line.line, asked, last_words):
                        await told.send(SessionMessage(message))


def _understood(line: bytes | None, asked: set[types.RequestId], last_words: LastWords) -> list[types.JSONRPCMessage]:
    """Returns the message. One that is too large answers whatever was asked: its own number wasn't parsed."""
    if line is None:
        error = types.ErrorData(code=types.INTERNAL_ERROR, message=TOO_LARGE)
        lost = [types.JSONRPCError(jsonrpc="2.0", id=number, error=error) for number in asked]
        asked.clear()
        return [*lost]
    try:
        message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError:
        last_words.hear(line)
        return []
    if isinstance(message, types.JSONRPCResponse | types.JSONRPCError) and message.id is not None:
        asked.discard(message.id)
    return [message]


async def _write(
    sink: asyncio.StreamWriter,
    wanted: MemoryObjectReceiveStream[SessionMessage],
    told: MemoryObjectSendStream[SessionMessage | Exception],
    asked: set[types.RequestId],
) -> None:
    try:
        async with wanted:
            async for message in wanted:
                if isinstance(message.message, types.JSONRPCRequest):
                    asked.add(message.message.id)
                sink.write(message.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                await sink.drain()
    except ConnectionError:
        told.close()  # the library learns that the connection has ended
