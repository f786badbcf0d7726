"""A workspace on the desk in memory: in process for attacks by HTTP, or served on loopback for a real browser."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from starlette.applications import Starlette

from bot.web.asgi_app import web_app
from bot.web.server import WebServer
from bot.web.sign_in import invite, person_named
from orchestrator.domain.ids import TaskId
from tests.scenarios.memory_desk import MemoryDesk, memory_desk

SECRET = b"a secret of thirty-two bytes ...."
HOST = "127.0.0.1:8321"
ORIGIN = {"origin": f"http://{HOST}"}


@dataclass
class House:
    """The app, its desk, and a visitor's browser."""

    desk: MemoryDesk
    app: Starlette

    def stranger(self) -> httpx.AsyncClient:
        """A client without a cookie."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", headers=ORIGIN)

    async def link(self, name: str = "Ada Lovelace") -> str:
        return await invite(self.desk, person_named(name), self.desk.clock)

    async def visitor(self, name: str = "Ada Lovelace") -> "Visitor":
        """Somebody who came in by a sign-in link."""
        client = self.stranger()
        await use(client, await self.link(name))
        people = await client.get("/people")
        found = re.search(r'data-csrf="([0-9a-f]+)"', people.text)
        assert found
        return Visitor(client, found.group(1))


@dataclass
class Visitor:
    """A logged-in client with its CSRF token."""

    http: httpx.AsyncClient
    csrf: str
    number: int = 0

    async def post(self, path: str, fields: dict[str, object], **more: object) -> httpx.Response:
        """A form as our own page sends it; a fresh command id unless one is given."""
        self.number += 1
        form = {"csrf": self.csrf, "id": f"command-{self.number:04}", **fields}
        return await self.http.post(path, data=form, headers={"accept": "application/json"}, **more)  # type: ignore[arg-type]


async def use(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """Opens a sign-in link and presses its button."""
    page = await client.get(path)
    found = re.search(r'name="session" value="([0-9a-f]+)"', page.text)
    return await client.post(path, data={"session": found.group(1) if found else ""})


def house(shelf: Path) -> House:
    desk = memory_desk(shelf)
    return House(desk, web_app(desk, secret=SECRET, clock=desk.clock, public_hosts={HOST, "localhost"}))


async def a_task(home: House, visitor: Visitor, text: str = "@threadwork make a report") -> TaskId:
    answer = await visitor.post("/c/general/say", {"text": text})
    assert answer.status_code == 200, answer.text
    return TaskId(answer.json()["go"].removeprefix("/t/"))


@asynccontextmanager
async def served(shelf: Path) -> AsyncIterator[tuple[House, str]]:
    """The workspace on a free port, and its address; ends promptly with streams open."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    desk = memory_desk(shelf)
    app = web_app(desk, secret=SECRET, clock=desk.clock, public_hosts={url.removeprefix("http://")})
    server = WebServer(app, host="127.0.0.1", port=0)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield House(desk, app), url
    finally:
        server.should_exit = True
        async with asyncio.timeout(60):
            await running
