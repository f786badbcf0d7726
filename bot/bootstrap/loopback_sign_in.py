"""Signs the person at the terminal in to a connector's service: their browser comes back to a port of this machine."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import parse_qsl, urlsplit

from bot.bootstrap.connector_sign_ins import HomeSignIns
from bot.bootstrap.connectors import accounts_of, offers_of, whole
from bot.config.settings import Settings
from bot.web.private_routes import CALLBACK, SignInRequest
from orchestrator.domain.people import Person
from orchestrator.errors import Refused

SECONDS = 600.0
"""How long a person has for it."""
_MOST_HEAD = 16 << 10
_DONE = b"You can close this page and go back to the terminal.\n"


async def signed_in(settings: Settings, name: str, person: Person, show: Callable[[str], None]) -> None:
    """Shows the link and waits until the person has used it. Raises Refused, NotFound."""
    accounts = await asyncio.to_thread(accounts_of, settings)
    sign_ins = HomeSignIns(partial(whole, settings), accounts, await asyncio.to_thread(offers_of, settings))
    answer: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
    async with _listening(answer) as base:
        show(await sign_ins.begin(SignInRequest(name, person, base)))
        try:
            async with asyncio.timeout(SECONDS):
                query = await answer
        except TimeoutError:
            raise Refused(f"Nobody signed in within {SECONDS / 60:g} minutes. Run the command again.") from None
    await sign_ins.finish(query, {person.id})


@asynccontextmanager
async def _listening(answer: asyncio.Future[dict[str, str]]) -> AsyncGenerator[str]:
    """Yields the address to come back to; `answer` gets the first query that has a state."""

    async def heard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(10):
                head = await reader.readuntil(b"\r\n")
            target = urlsplit(head.decode("ascii", "replace").split(" ")[1])
            query = dict(parse_qsl(target.query))
            wanted = target.path == CALLBACK and "state" in query
            status, body = ("200 OK", _DONE) if wanted else ("404 Not Found", b"")
            kind = f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close"
            writer.write(f"HTTP/1.1 {status}\r\n{kind}\r\n\r\n".encode() + body)
            await writer.drain()
            if wanted and not answer.done():
                answer.set_result(query)
        except (OSError, TimeoutError, IndexError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # something other than the browser
        finally:
            writer.close()

    server = await asyncio.start_server(heard, "127.0.0.1", 0, limit=_MOST_HEAD)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
