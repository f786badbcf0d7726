"""Asks one server on HTTP for JSON, with short limits and through no proxy: it's usually on this machine."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager

import httpx

from agents.models.local_servers.model_server import ServerAnswer

PATIENCE = 2.0
"""Seconds for one answer, however slowly it comes."""
_MOST = 8_000_000
"""Bytes of one answer."""


class ServerConnection:
    """Asks the server at `url`, which has no `/v1`. Use it in `async with`."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url = url.rstrip("/")
        secure = self.url.startswith("https://")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(headers=headers, trust_env=secure, verify=secure, timeout=None)

    async def __aenter__(self) -> "ServerConnection":
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._client.aclose()

    async def get(self, path: str, patience: float = PATIENCE) -> ServerAnswer:
        """Returns what it answers there. Raises nothing."""
        return await self._answer(self._client.stream("GET", f"{self.url}{path}"), patience)

    async def post(self, path: str, body: Mapping[str, object], patience: float = PATIENCE) -> ServerAnswer:
        """Returns what it answers there. Raises nothing."""
        return await self._answer(self._client.stream("POST", f"{self.url}{path}", json=body), patience)

    async def answers(self, paths: Sequence[str]) -> dict[str, object]:
        """Returns the JSON at each path, asked for side by side; None where there was none."""
        found = await asyncio.gather(*(self.get(path) for path in paths))
        return {path: answer.ok for path, answer in zip(paths, found, strict=True)}

    async def _answer(self, opening: AbstractAsyncContextManager[httpx.Response], patience: float) -> ServerAnswer:
        try:
            async with asyncio.timeout(patience), opening as response:
                said = bytearray()
                async for piece in response.aiter_bytes():
                    said += piece
                    if len(said) > _MOST:
                        return ServerAnswer(response.status_code)
        except httpx.ConnectError:
            return ServerAnswer(refused=True)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError):
            return ServerAnswer()
        text = said.decode("utf-8", "replace")
        try:
            return ServerAnswer(response.status_code, json.loads(text), text)
        except (ValueError, RecursionError):
            return ServerAnswer(response.status_code, None, text)
