"""A well-behaved server of the library, of the newer protocol: tools, a form, pictures, resources, and a prompt."""

import asyncio
import base64
import io
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

import uvicorn
from mcp.server.mcpserver import Context, Elicit, MCPServer, Resolve
from mcp_types import ImageContent, ResourceLink, TextContent, ToolAnnotations
from PIL import Image
from pydantic import BaseModel


class City(BaseModel):
    """What is asked."""

    city: str


async def which_city() -> Elicit[City]:
    return Elicit("Which city?", City)


def sample() -> MCPServer:
    """A fresh server."""
    server = MCPServer("sample")

    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    def add(a: int, b: int) -> int:
        """Adds two numbers."""
        return a + b

    @server.tool()
    def travel(to: Annotated[City, Resolve(which_city)]) -> str:
        """Travels somewhere."""
        return f"Off to {to.city}."

    @server.tool()
    def much(megabytes: int) -> str:
        """Answers with so many megabytes."""
        return "x" * (megabytes << 20)

    @server.tool()
    async def slow(ctx: Context) -> str:
        """Tells its progress."""
        await ctx.report_progress(1, 4, "a quarter")
        return "done"

    @server.tool(structured_output=False)
    def mixed() -> list[TextContent | ImageContent | ResourceLink]:
        """Answers with text, a picture, and a link."""
        content = io.BytesIO()
        Image.new("RGB", (40, 30), "red").save(content, "PNG")
        picture = base64.b64encode(content.getvalue()).decode()
        return [
            TextContent(type="text", text="Here it is."),
            ImageContent(type="image", data=picture, mime_type="image/png"),
            ImageContent(type="image", data="bm8gcGljdHVyZQ==", mime_type="image/png"),
            ResourceLink(type="resource_link", name="notes", uri="notes://today", description="Notes"),
        ]

    @server.resource("notes://today")
    def today() -> str:
        """The notes of today."""
        return "Buy kettles."

    @server.prompt()
    def greet(name: str) -> str:
        """Greets somebody."""
        return f"Say hello to {name}."

    return server


@asynccontextmanager
async def hosted(*, json: bool) -> AsyncGenerator[str]:
    """Its address over streamable HTTP; with `json`, each answer is one JSON object."""
    app = sample().streamable_http_app(json_response=json)
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        finally:
            server.should_exit = True
            await running
