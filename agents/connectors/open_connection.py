"""Opens a line to a connector: a process in the sandbox, or a hosted server."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from mcp import Client
from mcp.client._transport import Transport
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver import MCPServer
from mcp_types import Implementation

from agents.connectors.account import TokenSource
from agents.connectors.bearer import Bearer
from agents.connectors.connection import LIBRARY, Callbacks, ConnectorConnection, Line, failure
from agents.connectors.incoming_limits import LastWords
from agents.connectors.limited_http_client import STATUS, http_client
from agents.connectors.server_launch_spec import PACKAGE, ServerJob
from agents.connectors.settings_file import Connector
from agents.connectors.start_server_process import running
from agents.connectors.stdio_transport import over_pipes

_WE = Implementation(name="threadwork", version="1")


class ServerPlaces(NamedTuple):
    """`home`: the folder of all servers. `near`: private addresses that the machine's owner opened."""

    home: Path
    near: tuple[str, ...] = ()


def connection_to(
    connector: Connector, home: Path, near: tuple[str, ...], tokens: TokenSource | None = None
) -> ConnectorConnection:
    """Returns a connection that isn't open yet. `tokens`: of the account that it acts with."""
    return ConnectorConnection(partial(open_line, connector, ServerPlaces(home, near), tokens=tokens))


@asynccontextmanager
async def open_line(
    connector: Connector, places: ServerPlaces, callbacks: Callbacks, *, tokens: TokenSource | None = None
) -> AsyncGenerator[Line]:
    """Yields the open line. `connector`: with its variables filled in. Raises ConnectorFailed."""
    async with AsyncExitStack() as stack:
        ended, problem = asyncio.Event(), str
        bearer = Bearer(tokens) if tokens else None
        try:
            if connector.url:
                http = await stack.enter_async_context(http_client(connector.headers, bearer))
                problem = partial(_status, http.refused)
                transport = streamable_http_client(connector.url, http_client=http.client)
            else:
                last_words = LastWords()
                problem = partial(getattr, last_words, "text")
                pipes = await stack.enter_async_context(running(job(connector, places), places.home, last_words))
                transport = over_pipes(pipes, last_words, ended)
            client = await stack.enter_async_context(client_of(transport, callbacks))
        except LIBRARY as error:
            raise failure(error, problem(), bearer.scope if bearer else None) from error
        if bearer is None:
            yield Line(client, ended, problem)
        else:
            yield Line(client, ended, problem, partial(getattr, bearer, "refused"), partial(getattr, bearer, "scope"))


def client_of(server: Transport | MCPServer, callbacks: Callbacks) -> Client:
    """Returns the library's client, for both eras of the protocol. Nothing is cached: a server could cache a lie."""
    return Client(
        server, mode="auto", cache=None, client_info=_WE, elicitation_callback=callbacks.elicit,
        message_handler=callbacks.message,
    )  # fmt: skip


def _status(refused: list[int]) -> str:
    return STATUS.get(refused[-1], f"its status is {refused[-1]}") if refused else ""


def job(connector: Connector, places: ServerPlaces) -> ServerJob:
    """Returns what to run. Pure."""
    package = {PACKAGE: str(places.home / connector.name / PACKAGE)} if connector.package else {}
    return ServerJob(
        name=connector.name,
        command=connector.command,
        folder=str(places.home / connector.name / "work"),
        env=connector.env,
        folders={**connector.folders, **({"cwd": connector.cwd} if connector.cwd else {}), **package},
        egress=connector.egress,
        near=places.near,
    )
