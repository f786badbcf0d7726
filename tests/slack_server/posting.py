"""Slack's other way: it posts what happens to the app's own address, signed."""

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp


class Posting:
    """`url`: the app's request URL. An answer that is not 200, or takes over three seconds, is none."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret
        self.took, self.tries = 0.0, 0
        self.statuses: list[int] = []

    async def send(self, kind: str, payload: dict[str, Any], *, retry_attempt: int = 0, retry_reason: str = "") -> Any:
        """What the acknowledgement carried; TimeoutError when there was none."""
        body, media = _body(kind, payload)
        retry = {"x-slack-retry-num": str(retry_attempt), "x-slack-retry-reason": retry_reason} if retry_attempt else {}
        began = time.monotonic()
        self.tries += 1
        status, text = await self.post(body, {**self.signed(body), "content-type": media, **retry})
        self.took = time.monotonic() - began
        if status != 200:
            raise TimeoutError
        return json.loads(text) if text.startswith("{") else None

    async def post(self, body: str, headers: dict[str, str], path: str = "") -> tuple[int, str]:
        """Status and text. Slack comes by the app's public name, whatever the server behind it calls itself."""
        timeout = aiohttp.ClientTimeout(total=3)
        headers = {"host": "threadwork.example.com", "user-agent": "Slackbot 1.0", **headers}
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self._url + path, data=body.encode(), headers=headers) as answer,
            ):
                self.statuses.append(answer.status)
                return answer.status, await answer.text()
        except aiohttp.ClientError as error:
            raise TimeoutError from error

    def signed(self, body: str, *, at: float | None = None) -> dict[str, str]:
        """The two headers."""
        stamp = str(int(time.time() if at is None else at))
        mac = hmac.new(self._secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={mac}"}


def _body(kind: str, payload: dict[str, Any]) -> tuple[str, str]:
    """Events are JSON, presses a form with JSON in it, commands a plain form."""
    match kind:
        case "interactive":
            return urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"
        case "slash_commands":
            return urlencode(payload), "application/x-www-form-urlencoded"
        case _:
            return json.dumps(payload), "application/json"
