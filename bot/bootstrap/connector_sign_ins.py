"""Signs people in to the services of this home's connectors, for the web workspace."""

import asyncio
from collections.abc import Callable, Collection, Mapping

from pydantic import JsonValue

from agents.connectors.account import client_metadata
from agents.connectors.call_types import ConnectorFailed
from agents.connectors.one_time_sign_in_links import SignInOffers
from agents.connectors.settings_file import Connector
from agents.connectors.sign_in_and_renewal import ConnectorAccounts, SignInPlace
from bot.web.private_routes import CALLBACK, CLIENT, SignInDone, SignInOffer, SignInRequest
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person
from orchestrator.errors import Refused


class HomeSignIns:
    """The sign-ins of one home."""

    def __init__(self, find: Callable[[str], Connector], accounts: ConnectorAccounts, offers: SignInOffers) -> None:
        """`find`: returns a connector with its secrets. Blocks."""
        self._find, self._accounts, self._offers = find, accounts, offers

    async def offered(self, token: str) -> SignInOffer:
        """Returns whom a private link is for. Raises Stale."""
        found = await self._offers.find(token)
        return SignInOffer(found.connector, Person(id=PersonId(found.person), name=found.name))

    async def take(self, token: str) -> None:
        """Uses a private link up. Raises Stale."""
        await self._offers.take(token)

    async def begin(self, request: SignInRequest) -> str:
        """Returns the service's address for this person. Raises Refused."""
        public = f"{request.base}{CLIENT}" if request.base.startswith("https://") else ""
        place = SignInPlace(
            f"{request.base}{CALLBACK}", public, request.task, request.question, request.browser
        )  # fmt: skip
        try:
            connector = await asyncio.to_thread(self._find, request.connector)
            return await self._accounts.begin(connector, request.person, place)
        except ConnectorFailed as error:
            raise Refused(f"You can't sign in to {request.connector!r}: {str(error).rstrip('.')}.") from error

    async def finish(self, query: Mapping[str, str], people: Collection[str], browser: str = "") -> SignInDone:
        """Keeps the account. Raises Refused."""
        return SignInDone(*await self._accounts.finish(query, frozenset(people), browser))

    def described(self, base: str) -> dict[str, JsonValue]:
        """Returns the document behind our client id."""
        return {"client_id": f"{base}{CLIENT}", **client_metadata(f"{base}{CALLBACK}")}
