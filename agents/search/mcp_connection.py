"""Connects to an MCP server; the only module that uses the library."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TextIO, cast

import httpx2
from mcp import Client, MCPError, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from pydantic import JsonValue

from agents.search.mcp_types import McpAnswer, McpServer, McpTool
from orchestrator.domain import outside_text
from orchestrator.errors import ToolFailed

MOST_OFFERS = 200
_STATUS: dict[int, str] = dict.fromkeys((401, 403), "it rejected the key in search.mcp.api_key")

for _name in ("httpx2", "mcp"):
    # they log addresses, which may contain keys, and a traceback for each line that isn't protocol
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class ConnectionFailed(Exception):
    """The server couldn't be started or reached, disconnected, or broke the protocol."""


class McpConnection:
    """An open connection."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def offers(self) -> list[McpTool]:
        """Returns the server's tools."""
        found: list[McpTool] = []
        cursor: str | None = None
        while True:
            page = await self._client.list_tools(cursor=cursor)
            found += [McpTool(name=t.name, schema_=cast(dict[str, JsonValue], t.input_schema)) for t in page.tools]
            cursor = page.next_cursor
            if not cursor or len(found) >= MOST_OFFERS:
                return found

    async def call(self, tool: str, arguments: Mapping[str, JsonValue]) -> McpAnswer:
        """Returns the tool's answer."""
        result = await self._client.call_tool(tool, dict(arguments))
        texts = tuple(outside_text.text(block.text) for block in result.content if isinstance(block, types.TextContent))
        try:
            structured = outside_text.data(cast(object, result.structured_content))
        except outside_text.Unfit as error:
            raise ConnectionFailed(f"its answer is {error}") from None
        return McpAnswer(texts=texts, structured=structured, failed=bool(result.is_error))


@asynccontextmanager
async def connected(server: McpServer) -> AsyncGenerator[McpConnection]:
    """Opens and closes in the same task, as the library requires. Raises ConnectionFailed."""
    # in threads: files and certificates are read
    refused: list[int] = []
    complaints = cast(TextIO, await asyncio.to_thread(tempfile.TemporaryFile, "w+", errors="replace"))
    try:
        async with _client(server, complaints, refused) as client:
            yield McpConnection(client)
    except (OSError, ValueError, MCPError, httpx2.HTTPError, httpx2.InvalidURL, ExceptionGroup) as error:
        reason = _reason(error)
        if isinstance(reason, ToolFailed):
            raise reason from None
        last = await asyncio.to_thread(_last_line, complaints)
        parts = (_words(reason), _STATUS.get(refused[-1], f"status {refused[-1]}") if refused else "", last)
        raise ConnectionFailed("; ".join(part for part in parts if part)) from error
    finally:
        await asyncio.to_thread(complaints.close)


@asynccontextmanager
async def _client(server: McpServer, complaints: TextIO, refused: list[int]) -> AsyncGenerator[Client]:
    """`refused`: collects the status of every refusal."""

    async def note(response: httpx2.Response) -> None:
        if response.status_code >= 400:
            refused.append(response.status_code)

    if server.url:
        headers = {"Authorization": f"Bearer {server.key}"} if server.key else {}
        hooks = {"response": [note]}
        http = await asyncio.to_thread(
            httpx2.AsyncClient, headers=headers, timeout=httpx2.Timeout(60), event_hooks=hooks
        )
        async with http, Client(streamable_http_client(server.url, http_client=http)) as client:
            yield client
    else:
        program, *rest = server.command
        told = StdioServerParameters(command=program, args=rest, env=dict(server.env))
        async with Client(stdio_client(told, errlog=complaints)) as client:
            yield client


def _reason(error: Exception) -> Exception:
    """Returns the innermost error; the library wraps errors in groups."""
    while isinstance(error, ExceptionGroup):
        error = cast("ExceptionGroup[Exception]", error).exceptions[0]
    return error


def _words(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _last_line(complaints: TextIO) -> str:
    complaints.seek(0)
    lines = complaints.read(100_000).strip().splitlines()
    return lines[-1] if lines else ""
