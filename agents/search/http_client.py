"""Queries a search service over HTTP: limits time and size, waits once, and reports every failure as one sentence."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpx
from pydantic import JsonValue

from agents.search.search_interface import tidy
from orchestrator.domain import clean_outside_text
from orchestrator.domain.plural import in_seconds
from orchestrator.errors import ToolFailed

MOST_BYTES = 2_000_000
PATIENCE = 10.0
"""Longest wait in seconds that a service may ask for; beyond that the agent continues without it."""
Says = Mapping[int, str]
NEXT = "Continue without it: open addresses that you know or that people gave you, or call ask_person."


class _Answer(NamedTuple):
    status: int
    headers: httpx.Headers
    body: bytes


class HttpClient:
    """Client of one service. `name` starts its sentences; `says` are its sentences by status."""

    def __init__(
        self,
        name: str,
        says: Says,
        *,
        secret: str = "",
        seconds: float = 20,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`secret` never appears in a sentence. `seconds`: timeout of one answer."""
        self._name, self._says, self._secret = name, says, secret
        self._seconds, self._sleep = seconds, sleep

    async def json(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        login: tuple[str, str] | None = None,
    ) -> JsonValue:
        """Returns the service's answer. Raises ToolFailed."""
        try:
            request = httpx.Request(method, url, headers=headers, params=params, json=body)
        except (httpx.InvalidURL, ValueError) as error:
            raise ToolFailed(f"{self._name} can't be queried ({self._quoted(str(error))}). {NEXT}") from None
        answer = await self._answer(request, login)
        wait = pause(answer.headers, datetime.now(UTC)) if answer.status == 429 else None
        if wait is not None and wait <= PATIENCE:
            await self._sleep(wait)
            answer = await self._answer(request, login)
        if answer.status != 200:
            raise ToolFailed(self._no(answer))
        try:
            return clean_outside_text.parsed(answer.body)
        except clean_outside_text.Unfit:
            words = self._says.get(200, "its answer isn't JSON")
            raise ToolFailed(f"{self._name} can't be used: {words}. {NEXT}") from None

    async def _answer(self, request: httpx.Request, login: tuple[str, str] | None) -> _Answer:
        try:
            # in a thread: it reads the certificates of this machine
            async with asyncio.timeout(self._seconds), await asyncio.to_thread(_client) as client:
                for name, value in client.headers.items():
                    request.headers.setdefault(name, value)
                answer = await client.send(request, stream=True, auth=login)
                try:
                    return _Answer(answer.status_code, answer.headers, await self._body(answer))
                finally:
                    await answer.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise ToolFailed(
                f"{self._name} timed out after {in_seconds(self._seconds)}. Try again later. {NEXT}"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            why = self._quoted(str(error)) or type(error).__name__
            raise ToolFailed(f"{self._name} can't be reached ({why}). {NEXT}") from None

    async def _body(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise ToolFailed(f"{self._name} returned more than {MOST_BYTES} bytes. Ask for fewer results.")
        return bytes(body)

    def _no(self, answer: _Answer) -> str:
        status, said = answer.status, self._quoted(_said(answer))
        quote = f" (it says: {said})" if said else ""
        if words := self._says.get(status):
            return f"{self._name} refused the request: {words}{quote}. {NEXT}"
        if status == 429:
            wait = pause(answer.headers, datetime.now(UTC))
            when = f"in {in_seconds(round(wait))}" if wait is not None else "later"
            return f"{self._name} is rate-limiting us. Try again {when}{quote}. {NEXT}"
        if 300 <= status < 400:
            where = self._quoted(answer.headers.get("location", ""))
            return f"{self._name} redirects to {where!r}, and redirects aren't followed. Correct its address. {NEXT}"
        if status >= 500:
            return f"{self._name} had an internal error ({status}). Try again later{quote}. {NEXT}"
        return f"{self._name} rejected the query ({status}). Rephrase it{quote}. {NEXT}"

    def _quoted(self, text: str) -> str:
        return tidy(text.replace(self._secret, "…") if self._secret else text, 200)


def pause(headers: httpx.Headers, now: datetime) -> float | None:
    """Returns the requested wait in seconds: `Retry-After` (seconds or a date), else the first of
    `X-RateLimit-Reset`."""
    said = headers.get("retry-after") or headers.get("x-ratelimit-reset", "").partition(",")[0]
    try:
        return max(0.0, float(said)) if said else None
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(said) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _said(answer: _Answer) -> str:
    """Returns a service's own message about a refusal, from any of its fields; nothing of an HTML page."""
    try:
        value = clean_outside_text.parsed(answer.body)
    except clean_outside_text.Unfit:
        return ""
    for name in ("error", "detail", "message"):
        while isinstance(value, dict) and name in value:
            value = value[name]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        value = value.get("error") or value.get("detail") or value.get("message")  # pyright: ignore
    return value if isinstance(value, str) else ""


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(headers={"User-Agent": "threadwork"}, follow_redirects=False, timeout=None)
