"""Private links with which people start a sign-in from a chat. Each works once, for 15 minutes."""

import asyncio
import time
from collections.abc import Callable
from hashlib import sha256
from secrets import compare_digest, token_urlsafe

from agents.connectors.account import SIGN_IN_SECONDS, OfferedSignIn
from agents.connectors.sealed_accounts import SealedAccounts
from orchestrator.domain.people import Person
from orchestrator.errors import BadSettings, Stale

_GONE = "This link has already been used or has expired. Ask for a new one with `connect` in the chat."


def hashed(secret: str) -> str:
    """Returns what is kept of a secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class SignInOffers:
    """The links of one hub. They are kept with the account that they are for, so a new one ends the one before."""

    def __init__(self, sealed: SealedAccounts, *, now: Callable[[], float] = time.time) -> None:
        self._sealed, self._now = sealed, now

    async def make(self, key: str, connector: str, person: Person) -> str:
        """Returns the token of a new link. `key`: of the account. Raises BadSettings."""
        token = f"{key}.{token_urlsafe(32)}"
        offered = OfferedSignIn(
            token=hashed(token), connector=connector, person=person.id, name=person.name,
            until=self._now() + SIGN_IN_SECONDS,
        )  # fmt: skip
        async with self._sealed.held(key):
            account = await asyncio.to_thread(self._sealed.read, key)
            kept = account.model_copy(update={"offered": offered, "connector": connector})
            await asyncio.to_thread(self._sealed.write, key, kept)
        return token

    async def find(self, token: str) -> OfferedSignIn:
        """Returns whom the link was given to, and for which connector. Raises Stale."""
        try:
            account = await asyncio.to_thread(self._sealed.read, token.partition(".")[0])
        except BadSettings:
            raise Stale(_GONE) from None
        found = account.offered
        if found is None or not compare_digest(found.token, hashed(token)) or self._now() > found.until:
            raise Stale(_GONE)
        return found

    async def take(self, token: str) -> OfferedSignIn:
        """Uses the link up. Raises Stale."""
        await self.find(token)
        key = token.partition(".")[0]
        async with self._sealed.held(key):
            found = await self.find(token)  # of two people at the same moment, one gets it
            account = await asyncio.to_thread(self._sealed.read, key)
            await asyncio.to_thread(self._sealed.write, key, account.model_copy(update={"offered": None}))
        return found
