"""Adds an account's token to each request to a hosted connector; after a 401, renews it and tries once more."""

from collections.abc import AsyncGenerator

import httpx2

from agents.connectors.account import SignInNeeded, TokenSource


class Bearer(httpx2.Auth):
    """The account as the HTTP client uses it. `refused`: the service turned down a call, so it did nothing."""

    def __init__(self, tokens: TokenSource) -> None:
        self._tokens = tokens
        self.refused = False

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Yields the request with a token, at most twice."""
        token = await self._tokens.token()
        request.headers["authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code != 401:
            return
        try:
            token = await self._tokens.token(token)
        except SignInNeeded:
            self._turned_down(request)
            raise
        request.headers["authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            self._turned_down(request)
            await self._tokens.refuse(token)

    def _turned_down(self, request: httpx2.Request) -> None:
        # the stream for messages is a GET, and may be refused while a call is still being answered
        self.refused = self.refused or request.method == "POST"
