"""Signs people in to connectors' services, and keeps their tokens fresh: one renewal at a time for each account."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from random import random
from secrets import compare_digest, token_urlsafe
from typing import Any, Literal, NamedTuple

from agents.connectors.account import (
    SIGN_IN_SECONDS,
    Account,
    AuthClient,
    AuthServer,
    SignInNeeded,
    StartedSignIn,
    joined_scopes,
    refused,
    tokens_of,
)
from agents.connectors.call_types import ConnectorFailed
from agents.connectors.one_time_sign_in_links import hashed
from agents.connectors.sealed_accounts import SealedAccounts, account_key
from agents.connectors.settings_file import Connector
from orchestrator.domain.people import Person
from orchestrator.errors import BadSettings, NotAllowed, Refused, Stale

_REQUESTS = "agents.connectors.oauth_requests"


class SignInPlace(NamedTuple):
    """Where a sign-in comes back to. `metadata_url`: our public description; empty if we aren't on the internet.

    `browser`: a secret in the browser, for a person without a session in the workspace.
    """

    redirect: str
    metadata_url: str = ""
    task: str = ""
    question: str = ""
    browser: str = ""


class SignInState(NamedTuple):
    """How an account is. `label`: what the service calls it; empty if it doesn't say."""

    kind: Literal["not needed", "needed", "ended", "signed in"]
    label: str = ""


class FinishedSignIn(NamedTuple):
    """What a finished sign-in was for."""

    person: str
    name: str
    task: str
    question: str


class AccountTokens(NamedTuple):
    """The tokens of one account, for its connections."""

    accounts: "ConnectorAccounts"
    connector: Connector
    person: str

    async def token(self, refused_token: str = "") -> str:
        """Returns a token that works now. Raises SignInNeeded, ConnectorFailed."""
        return await self.accounts.token(self.connector, self.person, refused_token=refused_token)

    async def refuse(self, token: str) -> None:
        """Forgets a token that the service refuses although it's new."""
        await self.accounts.refuse(self.connector, self.person, token)

    async def want(self, scope: str) -> None:
        """Keeps rights that the service asks for."""
        await self.accounts.want(self.connector, self.person, scope)


LinkedIds = Callable[[str], Awaitable[frozenset[str]]]
"""Returns all ids of the person with this one."""


async def _nothing_linked(person: str) -> frozenset[str]:
    return frozenset({person})


