"""Answers `connect` in the chats: a person's accounts at connectors, and a private link to sign in to one."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from agents.connectors.account import is_loopback
from agents.connectors.call_types import ConnectorFailed
from agents.connectors.one_time_sign_in_links import SignInOffers
from agents.connectors.settings_file import Connector
from agents.connectors.sign_in_and_renewal import ConnectorAccounts, SignInState, key_of
from bot.cards.card import Button
from bot.chat_platform import Whisper
from bot.inbox.parse_connect_command import no_such
from bot.web.private_routes import START
from orchestrator.domain.people import Person, Place
from orchestrator.errors import BadSettings

_MEMBERS_ONLY = "Only members of this team can connect an account."
_ONCE = "This link is only for you: it works once, for 15 minutes. Don't pass it on."
_HERE = " It opens only on the machine that runs threadwork."


class ConnectCommand:
    """The connectors of one home. `link`: address of the web workspace; `every`: reads the settings, and blocks."""

    def __init__(
        self, every: Callable[[], Sequence[Connector]], accounts: ConnectorAccounts, offers: SignInOffers, link: str
    ) -> None:
        self._every, self._accounts, self._offers, self._link = every, accounts, offers, link

    async def answer(self, who: Person, place: Place, name: str) -> Whisper:
        """Returns the private answer. A link is made only for a member who may use the account."""
        if who.kind != "member":
            return Whisper(words=_MEMBERS_ONLY)
        ids = await self._accounts.ids(who.id)
        found = {one.name: one for one in await asyncio.to_thread(self._every) if _is_for(one, place, ids)}
        try:
            if not name:
                return Whisper(words=await self._listed(found.values(), who))
            if name not in found:
                return Whisper(words=no_such(name, list(found)))
            return await self._linked(found[name], who, ids)
        except (ConnectorFailed, BadSettings) as error:
            return Whisper(words=f"The accounts can't be read: {str(error).rstrip('.')}.")

    async def _listed(self, found: Iterable[Connector], who: Person) -> str:
        lines = [f"• {one.name}: {_state(one, await self._accounts.state(one, who.id))}" for one in found]
        if not lines:
            return "There are no connectors here."
        return "\n".join(["Your accounts at the connectors here:", *lines, "To sign in, say “connect” and the name."])

    async def _linked(self, one: Connector, who: Person, ids: frozenset[str]) -> Whisper:
        state = await self._accounts.state(one, who.id)
        if state.kind == "not needed":
            return Whisper(words=f"The connector “{one.name}” needs no sign-in.")
        if one.account.owner and one.account.owner not in ids:
            return Whisper(words=f"Only its owner, {one.account.owner}, can sign in to “{one.name}”.")
        token = await self._offers.make(key_of(one, who.id), one.name, who)
        base = self._link.rstrip("/")
        now = f"You're {_state(one, state)}; you can sign in again. " if state.kind == "signed in" else ""
        button = Button(verb="sign-in", label=f"Sign in to {one.name}", page=f"{base}{START}/{token}", tone="primary")
        words = f"{now}{_ONCE}{_HERE if is_loopback(base) else ''}"
        return Whisper(words=words, buttons=(button,), secret=True)


def _is_for(one: Connector, place: Place, ids: frozenset[str]) -> bool:
    mine = not one.account.personal or not one.account.owner or one.account.owner in ids
    return mine and one.scope.reaches(place, ids)


def _state(one: Connector, state: SignInState) -> str:
    match state.kind:
        case "not needed":
            return "no sign-in needed"
        case "needed":
            return "not signed in"
        case "ended":
            return "the sign-in has expired"
        case "signed in":
            whose = "" if one.account.personal else ", for everyone"
            return f"signed in as {state.label}{whose}" if state.label else f"signed in{whose}"
