"""The server: HTTP in, and everything a test asks of it."""

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.slack_server import validate
from tests.slack_server.acting import Acting
from tests.slack_server.events import Events
from tests.slack_server.faults import Faults, How
from tests.slack_server.methods import JSON, Methods
from tests.slack_server.oauth import OAuth
from tests.slack_server.rates import Rates
from tests.slack_server.refusal import Refusal
from tests.slack_server.sockets import Sockets
from tests.slack_server.teams import Team
from tests.slack_server.world import BOT, Channel, Row, World

BOT_TOKEN = "xoxb-test"
APP_TOKEN = "xapp-test"
SIGN_IN = "<!DOCTYPE html><html><body>Sign in to Slack</body></html>"


class SlackServer(Acting):
    """`url` is the `api_url`. `refusals`: (method, error, messages); `limited`: methods answered with 429."""

    bot_token, app_token, mention, bot = BOT_TOKEN, APP_TOKEN, f"<@{BOT}>", BOT

    def __init__(
        self, *, redelivery: Sequence[float], patience: float, share_delay: float, now: Callable[[], float]
    ) -> None:
        self.world = World()
        self.sockets = Sockets(redelivery=redelivery, patience=patience)
        self.events = Events(self.world, self.sockets)
        self.faults = Faults()
        self.now, self.rates = now, Rates(now)
        self.refusals: list[tuple[str, str, list[str]]] = []
        self.limited: list[str] = []
        self.calls: list[tuple[str, Row]] = []
        self.share_delays: deque[float] = deque()
        """Seconds until the next shares of files are seen, each in turn; infinite: never."""
        self._share_delay = share_delay
        self.spoiled: dict[str, str] = {}
        """How downloads go wrong, by file name: a status, `page`, `elsewhere` or `larger`."""
        self.fetched: list[str] = []
        """The names of files that were downloaded, or tried to."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.base = ""
        self.methods = Methods(
            self.world,
            base=lambda: self.base,
            posted=self.events.posted,
            changed=self.events.changed,
            share=self._share,
        )

        self.teams: dict[str, SlackServer | Team] = {BOT_TOKEN: self}
        """By token; a workspace that took the app out is gone from here."""
        self.oauth = OAuth(self.world.manifest.scopes)

    @property
    def url(self) -> str:
        return f"{self.base}/api/"

    def team(self, number: int) -> Team:
        """A further workspace, which installs the app by consent."""
        return Team(self, number)

    def fail(self, method: str, how: How, *, times: int = 1, seconds: float = 0.0, of: str = "") -> None:
        """The next calls of a method go wrong; `upload`, `download` and `response` are methods too. `of`: only those
        with this in their arguments."""
        self.faults.add(method, how, times=times, seconds=seconds, of=of)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link/{ticket}", self.sockets.serve)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}/{name}", self._download)
        app.router.add_post("/response/{answer}", self._response)
        return app

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = await _arguments(request, method)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if method == "apps.connections.open":
            fault = self.faults.next(method)
            return (fault and await self._before(request, fault.how, fault.seconds)) or self._connection(token)
        if method == "oauth.v2.access":
            assert not request.query, "addresses are written down in too many places for secrets"
            answer = self.oauth.access(args or {})
            return web.json_response(answer) if answer["ok"] else self._refused(method, answer["error"])
        team = self.teams.get(token)
        if team is None:
            return self._refused(method, "not_authed" if not token else "invalid_auth")
        if args is None:
            return self._refused(method, "invalid_arguments", ["this method does not take JSON"])
        wait = team.rates.wait(method, str(args.get("channel") or ""))
        fault = self.faults.next(method, args)
        if fault and fault.how == "limited":
            wait = max(1, int(fault.seconds))
        if wait:
            self.limited.append(method)
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(wait)}
            )
        if fault and (before := await self._before(request, fault.how, fault.seconds)):
            return before
        self.calls.append((method, args))
        try:
            answer = web.json_response({"ok": True, **team.methods.call(method, args)})
            answer.headers["x-oauth-scopes"] = ",".join(sorted(self.world.manifest.scopes))
        except Refusal as refusal:
            answer = self._refused(method, refusal.error, refusal.messages, **refusal.more)
        return (fault and await self._after(request, fault.how, fault.seconds)) or answer

    async def _before(self, request: web.Request, how: How, seconds: float) -> web.Response | None:
        match how:
            case "500" | "503":
                return web.Response(status=int(how), text="upstream failed")
            case "internal_error":
                return web.json_response({"ok": False, "error": "internal_error"})
            case "malformed":
                return _no_json()
            case "dropped":
                _abort(request)
                return web.Response()
            case "slow":
                await asyncio.sleep(seconds)
                return None
            case _:
                return None

    async def _after(self, request: web.Request, how: How, seconds: float) -> web.Response | None:
        match how:
            case "lost":
                _abort(request)
            case "broken":
                return web.Response(status=503, text="upstream failed")
            case "garbled":
                return _no_json()
            case "late":
                await asyncio.sleep(seconds)
            case _:
                pass
        return None

    def _refused(self, method: str, error: str, messages: list[str] | None = None, **more: Any) -> web.Response:
        self.refusals.append((method, error, messages or []))
        body: Row = {"ok": False, "error": error, **more}
        if messages:
            body["response_metadata"] = {"messages": messages}
        return web.json_response(body)

    def _connection(self, token: str) -> web.Response:
        if token != self.app_token:
            return self._refused("apps.connections.open", "invalid_auth" if token else "not_authed")
        if "connections:write" not in self.world.app_scopes:
            return self._refused(
                "apps.connections.open", "missing_scope", needed="connections:write", provided="authorizations:read"
            )
        if not self.sockets.enabled:
            return self._refused("apps.connections.open", "socket_mode_disabled")
        answer: Row = {"ok": True, "url": f"{self.base.replace('http', 'ws')}/link/{self.sockets.link()}"}
        if not self.world.manifest.socket_mode:  # observed: the real one gives a link all the same
            answer["response_metadata"] = {"messages": ["[WARN] Socket Mode is not turned on."]}
        return web.json_response(answer)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        file = self.world.files.get(request.match_info["file"])
        if file is None:
            return web.Response(status=404, text="no")
        fault = self.faults.next("upload")
        if fault and (before := await self._before(request, fault.how, fault.seconds)):
            return before
        content = await request.read()
        if len(content) != file["size"]:
            return web.Response(status=400, text="length differs")
        self.world.contents[file["id"]] = content
        after = fault and await self._after(request, fault.how, fault.seconds)
        return after or web.Response(text=f"OK - {len(content)}")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        team = self.teams.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if team is None or request.match_info["file"] not in team.world.files:
            return web.Response(text=SIGN_IN, content_type="text/html")  # status 200, as the real one
        name = request.match_info["file"]
        if name not in team.world.contents:
            return web.Response(status=404)
        self.fetched.append(team.world.files[name]["name"])
        content, media = team.world.contents[name], team.world.files[name]["mimetype"]
        return spoilt(self.spoiled.get(team.world.files[name]["name"], ""), content) or web.Response(
            body=content, content_type=media
        )

    async def _response(self, request: web.Request) -> web.StreamResponse:
        """A response_url: five uses in half an hour."""
        name = request.match_info["answer"]
        world = next((t.world for t in self.teams.values() if name in t.world.answers), self.world)
        known = world.answers.get(name)
        if known is None or known["uses"] >= 5 or time.monotonic() - known["at"] > 1_800:
            self.refusals.append(("response_url", "expired_url", []))
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        known["uses"] += 1
        body = await request.json()
        error, messages = validate.blocks(body["blocks"], "message") if body.get("blocks") else ("", [])
        if error:
            self.refusals.append(("response_url", error, messages))
            return web.json_response({"ok": False, "error": error}, status=400)
        world.whispers.append({**body, "user": known["user"], "channel": known["channel"]})
        return web.Response(text="ok")

    def _share(self, listed: list[str], channel: Channel, root: str, comment: str) -> None:
        """Sharing happens later, and sometimes never."""

        delay = self.share_delays.popleft() if self.share_delays else self._share_delay

        async def later() -> None:
            await asyncio.sleep(delay)
            files = [name for name in listed if name in self.world.files]  # what was deleted meanwhile is never seen
            if not files:
                return
            row = self.events.file_row([self.world.files[name] for name in files], channel, root, comment)
            kind = "public" if channel.kind == "public" else "private"
            for name in files:
                self.world.files[name]["shares"] = {kind: {channel.id: [{"ts": row["ts"], "thread_ts": root}]}}

        if delay < math.inf:
            task = asyncio.get_running_loop().create_task(later())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.sockets.close()


async def _arguments(request: web.Request, method: str) -> Row | None:
    """From the query, a form or JSON; None when the method does not take JSON."""
    args: Row = dict(request.query)
    if request.content_type == "application/json":
        if not method.startswith(JSON) and await request.read():
            return None
        args |= await request.json() if await request.read() else {}
    elif request.method == "POST":
        args |= dict((await request.post()).items())
    return args


def spoilt(how: str, content: bytes) -> web.Response | None:
    """A download that goes wrong; None for one that doesn't."""
    match how:
        case "":
            return None
        case "page":
            return web.Response(text=SIGN_IN, content_type="text/html")
        case "elsewhere":
            return web.Response(status=302, headers={"Location": "http://127.0.0.2:1/far.csv"})
        case "larger":
            return web.Response(body=content * 2, content_type="text/plain")
        case _:
            return web.Response(status=int(how), text="no")


def _no_json() -> web.Response:
    return web.Response(text='{"ok": tr', content_type="application/json")


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


@asynccontextmanager
async def serving(
    *, redelivery: Sequence[float] = (0.05, 0.2, 0.5), patience: float = 60.0, share_delay: float = 0.05,
    now: Callable[[], float] = time.monotonic,
) -> AsyncIterator[SlackServer]:  # fmt: skip
    """A running server on a free port of loopback."""
    server = SlackServer(redelivery=redelivery, patience=patience, share_delay=share_delay, now=now)
    runner = web.AppRunner(server.app(), shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.base = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        await server.close()
        await runner.cleanup()
