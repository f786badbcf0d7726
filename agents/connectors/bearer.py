"""Puts an account's token on each request to a hosted connector; after a 401, renews it and tries once more."""

from collections.abc import AsyncGenerator

import httpx2

from agents.connectors.account import TokenSource


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
