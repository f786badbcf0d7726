"""Puts an account's token on each request to a hosted connector; after a 401, renews it and tries once more."""

from collections.abc import AsyncGenerator
from typing import Protocol

import httpx2


class TokenSource(Protocol):
    """One account's tokens. Both methods raise SignInNeeded and ConnectorFailed."""

    async def token(self, refused_token: str = "") -> str: ...

    async def refuse(self, token: str) -> None: ...


class Bearer(httpx2.Auth):
    """The account as the HTTP client uses it."""

    def __init__(self, tokens: TokenSource) -> None:
        self._tokens = tokens

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Yields the request with a token, at most twice."""
        token = await self._tokens.token()
        request.headers["authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code != 401:
            return
        token = await self._tokens.token(token)
        request.headers["authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            await self._tokens.refuse(token)
