"""A real MCP server that searches a few pages: `python -m tests.search_mcp SHAPE [PORT]`, over stdio or HTTP.

SHAPE: `rows` answers with objects, `json` with JSON in a text, `prose` with sentences, `wrong` with an error,
`crowd` has several tools of which one searches the web, `dies` ends in the middle of a call, `hangs` never answers,
`chatty` also writes what is no protocol.
The pages stand in SEARCH_PAGES as JSON; SEARCH_KEY must be `sesame` where SHAPE is `rows`.
"""

import asyncio
import atexit
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field


def sandboxed_search(shape: str, env: dict[str, str]) -> Any:
    """The server as a program for the sandbox, which sees no file of ours. `env`: its variables."""
    from agents.search.mcp_types import McpServer

    home = Path(tempfile.gettempdir()) / f"search-servers-{os.getpid()}"
    home.mkdir(mode=0o755, exist_ok=True)
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return McpServer(command=("python3", "-c", Path(__file__).read_text(), shape), env=env, home=str(home))


def pages(words: str, most: int) -> list[dict[str, str]]:
    """Those that have one of the words."""
    site = next((w.removeprefix("site:") for w in words.split() if w.startswith("site:")), "")
    wanted = {w.lower() for w in words.split() if not w.startswith("site:")}
    every: list[dict[str, str]] = json.loads(os.environ["SEARCH_PAGES"])
    return [p for p in every if site in p["url"] and wanted & set(f"{p['title']} {p['text']}".lower().split())][:most]


def made(shape: str) -> MCPServer:
    server = MCPServer("searching")

    if shape in ("rows", "chatty"):

        @server.tool()
        def find_pages(
            query: str,
            max_results: Annotated[int, Field(ge=1, le=3)] = 3,
            time_range: Literal["day", "week", "month", "year"] | None = None,
        ) -> list[dict[str, str]]:
            if os.environ.get("SEARCH_KEY") != "sesame":
                raise ToolError(f"the key {os.environ.get('SEARCH_KEY')!r} is wrong")
            if shape == "chatty":
                print("this is no protocol", flush=True)
            return [
                {"name": p["title"], "link": p["url"], "summary": p["text"], "age": time_range or ""}
                for p in pages(query, max_results)
            ]

    elif shape == "json":

        @server.tool(structured_output=False)
        def search(q: str) -> str:
            return json.dumps({"web": {"results": [{**p, "description": p["text"]} for p in pages(q, 9)]}})

    elif shape == "prose":

        @server.tool(structured_output=False)
        def web_search(query: str) -> str:
            return "\n".join(f"Title: {p['title']}\nURL: {p['url']}\x07" for p in pages(query, 9))

    elif shape == "crowd":

        @server.tool(structured_output=False)
        def local_search(query: str) -> str:
            return "a shop"

        @server.tool(structured_output=False)
        def brave_web_search(query: str) -> str:
            return json.dumps(pages(query, 9))

        @server.tool(structured_output=False)
        def summarize(text: str) -> str:
            return text

    else:

        @server.tool(structured_output=False)
        async def search(query: str) -> Any:
            if shape == "wrong":
                raise ToolError(f"quota of {os.environ.get('SEARCH_KEY')} exceeded")
            if shape == "dies":
                sys.stderr.write(f"out of memory with {os.environ.get('SEARCH_KEY')}\n")
                sys.stderr.flush()
                os._exit(3)
            await asyncio.sleep(600)

    return server


def main() -> None:
    server = made(sys.argv[1])
    if len(sys.argv) == 2:
        server.run()
        return
    import uvicorn

    app = server.streamable_http_app()

    async def keyed(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and dict(scope["headers"]).get(b"authorization") != b"Bearer sesame":
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b"no"})
            return
        await app(scope, receive, send)

    uvicorn.run(keyed, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")


if __name__ == "__main__":
    main()
