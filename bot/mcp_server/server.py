"""threadwork as an MCP server: for one person over stdio, or for whoever a request names."""

from typing import Any

from mcp.server.mcpserver import MCPServer

from bot.mcp_server.caller import McpCaller
from bot.mcp_server.tools import INSTRUCTIONS, Call, CallerOf, offer


def mcp_server(caller_of: CallerOf) -> MCPServer[Any]:
    """Returns a server whose calls belong to the person that `caller_of` finds."""
    server: MCPServer[Any] = MCPServer("threadwork", title="threadwork", instructions=INSTRUCTIONS)
    offer(server, caller_of)
    return server


def server_for(caller: McpCaller) -> MCPServer[Any]:
    """Returns a server for one person."""

    async def same(ctx: Call) -> McpCaller:
        return caller

    return mcp_server(same)
