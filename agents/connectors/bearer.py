"""Puts an account's token on each request to a hosted connector; after a 401, renews it and tries once more.

A 403 may say that the sign-in lacks rights; those are kept for whoever made the call.
"""

from collections.abc import AsyncGenerator

import httpx2

from agents.connectors.account import SignInNeeded, TokenSource, lacking_scope


class Bearer(httpx2.Auth):
    """The account as the HTTP client uses it. `refused`: the service turned down a call, so it did nothing.

    `scope`: the rights that the sign-in lacks, if that is why; None if it isn't.
    """

    def __init__(self, tokens: TokenSource) -> None:
        self._tokens = tokens
        self.refused = False
        self.scope: str | None = None

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Yields the request with a token, at most twice."""
        token = await self._tokens.token()
        request.headers["authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 403:
            self._lacks(request, response)
        if response.status_code != 401:
            return
        try:
            token = await self._tokens.token(token)
        except SignInNeeded:
            self._turned_down(request)
            raise
        request.headers["authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 403:
            self._lacks(request, response)
        if response.status_code == 401:
            self._turned_down(request)
            await self._tokens.refuse(token)

    def _lacks(self, request: httpx2.Request, response: httpx2.Response) -> None:
        scope = lacking_scope(response.headers.get("www-authenticate", ""))
        if scope is not None and request.method == "POST":
            self.scope, self.refused = scope, True

    def _turned_down(self, request: httpx2.Request) -> None:
        # the stream for messages is a GET, and may be refused while a call is still being answered
        self.refused = self.refused or request.method == "POST"
