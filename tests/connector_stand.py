"""Connectors for tests: a server that a test wrote, in a plain process or in this one, behind the real client."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from mcp.server.mcpserver import MCPServer

from agents.connectors import mcp_conversion
from agents.connectors.account import TokenSource
from agents.connectors.call_types import ConnectorFailed
from agents.connectors.connection import LIBRARY, Callbacks, ConnectorConnection, Line
from agents.connectors.connector_folders import ConnectorPlaces
from agents.connectors.connector_pool import OpenConnection
from agents.connectors.connectors import Connectors
from agents.connectors.incoming_limits import LastWords
from agents.connectors.open_connection import client_of
from agents.connectors.sealed_secrets import SealedSecrets
from agents.connectors.settings_file import Connector
from agents.connectors.stdio_transport import Pipes, over_pipes
from agents.connectors.tool_list import ApprovedTools
from orchestrator.ports import Shelf

HOSTILE = Path(__file__).with_name("hostile_mcp.py")


@asynccontextmanager
async def plain_line(behaviour: str, log: Path, callbacks: Callbacks) -> AsyncGenerator[Line]:
    """The hostile server in a process of its own, without a sandbox."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", str(HOSTILE), behaviour, str(log),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    last, ended = LastWords(), asyncio.Event()
    try:
        pipes = Pipes(process.stdout, process.stdin)
        async with client_of(over_pipes(pipes, last, ended), callbacks) as client:
            yield Line(client, ended, lambda: last.text)
    except LIBRARY as error:
        raise ConnectorFailed(mcp_conversion.why(mcp_conversion.reason(error), last.text)) from error
    finally:
        with anyio.CancelScope(shield=True):
            process.stdin.close()
            with anyio.move_on_after(3):
                await process.wait()
            if process.returncode is None:
                process.kill()
            await process.wait()
            process._transport.close()  # pyright: ignore


@asynccontextmanager
async def inside_line(server: MCPServer, callbacks: Callbacks) -> AsyncGenerator[Line]:
    """A server of the library in this process."""
    async with client_of(server, callbacks) as client:
        yield Line(client, asyncio.Event(), str)


def hostile(behaviour: str, log: Path, *, seconds: float = 45) -> ConnectorConnection:
    """A connection to it that isn't open yet."""
    return ConnectorConnection(partial(plain_line, behaviour, log), seconds=seconds)


def inside(server: MCPServer) -> ConnectorConnection:
    return ConnectorConnection(partial(inside_line, server))


@asynccontextmanager
async def connectors(
    home: Path, shelf: Shelf, servers: dict[str, Callable[[], ConnectorConnection]], **settings: Any
) -> AsyncGenerator[Connectors]:
    """The hub's connectors with these servers, whose tools are approved, and those that say so as reads.

    `settings`: further rows of the settings file, by connector.
    """
    import json

    folder = home / "connectors"
    folder.mkdir(parents=True, exist_ok=True)
    rows = {name: {"command": "program", **settings.get(name, {})} for name in servers}
    (folder / "connectors.json").write_text(json.dumps({"mcpServers": rows}))

    async def make(connector: Connector, _: ConnectorPlaces, __: TokenSource | None) -> OpenConnection:
        return servers[connector.name]()

    places = ConnectorPlaces(folder, home / "servers")
    async with Connectors(places, SealedSecrets(folder, "k" * 32), shelf, make=make) as made:
        for name in servers:
            if made.lists.read(name) is None:
                offered = await made.look(Connector(name=name, command=("program",)))
                reads = frozenset(tool.name for tool in offered.tools if tool.name == "look" and tool.hint)
                made.lists.write(name, ApprovedTools(list=offered, reads=reads, by="Ada"))
        yield made
