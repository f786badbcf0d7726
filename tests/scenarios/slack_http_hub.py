"""A hub's web workspace with Slack's doors in it, and the accounts behind them, as a hub wires them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from bot.bootstrap.run_chat_accounts import chats, open_endpoints
from bot.platforms import load
from bot.slack import http_mode
from bot.slack.registration import SlackEndpoint
from bot.web.asgi_app import web_app
from bot.web.server import bound, served
from tests.memory_hub import Stage
from tests.scenarios.web_workspace import SECRET
from tests.slack_server import SlackServer
from tests.slack_server.oauth import CLIENT_ID, CLIENT_SECRET
from tests.slack_server.posting import Posting
from tests.slack_server.teams import Team

SIGNING = "signing-secret-test"
SEVERAL = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
PUBLIC = {"host": "threadwork.example.com"}


@dataclass
class House:
    """`url`: where the workspace listens, behind whatever forwards to it."""

    url: str
    endpoint: SlackEndpoint
    works: list[asyncio.Future[None]]

    async def asks(self, path: str, method: str = "GET", **more: str) -> tuple[int, aiohttp.typedefs.LooseHeaders, str]:
        """Status, headers and text of a request under the public name, without going where it points."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, headers={**PUBLIC, **more}, allow_redirects=False) as answer,
        ):
            return answer.status, answer.headers, await answer.text()

    async def installs(self, team: Team) -> int:
        """The status that somebody of that workspace sees at the end of the way."""
        _, headers, _ = await self.asks(http_mode.INSTALL)
        cookie = str(headers["set-cookie"]).partition(";")[0]
        query = await asyncio.to_thread(team.consents, str(headers["location"]))
        status, _, _ = await self.asks(f"{http_mode.INSTALLED}?{query}", cookie=cookie)
        return status


@asynccontextmanager
async def open_house(on: Stage, home: Path, slack: SlackServer, **settings: str | list[str]) -> AsyncIterator[House]:
    """Served until the context ends. With a signing secret Slack posts to it from the start."""
    it = load(environment={}, home=home, slack={"api_url": slack.url, **settings})
    endpoints = await open_endpoints(it)
    endpoint = endpoints["slack"]
    assert isinstance(endpoint, SlackEndpoint)
    listening = bound("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = web_app(
        on.desk, secret=SECRET, clock=on.desk.clock, public_hosts={urlsplit(url).netloc}, doors=endpoint.routes
    )
    async with served(app, listening):
        slack.sockets.posting = Posting(url + http_mode.EVENTS, SIGNING) if it.slack.over_http else None
        works = [asyncio.ensure_future(work()) for work in chats(it, on.desk, url, endpoints)]
        try:
            yield House(url, endpoint, works)
            assert not [w for w in works if w.done()]
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)
