"""What strangers and people can cost the workspace: every address declares how much it takes, before it is parsed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from bot.web import live_stream, server
from bot.web.asgi_app import web_app
from bot.web.routes import FORM, LOGIN, UPLOAD, BoundedRoute, CheckedAddress
from tests.scenarios.test_privacy import a_house, routes
from tests.scenarios.web_workspace import HOST, SECRET, House, a_task, served

FILES = {"/c/{channel}/say", "/t/{task}/say", "/t/{task}/do"}


def test_every_address_has_a_limit_of_1_mb_at_most_where_no_file_is_expected(tmp_path: Path) -> None:
    for route in routes(a_house(tmp_path)):
        assert isinstance(route.app, CheckedAddress)
        it = route.app.address
        assert (it.most == 0) == (it.method == "GET"), route.path
        assert it.most <= (UPLOAD if route.path in FILES else FORM), route.path
        assert it.who != "anybody" or it.most <= LOGIN, "a stranger may send almost nothing"


def test_doors_have_limits_too(tmp_path: Path) -> None:
    async def hear(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    desk = a_house(tmp_path).desk
    app = web_app(
        desk, secret=SECRET, clock=desk.clock, public_hosts={HOST}, doors=[Route("/in", hear, methods=["POST"])]
    )
    doors = [r for r in app.routes if isinstance(r, Route) and r.path == "/in"]
    assert doors and all(isinstance(d.app, BoundedRoute) and d.app.most <= 2 << 20 for d in doors)
    assert all(isinstance(r.app, CheckedAddress | BoundedRoute) for r in app.routes if isinstance(r, Route))
    assert [r.path for r in app.routes if isinstance(r, Mount)] == ["/static"]


class Counted:
    """A body that says how much of it was taken."""

    def __init__(self, pieces: int, piece: bytes = b"&" * 65536) -> None:
        self.taken, self._pieces, self._piece = 0, pieces, piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self._pieces):
            self.taken += len(self._piece)
            yield self._piece


@pytest.mark.parametrize("announced", [True, False])
async def test_a_flood_at_the_login_address_is_refused_before_it_is_parsed(home: House, *, announced: bool) -> None:
    link, flood = await home.link(), Counted(900)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    headers |= {"content-length": str(900 * 65536)} if announced else {}
    answer = await home.stranger().post(link, content=flood, headers=headers)
    assert answer.status_code == 413
    assert flood.taken <= (0 if announced else 2 * 65536)


async def test_ampersands_in_a_form_with_files_are_bounded_as_a_form(home: House) -> None:
    visitor = await home.visitor()
    headers = {"content-type": "application/x-www-form-urlencoded", "x-csrf": visitor.csrf}
    answer = await visitor.http.post("/c/general/say", content=b"&" * (FORM + 1), headers=headers)
    assert answer.status_code == 413


async def test_without_a_session_no_body_is_read(home: House) -> None:
    never = asyncio.Event()

    async def receive() -> dict[str, object]:
        await never.wait()
        return {}

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [(b"host", HOST.encode()), (b"origin", f"http://{HOST}".encode()), (b"accept", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/t/x/say", "raw_path": b"/t/x/say", "query_string": b"",
             "headers": headers, "scheme": "http", "http_version": "1.1", "root_path": ""}  # fmt: skip
    async with asyncio.timeout(60):
        await home.app(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 401


async def test_a_body_that_stops_arriving_is_given_up(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.routes.QUIET", 0.05)
    visitor = await home.visitor()

    async def slow() -> AsyncIterator[bytes]:
        yield b"text=hi"
        await asyncio.Event().wait()

    headers = {"content-type": "application/x-www-form-urlencoded", "x-csrf": visitor.csrf}
    async with asyncio.timeout(60):
        assert (await visitor.http.post("/channels", content=slow(), headers=headers)).status_code == 408


async def test_json_that_nests_too_deep_is_refused_as_a_sentence(tmp_path: Path) -> None:
    home = a_house(tmp_path)
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    address = f"/t/{task}/takeover/sheet/touches"
    for body in (b"[" * 100_000, b'{"touches":' + b"[" * 50_000 + b"]" * 50_000 + b"}"):
        answer = await visitor.http.post(address, content=body, headers={"x-csrf": visitor.csrf})
        assert answer.status_code == 422, answer.text
    answer = await visitor.http.post(address, content=b" " * (300 << 10), headers={"x-csrf": visitor.csrf})
    assert answer.status_code == 413


async def test_one_person_opens_only_so_many_streams(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_stream, "MOST_STREAMS", 2)
    ada, bob = await home.visitor(), await home.visitor("Bob")
    streams = home.app.state.streams
    reading = [asyncio.create_task(ada.http.get("/live")) for _ in range(2)]
    async with asyncio.timeout(60):
        while streams.opened < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert (await ada.http.get("/live")).status_code == 429
        reading.append(asyncio.create_task(bob.http.get("/live")))
        while streams.opened < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        streams.close()
        await asyncio.gather(*reading)


@pytest.mark.parametrize("head", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "])
async def test_a_head_that_never_ends_is_hung_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    monkeypatch.setattr(server, "HEADERS_WITHIN", 0.1)
    async with served(tmp_path) as (_, url), asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(head)
        assert await reader.read() == b""
        writer.close()


async def test_more_connections_than_the_hub_can_hold_are_hung_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 2)
    async with served(tmp_path) as (_, url), asyncio.timeout(60):
        port = int(url.rpartition(":")[2])
        kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        for _, one in (*kept, (reader, writer)):
            one.close()
