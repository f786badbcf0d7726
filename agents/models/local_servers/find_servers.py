"""Finds model servers at some addresses, and asks them for a tool call. A model that isn't loaded is never asked."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from agents.models.local_servers.ask_server import recognized
from agents.models.local_servers.model_server import ModelServer, ServedModel
from agents.models.local_servers.recognition import LISTING, table
from agents.models.local_servers.server_http_client import ServerConnection
from agents.models.local_servers.tool_probe import ToolFinding, probe, tool_finding

_PROBE = 15.0
"""Seconds for one call."""
_MOST_PROBED = 4
"""Models of one server that are asked for a call."""
_IPV4, _IPV6 = "//127.0.0.1", "//[::1]"


@dataclass(frozen=True)
class FoundServer:
    """A server; `tools` is by model. Without `server`, something at `url` wants a key before it says what it is."""

    url: str
    server: ModelServer | None = None
    tools: Mapping[str, ToolFinding] = field(default_factory=lambda: MappingProxyType({}))


async def find_servers(urls: Sequence[str], key: str | None = None, *, calls: bool = True) -> Sequence[FoundServer]:
    """Returns what serves models at `urls` (without `/v1`), asked side by side. `key`: sent to each of them. `calls`:
    whether to ask loaded models for a tool call."""
    found = await asyncio.gather(*(_at(url, key, calls=calls) for url in dict.fromkeys(urls)))
    return list({one.url: one for one in found if one is not None}.values())


async def _at(url: str, key: str | None, *, calls: bool) -> FoundServer | None:
    async with ServerConnection(url, key) as connection:
        listing = await connection.get(LISTING)
        if listing.refused and _IPV4 in url:
            return await _at(url.replace(_IPV4, _IPV6), key, calls=calls)
        if listing.status == 401 and "error" in table(listing.json):
            return FoundServer(url)
        server = await recognized(connection, listing.ok)
        return FoundServer(url, server, await _tools(connection, server, calls=calls)) if server else None


async def _tools(connection: ServerConnection, server: ModelServer, *, calls: bool) -> Mapping[str, ToolFinding]:
    """Asks one model after the other, as most of these servers work."""
    found: dict[str, ToolFinding] = {}
    asked = [model for model in server.models if calls and _may_ask(server, model)][:_MOST_PROBED]
    for model in server.models:
        if model in asked:
            found[model.name] = tool_finding(await connection.post("/v1/chat/completions", probe(model.name), _PROBE))
        else:
            found[model.name] = _said(server, model)
    return found


def _may_ask(server: ModelServer, model: ServedModel) -> bool:
    """Ollama refuses tools for a model that it says has none, so that needs no question."""
    return model.loaded and not model.remote and not (server.kind == "Ollama" and model.declares_tools is False)


def _said(server: ModelServer, model: ServedModel) -> ToolFinding:
    """Returns what is known of a model that isn't asked; only Ollama's word decides what it accepts."""
    if server.kind != "Ollama" or model.declares_tools is None:
        return "not-asked"
    return "declared" if model.declares_tools else "none"
