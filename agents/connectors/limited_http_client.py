"""Limits the HTTP answers of a hosted server before they are parsed, and remembers its refusals."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx2

from agents.connectors.incoming_limits import MOST_MESSAGE, Allowance
from agents.connectors.stdio_transport import TOO_LARGE

_SECONDS = 30.0
STATUS = {
    401: "it requires a key or a sign-in (status 401); to sign in, add it with --account personal or --account team",
    403: "it rejected the key (status 403)",
    404: "nothing is at that address (status 404)",
}


class LimitedClient(NamedTuple):
    """A client, and the status of every refusal it got."""

    client: httpx2.AsyncClient
    refused: list[int]


class _LimitedStream(httpx2.AsyncByteStream):
    """A body that may not exceed the limit, unless it is a stream of events, whose size the library limits each."""

    def __init__(self, body: httpx2.AsyncByteStream, most: int | None, allowance: Allowance) -> None:
        self._body, self._most, self._allowance = body, most, allowance

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for piece in self._body:
            seen += len(piece)
            if self._most is not None and seen > self._most:
                raise httpx2.StreamError(TOO_LARGE)
            await self._allowance.spend(len(piece), piece.count(b"data:"))
            yield piece

    async def aclose(self) -> None:
        await self._body.aclose()


class _LimitedTransport(httpx2.AsyncHTTPTransport):
    def __init__(self, allowance: Allowance, refused: list[int]) -> None:
        """Reads certificates, so it blocks."""
        super().__init__()
        self._allowance = allowance
        self.refused = refused

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if response.status_code >= 400:
            self.refused.append(response.status_code)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise httpx2.StreamError("the answer is compressed, although plain text was asked for")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        events = response.headers.get("content-type", "").lower().startswith("text/event-stream")
        response.stream = _LimitedStream(response.stream, None if events else MOST_MESSAGE, self._allowance)
        return response


@asynccontextmanager
async def http_client(
    headers: Mapping[str, str], auth: httpx2.Auth | None = None, *, refused: list[int] | None = None
) -> AsyncGenerator[LimitedClient]:
    """Yields a client with these headers. Reading has no timeout of its own: a call may wait for a person.

    `refused`: collects the status of every refusal.
    """
    transport = await asyncio.to_thread(_LimitedTransport, Allowance(), [] if refused is None else refused)
    plain = {"accept-encoding": "identity", **headers}  # a compressed answer could unpack to any size
    timeout = httpx2.Timeout(_SECONDS, read=None)
    async with httpx2.AsyncClient(headers=plain, timeout=timeout, transport=transport, auth=auth) as client:
        yield LimitedClient(client, transport.refused)