class ConnectorAccounts:
    """The accounts of one hub, or of the command line."""

    def __init__(
        self, sealed: SealedAccounts, *, now: Callable[[], float] = time.time, jitter: Callable[[], float] = random,
        linked: LinkedIds = _nothing_linked,
    ) -> None:  # fmt: skip
        """`linked`: a person who signed in under one id uses the account under the others too."""
        self._sealed, self._now, self._jitter = sealed, now, jitter
        self.ids = linked
        self._renewing: dict[str, asyncio.Task[str]] = {}

    async def close(self) -> None:
        """Waits for renewals in flight: a rotated token that nobody kept would be lost."""
        await asyncio.gather(*self._renewing.values(), return_exceptions=True)

    def of(self, connector: Connector, person: str) -> AccountTokens | None:
        """Returns the account for a request of this person; None if the connector has no sign-in."""
        return AccountTokens(self, connector, person) if connector.account.sign_in else None

    async def token(self, connector: Connector, person: str, *, refused_token: str = "") -> str:
        """Returns a token that works now. `refused_token`: one that the service has just refused.

        `person`: whose request it is. Raises SignInNeeded, ConnectorFailed.
        """
        key = await self._key(connector, person)
        account = await self._read(key)
        if account.tokens is None:
            raise SignInNeeded(connector.name, again=bool(account.owner))
        if account.tokens.access != refused_token and not account.is_due(self._now()):
            return account.tokens.access
        task = self._renewing.get(key)
        if task is None:
            task = self._renewing[key] = asyncio.ensure_future(self._renewed(connector, key, refused_token))
            task.add_done_callback(lambda ended: self._ended(key, ended))
        # shielded: a renewal that is cut off after the server rotated the token would lose the account
        return await asyncio.shield(task)

    async def refuse(self, connector: Connector, person: str, token: str) -> None:
        """Forgets a token that the service refuses although it's new."""
        key = await self._key(connector, person)
        await asyncio.shield(asyncio.ensure_future(self._refused(key, token)))

    async def want(self, connector: Connector, person: str, scope: str) -> None:
        """Keeps rights that the service asks for; the next sign-in is for these too."""
        key = await self._key(connector, person)
        await asyncio.shield(asyncio.ensure_future(self._wanted(key, scope)))

    async def state(self, connector: Connector, person: str) -> SignInState:
        """Returns how the account for this person's requests is. Raises ConnectorFailed."""
        if connector.account.sign_in is None:
            return SignInState("not needed")
        account = await self._read(await self._key(connector, person))
        if account.tokens is None:
            return SignInState("ended" if account.owner else "needed", account.label)
        works = account.is_usable(self._now()) or bool(account.tokens.refresh)
        return SignInState("signed in" if works else "ended", account.label)

    async def begin(self, connector: Connector, person: Person, place: SignInPlace) -> str:
        """Returns the address at which this person signs in. An earlier one stops working.

        Raises ConnectorFailed, NotAllowed.
        """
        settings = connector.account.sign_in
        if settings is None:
            raise ConnectorFailed('it has no sign-in; add "account" and "oauth" to its entry')
        if connector.account.owner and connector.account.owner not in await self.ids(person.id):
            raise NotAllowed(f"The connector {connector.name!r} uses someone else's account.")
        key, requests = await self._key(connector, person.id), await _requests()
        known, server = await self._read(key), await requests.found_server(connector.url, settings)
        if known.wanted:
            granted = known.tokens.scope if known.tokens else ""
            server = server.model_copy(update={"scope": joined_scopes(server.scope, granted, known.wanted)})
        client = _registered(known, place.redirect, server)
        if client is None or settings.client_id:
            client = await requests.client_for(server, settings, place.redirect, place.metadata_url)
        started = StartedSignIn(
            state=f"{key}.{token_urlsafe(32)}", verifier=token_urlsafe(64), server=server, client=client,
            person=person.id, name=person.name, until=self._now() + SIGN_IN_SECONDS, task=place.task,
            question=place.question, browser=hashed(place.browser) if place.browser else "",
        )  # fmt: skip
        async with self._sealed.held(key):
            account = await self._read(key)
            kept = account.model_copy(update={"started": started, "connector": connector.name})
            await self._write(key, kept)
        return requests.link_to(started)

    async def finish(
        self, query: Mapping[str, str], people: frozenset[str], browser: str = ""
    ) -> FinishedSignIn:  # fmt: skip
        """Keeps the tokens of a sign-in. `query`: what the service sent back. `people`: the ids of who brought it.

        `browser`: the secret of the browser that brought it. Raises Stale, NotAllowed, Refused.
        """
        state = query.get("state", "")
        key = state.partition(".")[0]
        try:
            account = await self._read(key)
        except ConnectorFailed:
            account = Account()
        started = account.started
        if started is None or not compare_digest(started.state.encode(), state.encode()) or self._now() > started.until:
            raise Stale("This sign-in has already been used or has expired. Start it again from the thread.")
        same = started.browser and compare_digest(started.browser, hashed(browser))
        if started.person not in people and not (same and not people):
            raise NotAllowed("Someone else started this sign-in, so only they can finish it.")
        return await asyncio.shield(asyncio.ensure_future(self._finished(key, started, query)))

    async def forget(self, connector: Connector, person: str) -> None:
        """Removes an account."""
        await asyncio.to_thread(self._sealed.forget, await self._key(connector, person))

    async def _finished(self, key: str, started: StartedSignIn, query: Mapping[str, str]) -> FinishedSignIn:
        async with self._sealed.held(key):
            account = await self._read(key)
            if account.started != started:
                raise Stale("This sign-in has already been used or has expired. Start it again from the thread.")
            account = account.model_copy(update={"started": None})
            await self._write(key, account)  # a code works once, whatever comes of it
            if why := refused(query):
                raise Refused(f"Nothing was connected: {why}.")
            requests = await _requests()
            try:
                requests.check_issuer(started.server, query)
                answer = await requests.tokens_for_code(started, query.get("code", ""))
            except requests.GrantRefused as error:
                raise Refused("The service didn't accept the sign-in. Start it again from the thread.") from error
            except ConnectorFailed as error:
                raise Refused(f"The sign-in failed: {error}. Start it again from the thread.") from error
            tokens = tokens_of(answer, None, self._now(), self._jitter())
            await self._write(key, Account(
                connector=account.connector, owner=started.person, name=started.name, server=started.server,
                client=started.client, tokens=tokens, label=answer.label, wanted=account.wanted,
            ))  # fmt: skip
        return FinishedSignIn(started.person, started.name, started.task, started.question)

    async def _renewed(self, connector: Connector, key: str, refused_token: str) -> str:
        async with self._sealed.held(key):
            account = await self._read(key)  # another hub may have renewed it while we waited
            old = account.tokens
            if old is None:
                raise SignInNeeded(connector.name, again=True)
            if old.access != refused_token and not account.is_due(self._now()):
                return old.access
            requests = await _requests()
            try:
                answer = await requests.renewed_tokens(account)
            except requests.GrantRefused as error:
                if not old.refresh and old.access != refused_token and account.is_usable(self._now()):
                    return old.access  # it can't be renewed, but it still works
                # a client that the server no longer knows is registered again
                client = None if isinstance(error, requests.ClientRefused) else account.client
                await self._write(key, account.model_copy(update={"tokens": None, "client": client}))
                raise SignInNeeded(connector.name, again=True) from None
            except ConnectorFailed:
                if old.access != refused_token and account.is_usable(self._now()):
                    return old.access  # there are minutes left, and the next call tries again
                raise
            tokens = tokens_of(answer, old, self._now(), self._jitter())
            await self._write(key, account.model_copy(update={"tokens": tokens}))
            return tokens.access

    async def _refused(self, key: str, token: str) -> None:
        async with self._sealed.held(key):
            account = await self._read(key)
            if account.tokens is not None and account.tokens.access == token:
                await self._write(key, account.model_copy(update={"tokens": None}))

    async def _wanted(self, key: str, scope: str) -> None:
        async with self._sealed.held(key):
            account = await self._read(key)
            await self._write(key, account.model_copy(update={"wanted": joined_scopes(account.wanted, scope)}))

    async def _key(self, connector: Connector, person: str) -> str:
        """Returns the key of the account: the person's own, or one that they signed in to under another id."""
        own = key_of(connector, person)
        others = sorted(await self.ids(person) - {person}) if connector.account.personal else []
        for key in (own, *(key_of(connector, other) for other in others)) if others else ():
            if (await self._read(key)).tokens is not None:
                return key
        return own

    async def _read(self, key: str) -> Account:
        try:
            return await asyncio.to_thread(self._sealed.read, key)
        except BadSettings as error:
            raise ConnectorFailed(str(error).rstrip(".")) from error

    async def _write(self, key: str, account: Account) -> None:
        await asyncio.to_thread(self._sealed.write, key, account)

    def _ended(self, key: str, task: asyncio.Task[str]) -> None:
        del self._renewing[key]
        if not task.cancelled():
            task.exception()  # its waiters get it; there may be none anymore


def key_of(connector: Connector, person: str) -> str:
    """Returns the account's key: a personal one belongs to one person, the team's to all."""
    return account_key(connector.name, connector.url, person if connector.account.personal else "")


def _registered(account: Account, redirect: str, server: AuthServer) -> AuthClient | None:
    """Returns the client of an earlier sign-in, if it fits this one."""
    known = (account.started.client if account.started else None, account.client)
    return next((one for one in known if one and one.fits(redirect, server)), None)


async def _requests() -> Any:
    # in a thread: importing the library takes a second, and most hubs have no connector
    return await asyncio.to_thread(import_module, _REQUESTS)
