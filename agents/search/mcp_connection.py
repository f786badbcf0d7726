"""Connects to an MCP server as connectors do: a program in the sandbox, or an address; the only module that uses the
library."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

from mcp import Client, types
from mcp.client._transport import Transport
from mcp.client.streamable_http import streamable_http_client
from pydantic import JsonValue

from agents.connectors import mcp_conversion
from agents.connectors.call_types import ConnectorFailed
from agents.connectors.connection import LIBRARY
from agents.connectors.incoming_limits import LastWords
from agents.connectors.limited_http_client import http_client
from agents.connectors.server_launch_spec import ServerJob
from agents.connectors.start_server_process import running
from agents.connectors.stdio_transport import over_pipes
from agents.search.install_mcp_package import installed
from agents.search.mcp_types import McpAnswer, McpServer, McpTool
from orchestrator.domain import clean_outside_text
from orchestrator.errors import Refused, ToolFailed

MOST_OFFERS = 200
_STATUS: dict[int, str] = dict.fromkeys((401, 403), "it rejected the key in search.mcp.api_key")


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
        texts = tuple(
            clean_outside_text.text(block.text) for block in result.content if isinstance(block, types.TextContent)
        )
        try:
            structured = clean_outside_text.data(cast(object, result.structured_content))
        except clean_outside_text.Unfit as error:
            raise ConnectionFailed(f"its answer is {error}") from None
        return McpAnswer(texts=texts, structured=structured, failed=bool(result.is_error))


async def prepared(server: McpServer) -> McpServer:
    """Returns the server with a program that the sandbox can start: a package is installed, once.

    Raises ConnectionFailed.
    """
    try:
        return await asyncio.to_thread(installed, server)
    except Refused as error:
        raise ConnectionFailed(str(error).rstrip(".")) from error


@asynccontextmanager
async def connected(server: McpServer) -> AsyncGenerator[McpConnection]:
    """Opens and closes in the same task, as the library requires. Raises ConnectionFailed."""
    said, refused = LastWords(), list[int]()
    try:
        async with AsyncExitStack() as stack:
            transport = await _transport(server, stack, said, refused)
            client = await stack.enter_async_context(Client(transport, cache=None))
            yield McpConnection(client)
    except ConnectorFailed as error:
        raise ConnectionFailed(str(error)) from error
    except LIBRARY as error:
        cause = _innermost(error)
        if isinstance(cause, ToolFailed | ConnectionFailed):
            raise cause from None
        status = _STATUS.get(refused[-1], f"status {refused[-1]}") if refused else ""
        parts = (mcp_conversion.reason(error), status, said.text, _unreached(server, said.text))
        raise ConnectionFailed("; ".join(part for part in parts if part)) from error


async def _transport(server: McpServer, stack: AsyncExitStack, said: LastWords, refused: list[int]) -> Transport:
    """`refused`: collects the status of every refusal."""
    if server.url:
        headers = {"Authorization": f"Bearer {server.key}"} if server.key else {}
        http = await stack.enter_async_context(http_client(headers, refused=refused))
        return streamable_http_client(server.url, http_client=http.client)
    home = Path(server.home)
    job = ServerJob(
        name="search", command=server.command, folder=str(home / ".search" / "work"), env=server.env,
        folders=server.folders, egress=server.egress, near=server.near,
    )  # fmt: skip
    pipes = await stack.enter_async_context(running(job, home, said))
    return over_pipes(pipes, said, asyncio.Event())


def _unreached(server: McpServer, said: str) -> str:
    return (
        "" if server.url or server.egress or not said else "it reaches no hosts; set search.mcp.egress if it needs any"
    )


def _innermost(error: BaseException) -> BaseException:
    """The library wraps errors in groups."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error
